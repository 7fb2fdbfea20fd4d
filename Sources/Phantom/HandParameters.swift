/// What kind of hand to make.
public struct HandParameters: Sendable, Equatable {
    /// Which hand.
    public enum Side: String, Sendable, CaseIterable {
        case right, left
    }

    public var side: Side = .right
    /// A hand without deposits when false.
    public var hasCalcinosis = true
    /// Adds two deposits of monosodium urate.
    public var hasUrate = false
    /// Thin cortex and sparse spongiosa, as in long-standing disease.
    public var demineralised = false
    /// Greatest share of a distal phalanx that is resorbed, 0 to 0.7.
    public var acroOsteolysis: Float = 0
    /// Number of calcium deposits.
    public var depositCount = 12
    public var mix = DepositMix()
    /// Number of erosions of the bones beside the joints of the digits, each at another end of a bone.
    public var erosionCount = 0
    /// Diameters of their balls.
    public var erosionDiametersMm: ClosedRange<Float> = 2...5

    public init() {}
}
