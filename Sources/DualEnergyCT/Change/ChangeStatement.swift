/// From two registered examinations to what became of each deposit.
struct ChangeStatement {
    private let findings: Findings
    private let prior: PriorExamination
    private let registration: ExaminationRegistration
    private let carried: CarriedLesions
    private let present: [[Int]]
    private let sharesCalibration: Bool

    /// The deposits with change and identity, in their old order and with their old numbers.
    private(set) var deposits: [Deposit]
    private(set) var comparison = Comparison()
    /// The number that each deposit gets.
    private(set) var numbers: [Int]
    private var nextNumber: Int
    private var sums = MassPair()
    private var volumes = MassPair()

    /// Two measurements of one lesion differ by this share of its mass besides noise: outline, interpolation, position
    /// (standard deviation). An allowance: with it, 145 repeated measurements of simulated hands spread by 0.55 of what
    /// is stated, so that "stable" is said rather too often than change without reason.
    static let repeatShare = 0.03
    /// The same for the volume.
    static let volumeRepeatShare = 0.06
    /// A lesion of which less than this share is left has resolved; one of which more was there before is not new.
    private static let goneShare = 0.5

    /// Two values and the squares of their standard deviations.
    struct MassPair {
        var now = 0.0
        var then = 0.0
        var nowVariance = 0.0
        var thenVariance = 0.0

        mutating func add(_ other: MassPair) {
            now += other.now
            then += other.then
            nowVariance += other.nowVariance
            thenVariance += other.thenVariance
        }

        /// Change in percent with its 95 % interval; nil without a value to compare with.
        var percent: Estimate? {
            guard then > 0 else { return nil }
            let ratio = now / then
            let deviation = (nowVariance + ratio * ratio * thenVariance).squareRoot() / then
            return Estimate.normal(100 * (ratio - 1), 100 * deviation, atLeast: -100)
        }

        /// A change below this, in percent, could be the noise of both: 1.96 standard deviations of their difference.
        var smallestDetectablePercent: Double? {
            then > 0 ? 196 * (nowVariance + thenVariance).squareRoot() / then : nil
        }
    }

    init(findings: Findings, prior: PriorExamination, registration: ExaminationRegistration) {
        self.findings = findings
        self.prior = prior
        self.registration = registration
        carried = CarriedLesions(prior, onto: findings.labels.geometry, by: registration)
        present = Self.voxels(findings)
        sharesCalibration = prior.sharesCalibration(with: findings.trust)
        deposits = findings.deposits
        numbers = findings.deposits.map(\.number)
        nextNumber = prior.highestNumber + 1
    }

    private static func voxels(_ findings: Findings) -> [[Int]] {
        var places: [UInt16: Int] = [:]
        for (n, deposit) in findings.deposits.enumerated() {
            places[SegmentLabel.firstDeposit + UInt16(deposit.number - 1)] = n
        }
        var result = [[Int]](repeating: [], count: findings.deposits.count)
        for (n, label) in findings.labels.voxels.enumerated() where label >= SegmentLabel.firstDeposit {
            if let place = places[label] { result[place].append(n) }
        }
        return result
    }

    mutating func run() {
        let matching = LesionMatching(
            present: present, carried: carried.voxels, presentMg: deposits.map(\.hydroxyapatiteMassMg.value),
            priorMg: prior.lesions.map(\.hydroxyapatiteMassMg.value), in: findings.labels.geometry)
        comparison.registrationResidualMm = registration.residualMm
        // Known lesions first, so that new ones are numbered by their size after all of them.
        for group in matching.groups where !group.prior.isEmpty && !group.present.isEmpty { continues(group) }
        for group in matching.groups where group.present.isEmpty {
            for lesion in group.prior { resolved(lesion) }
        }
        for n in deposits.indices where deposits[n].change == nil { isNew(n) }
        comparison.totalMassPercent = sums.percent
        comparison.totalVolumePercent = volumes.percent
        comparison.smallestDetectableMassPercent = sums.smallestDetectablePercent
        comparison.smallestDetectableVolumePercent = volumes.smallestDetectablePercent
    }

    private static func deviation(_ estimate: Estimate) -> Double { (estimate.high - estimate.value) / 1.96 }

    private func mass(_ n: Int) -> (value: Double, variance: Double) {
        let deposit = deposits[n]
        return mass(deposit.hydroxyapatiteMassMg, deposit.massRepeatabilityMg)
    }

    private func mass(_ lesion: PriorExamination.Lesion) -> (value: Double, variance: Double) {
        mass(lesion.hydroxyapatiteMassMg, lesion.massRepeatabilityMg)
    }

    private func mass(_ estimate: Estimate, _ repeatabilityMg: Double?) -> (value: Double, variance: Double) {
        let whole = Self.deviation(estimate)
        let noise = sharesCalibration ? repeatabilityMg ?? whole : max(whole, repeatabilityMg ?? 0)
        let share = Self.repeatShare * estimate.value
        return (estimate.value, noise * noise + share * share)
    }

