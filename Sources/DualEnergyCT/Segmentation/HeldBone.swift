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
    /// What is denser than the cortex of both by this factor and faces each of two bones over this share of its outside
    /// and this area in mm2 joins them: cortex is thinner than the blur and shows less than its density, solid bone shows
    /// all of it. A dense stone at a joint touches both bones as well, over less.
    static let solidDensity: Float = 1.2
    static let leastShareOfTwo = 0.1
    static let leastJoinedMm2 = 25.0

    /// - Parameter relativeDensity: of the candidate.
    func contains(_ candidate: Candidate, relativeDensity: Float) -> Bool {
        guard candidate.touchesBone, relativeDensity > Self.leastRelativeDensity else { return false }
        let (facing, all) = outside(candidate)
        if Double(facing.values.reduce(0, +)) >= Self.leastShare * all { return true }
        let s = fields.geometry.spacingMm
        let faceMm2 = Double(s.x * s.y + s.x * s.z + s.y * s.z) / 3
        let least = max(Self.leastShareOfTwo * all, Self.leastJoinedMm2 / faceMm2)
        return relativeDensity > Self.solidDensity && facing.values.count { Double($0) >= least } >= 2
    }

    /// Of the denser quarter, as a share of what the nearest bone reaches where it is thick.
    func relativeDensity(_ candidate: Candidate) -> Float {
        let nearest = candidate.voxels.min { height[$0] < height[$1] }
        guard let point = nearest.flatMap({ surface.pointIndex(nearestTo: $0) }) else { return 0 }
        var densities = ValueHistogram(step: 8)
        for n in candidate.voxels { densities.add(fields.onMuscle.voxels[n]) }
        return (densities.percentile(0.75) ?? 0) / max(surface.points[point].fullDensity, 1)
    }

    /// Faces of voxels on the outside: how many face each bone, by its number, and all of them.
    private func outside(_ candidate: Candidate) -> (facing: [Int: Int], all: Double) {
        let own = Set(candidate.voxels)
        let g = fields.geometry
        var facing: [Int: Int] = [:]
        var all = 0
        for n in candidate.voxels {
            let c = g.coordinates(n)
            for (i, j, k) in [
                (c.i - 1, c.j, c.k), (c.i + 1, c.j, c.k), (c.i, c.j - 1, c.k), (c.i, c.j + 1, c.k),
                (c.i, c.j, c.k - 1), (c.i, c.j, c.k + 1),
            ] where i >= 0 && j >= 0 && k >= 0 && i < g.columns && j < g.rows && k < g.slices {
                let other = g.index(i, j, k)
                if own.contains(other) { continue }
                all += 1
                if height[other] <= 0.05, let point = surface.pointIndex(nearestTo: other) {
                    facing[surface.points[point].bone, default: 0] += 1
                }
            }
        }
        return (facing, Double(all))
    }
}
