/// Parts of the body besides the hand that the phantom can be.
public enum PhantomRegion: String, Sendable, CaseIterable, Codable {
    case wrist, elbow, shoulder, foot, knee, pelvis
}

/// What kind of limb or trunk to make.
public struct RegionParameters: Sendable, Equatable {
    public var region: PhantomRegion
    public var side: HandParameters.Side = .right
    /// Number of calcium deposits.
    public var depositCount = 8
    public var mix = DepositMix()
    /// Adds two deposits of monosodium urate.
    public var hasUrate = false
    /// Thin cortex and sparse spongiosa.
    public var demineralised = false
    /// Share of the arteries' length with calcified walls.
    public var vascularShare: Float = 0.3
    /// Phleboliths, stones, loose bodies and whatever else the region has.
    public var hasOtherCalcification = true
    /// A titanium screw in a bone.
    public var hasMetal = false
    /// A pad under the limb, outside the skin.
    public var hasPadding = true

    public init(_ region: PhantomRegion) {
        self.region = region
        mix.sites = [.subcutaneous, .periarticular, .besideMuscle, .tendonSheath, .subcutaneous, .periarticular]
    }
}
