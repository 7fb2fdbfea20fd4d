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
