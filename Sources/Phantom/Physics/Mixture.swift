/// Shares by volume of pure materials; they sum to 1.
package struct Mixture: Sendable, Equatable {
    package var parts: [(material: Material, share: Double)]

    package init(_ parts: [(material: Material, share: Double)]) { self.parts = parts }
    package init(_ material: Material) { parts = [(material, 1)] }

    package static func == (a: Mixture, b: Mixture) -> Bool {
        a.parts.count == b.parts.count
            && zip(a.parts, b.parts).allSatisfy { $0.material == $1.material && $0.share == $1.share }
    }

    /// A mineral at a density in mg/cm3 of volume, which displaces its own volume of the host.
    package static func mineral(_ mineral: Material, mgPerCm3: Double, in host: Mixture) -> Mixture {
        let share = mgPerCm3 / (1000 * mineral.densityGPerCm3)
        return Mixture([(mineral, share)] + host.parts.map { ($0.material, $0.share * (1 - share)) })
    }

    /// Linear attenuation coefficient in 1/cm at the energies of `AttenuationTable`.
    var linearAttenuation: [Double] {
        var result = [Double](repeating: 0, count: AttenuationTable.energyCount)
        for part in parts {
            let mass = part.material.massAttenuation
            for e in result.indices { result[e] += part.share * part.material.densityGPerCm3 * mass[e] }
        }
        return result
    }
}
