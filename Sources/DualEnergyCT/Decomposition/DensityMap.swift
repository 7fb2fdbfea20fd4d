/// Hydroxyapatite density of every voxel, for maps and pictures.
package enum DensityMap {
    /// Density in tenths of mg/cm3 on the full grid: 0 outside the body, clamped to what Int16 holds.
    ///
    /// The constrained estimate on the local tissue, whose fat fraction may deviate by a tenth. Slopes follow the
    /// beam hardening of each place.
    package static func tenths(_ context: MeasurementContext, on grid: GridGeometry, box: VoxelBox) -> Volume<Int16> {
        var result = Volume<Int16>(geometry: grid, repeating: 0)
        let g = context.low.geometry
        let body = context.segmentation.body.voxels
        let fat = context.segmentation.localFatFraction.voxels
        result.voxels.withUnsafeMutableBufferPointer { result in
            let result = result
            concurrently(g.slices, voxels: g.voxelCount) { slices in
                for k in slices {
                    for j in 0..<g.rows {
                        let from = g.index(0, j, k)
                        let to = grid.index(box.columns.lowerBound, box.rows.lowerBound + j, box.slices.lowerBound + k)
                        var line = DensityLine(context)
                        for i in 0..<g.columns where body[from + i] != 0 {
                            if i % 8 == 0 || !line.isSet { line.set(context.paths.response(i, j, k)) }
                            let value = line.density(
                                low: Double(context.low.voxels[from + i]), high: Double(context.high.voxels[from + i]),
                                fat: Double(fat[from + i]))
                            result[to + i] = Int16(min(max(10 * value, -32_000), 32_000).rounded())
                        }
                    }
                }
            }
        }
        return result
    }
}

/// The weights of the constrained estimate for a run of voxels with one response.
private struct DensityLine {
    private static let fatDeviation = 0.1
    private let noise: NoiseCovariance
    private var response: PairResponse?
    private var weightLow = 0.0
    private var weightHigh = 0.0

    var isSet: Bool { response != nil }

    init(_ context: MeasurementContext) {
        noise = context.noise.voxel
    }

    mutating func set(_ response: PairResponse) {
        self.response = response
        let covariance = noise.adding(
            Self.fatDeviation, along: response.low.adiposeHU - response.low.muscleHU,
            response.high.adiposeHU - response.high.muscleHU)
        let (kLow, kHigh) = (response.low.hydroxyapatite, response.high.hydroxyapatite)
        let weights = covariance.solve(kLow, kHigh)
        let information = weights.0 * kLow + weights.1 * kHigh
        (weightLow, weightHigh) = (weights.0 / information, weights.1 / information)
    }

    func density(low: Double, high: Double, fat: Double) -> Double {
        guard let response else { return 0 }
        let tissueLow = response.low.muscleHU + fat * (response.low.adiposeHU - response.low.muscleHU)
        let tissueHigh = response.high.muscleHU + fat * (response.high.adiposeHU - response.high.muscleHU)
        return weightLow * (low - tissueLow) + weightHigh * (high - tissueHigh)
    }
}
