import DualEnergyCT
import Phantom
import Testing

/// Two examinations of the fingers of one hand.
@Suite struct ChangeTests {
    private static let pair = SpectrumPair(low: .kv80, high: .tin150)

    private static func phantom(_ visit: HandVisit) -> HandPhantom {
        var scan = ScanParameters()
        (scan.columns, scan.rows) = (250, 150)
        scan.pixelSpacingMm = 0.5
        scan.slices = 130
        scan.sliceSpacingMm = 0.8
        scan.sliceThicknessMm = 1
        scan.quickWaterCm = 2
        return HandPhantom(scan: scan, seed: 11, visit: visit)
    }

    private static func examine(_ visit: HandVisit, prior: PriorExamination? = nil, turned: Bool = false) -> Findings {
        var images = phantom(visit).simulate(mode: .quick, pair: pair)
        if turned {
            // The same voxels of a patient who lay otherwise.
            var geometry = images.low.geometry
            geometry.rowDirection = PatientVector(0.8, 0.6, 0)
            geometry.columnDirection = PatientVector(-0.6, 0.8, 0)
            geometry.origin = PatientVector(40, -70, 100)
            images.low = Volume(geometry: geometry, voxels: images.low.voxels)
            images.high = Volume(geometry: geometry, voxels: images.high.voxels)
        }
        var options = AnalysisOptions()
        options.prior = prior
        return analyse(
            DualEnergyPair(
                low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
                highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: 1, region: .hand, laterality: .right),
            options: options)
    }

    private static let first: Findings = {
        var findings = examine(HandVisit())
        for n in findings.deposits.indices { findings.deposits[n].identity = "lesion \(n)" }
        return findings
    }()
    private static let prior = PriorExamination(first, region: .hand, laterality: .right)
    private static let bent = HandPose(
        shiftMm: SIMD3(4, -3, -2),
        bends: [
            .init(digit: 2, joint: 1, degrees: 12), .init(digit: 3, joint: 2, degrees: 15),
            .init(digit: 4, joint: 1, degrees: 8), .init(digit: 4, joint: 2, degrees: 10),
            .init(digit: 5, joint: 2, degrees: -6),
        ])

    @Test func anotherPoseAndNewNoiseChangeNothing() throws {
        let second = Self.examine(HandVisit(number: 2, pose: Self.bent), prior: Self.prior, turned: true)
        let comparison = try #require(second.comparison)
        #expect(comparison.obstacle == nil)
        #expect((comparison.registrationResidualMm ?? 9) < 0.6)
        #expect(comparison.resolved.isEmpty)
        for deposit in second.deposits {
            let same = try #require(Self.first.deposits.first { $0.number == deposit.number })
            #expect(deposit.identity == same.identity)
            #expect(deposit.change?.outcome == .stable)
            // The label goes with the number.
            let label = SegmentLabel.firstDeposit + UInt16(deposit.number - 1)
            #expect(second.labels.voxels.count { $0 == label } == deposit.voxelCount)
        }
        // One at the edge of what can be outlined may be seen by one scan only; none gets lost.
        #expect(second.deposits.count + comparison.stillMeasured.count == Self.first.deposits.count)
        #expect(comparison.stillMeasured.count <= 1)
        #expect(abs(comparison.totalMassPercent?.value ?? 100) < 8)
    }

    @Test func aRepeatThatNeedsNoRegistrationIsCompared() throws {
        let second = Self.examine(HandVisit(number: 2), prior: Self.prior)
        let comparison = try #require(second.comparison)
        #expect(comparison.obstacle == nil)
        #expect((comparison.registrationResidualMm ?? 9) < 0.1)
        // One at the edge of what can be outlined may be outlined this time only: that is no change.
        #expect(second.deposits.count { $0.change?.outcome == .stable } >= Self.first.deposits.count - 1)
        #expect(second.deposits.allSatisfy { [.stable, .notComparable].contains($0.change?.outcome) })
    }

