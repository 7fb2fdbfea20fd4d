/// What fills a point of the phantom, as one byte.
struct Tissue: Sendable, Equatable {
    var rawValue: UInt8

    static let air = Tissue(rawValue: 0)
    static let skin = Tissue(rawValue: 1)
    static let fat = Tissue(rawValue: 2)
    static let muscle = Tissue(rawValue: 3)
    static let tendon = Tissue(rawValue: 4)
    static let cartilage = Tissue(rawValue: 5)
    static let nail = Tissue(rawValue: 6)
    static let cortex = Tissue(rawValue: 8)
    /// Marrow with `level` / 15 of the densest spongiosa.
    static let spongiosaLevels = 16
    static func spongiosa(level: Int) -> Tissue { Tissue(rawValue: UInt8(16 + level)) }
    static let firstDeposit: UInt8 = 64
    static func deposit(_ index: Int) -> Tissue { Tissue(rawValue: firstDeposit + UInt8(index)) }

    var isBone: Bool { rawValue == 8 || (rawValue >= 16 && rawValue < 32) }
    var isDeposit: Bool { rawValue >= Self.firstDeposit }
    /// Soft tissue that a deposit may replace.
    var canCalcify: Bool { rawValue >= 2 && rawValue <= 4 }
}

/// Shares by volume of pure materials; they sum to 1.
struct Mixture: Sendable, Equatable {
    var parts: [(material: Material, share: Double)]

    init(_ parts: [(material: Material, share: Double)]) { self.parts = parts }
    init(_ material: Material) { parts = [(material, 1)] }

    static func == (a: Mixture, b: Mixture) -> Bool {
        a.parts.count == b.parts.count
            && zip(a.parts, b.parts).allSatisfy { $0.material == $1.material && $0.share == $1.share }
    }

    /// A mineral at a density in mg/cm3 of volume, which displaces its own volume of the host.
    static func mineral(_ mineral: Material, mgPerCm3: Double, in host: Mixture) -> Mixture {
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
