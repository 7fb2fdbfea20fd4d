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
    /// Blood, urine, synovial fluid.
    static let fluid = Tissue(rawValue: 9)
    static let lung = Tissue(rawValue: 10)
    static let metal = Tissue(rawValue: 11)
    /// What lies outside the skin: a gel pad, a splint.
    static let padding = Tissue(rawValue: 12)
    /// Positive oral contrast in the bowel.
    static let contrast = Tissue(rawValue: 13)
    /// Marrow with `level` / 15 of the densest spongiosa.
    static let spongiosaLevels = 16
    static func spongiosa(level: Int) -> Tissue { Tissue(rawValue: UInt8(16 + level)) }
    static let firstDeposit: UInt8 = 64
    static func deposit(_ index: Int) -> Tissue { Tissue(rawValue: firstDeposit + UInt8(index)) }

    /// Mineral that is no deposit, one value a vessel or lump.
    static let firstOther: UInt8 = 200
    static func other(_ index: Int) -> Tissue { Tissue(rawValue: firstOther + UInt8(index)) }

    var isBone: Bool { rawValue == 8 || (rawValue >= 16 && rawValue < 32) }
    var isDeposit: Bool { rawValue >= Self.firstDeposit && rawValue < Self.firstOther }
    var isOtherMineral: Bool { rawValue >= Self.firstOther }
    /// Soft tissue that a deposit may replace.
    var canCalcify: Bool { rawValue >= 2 && rawValue <= 4 }
}
