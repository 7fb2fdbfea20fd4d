extension Findings {
    /// States what has changed since a prior examination of the same part of the body.
    ///
    /// Fills `comparison`, and `change` and `identity` of each deposit. A deposit that continues an earlier one keeps
    /// its number, in `labels` too; new ones are numbered after the highest number the patient has had.
    public mutating func compare(with prior: PriorExamination, region: BodyRegion, laterality: Laterality) {
        guard trust.status != .notAnalysable else { return }
        if let obstacle = Self.obstacle(prior, region: region, laterality: laterality) {
            refuse(obstacle, prior)
            return
        }
        guard let density = hydroxyapatiteTenths,
            let registration = ExaminationRegistration(
                labels: labels, density: density, priorLabels: prior.labels,
                priorDensity: prior.hydroxyapatiteTenths),
            registration.residualMm < Self.residualLimitMm
        else {
            refuse(.registrationFailed, prior)
            return
        }
        var change = ChangeStatement(findings: self, prior: prior, registration: registration)
        change.run()
        deposits = change.deposits
        comparison = change.comparison
        renumber(change.numbers)
    }

    /// Bone surfaces that lie further apart than this, in mm, are not the same bones in the same place.
    private static let residualLimitMm = 1.2

    /// Deposits of a scan that cannot be compared get numbers of their own: an earlier number would claim a lesion.
    private mutating func refuse(_ obstacle: Comparison.Obstacle, _ prior: PriorExamination) {
        comparison = Comparison(obstacle: obstacle)
        for n in deposits.indices { deposits[n].change = DepositChange(outcome: .notComparable) }
        guard obstacle != .otherSide, obstacle != .otherRegion else { return }
        renumber(deposits.indices.map { prior.highestNumber + 1 + $0 })
    }

    private static func obstacle(
        _ prior: PriorExamination, region: BodyRegion, laterality: Laterality
    ) -> Comparison.Obstacle? {
        if prior.status == .notAnalysable { return .priorNotAnalysable }
        // A hand's field holds the wrist, and a foot's the ankle.
        func part(_ region: BodyRegion) -> BodyRegion {
            region == .wrist ? .hand : region == .ankle ? .foot : region
        }
        if part(prior.region) != part(region), prior.region != .other, region != .other { return .otherRegion }
        switch (prior.laterality, laterality) {
        case (.right, .left), (.left, .right): return .otherSide
        default: return nil
        }
    }

    /// Gives deposit n the number `numbers[n]`, and puts them in the order of their numbers.
    private mutating func renumber(_ numbers: [Int]) {
        var labelOf = [UInt16: UInt16]()
        for (n, number) in numbers.enumerated() {
            let old = SegmentLabel.firstDeposit + UInt16(deposits[n].number - 1)
            labelOf[old] = SegmentLabel.firstDeposit + UInt16(clamping: number - 1)
            deposits[n].number = number
        }
        deposits.sort { $0.number < $1.number }
        for n in labels.voxels.indices where labels.voxels[n] >= SegmentLabel.firstDeposit {
            if let label = labelOf[labels.voxels[n]] { labels.voxels[n] = label }
        }
    }
}
