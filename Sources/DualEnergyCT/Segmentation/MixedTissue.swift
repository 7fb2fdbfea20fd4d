/// Calcium where fat and muscle mix: there the local tissue is known by half only, and with it the ratio of a piece,
/// which then reads beyond any material's.
///
/// The solution that leaves the tissue free needs no baseline: fat, muscle and what lies between them read nothing in
/// it. How far it strays around the piece, averaged over as much as the piece holds, says what noise and hardening make
/// of tissue there.
struct MixedTissue {
    let input: SegmentationInput
    let fields: TissueFields
    let solver: TwoEnergySolver
    let height: BoneHeights
    let hardeningDensity: Double

    /// Standard deviations by which a piece must exceed its surroundings: such places are many.
    static let clearOfNoise: Float = 5
    /// In less than this volume the noise of that solution is as large as what it looks for, in mm3.
    static let leastVolumeMm3 = 8.0
    /// Tissue this far around the piece is looked at, and what is nearer to the piece, to bone or to skin is left out,
    /// in mm.
    static let aroundMm = 12.0
    static let marginMm: Float = 1.5
    static let skinMm: Float = 3
    private static let fewest = 200

    func isCalcium(_ c: Candidate) -> Bool {
        guard c.leastHeightMm >= CandidateRules.hardeningReachMm, c.volumeMm3 >= Self.leastVolumeMm3,
            c.pooledFreeDensity > hardeningDensity
        else { return false }
        let radius = cubeRoot(c.volumeMm3 * 3 / (4 * .pi))
        let (box, free, isOwn) = surroundings(of: c)
        // The same mean for the piece and for its surroundings: the piece's own voxels were chosen for what they read.
        let mean = free.gaussianSmoothed(sigmaMm: max(0.5 * radius, TissueFields.smoothingMm))
        let distance = isOwn.squaredDistancesMm2(capMm: Double(Self.marginMm) + radius + 1)
        let clear = (Self.marginMm + Float(radius)) * (Self.marginMm + Float(radius))
        var sample: [Float] = []
        var own: Float = 0
        for n in mean.voxels.indices where isOwn.voxels[n] != 0 { own = max(own, mean.voxels[n]) }
        for n in mean.voxels.indices where distance.voxels[n] > clear {
            let at = fields.geometry.index(fromLocal: n, in: box)
            let isTissue =
                height[at] >= CandidateRules.hardeningReachMm && fields.skinDistanceMm.voxels[at] > Self.skinMm
            if isTissue { sample.append(mean.voxels[n]) }
        }
        guard sample.count >= Self.fewest else { return false }
        let (median, deviation) = medianAndDeviation(sample)
        return own - median > Self.clearOfNoise * deviation
    }

    /// Density with the tissue left free around a candidate, and 1 in the candidate's own voxels.
    private func surroundings(of c: Candidate) -> (box: VoxelBox, free: Volume<Float>, isOwn: Volume<UInt8>) {
        let g = fields.geometry
        let reach = SIMD3<Float>(repeating: Float(Self.aroundMm)) / g.spacingMm
        var low = (i: g.columns, j: g.rows, k: g.slices)
        var high = (i: 0, j: 0, k: 0)
        for n in c.voxels {
            let at = g.coordinates(n)
            low = (min(low.i, at.i), min(low.j, at.j), min(low.k, at.k))
            high = (max(high.i, at.i), max(high.j, at.j), max(high.k, at.k))
        }
        let box = VoxelBox(
            columns: max(0, low.i - Int(reach.x))..<min(g.columns, high.i + Int(reach.x) + 1),
            rows: max(0, low.j - Int(reach.y))..<min(g.rows, high.j + Int(reach.y) + 1),
            slices: max(0, low.k - Int(reach.z))..<min(g.slices, high.k + Int(reach.z) + 1))
        let local = g.cropped(to: box)
        var free = Volume<Float>(geometry: local, repeating: 0)
        free.update { n, value in
            let at = g.index(fromLocal: n, in: box)
            guard fields.skinDistanceMm.voxels[at] > 1 else { return }
            value = solver.free(Float(input.low.voxels[at]), Float(input.high.voxels[at])).density
        }
        var isOwn = Volume<UInt8>(geometry: local, repeating: 0)
        for n in c.voxels {
            let at = g.coordinates(n)
            isOwn[at.i - box.columns.lowerBound, at.j - box.rows.lowerBound, at.k - box.slices.lowerBound] = 1
        }
        return (box, free, isOwn)
    }
}
