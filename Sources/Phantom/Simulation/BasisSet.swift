/// Four materials whose attenuation, added up in shares, gives that of everything in the phantom: what is projected.
package struct BasisSet: Sendable {
    /// Linear attenuation coefficients in 1/cm at each energy.
    let attenuation: [SIMD4<Double>]

    private static let first = 10  // below 25 keV nothing is left behind the filters
    private static let aboveIodine = 20

    package init() {
        let columns = [Material.water, .hydroxyapatite, .adipose, .keratin].map { Mixture($0).linearAttenuation }
        attenuation = columns[0].indices.map { SIMD4(columns[0][$0], columns[1][$0], columns[2][$0], columns[3][$0]) }
    }

    /// The shares of the basis materials that come closest to a mixture, by least squares of relative error.
    func coefficients(of mixture: Mixture) -> SIMD4<Float> {
        let target = mixture.linearAttenuation
        var matrix = [[Double]](repeating: [Double](repeating: 0, count: 5), count: 4)
        // Four smooth curves cannot follow iodine's edge at 33 keV: above it they come within a few percent.
        let hasIodine = mixture.parts.contains { $0.material == .iodine }
        for e in (hasIodine ? Self.aboveIodine : Self.first)..<target.count {
            let weight = 1 / (target[e] * target[e])
            for i in 0..<4 {
                for j in 0..<4 { matrix[i][j] += weight * attenuation[e][i] * attenuation[e][j] }
                matrix[i][4] += weight * attenuation[e][i] * target[e]
            }
        }
        return SIMD4<Float>(Self.solve(matrix))
    }

    /// The largest relative error of a mixture's attenuation after `coefficients(of:)`.
    package func relativeError(of mixture: Mixture) -> Double {
        let shares = SIMD4<Double>(coefficients(of: mixture))
        let target = mixture.linearAttenuation
        return (Self.first..<target.count).map { abs((shares * attenuation[$0]).sum() / target[$0] - 1) }.max() ?? 0
    }

    /// Gaussian elimination with pivots of a 4 by 5 system.
    private static func solve(_ system: [[Double]]) -> SIMD4<Double> {
        var m = system
        for column in 0..<4 {
            let pivot = (column..<4).max { abs(m[$0][column]) < abs(m[$1][column]) } ?? column
            m.swapAt(column, pivot)
            for row in (column + 1)..<4 {
                let factor = m[row][column] / m[column][column]
                for k in column..<5 { m[row][k] -= factor * m[column][k] }
            }
        }
        var x = SIMD4<Double>.zero
        for row in (0..<4).reversed() {
            var sum = m[row][4]
            for k in (row + 1)..<4 where k > row { sum -= m[row][k] * x[k] }
            x[row] = sum / m[row][row]
        }
        return x
    }
}

/// A spectrum in a few energy bins, as an energy-integrating detector sees it, and its water correction.
struct DetectedSpectrum: Sendable {
    /// Attenuation of the basis materials in 1/cm, share of the signal, share of its variance: one of each a bin.
    let attenuation: [SIMD4<Float>]
    let signal: [Float]
    let variance: [Float]
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
        self.attenuation = attenuation
        self.signal = signal
        self.variance = variance

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
        var sum: Float = 0
        var squares: Float = 0
        for bin in attenuation.indices {
            let passed = exponential(-(attenuation[bin] * lines).sum())
            sum += signal[bin] * passed
            squares += variance[bin] * passed
        }
        return (sum, squares)
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
