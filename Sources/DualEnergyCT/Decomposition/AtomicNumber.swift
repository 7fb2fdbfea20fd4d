/// The effective atomic number from its power relative to water's.
package enum AtomicNumber {
    /// Powers beyond these are noise: helium and copper.
    private static let range: ClosedRange<Float> = 0.02...64
    private static let steps = 4096

    /// The root over the logarithm of the power, so that small numbers are as exact as large ones.
    private static let table: [Float] = {
        let water = Material.water.effectiveAtomicNumber
        let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
        return (0...steps).map { n in
            let share = Double(n) / Double(steps)
            let root = cubeRoot(low) + share * (cubeRoot(high) - cubeRoot(low))
            return Float(water * power(root * root * root, 1 / Material.atomicNumberExponent))
        }
    }()

    /// Replaces each power relative to water's by the atomic number.
    package static func fromPower(_ values: inout MutableSpan<Float>) {
        let table = table.span
        let first = Float(cubeRoot(Double(range.lowerBound)))
        let last = Float(cubeRoot(Double(range.upperBound)))
        let scale = Float(steps) / (last - first)
        for i in 0..<values.count { values[i] = value(values[i], table, first, scale) }
    }

    @inline(__always)
    private static func value(_ power: Float, _ table: Span<Float>, _ first: Float, _ scale: Float) -> Float {
        let power = min(max(power, range.lowerBound), range.upperBound)
        let position = (Float(cubeRoot(Double(power))) - first) * scale
        let n = min(Int(position), steps - 1)
        return table[n] + (position - Float(n)) * (table[n + 1] - table[n])
    }

    /// Makes relative deviations of powers those of the atomic number: `dZ = Z / n dP / P`.
    ///
    /// - Parameter coefficients: of the two linear forms of the CT numbers x, y whose quotient the power is.
    static func scale(
        _ deviations: inout MutableSpan<Float>, _ x: Span<Float>, _ y: Span<Float>, _ coefficients: Span<Float>,
        least: Float
    ) {
        let count = deviations.count
        let table = table.span
        let first = Float(cubeRoot(Double(range.lowerBound)))
        let perStep = Float(steps) / (Float(cubeRoot(Double(range.upperBound))) - first)
        let root = Float(1 / Material.atomicNumberExponent)
        for i in 0..<count where deviations[i] > 0 {
            func form(_ n: Int) -> Float {
                coefficients[n * count + i] * x[i] + coefficients[(n + 1) * count + i] * y[i]
                    + coefficients[(n + 2) * count + i]
            }
            deviations[i] *= root * value(form(0) / max(form(3), least), table, first, perStep)
        }
    }
}
