/// How broadly a piece of mineral rests on bone.
///
/// What grows on bone rests on a good part of its cross-section. What only comes near it shows as contact too where the
/// gap is below the blur, over a small area.
package struct BoneContact: Sendable {
    /// Area of the voxels' faces shared with bone, over the cross-section of the ball of the same volume: an oblique
    /// surface counts half as much again.
    package let facesShare: Double
    /// The same from the volume that lies within a voxel and half a millimetre of bone: dense bone's blur may leave a
    /// voxel between that belongs to neither.
    package let layerShare: Double

    static let leastFaces = 0.38
    static let leastLayer = 0.65
    static let gapMm: Float = 0.5

    package var isBroad: Bool { facesShare >= Self.leastFaces || layerShare >= Self.leastLayer }

    package init(_ voxels: [Int], labels: Volume<UInt8>) {
        let g = labels.geometry
        let sides = g.spacingMm
        func isBone(_ i: Int, _ j: Int, _ k: Int) -> Bool {
            i >= 0 && j >= 0 && k >= 0 && i < g.columns && j < g.rows && k < g.slices
                && labels[i, j, k] == TissueLabel.bone
        }
        let spacing = (sides.x + sides.y + sides.z) / 3
        let reach = spacing + Self.gapMm
        let steps = (Int(reach / sides.x), Int(reach / sides.y), Int(reach / sides.z))
        var ball: [(Int, Int, Int)] = []
        for k in -steps.2...steps.2 {
            for j in -steps.1...steps.1 {
                for i in -steps.0...steps.0 {
                    let off = SIMD3(Float(i), Float(j), Float(k)) * sides
                    if (off * off).sum() < reach * reach { ball.append((i, j, k)) }
                }
            }
        }
        var (faces, layer) = (Float(0), 0)
        for n in voxels {
            let c = g.coordinates(n)
            guard ball.contains(where: { isBone(c.i + $0.0, c.j + $0.1, c.k + $0.2) }) else { continue }
            layer += 1
            for step in [-1, 1] {
                if isBone(c.i + step, c.j, c.k) { faces += sides.y * sides.z }
                if isBone(c.i, c.j + step, c.k) { faces += sides.x * sides.z }
                if isBone(c.i, c.j, c.k + step) { faces += sides.x * sides.y }
            }
        }
        let radius = cubeRoot(Double(voxels.count) * g.voxelVolumeMm3 * 3 / (4 * .pi))
        let section = Double.pi * radius * radius
        facesShare = Double(faces) / section
        layerShare = Double(layer) * g.voxelVolumeMm3 / Double(Self.gapMm + 0.5 * spacing) / section
    }
}
