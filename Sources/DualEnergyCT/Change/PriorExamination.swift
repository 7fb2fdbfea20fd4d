/// An earlier examination of the same part of the body, as far as change needs it.
public struct PriorExamination: Sendable, Equatable {
    /// A deposit that was reported then.
    public struct Lesion: Sendable, Equatable {
        public var number: Int
        /// Opaque identity that the present examination's deposit keeps.
        public var identity: String?
        /// What its report called it.
        public var name: String?
        public var material: MaterialClass
        public var volumeMm3: Estimate
        public var hydroxyapatiteMassMg: Estimate
        /// Standard deviation of the mass by what differs between two scans: noise, tissue, edges. In mg; nil when
        /// the examination did not state it.
        public var massRepeatabilityMg: Double?
        public var place: DepositPlace?

        public init(
            number: Int, identity: String?, material: MaterialClass, volumeMm3: Estimate,
            hydroxyapatiteMassMg: Estimate, massRepeatabilityMg: Double? = nil, place: DepositPlace? = nil,
            name: String? = nil
        ) {
            self.name = name
            self.number = number
            self.identity = identity
            self.material = material
            self.volumeMm3 = volumeMm3
            self.hydroxyapatiteMassMg = hydroxyapatiteMassMg
            self.massRepeatabilityMg = massRepeatabilityMg
            self.place = place
        }
    }

    public var status: Trust.Status
    /// What its masses rest on, HU(low) over HU(high) of hydroxyapatite with it; nil when it was not stated.
    public var calibration: Trust.Calibration?
    public var calciumRatio: Double?
    public var region: BodyRegion
    public var laterality: Laterality
    /// Values of `SegmentLabel`: a lesion's is `firstDeposit + number - 1`.
    public var labels: Volume<UInt16>
    /// Hydroxyapatite-equivalent density in tenths of mg/cm3 on the same grid.
    public var hydroxyapatiteTenths: Volume<Int16>
    public var lesions: [Lesion]
    /// No deposit of this patient has had a number above it: new ones are numbered from there.
    public var highestNumber: Int

    /// - Precondition: labels and densities lie on one grid.
    public init(
        status: Trust.Status, region: BodyRegion, laterality: Laterality, labels: Volume<UInt16>,
        hydroxyapatiteTenths: Volume<Int16>, lesions: [Lesion], highestNumber: Int
    ) {
        precondition(labels.geometry == hydroxyapatiteTenths.geometry, "labels and densities lie on one grid")
        self.status = status
        self.region = region
        self.laterality = laterality
        self.labels = labels
        self.hydroxyapatiteTenths = hydroxyapatiteTenths
        self.lesions = lesions
        self.highestNumber = highestNumber
    }

    /// Whether both examinations weigh with the same error, which then is no part of a change: other beams, rods or bone
    /// in only one of them have errors of their own.
    func sharesCalibration(with trust: Trust) -> Bool {
        guard let calibration, let calciumRatio, calibration == trust.calibration else { return false }
        return abs(calciumRatio / trust.calciumRatio - 1) < 0.02
    }

    /// What was found in a pair, as the prior of a later one.
    public init(_ findings: Findings, region: BodyRegion, laterality: Laterality) {
        let empty = Volume<Int16>(geometry: findings.labels.geometry, repeating: 0)
        let before = findings.comparison?.resolved.map(\.priorNumber) ?? []
        self.init(
            status: findings.trust.status, region: region, laterality: laterality, labels: findings.labels,
            hydroxyapatiteTenths: findings.hydroxyapatiteTenths ?? empty,
            lesions: findings.deposits.map {
                Lesion(
                    number: $0.number, identity: $0.identity, material: $0.material, volumeMm3: $0.volumeMm3,
                    hydroxyapatiteMassMg: $0.hydroxyapatiteMassMg, massRepeatabilityMg: $0.massRepeatabilityMg,
                    place: $0.place)
            }, highestNumber: (findings.deposits.map(\.number) + before).max() ?? 0)
        calibration = findings.trust.calibration
        calciumRatio = findings.trust.calciumRatio
    }
}
