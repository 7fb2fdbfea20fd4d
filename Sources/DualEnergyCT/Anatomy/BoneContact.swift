/// Whether a piece of mineral rests on bone.
///
/// What grows on bone is sunk into its surface, or its centre lies low for its size. A gap below the blur shows as contact
/// too, over any area: what only comes near keeps its centre a radius away.
package enum BoneContact {
    /// Height of the centre above bone over the radius of the cross-section: 1 of a ball that touches bone in a point,
    /// 0.55 of one that is sunk by a quarter of its diameter. Half of the way between.
    static let mostHeight: Float = 0.78
    /// Diameter over extent of a uniform ball, whose extent is four standard deviations.
    private static let diameterOverExtent: Float = 1.118

    package static func rests(_ voxels: [Int], _ shape: PrincipalAxes, labels: Volume<UInt8>) -> Bool {
        let g = labels.geometry
        let sides = g.spacingMm
        let halfVoxel = (sides.x + sides.y + sides.z) / 6
        let ofVolume = Float(cubeRoot(Double(voxels.count) * g.voxelVolumeMm3 * 3 / (4 * .pi)))
        // What runs along bone is long: its second extent is its thickness.
        let ofSection = max(0.5 * diameterOverExtent * shape.extents.y, halfVoxel)
        let reach = mostHeight * min(ofVolume, ofSection) + halfVoxel
        func range(_ centre: Float, _ side: Float, _ count: Int) -> ClosedRange<Int> {
            let first = min(max(Int(((centre - reach) / side).rounded(.up)), 0), count - 1)
            return first...max(first, min(Int((centre + reach) / side), count - 1))
        }
        for k in range(shape.centre.z, sides.z, g.slices) {
            for j in range(shape.centre.y, sides.y, g.rows) {
                for i in range(shape.centre.x, sides.x, g.columns) where labels[i, j, k] == TissueLabel.bone {
                    let way = SIMD3(Float(i), Float(j), Float(k)) * sides - shape.centre
                    if (way * way).sum() < reach * reach { return true }
                }
            }
        }
        return false
    }
}
