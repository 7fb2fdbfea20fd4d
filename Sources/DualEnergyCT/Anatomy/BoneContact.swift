/// Whether a piece of mineral rests on bone.
///
/// What grows on bone is sunk into its surface: its centre lies low for its size. A gap below the blur shows as contact
/// too, over any area, but what only comes near keeps its centre as far away as it reaches.
package enum BoneContact {
    /// Height of the centre above bone over the size of the piece: 1 where a ball touches bone in a point, 0.66 of what shows
    /// of one that is sunk by a quarter of its diameter. Half of the way between.
    static let mostHeight: Float = 0.82
    /// Radius of a uniform ball over the standard deviation of its voxels along any axis.
    private static let radiusOverDeviation: Float = 2.236

    /// What is flat lies no higher than this many times how far it reaches towards bone, wide as it is.
    private static let mostWidth: Float = 1.5

    /// - Parameter positions: of the voxels, in mm of the labels' grid; not empty.
    package static func rests(_ positions: [SIMD3<Float>], _ shape: PrincipalAxes, labels: Volume<UInt8>) -> Bool {
        let g = labels.geometry
        let sides = g.spacingMm
        let halfVoxel = (sides.x + sides.y + sides.z) / 6
        let longest = 0.25 * radiusOverDeviation * shape.extents.x
        guard let way = wayToBone(from: shape.centre, within: mostHeight * longest + 2 * halfVoxel, labels) else {
            return false
        }
        let distance = (way * way).sum().squareRoot()
        guard distance > halfVoxel else { return true }
        let variance = positions.reduce(Float(0)) { sum, position in
            let along = ((position - shape.centre) * way).sum() / distance
            return sum + along * along
        }
        let towardsBone = radiusOverDeviation * (variance / Float(positions.count)).squareRoot()
        // A crust is thin towards bone and wide along it; what runs along bone is as wide as its second extent.
        let ofVolume = Float(cubeRoot(Double(positions.count) * g.voxelVolumeMm3 * 3 / (4 * .pi)))
        let ofSection = min(
            ofVolume, 0.25 * radiusOverDeviation * shape.extents.y, mostWidth * max(towardsBone, halfVoxel))
        return distance - halfVoxel < mostHeight * max(towardsBone, ofSection, halfVoxel)
    }

    /// To the centre of the nearest voxel of bone, in mm.
    private static func wayToBone(
        from centre: SIMD3<Float>, within reach: Float, _ labels: Volume<UInt8>
    ) -> SIMD3<Float>? {
        let g = labels.geometry
        let sides = g.spacingMm
        func range(_ centre: Float, _ side: Float, _ count: Int) -> ClosedRange<Int> {
            let first = min(max(Int(((centre - reach) / side).rounded(.up)), 0), count - 1)
            return first...max(first, min(Int((centre + reach) / side), count - 1))
        }
        var nearest: (way: SIMD3<Float>, square: Float)?
        for k in range(centre.z, sides.z, g.slices) {
            for j in range(centre.y, sides.y, g.rows) {
                for i in range(centre.x, sides.x, g.columns) where labels[i, j, k] == TissueLabel.bone {
                    let way = SIMD3(Float(i), Float(j), Float(k)) * sides - centre
                    let square = (way * way).sum()
                    if square < nearest?.square ?? reach * reach { nearest = (way, square) }
                }
            }
        }
        return nearest?.way
    }
}
