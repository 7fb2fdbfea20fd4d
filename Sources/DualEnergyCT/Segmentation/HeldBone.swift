/// Bone between two bones: mineral as dense as the cortex beside it, which bone holds on most sides.
///
/// Where bones meet or a marrow cavity ends early, solid bone stands above the expected surface. Calcinosis grows out of
/// its contact: even round a waisted phalanx most of its outside is soft tissue, and seldom is it as dense.
struct HeldBone {
    let fields: TissueFields
    let surface: BoneSurface
    /// Height of each voxel above the expected bone surface in mm.
    let height: BoneHeights

    /// Share of the neighbouring bone's density, where that is thick, that the denser quarter of the candidate reaches.
    static let leastRelativeDensity: Float = 0.5
    /// Share of the outside that faces bone.
    static let leastShare = 0.5

    func contains(_ candidate: Candidate) -> Bool {
        candidate.touchesBone && relativeDensity(candidate) > Self.leastRelativeDensity
            && facingShare(candidate) >= Self.leastShare
    }

    /// Of the denser quarter, as a share of what the nearest bone reaches where it is thick.
    private func relativeDensity(_ candidate: Candidate) -> Float {
        let nearest = candidate.voxels.min { height[$0] < height[$1] }
        guard let point = nearest.flatMap({ surface.pointIndex(nearestTo: $0) }) else { return 0 }
        var densities = ValueHistogram(step: 8)
        for n in candidate.voxels { densities.add(fields.onMuscle.voxels[n]) }
        return (densities.percentile(0.75) ?? 0) / max(surface.points[point].fullDensity, 1)
    }

    private func facingShare(_ candidate: Candidate) -> Double {
        let own = Set(candidate.voxels)
        let g = fields.geometry
        var (facing, all) = (0, 0)
        for n in candidate.voxels {
            let c = g.coordinates(n)
            for (i, j, k) in [
                (c.i - 1, c.j, c.k), (c.i + 1, c.j, c.k), (c.i, c.j - 1, c.k), (c.i, c.j + 1, c.k),
                (c.i, c.j, c.k - 1), (c.i, c.j, c.k + 1),
            ] where i >= 0 && j >= 0 && k >= 0 && i < g.columns && j < g.rows && k < g.slices {
                let other = g.index(i, j, k)
                if own.contains(other) { continue }
                all += 1
                if height[other] <= 0.05 { facing += 1 }
            }
        }
        return Double(facing) / Double(max(all, 1))
    }
}
