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
        for i in 0..<values.count {
            let power = min(max(values[i], range.lowerBound), range.upperBound)
            let position = (Float(cubeRoot(Double(power))) - first) * scale
            let n = min(Int(position), steps - 1)
            values[i] = table[n] + (position - Float(n)) * (table[n + 1] - table[n])
        }
    }
}
