/// Cortex that one connected piece of mineral drags along: a layer on bone too low to be a deposit by itself, away from
/// where the piece rises.
///
/// Bone stands above its expected surface in thin rims, at joints most of all. A deposit on bone touches them, and the
/// rims would count as deposit as far round the bone as they reach.
package struct BoneSkirt {
    let geometry: GridGeometry
    /// In mg/cm3 on muscle.
    let density: Volume<Float>
    /// Height of each voxel above the expected bone surface in mm.
    let height: BoneHeights

    /// What stands no higher than this anywhere around is cortex: above it a piece counts as proud of the bone.
    static let leastHeightMm: Float = 1.2
    /// How far in mm the foot of a deposit reaches beyond where it is that high.
    static let footMm: Float = 1.5

    package init(density: Volume<Float>, height: BoneHeights) {
        geometry = density.geometry
        self.density = density
        self.height = height
    }

    /// Clear of what the grid leaves unknown about its height, too.
    private func isRising(_ n: Int) -> Bool { height[n] >= Self.leastHeightMm + height.stepMm(n) }

    /// The piece without its skirt, and the skirt; the piece alone where it has none, or is nothing else.
    package func parted(_ voxels: [Int]) -> [[Int]] {
        let rising = voxels.filter(isRising)
        guard !rising.isEmpty, rising.count < voxels.count else { return [voxels] }
        let places = PointGrid(rising.map { geometry.gridPosition($0) }, cellMm: Self.footMm)
        var (piece, skirt): ([Int], [Int]) = ([], [])
        for n in voxels {
            var isFoot = isRising(n)
            if !isFoot {
                places.forEachNeighbour(of: geometry.gridPosition(n), within: Self.footMm) { _ in isFoot = true }
            }
            if isFoot { piece.append(n) } else { skirt.append(n) }
        }
        return skirt.isEmpty ? [piece] : [piece, skirt]
    }
}

extension Candidate {
    /// Takes its skirt off a deposit.
    ///
    /// - Returns: what was taken off, as bone.
    mutating func cut(_ skirt: BoneSkirt) -> Candidate? {
        guard fate == .deposit else { return nil }
        let parts = skirt.parted(voxels)
        guard parts.count == 2 else { return nil }
        let voxelMm3 = volumeMm3 / Double(voxels.count)
        func part(_ voxels: [Int], _ fate: Fate) -> Candidate {
            var result = self
            result.voxels = voxels
            result.volumeMm3 = Double(voxels.count) * voxelMm3
            result.fate = fate
            result.measure(against: skirt.height, density: skirt.density)
            return result
        }
        let bone = part(parts[1], .bone)
        self = part(parts[0], .deposit)
        return bone
    }
}
