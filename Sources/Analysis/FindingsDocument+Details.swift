/// What is known of places and bones, where it is known.
extension FindingsDocument {
    public struct Place: Codable, Sendable, Equatable {
        public var side: String?
        /// 1 the thumb or great toe ... 5.
        public var digit: Int?
        public var segment: String?
        public var aspect: String?
        public var compartment: String?
    }

    public struct Region: Codable, Sendable, Equatable {
        public var side: String?
        public var digit: Int?
        public var totals: Totals
    }

    public struct OtherMineral: Codable, Sendable, Equatable {
        public var kind: String
        public var cause: String?
        public var count: Int
        public var volumeMm3: Double?
        public var hydroxyapatiteMassMg: Double?
    }

    public struct RadiographicScore: Codable, Sendable, Equatable {
        public var side: String?
        public var value: Double?
    }

    public struct DetectionLimit: Codable, Sendable, Equatable {
        public var compartment: String
        public var calciumMm3: Double?
        public var urateMm3: Double?
    }

    public struct BoneFlag: Codable, Sendable, Equatable {
        public var kind: String
        public var state: String
        public var side: String?
        public var digit: Int?
        public var measured: Double?
        public var limit: Double?
        public var unit: String
    }

    public struct BoneDensity: Codable, Sendable, Equatable {
        public var side: String?
        public var meanMgPerCm3: Interval?
        public var volumeMm3: Double?
    }
}