    @Test func whatMergedOrSplitIsOneGroup() {
        let grid = GridGeometry(
            columns: 60, rows: 10, slices: 10, columnSpacingMm: 0.5, rowSpacingMm: 0.5, sliceSpacingMm: 0.5)
        func bar(_ columns: ClosedRange<Int>) -> [Int] { columns.map { grid.index($0, 5, 5) } }
        let merged = LesionMatching(
            present: [bar(5...30), bar(50...54)], carried: [bar(5...14), bar(18...30), bar(50...54)],
            presentMg: [26, 5], priorMg: [10, 13, 5], in: grid)
        #expect(merged.groups == [.init(present: [0], prior: [0, 1]), .init(present: [1], prior: [2])])
        let split = LesionMatching(
            present: [bar(5...14), bar(18...30)], carried: [bar(5...30)], presentMg: [10, 13], priorMg: [26], in: grid)
        #expect(split.groups == [.init(present: [0, 1], prior: [0])])
    }

    @Test func anotherCalibrationWidensWhatChangeCannotBeTold() throws {
        var prior = Self.prior
        let same = try #require(
            Self.examine(HandVisit(number: 2), prior: prior).comparison?.smallestDetectableMassPercent)
        prior.calibration = .rods
        let other = try #require(
            Self.examine(HandVisit(number: 2), prior: prior).comparison?.smallestDetectableMassPercent)
        #expect(other > same)
    }

    @Test func growthResolutionAndNewDepositsAreTold() throws {
        let truth = Self.phantom(HandVisit()).truth(mode: .quick, pair: Self.pair).deposits
        func number(_ deposit: Deposit) -> Int? {
            truth.first {
                (PatientVector($0.centreMm[0], $0.centreMm[1], $0.centreMm[2]) - deposit.centre).length < 1.5
            }?.number
        }
        let (grown, gone) = (Self.first.deposits[0], Self.first.deposits[1])
        let grownNumber: Int = try #require(number(grown))
        let goneNumber: Int = try #require(number(gone))
        let growth: [Int: Double] = [grownNumber: 1.6, goneNumber: 0]
        let second = Self.examine(
            HandVisit(number: 2, pose: Self.bent, growth: growth, newDeposits: 1), prior: Self.prior)
        let same = try #require(second.deposits.first { $0.number == grown.number })
        #expect(same.change?.outcome == .increased)
        #expect(abs((same.change?.massPercent?.value ?? 0) - 60) < 20)
        #expect((second.comparison?.resolved ?? []).map { $0.priorNumber } == [gone.number])
        #expect(second.comparison?.resolved.first?.identity == gone.identity)
        #expect(!second.deposits.contains { $0.number == gone.number })
        let new = second.deposits.filter { $0.change?.outcome == .new }
        #expect(new.count == 1 && new.allSatisfy { $0.number == Self.prior.highestNumber + 1 })
    }

    @Test(arguments: [
        (Comparison.Obstacle.otherSide, BodyRegion.hand, Laterality.left, Trust.Status.analysable),
        (.otherRegion, .knee, .right, .analysable), (.priorNotAnalysable, .hand, .right, .notAnalysable),
    ])
    func whatCannotBeComparedIsRefused(
        _ obstacle: Comparison.Obstacle, _ region: BodyRegion, _ side: Laterality, _ status: Trust.Status
    ) {
        var prior = Self.prior
        (prior.region, prior.laterality, prior.status) = (region, side, status)
        var second = Self.first
        second.compare(with: prior, region: .hand, laterality: .right)
        #expect(second.comparison?.obstacle == obstacle)
        #expect(second.deposits.allSatisfy { $0.change?.outcome == .notComparable })
    }

    @Test func anExaminationOfSomethingElseIsNotRegistered() {
        var second = Self.first
        var prior = Self.prior
        // Bone of noise: nothing in it has the form of fingers.
        for n in prior.labels.voxels.indices {
            let isBone = (n * 7919) % 97 == 0 && prior.labels.voxels[n] != SegmentLabel.none
            prior.labels.voxels[n] = isBone ? SegmentLabel.bone : SegmentLabel.none
            prior.hydroxyapatiteTenths.voxels[n] = isBone ? 3000 : 0
        }
        second.compare(with: prior, region: .hand, laterality: .right)
        #expect(second.comparison?.obstacle == .registrationFailed)
    }

    @Test func pairsAreCheapest() {
        #expect(Assignment.cheapest([[1, 0.2], [0.3, 0.9]], alone: 0.75) == [1, 0])
        #expect(Assignment.cheapest([[5, 5], [0.3, 5]], alone: 0.75) == [nil, 0])
        #expect(Assignment.cheapest([], alone: 1).isEmpty)
    }
}
