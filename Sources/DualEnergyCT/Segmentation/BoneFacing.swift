/// Where the outside of a piece of mineral faces the bones.
package struct BoneFacing {
    /// Area in mm2 that faces each bone, by its number in `BoneSurface.Point.bone`, and that of the whole outside: of voxels'
    /// faces, half as much again as that of the surfaces that they stand for.
    package private(set) var bonesMm2: [Int: Double] = [:]
    package private(set) var outsideMm2 = 0.0

    /// Mean ratio of the area of a plane to that of the faces of voxels along it, over all directions: 2/3.
    static let planeOverFaces = 2.0 / 3

    package init(_ voxels: [Int], height: BoneHeights) {
        let surface = height.surface
        let g = surface.geometry
        let areaMm2 = SIMD3<Double>(repeating: g.voxelVolumeMm3) / SIMD3<Double>(g.spacingMm)
        let own = Set(voxels)
        for n in voxels {
            let c = g.coordinates(n)
            for (i, j, k, axis) in [
                (c.i - 1, c.j, c.k, 0), (c.i + 1, c.j, c.k, 0), (c.i, c.j - 1, c.k, 1), (c.i, c.j + 1, c.k, 1),
                (c.i, c.j, c.k - 1, 2), (c.i, c.j, c.k + 1, 2),
            ] where i >= 0 && j >= 0 && k >= 0 && i < g.columns && j < g.rows && k < g.slices {
                let other = g.index(i, j, k)
                if own.contains(other) { continue }
                outsideMm2 += areaMm2[axis]
                if height[other] <= BoneHeights.edgeMm, let point = surface.pointIndex(nearestTo: other) {
                    bonesMm2[surface.points[point].bone, default: 0] += areaMm2[axis]
                }
            }
        }
    }

    package var totalMm2: Double { bonesMm2.values.reduce(0, +) }
}
