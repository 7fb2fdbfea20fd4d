/// A spectrum in a few energy bins, as an energy-integrating detector sees it, and its water correction.
struct DetectedSpectrum: Sendable {
    /// Attenuation of the four basis materials in 1/cm, share of the signal, share of its variance: eight bins each.
    private let first: [SIMD8<Float>]
    private let second: [SIMD8<Float>]
    private let third: [SIMD8<Float>]
    private let fourth: [SIMD8<Float>]
    private let signal: [SIMD8<Float>]
    private let variance: [SIMD8<Float>]
    /// Water in cm for a logarithm of the signal, at equal steps of the logarithm.
    private let waterCm: [Float]
    private static let logarithmStep: Float = 0.005

    init(_ spectrum: FilteredSpectrum, basis: BasisSet, binKeV: Int = 4) {
        var attenuation: [SIMD4<Float>] = []
        var signal: [Float] = []
        var variance: [Float] = []
        let detected = spectrum.detectedEnergy
        let total = detected.reduce(0, +)
        for start in stride(from: 0, to: detected.count, by: binKeV) {
            var weight = 0.0
            var squares = 0.0
            var mu = SIMD4<Double>.zero
            for e in start..<min(start + binKeV, detected.count) {
                weight += detected[e]
                squares += detected[e] * Double(AttenuationTable.firstEnergyKeV + e)
                mu += detected[e] * basis.attenuation[e]
            }
            guard weight > 1e-6 * total else { continue }
            attenuation.append(SIMD4<Float>(mu / weight))
            signal.append(Float(weight / total))
            variance.append(Float(squares / (total * total)))
        }
        /// Eight by eight; what is missing in the last counts nothing.
        func eights(_ values: [Float]) -> [SIMD8<Float>] {
            stride(from: 0, to: values.count, by: 8).map { start in
                SIMD8((0..<8).map { start + $0 < values.count ? values[start + $0] : 0 })
            }
        }
        first = eights(attenuation.map(\.x))
        second = eights(attenuation.map(\.y))
        third = eights(attenuation.map(\.z))
        fourth = eights(attenuation.map(\.w))
        self.signal = eights(signal)
        self.variance = eights(variance)

        // Water thickness by thickness, then turned round.
        func logarithmBehind(_ cm: Float) -> Float {
            var sum: Float = 0
            for (mu, share) in zip(attenuation, signal) { sum += share * exponential(-mu.x * cm) }
            return -logarithm(sum)
        }
        var table: [Float] = []
        var cm: Float = 0
        var before: Float = 0
        let step: Float = 0.02
        var next = logarithmBehind(step)
        while cm < 40 {
            while Float(table.count) * Self.logarithmStep <= next {
                let share = (Float(table.count) * Self.logarithmStep - before) / (next - before)
                table.append(cm + share * step)
            }
            cm += step
            before = next
            next = logarithmBehind(cm + step)
        }
        waterCm = table
    }

    /// Signal (1 without object) and its variance for one photon a ray, behind these line integrals in cm.
    func behind(_ lines: SIMD4<Float>) -> (signal: Float, variance: Float) {
        var sum = SIMD8<Float>.zero
        var squares = SIMD8<Float>.zero
        for eight in signal.indices {
            let depth = lines.x * first[eight] + lines.y * second[eight] + lines.z * third[eight]
            let passed = exponential(-(depth + lines.w * fourth[eight]))
            sum += signal[eight] * passed
            squares += variance[eight] * passed
        }
        return (sum.sum(), squares.sum())
    }

    /// The thickness of water in cm that gives this signal.
    func correctedWater(_ signal: Float) -> Float {
        let position = -logarithm(max(signal, 1e-6)) / Self.logarithmStep
        let index = min(max(Int(position.rounded(.down)), 0), waterCm.count - 2)
        let share = position - Float(index)
        return waterCm[index] + share * (waterCm[index + 1] - waterCm[index])
    }

    /// cm of water for a unit of the logarithm, behind this much water.
    func waterSlope(atCm cm: Float) -> Float {
        let middle = behind(SIMD4(cm, 0, 0, 0)).signal
        return (correctedWater(middle * 0.99) - correctedWater(middle * 1.01)) / (logarithm(1.01) - logarithm(0.99))
    }
}
