/// What of a deposit on bone lies within the expected surface of the bone.
///
/// A deposit hides the edge of the cortex under it, and nothing in the images shows where the one ends and the other begins.
/// The expected surface lies outside of the bone's own: heights are distances to the nearest of the seeds' rough voxels,
/// thicknesses are means over all of them. Where tissue is beside the bone that does no harm; under a deposit it takes part of
/// the deposit away.
package struct DepositFoot {
    let height: BoneHeights

    package init(height: BoneHeights) { self.height = height }

    /// Less than half of how far outside of bone the expected surface lies in phantoms, in mm (0.19 to 0.29 with voxels of
    /// 0.35 to 0.6 mm): it is as uneven as that, and all of it would take bone where it lies deeper.
    package static let depthMm: Float = 0.1

    /// Adds to each deposit the voxels straight below it that are no deeper than this in the bone.
    package func extend(_ candidates: inout [Candidate]) {
        let g = height.surface.geometry
        var taken = Set<Int>()
        for n in candidates.indices where candidates[n].fate == .deposit && candidates[n].touchesBone {
            // A sheet or a vessel's wall that passes bone does not stand on it.
            guard candidates[n].compactness >= CandidateRules.leastCompactness else { continue }
            var below: [Int] = []
            var next = candidates[n].voxels
            while let voxel = next.popLast() {
                let from = height[voxel]
                g.forEachFaceNeighbour(of: voxel) { other, _ in
                    let to = height[other]
                    // Only downwards: the bone beside the deposit stays bone.
                    guard to <= BoneHeights.edgeMm, to > -Self.depthMm, to < from, taken.insert(other).inserted else {
                        return
                    }
                    below.append(other)
                    next.append(other)
                }
            }
            candidates[n].voxels = (candidates[n].voxels + below).sorted()
            candidates[n].volumeMm3 = Double(candidates[n].voxels.count) * g.voxelVolumeMm3
        }
    }
}
