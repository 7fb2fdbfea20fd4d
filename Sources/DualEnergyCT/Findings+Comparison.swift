/// What became of one deposit, or of a group of merged or split ones, since the prior scan.
public struct DepositChange: Sendable, Equatable {
    public enum Outcome: String, Sendable, CaseIterable {
        case new, increased, decreased, stable, notComparable
    }
    public var outcome: Outcome
    /// Change in percent of the prior value; nil for a new deposit and where nothing can be compared.
    public var volumePercent: Estimate?
    public var massPercent: Estimate?
    /// A change of mass below this, in percent, could be the two scans' noise alone.
    public var smallestDetectableMassPercent: Double?
    /// The same for the volume.
    public var smallestDetectableVolumePercent: Double?
    /// Numbers of the prior deposits that this one continues: none for a new one, several when they merged.
    public var priorNumbers: [Int]
    /// Numbers of the present deposits that continue the same prior one, this one among them; one unless it split.
    public var presentNumbers: [Int]

    public init(
        outcome: Outcome, volumePercent: Estimate? = nil, massPercent: Estimate? = nil,
        smallestDetectableMassPercent: Double? = nil, priorNumbers: [Int] = [], presentNumbers: [Int] = []
    ) {
        self.outcome = outcome
        self.volumePercent = volumePercent
        self.massPercent = massPercent
        self.smallestDetectableMassPercent = smallestDetectableMassPercent
        self.priorNumbers = priorNumbers
        self.presentNumbers = presentNumbers
    }

    /// The clinic's band: a change within a quarter of the prior value counts as stable disease, whatever can be
    /// detected.
    ///
    /// Reference: the progression limit of the radiographic score of calcinosis in systemic sclerosis (Chung 2015).
    public static let clinicalBandPercent = 25.0
}

/// A deposit of the prior scan that the present one no longer shows.
public struct ResolvedDeposit: Sendable, Equatable {
    public var priorNumber: Int
    /// Opaque identity of the lesion, as the prior examination carried it.
    public var identity: String?
    /// What the prior examination's report called it.
    public var priorName: String?
    public var priorVolumeMm3: Double
    public var priorHydroxyapatiteMassMg: Double
    /// What is still measured at its place.
    public var remainingMassMg: Estimate
    /// Place in the present scan's patient coordinates.
    public var centre: PatientVector
    public var place: DepositPlace?

    public init(
        priorNumber: Int, identity: String?, priorVolumeMm3: Double, priorHydroxyapatiteMassMg: Double,
        remainingMassMg: Estimate, centre: PatientVector, place: DepositPlace?, priorName: String? = nil
    ) {
        self.priorName = priorName
        self.priorNumber = priorNumber
        self.identity = identity
        self.priorVolumeMm3 = priorVolumeMm3
        self.priorHydroxyapatiteMassMg = priorHydroxyapatiteMassMg
        self.remainingMassMg = remainingMassMg
        self.centre = centre
        self.place = place
    }
}

/// The present scan against a prior one.
public struct Comparison: Sendable, Equatable {
    /// Why no change is stated.
    public enum Obstacle: String, Sendable, CaseIterable {
        case priorNotAnalysable, otherRegion, otherSide, registrationFailed
    }
    /// nil when the two were compared.
    public var obstacle: Obstacle?
    /// Change of the total mass and volume over what both scans cover, in percent of the prior's.
    public var totalMassPercent: Estimate?
    public var totalVolumePercent: Estimate?
    public var smallestDetectableMassPercent: Double?
    public var smallestDetectableVolumePercent: Double?
    public var resolved: [ResolvedDeposit]
    /// Deposits of the prior that this scan does not outline and yet weighs at their place: neither resolved nor listed.
    public var stillMeasured: [ResolvedDeposit] = []
    /// Deposits of the prior that this scan does not list.
    public var former: [ResolvedDeposit] { resolved + stillMeasured }
    /// Median distance between the bone surfaces of both scans after registration region by region.
    public var registrationResidualMm: Double?

    public init(
        obstacle: Obstacle? = nil, totalMassPercent: Estimate? = nil, totalVolumePercent: Estimate? = nil,
        smallestDetectableMassPercent: Double? = nil, resolved: [ResolvedDeposit] = [],
        registrationResidualMm: Double? = nil
    ) {
        self.obstacle = obstacle
        self.totalMassPercent = totalMassPercent
        self.totalVolumePercent = totalVolumePercent
        self.smallestDetectableMassPercent = smallestDetectableMassPercent
        self.resolved = resolved
        self.registrationResidualMm = registrationResidualMm
    }
}
