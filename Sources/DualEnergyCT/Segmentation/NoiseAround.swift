/// How far a faint piece stands out from what the tissue around it does by noise alone.
///
/// Noise in the shadow of bones lies in streaks, as long as deposits are: no number of independent samples describes it.
/// The piece's own form, laid on the tissue around in many places, does: it meets the same texture in the same direction.
package struct NoiseAround {
    let fields: TissueFields
    let solver: TwoEnergySolver
    let height: BoneHeights

    package init(fields: TissueFields, solver: TwoEnergySolver, height: BoneHeights) {
        self.fields = fields
        self.solver = solver
        self.height = height
    }

    /// Standard deviations that a lump, and what is none, must stand out by: a streak is chosen among many more places than
    /// a form that is rare. Of true deposits in phantoms none stood out by less than 6.5, compact ones, or 10.
    static let leastOfLump: Float = 6
    static let leastOfOther: Float = 8
    /// From where on tissue is clear of bone and of the skin, in mm.
    private static let leastHeightMm: Float = 1.5
    private static let leastSkinMm: Float = 1.2
    /// How far away the form is laid, in mm beyond half of its own length.
    private static let reachesMm: [Float] = [1.5, 3.5, 6, 9, 13]
    /// Share of the form that must lie on tissue, and the least number of such places.
    private static let leastShare = 0.9
    private static let fewestPlaces = 16
    /// Voxels of a form that are looked at, at most.
    private static let mostVoxels = 400

    /// Makes tissue of the deposits that noise explains.
    package func sort(_ candidates: inout [Candidate]) {
        let mineral = Set(candidates.lazy.filter { $0.fate != .tissue }.flatMap(\.voxels))
        for n in candidates.indices where candidates[n].fate == .deposit {
            let isLump =
                candidates[n].compactness >= CandidateRules.leastCompactness && !candidates[n].isOneLayer
            guard let deviations = deviations(of: candidates[n].voxels, besides: mineral) else { continue }
            if deviations < (isLump ? Self.leastOfLump : Self.leastOfOther) { candidates[n].fate = .tissue }
        }
    }

    /// The piece's mean density less the median of those around, in their standard deviations: on the local tissue or, if
    /// that is more, on muscle with the local fat taken out, which urate needs. Nil where there are too few such places.
    ///
    /// - Parameter mineral: voxels that are no tissue to compare with.
    func deviations(of voxels: [Int], besides mineral: Set<Int>) -> Float? {
        let g = fields.geometry
        let step = max(1, voxels.count / Self.mostVoxels)
        let form = stride(from: 0, to: voxels.count, by: step).map { g.coordinates(voxels[$0]) }
        let halfLength = 0.5 * PrincipalAxes(voxels.map { g.gridPosition($0) }).extents.x
        var around: [SIMD2<Float>] = []
        for reach in Self.reachesMm {
            for direction in SIMD3<Float>.neighbourDirectionsBothWays {
                let shift = ((halfLength + reach) * direction / g.spacingMm).rounded(.toNearestOrEven)
                if let mean = mean(of: form, at: (Int(shift.x), Int(shift.y), Int(shift.z)), besides: mineral) {
                    around.append(mean)
                }
            }
        }
        guard around.count >= Self.fewestPlaces else { return nil }
        let own = voxels.reduce(SIMD2<Float>()) { $0 + densities($1) } / Float(voxels.count)
        return (0..<2).map { field in
            let (median, deviation) = medianAndDeviation(around.map { $0[field] })
            return (own[field] - median) / max(deviation, 0.5)
        }.max()
    }

    /// On the local tissue, and on muscle less the local fat, in mg/cm3.
    @inline(__always)
    private func densities(_ n: Int) -> SIMD2<Float> {
        SIMD2(
            fields.onLocalTissue.voxels[n],
            fields.onMuscle.voxels[n] - fields.fatFraction.voxels[n] * solver.fatOnMuscle)
    }

    /// Mean densities of a form moved by some voxels; nil where too much of it lies on something else than tissue.
    private func mean(
        of form: [(i: Int, j: Int, k: Int)], at shift: (i: Int, j: Int, k: Int), besides mineral: Set<Int>
    ) -> SIMD2<Float>? {
        let g = fields.geometry
        var (sum, count) = (SIMD2<Float>(), 0)
        for c in form {
            let (i, j, k) = (c.i + shift.i, c.j + shift.j, c.k + shift.k)
            guard i >= 0, j >= 0, k >= 0, i < g.columns, j < g.rows, k < g.slices else { continue }
            let n = g.index(i, j, k)
            guard fields.skinDistanceMm.voxels[n] > Self.leastSkinMm, height[n] > Self.leastHeightMm,
                fields.metal.voxels[n] == 0, !mineral.contains(n)
            else { continue }
            sum += densities(n)
            count += 1
        }
        return Double(count) >= Self.leastShare * Double(form.count) ? sum / Float(count) : nil
    }
}
