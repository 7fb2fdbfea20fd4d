/// What is really in the phantom.
public struct PhantomTruth: Sendable, Codable, Equatable {
    /// One deposit, as far as the scan covers it.
    public struct Deposit: Sendable, Codable, Equatable {
        /// Counted from 1; the deposit's value in the label file is 100 more.
        public var number: Int
        /// `hydroxyapatite` or `monosodiumUrate`.
        public var material: String
        public var volumeMm3: Double
        /// Mineral in mg per cm3 of deposit.
        public var densityMgPerCm3: Double
        /// Mass of hydroxyapatite, 0 for another mineral.
        public var hydroxyapatiteMassMg: Double
        /// Mass of monosodium urate, 0 for another mineral.
        public var urateMassMg: Double
        /// Centre of volume in patient coordinates, mm.
        public var centreMm: [Double]
        /// Diameter of the ball of the same volume.
        public var equivalentDiameterMm: Double
        public var compartment: DepositSite
        /// 1 is the thumb; absent at the wrist.
        public var digit: Int?
        /// Of the bone that lies nearest: 0 the metacarpal, then the phalanges from the palm; absent without a digit.
        public var segment: Int?
        public var touchesBone: Bool
        /// Share of fat by volume in what lies between the crystals.
        public var hostFatFraction: Double
        /// Share of the deposit's volume inside the scan.
        public var scannedFraction: Double
    }

    public var schema = 1
    public var seed: UInt64
    public var side: String
    public var pair: String
    public var mode: String
    public var deposits: [Deposit]
    /// nil for the hand.
    public var region: PhantomRegion?
    /// Calcium that is no calcinosis, without that of vessels.
    public var otherCalcifications: [Calcification]?

    /// Erosions of bones; nil for a phantom that has none.
    public var erosions: [Erosion]?

    /// A ball of soft tissue in the margin of a bone beside a joint.
    public struct Erosion: Sendable, Codable, Equatable {
        /// 1 is the thumb.
        public var digit: Int
        /// 0 is the metacarpal, then the phalanges from the palm.
        public var segment: Int
        public var diameterMm: Double
        /// Of the ball, of which a part lies before the bone: in patient coordinates, mm.
        public var centreMm: [Double]
    }

    public struct Calcification: Sendable, Codable, Equatable {
        public var kind: OtherCalcification
        public var volumeMm3: Double
        public var hydroxyapatiteMassMg: Double
        /// Centre of volume in patient coordinates, mm.
        public var centreMm: [Double]
    }
}
