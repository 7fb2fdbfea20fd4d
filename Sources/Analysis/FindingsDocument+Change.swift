import DualEnergyCT

extension FindingsDocument {
    /// What became of a deposit since the prior examination.
    public struct Change: Codable, Sendable, Equatable {
        public var outcome: String
        public var volumePercent: Interval?
        public var massPercent: Interval?
        public var smallestDetectableMassPercent: Double?
        public var smallestDetectableVolumePercent: Double?
        /// Whether the mass moved by more than the clinic's quarter; absent without a change of mass.
        public var exceedsClinicalBand: Bool?
        public var priorNumbers: [Int]
        public var presentNumbers: [Int]
    }

    /// The examination against a prior one.
    public struct Comparison: Codable, Sendable, Equatable {
        public var obstacle: String?
        public var totalMassPercent: Interval?
        public var totalVolumePercent: Interval?
        public var smallestDetectableMassPercent: Double?
        public var smallestDetectableVolumePercent: Double?
        public var resolved: [Former]
        public var stillMeasured: [Former]
        public var registrationResidualMm: Double?
    }

    /// A deposit of the prior examination that the present one does not list.
    public struct Former: Codable, Sendable, Equatable {
        public var priorNumber: Int
        public var identity: String?
        public var priorName: String?
        public var priorVolumeMm3: Double?
        public var priorHydroxyapatiteMassMg: Double?
        public var remainingMassMg: Interval?
        public var centre: Point?
    }
}

extension FindingsDocument.Change {
    init(_ change: DepositChange) {
        self.init(
            outcome: change.outcome.rawValue, volumePercent: change.volumePercent.flatMap { .init($0) },
            massPercent: change.massPercent.flatMap { .init($0) },
            smallestDetectableMassPercent: change.smallestDetectableMassPercent.flatMap { tidy($0) },
            smallestDetectableVolumePercent: change.smallestDetectableVolumePercent.flatMap { tidy($0) },
            exceedsClinicalBand: change.massPercent.map { abs($0.value) > DepositChange.clinicalBandPercent },
            priorNumbers: change.priorNumbers, presentNumbers: change.presentNumbers)
    }
}

extension FindingsDocument.Comparison {
    init(_ comparison: DualEnergyCT.Comparison) {
        self.init(
            obstacle: comparison.obstacle?.rawValue,
            totalMassPercent: comparison.totalMassPercent.flatMap { .init($0) },
            totalVolumePercent: comparison.totalVolumePercent.flatMap { .init($0) },
            smallestDetectableMassPercent: comparison.smallestDetectableMassPercent.flatMap { tidy($0) },
            smallestDetectableVolumePercent: comparison.smallestDetectableVolumePercent.flatMap { tidy($0) },
            resolved: comparison.resolved.map { .init($0) }, stillMeasured: comparison.stillMeasured.map { .init($0) },
            registrationResidualMm: comparison.registrationResidualMm.flatMap { tidy($0) })
    }
}

extension FindingsDocument.Former {
    fileprivate init(_ deposit: ResolvedDeposit) {
        self.init(
            priorNumber: deposit.priorNumber, identity: deposit.identity, priorName: deposit.priorName,
            priorVolumeMm3: tidy(deposit.priorVolumeMm3),
            priorHydroxyapatiteMassMg: tidy(deposit.priorHydroxyapatiteMassMg),
            remainingMassMg: .init(deposit.remainingMassMg), centre: FindingsDocument.Point(deposit.centre))
    }
}