    /// Lesions that both examinations show.
    private mutating func continues(_ group: LesionMatching.Group) {
        var pair = MassPair()
        var volume = MassPair()
        for n in group.present {
            let mass = mass(n)
            pair.add(MassPair(now: mass.value, nowVariance: mass.variance))
            let value = deposits[n].volumeMm3.value
            volume.add(
                MassPair(now: value, nowVariance: Self.volumeRepeatShare * Self.volumeRepeatShare * value * value))
        }
        for q in group.prior {
            let lesion = prior.lesions[q]
            let mass = mass(lesion)
            pair.add(MassPair(then: mass.value, thenVariance: mass.variance))
            let value = lesion.volumeMm3.value
            volume.add(
                MassPair(then: value, thenVariance: Self.volumeRepeatShare * Self.volumeRepeatShare * value * value))
        }
        let isWhole = group.prior.allSatisfy { carried.isCovered[$0] }
        if isWhole {
            sums.add(pair)
            volumes.add(volume)
        }
        let kept = keep(group)
        for n in group.present {
            deposits[n].change = DepositChange(
                outcome: isWhole ? Self.outcome(pair) : .notComparable, volumePercent: isWhole ? volume.percent : nil,
                massPercent: isWhole ? pair.percent : nil,
                smallestDetectableMassPercent: isWhole ? pair.smallestDetectablePercent : nil,
                priorNumbers: group.prior.map { prior.lesions[$0].number }.sorted(), presentNumbers: kept)
            if isWhole { deposits[n].change?.smallestDetectableVolumePercent = volume.smallestDetectablePercent }
        }
    }

    /// Numbers and identity go on: the heaviest part continues the lesion with the lowest number.
    private mutating func keep(_ group: LesionMatching.Group) -> [Int] {
        let ordered = group.present.sorted {
            (deposits[$1].hydroxyapatiteMassMg.value, $0) < (deposits[$0].hydroxyapatiteMassMg.value, $1)
        }
        let first = group.prior.min { prior.lesions[$0].number < prior.lesions[$1].number }
        for (place, n) in ordered.enumerated() {
            if place == 0, let first {
                numbers[n] = prior.lesions[first].number
                deposits[n].identity = prior.lesions[first].identity
                deposits[n].priorName = prior.lesions[first].name
            } else {
                numbers[n] = nextNumber
                nextNumber += 1
            }
        }
        return group.present.map { numbers[$0] }.sorted()
    }

    private static func outcome(_ pair: MassPair) -> DepositChange.Outcome {
        guard let percent = pair.percent, let limit = pair.smallestDetectablePercent else { return .notComparable }
        if percent.value > limit { return .increased }
        return percent.value < -limit ? .decreased : .stable
    }

    /// A lesion that the present examination no longer shows. Where it does not look, nothing is said.
    private mutating func resolved(_ q: Int) {
        guard carried.isCovered[q] else { return }
        let lesion = prior.lesions[q]
        let region = PairedRegion(
            carried.voxels[q], findings: findings, prior: prior, registration: registration)
        let grid = findings.labels.geometry
        let sum = carried.voxels[q].reduce(GridPoint.zero) { $0 + grid.gridPoint(ofVoxel: $1) }
        let entry = ResolvedDeposit(
            priorNumber: lesion.number, identity: lesion.identity, priorVolumeMm3: lesion.volumeMm3.value,
            priorHydroxyapatiteMassMg: lesion.hydroxyapatiteMassMg.value,
            remainingMassMg: .normal(max(0, region.nowMg), region.nowDeviationMg, atLeast: 0),
            centre: grid.patient(sum / Double(carried.voxels[q].count)), place: lesion.place,
            priorName: lesion.name)
        // A faint lesion at the edge of what can be outlined has not gone because this scan does not outline it.
        if region.nowMg < Self.goneShare * region.thenMg {
            comparison.resolved.append(entry)
        } else {
            comparison.stillMeasured.append(entry)
        }
        let mass = mass(lesion)
        sums.add(
            MassPair(
                now: max(0, region.nowMg), then: mass.value,
                nowVariance: region.nowDeviationMg * region.nowDeviationMg, thenVariance: mass.variance))
        volumes.add(MassPair(then: lesion.volumeMm3.value))
    }

    /// A deposit without a predecessor: new where the prior shows its place without it.
    private mutating func isNew(_ n: Int) {
        let region = PairedRegion(present[n], findings: findings, prior: prior, registration: registration)
        numbers[n] = nextNumber
        nextNumber += 1
        // What was there before and not reported has not appeared since.
        let isFresh = region.nowMg > 0 && region.thenMg < Self.goneShare * region.nowMg
        guard isFresh else {
            deposits[n].change = DepositChange(outcome: .notComparable, presentNumbers: [numbers[n]])
            return
        }
        deposits[n].change = DepositChange(outcome: .new, presentNumbers: [numbers[n]])
        let mass = mass(n)
        sums.add(
            MassPair(
                now: mass.value, then: max(0, region.thenMg), nowVariance: mass.variance,
                thenVariance: region.thenDeviationMg * region.thenDeviationMg))
        volumes.add(MassPair(now: deposits[n].volumeMm3.value))
    }
}
