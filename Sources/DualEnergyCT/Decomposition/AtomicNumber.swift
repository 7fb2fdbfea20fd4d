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

    /// The atomic numbers of eight powers relative to water's.
    package static func fromPower(_ powers: SIMD8<Float>) -> SIMD8<Float> {
        let table = table.span
        let first = Float(cubeRoot(Double(range.lowerBound)))
        let scale = Float(steps) / (Float(cubeRoot(Double(range.upperBound))) - first)
        var numbers = powers
        for lane in 0..<powers.scalarCount {
            let power = min(max(powers[lane], range.lowerBound), range.upperBound)
            let position = (Float(cubeRoot(Double(power))) - first) * scale
            let n = min(Int(position), steps - 1)
            numbers[lane] = table[n] + (position - Float(n)) * (table[n + 1] - table[n])
        }
        return numbers
    }

    /// Standard deviation where the power has the given one: `dZ = Z / n dP / P`.
    static func deviation(_ deviation: SIMD8<Float>, ofPower power: SIMD8<Float>, least: Float) -> SIMD8<Float> {
        Float(1 / Material.atomicNumberExponent) * fromPower(power) * deviation / power.atLeast(least)
    }
}
