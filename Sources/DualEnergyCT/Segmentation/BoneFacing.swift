/// Where the outside of a piece of mineral faces the bones.
package struct BoneFacing {
    /// Area in mm2 that faces each bone, by its number in `BoneSurface.Point.bone`, all of them, and that of the whole
    /// outside but for what lies on the border of the grid: of voxels' faces, on average over all directions half as much
    /// again as that of the surfaces that they stand for.
    package private(set) var bonesMm2: [Int: Double] = [:]
    package private(set) var totalMm2 = 0.0
    package private(set) var outsideMm2 = 0.0

    /// The area of surfaces over that of the voxels' faces: the mean over all directions of a plane is 1 / 1.5.
    static let planeOverFaces = 2.0 / 3

    package init(_ voxels: [Int], height: BoneHeights) {
        let surface = height.surface
        surface.geometry.forEachOutsideFace(of: voxels) { outside, areaMm2 in
            outsideMm2 += areaMm2
            if height[outside] <= BoneHeights.edgeMm, let point = surface.pointIndex(nearestTo: outside) {
                bonesMm2[surface.points[point].bone, default: 0] += areaMm2
                totalMm2 += areaMm2
            }
        }
    }
}
