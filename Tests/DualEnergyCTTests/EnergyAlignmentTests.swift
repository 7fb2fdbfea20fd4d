import DualEnergyCT
import Phantom
import Testing

/// Motion between the two energies of fingers whose motion is known.
@Suite struct EnergyAlignmentTests {
    private static func pair(motion: HandPose?) -> DualEnergyPair {
        var scan = ScanParameters()
        (scan.columns, scan.rows) = (230, 120)
        scan.pixelSpacingMm = 0.5
        scan.slices = 120
        scan.sliceSpacingMm = 0.8
        scan.sliceThicknessMm = 1
        scan.quickWaterCm = 2
        let images = HandPhantom(scan: scan, seed: 3, motion: motion).simulate(
            mode: .quick, pair: SpectrumPair(low: .kv80, high: .tin150))
        return DualEnergyPair(
            low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
            highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: scan.sliceThicknessMm, region: .hand,
            laterality: .right)
    }

    private static let still = pair(motion: nil)

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var motion: HandPose
        var expectedMm: ClosedRange<Double>
        var testDescription: String { name }
    }

    @Test(arguments: [
        Case(name: "a shift", motion: HandPose(shiftMm: SIMD3(1.7, -1.1, 2.2)), expectedMm: 2.9...3.2),
        Case(
            name: "a finger bent by 5 degrees",
            motion: HandPose(bends: [.init(digit: 3, joint: 1, degrees: 5)]), expectedMm: 5...8),
    ])
    func motionIsMeasuredAndTakenOut(_ study: Case) {
        let pair = Self.pair(motion: study.motion)
        let alignment = EnergyAlignment(pair)
        #expect(study.expectedMm.contains(alignment.motion.correctedMm))
        #expect(alignment.motion.residualMm < 0.15)
        // What bones read at high energy is what they read without motion: noise of 10 HU in both, and the edges of what bent.
        let after = Self.boneError(alignment.pair.high)
        #expect(after < 40)
        #expect(after < 0.25 * Self.boneError(pair.high))
    }

    /// Root mean square difference in HU from the high-energy image without motion, in bone and at its surface.
    private static func boneError(_ high: Volume<Int16>) -> Double {
        var (sum, count) = (0.0, 0.0)
        for n in still.low.voxels.indices where still.low.voxels[n] > 150 {
            let difference = Double(high.voxels[n]) - Double(still.high.voxels[n])
            sum += difference * difference
            count += 1
        }
        return (sum / count).squareRoot()
    }

    @Test func imagesWithoutMotionStayBitForBit() {
        let alignment = EnergyAlignment(Self.still)
        #expect(alignment.motion.correctedMm == 0 && alignment.motion.partsMoved == 0)
        #expect(alignment.motion.residualMm < 0.15)
        #expect(alignment.pair.high.voxels == Self.still.high.voxels)
    }

    @Test func depositsWeighTheSameWithAndWithoutMotion() {
        let moved = Self.pair(
            motion: HandPose(shiftMm: SIMD3(0.8, -0.5, 0.9), bends: [.init(digit: 2, joint: 1, degrees: 4)]))
        let (first, second) = (analyse(Self.still), analyse(moved))
        #expect(second.trust.status == .analysable)
        #expect(second.trust.correctedMotionMm > 3 && second.trust.correctedParts > 0)
        #expect(first.deposits.count == second.deposits.count)
        let masses = (first.totals?.hydroxyapatiteMassMg.value ?? 0, second.totals?.hydroxyapatiteMassMg.value ?? 1)
        #expect(abs(masses.1 / masses.0 - 1) < 0.04)
        for deposit in first.deposits where deposit.hydroxyapatiteMassMg.value > 3 {
            let same = second.deposits.first { ($0.centre - deposit.centre).length < 1 }
            let mass = same?.hydroxyapatiteMassMg.value ?? 0
            #expect(abs(mass / deposit.hydroxyapatiteMassMg.value - 1) < 0.08)
        }
    }

    @Test func aSecondFieldThatIsTooSmallIsNoMotion() {
        var pair = Self.still
        let g = pair.high.geometry
        // The second tube sees the inner 60 mm only.
        for k in 0..<g.slices {
            for j in 0..<g.rows {
                for i in 0..<g.columns where abs(Double(i) - 115) > 60 { pair.high[i, j, k] = -1024 }
            }
        }
        let trust = analyse(pair).trust
        #expect(trust.status == .notAnalysable)
        #expect(trust.reasons.map(\.kind) == [.coverage])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func aRoundLimbThatFitsAnyTurnDidNotMove(seed: UInt64) {
        var scene = SyntheticScene(columns: 100, rows: 100, slices: 60, spacingMm: 0.5, sliceSpacingMm: 0.5)
        let middle = 0.5 * scene.sizeMm
        for (matter, radius) in [(Matter.skin, 23.0), (.fat, 21.6), (.muscle, 15), (.cortex, 7), (.fat, 5)]
            as [(
                Matter, Float
            )]
        {
            scene.paint(matter) { Shape.length(SIMD3($0.x - middle.x, $0.y - middle.y, 0)) - radius }
        }
        let images = scene.images(seed: seed)
        let alignment = EnergyAlignment(
            DualEnergyPair(
                low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
                highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: 0.5, region: .other,
                laterality: .unknown))
        #expect(alignment.motion.correctedMm == 0)
        #expect(alignment.motion.residualMm < 0.3)
    }
}
