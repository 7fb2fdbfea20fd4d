/// The soft tissue around each voxel: its fat fraction and how much that varies, without the mineral in it.
///
/// A muscle baseline hides calcium in fat: 100 mg/cm3 read 25. So the baseline follows the tissue, and where tissues
/// meet its uncertainty enters the density's noise.
package struct LocalTissue: Sendable {
    package let fatFraction: Volume<Float>
    private let fatVariance: Volume<Float>
    /// 1 where a voxel is soft tissue without mineral, away from the skin's edge.
    private let isTissue: Volume<UInt8>

    /// Standard deviation in mm of the neighbourhood that counts as local.
    static let scaleMm = 1.6
    /// The same for the neighbourhood that takes over under large mineral.
    static let wideScaleMm = 4.0
    /// Standard deviation of the fat fraction inside one tissue.
    static let leastFatDeviation: Float = 0.06
    /// Smoothing leaves no more than this share of the noise. In a small body the borders of tissues would otherwise
    /// pass for noise.
    static let mostNoiseLeft: Float = 0.6
    /// Mineral is kept out of the baseline with this margin: the blur of its edge.
    static let marginMm = 1.0
    /// Rough mineral has this density in mg/cm3 on muscle, or this one with the tissue left free after smoothing.
    static let leastDensity = 55.0
    static let leastFreeDensity = 40.0
    static let freeSmoothingMm = 0.7

    package init(
        low: Volume<Float>, high: Volume<Float>, onMuscle: Volume<Float>, body: Volume<UInt8>,
        skinDistanceMm: Volume<Float>, solver: TwoEnergySolver
    ) {
        let g = low.geometry
        let mineral = LocalTissue.roughMineral(
            low: low, high: high, onMuscle: onMuscle, skinDistanceMm: skinDistanceMm, solver: solver)
        let margin = mineral.dilated(byMm: LocalTissue.marginMm)
        var tissue = Volume<UInt8>(geometry: g, repeating: 0)
        tissue.update { n, isIn in
            if body.voxels[n] != 0, margin.voxels[n] == 0, skinDistanceMm.voxels[n] > 1.2 { isIn = 1 }
        }
        isTissue = tissue

        var weight: Volume<Float> = tissue.map { Float($0) }
        var first = weight
        first.update { n, fat in
            if fat != 0 { fat = min(max(solver.fatFraction(low.voxels[n], high.voxels[n]), -0.7), 1.4) }
        }
        var second = first.map { $0 * $0 }
        weight.smooth(sigmaMm: LocalTissue.scaleMm)
        first.smooth(sigmaMm: LocalTissue.scaleMm)
        second.smooth(sigmaMm: LocalTissue.scaleMm)
        // Under large mineral the small neighbourhood is empty: a wide one takes over, in proportion.
        let share: Float = 0.05
        weight.addBroadlySmoothed(sigmaMm: LocalTissue.wideScaleMm, times: share)
        first.addBroadlySmoothed(sigmaMm: LocalTissue.wideScaleMm, times: share)
        second.addBroadlySmoothed(sigmaMm: LocalTissue.wideScaleMm, times: share)
        let least = LocalTissue.leastFatDeviation * LocalTissue.leastFatDeviation
        first.update { n, mean in mean = weight.voxels[n] > 1e-7 ? mean / weight.voxels[n] : 0 }
        second.update { n, square in
            let mean = first.voxels[n]
            square = weight.voxels[n] > 1e-7 ? max(square / weight.voxels[n] - mean * mean, least) : 0.25
        }
        fatFraction = first
        fatVariance = second
    }

    /// Everything that may be mineral, found without a baseline: dense on muscle, or dense in the free solution.
    private static func roughMineral(
        low: Volume<Float>, high: Volume<Float>, onMuscle: Volume<Float>, skinDistanceMm: Volume<Float>,
        solver: TwoEnergySolver
    ) -> Volume<UInt8> {
        let smoothLow = low.gaussianSmoothed(sigmaMm: freeSmoothingMm)
        let smoothHigh = high.gaussianSmoothed(sigmaMm: freeSmoothingMm)
        var mask = Volume<UInt8>(geometry: low.geometry, repeating: 0)
        // Near air the free solution is meaningless: air and fat differ from muscle in the same direction.
        mask.update { n, isIn in
            let skin = skinDistanceMm.voxels[n]
            if skin > 0, onMuscle.voxels[n] > Float(leastDensity) { isIn = 1 }
            if skin > 2, solver.free(smoothLow.voxels[n], smoothHigh.voxels[n]).density > Float(leastFreeDensity) {
                isIn = 1
            }
        }
        return mask
    }

    /// Density on the local tissue with its standard deviation, scaled to the noise that is found in tissue.
    package func density(
        low: Volume<Float>, high: Volume<Float>, solver: TwoEnergySolver
    ) -> (value: Volume<Float>, noise: Volume<Float>) {
        let noiseLow = residualNoise(
            low, muscle: solver.muscleLow, fat: solver.fatLow, unsmoothed: solver.varianceLow.squareRoot())
        let noiseHigh = residualNoise(
            high, muscle: solver.muscleHigh, fat: solver.fatHigh, unsmoothed: solver.varianceHigh.squareRoot())
        let g = low.geometry
        var noise = Volume<Float>(geometry: g, repeating: 0)
        let value = noise.voxels.withUnsafeMutableBufferPointer { noise in
            nonisolated(unsafe) let noise = noise
            return Volume<Float>(geometry: g) { range, value in
                for n in range {
                    let density = solver.density(
                        low.voxels[n], high.voxels[n], fat: fatFraction.voxels[n], fatVariance: fatVariance.voxels[n],
                        varianceLow: noiseLow * noiseLow, varianceHigh: noiseHigh * noiseHigh)
                    (value + n).initialize(to: density.value)
                    noise[n] = density.noise
                }
            }
        }
        return (value, noise)
    }

    /// Robust standard deviation of the density on muscle about what the local tissue reads there.
    package func noise(ofDensityOnMuscle field: Volume<Float>, solver: TwoEnergySolver) -> Float {
        let fat = solver.fatOnMuscle
        let found = robustDeviation { n in field.voxels[n] - fatFraction.voxels[n] * fat }
        let low = solver.varianceLow / (solver.mineralLow * solver.mineralLow)
        let high = solver.varianceHigh / (solver.mineralHigh * solver.mineralHigh)
        let unsmoothed = (low * high / (low + high)).squareRoot()
        return min(found, LocalTissue.mostNoiseLeft * unsmoothed)
    }

    /// Noise of each slice over that of the middle one of all, where it is so much more that photons are starved there, as
    /// in the slices of metal; else 1. From differences of a field within rows, which tissue itself hardly has.
    func starvation(of field: Volume<Float>) -> [Float] {
        let g = field.geometry
        let deviations = (0..<g.slices).map { k -> Float? in
            var sample: [Float] = []
            for j in 0..<g.rows {
                let row = g.index(0, j, k)
                for n in Swift.stride(from: row, to: row + g.columns - Self.stepOfDifference, by: Self.sampled)
                where isTissue.voxels[n] != 0 && isTissue.voxels[n + Self.stepOfDifference] != 0 {
                    sample.append(field.voxels[n + Self.stepOfDifference] - field.voxels[n])
                }
            }
            return sample.count >= Self.fewestOfSlice ? medianAndDeviation(sample).deviation : nil
        }
        let known = deviations.compactMap { $0 }.sorted()
        guard let middle = known.isEmpty ? nil : known[known.count / 2], middle > 0 else {
            return deviations.map { _ in 1 }
        }
        return deviations.map { deviation in
            let ratio = (deviation ?? middle) / middle
            return ratio > Self.leastStarvation ? ratio : 1
        }
    }

    /// Voxels apart in a row whose noise is different, and every how many of them are looked at.
    private static let stepOfDifference = 2
    private static let sampled = 3
    private static let fewestOfSlice = 200
    /// A body's own thickness and bones change noise by less than this factor.
    private static let leastStarvation: Float = 1.5

    /// Robust standard deviation of an image about the local tissue where that is uniform.
    private func residualNoise(_ image: Volume<Float>, muscle: Float, fat: Float, unsmoothed: Float) -> Float {
        let uniform = 4 * LocalTissue.leastFatDeviation * LocalTissue.leastFatDeviation
        let deviation = robustDeviation { n in
            guard fatVariance.voxels[n] <= uniform else { return nil }
            return image.voxels[n] - muscle - fatFraction.voxels[n] * fat
        }
        return max(min(deviation, LocalTissue.mostNoiseLeft * unsmoothed), 1)
    }

    /// Robust standard deviation of a sample of tissue voxels about their median; 0 where there are too few.
    private func robustDeviation(_ value: (Int) -> Float?) -> Float {
        let stride = max(1, isTissue.voxels.count / 400_000)
        var sample: [Float] = []
        for n in Swift.stride(from: 0, to: isTissue.voxels.count, by: stride) where isTissue.voxels[n] != 0 {
            if let value = value(n) { sample.append(value) }
        }
        guard sample.count >= 16 else { return 0 }
        return medianAndDeviation(sample).deviation
    }
}
