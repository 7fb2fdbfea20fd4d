/// A material by its elemental composition and density: attenuation follows from the element tables.
public struct Material: Sendable, CustomStringConvertible {
    public let name: String
    public var description: String { name }
    /// Mass density in g/cm3.
    public let densityGPerCm3: Double
    private let parts: [(table: ElementTable, massFraction: Double)]

    /// A material from mass fractions by atomic number; the fractions are scaled to sum to one.
    public init(name: String, densityGPerCm3: Double, massFractions: [Int: Double]) {
        self.name = name
        self.densityGPerCm3 = densityGPerCm3
        let sorted = massFractions.sorted { $0.key < $1.key }
        let total = sorted.reduce(0) { $0 + $1.value }
        parts = sorted.map { (ElementTable.element($0.key), $0.value / total) }
    }

    /// A compound from the number of atoms of each element in its formula.
    public init(name: String, densityGPerCm3: Double, formula: [Int: Double]) {
        let masses = formula.map { ($0.key, $0.value * ElementTable.element($0.key).atomicWeight) }
        self.init(
            name: name, densityGPerCm3: densityGPerCm3, massFractions: Dictionary(uniqueKeysWithValues: masses))
    }

    /// Mass attenuation coefficient with coherent scattering, in cm2/g.
    public func massAttenuation(at kiloelectronvolts: Double) -> Double {
        parts.reduce(0) { $0 + $1.massFraction * $1.table.massAttenuation(at: kiloelectronvolts) }
    }

    /// Linear attenuation coefficient in 1/cm.
    public func linearAttenuation(at kiloelectronvolts: Double) -> Double {
        densityGPerCm3 * massAttenuation(at: kiloelectronvolts)
    }
}
