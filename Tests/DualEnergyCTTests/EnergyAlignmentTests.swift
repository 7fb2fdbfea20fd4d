import DualEnergyCT
import Phantom
import Testing

/// Motion between the two energies of a hand whose motion is known.
@Suite struct EnergyAlignmentTests {
    static func pair(_ phantom: HandPhantom) -> DualEnergyPair {
        let images = phantom.simulate(mode: .quick, pair: SpectrumPair(low: .kv80, high: .tin150))
        return DualEnergyPair(
            low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
            highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: phantom.scan.sliceThicknessMm,
            region: .hand, laterality: .right)
    }

    static func scan() -> ScanParameters {
        var scan = ScanParameters()
        (scan.columns, scan.rows) = (300, 200)
        scan.pixelSpacingMm = 0.5
        scan.slices = 220
        scan.sliceSpacingMm = 0.8
        scan.sliceThicknessMm = 1
        return scan
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var motion: HandPose
        var testDescription: String { name }
    }

    @Test(arguments: [
        Case(name: "shift", motion: HandPose(shiftMm: SIMD3(1.7, -1.1, 2.2))),
        Case(name: "small shift", motion: HandPose(shiftMm: SIMD3(0.2, 0.1, -0.2))),
        Case(name: "finger", motion: HandPose(bends: [.init(digit: 3, joint: 1, degrees: 5)])),
        Case(
            name: "fingers and shift",
            motion: HandPose(
                shiftMm: SIMD3(-1, 0.6, 0),
                bends: [.init(digit: 2, joint: 2, degrees: 4), .init(digit: 5, joint: 1, degrees: -3)])),
    ])
    func motionIsTakenOut(_ study: Case) throws {
        let still = HandPhantom(scan: Self.scan(), seed: 3)
        let moved = HandPhantom(scan: Self.scan(), seed: 3, motion: study.motion)
        let clock = ContinuousClock()
        let reference = Self.pair(still)
        let pair = Self.pair(moved)
        var alignment: EnergyAlignment?
        let time = clock.measure { alignment = EnergyAlignment(pair) }
        let motion = try #require(alignment).motion
        print(study.name, motion, time)
        let high = try #require(alignment).pair.high
        var (before, after, count) = (0.0, 0.0, 0)
        for n in reference.low.voxels.indices where reference.low.voxels[n] > 150 {
            let a = Double(pair.high.voxels[n]) - Double(reference.high.voxels[n])
            let b = Double(high.voxels[n]) - Double(reference.high.voxels[n])
            before += a * a
            after += b * b
            count += 1
        }
        print((before / Double(count)).squareRoot(), (after / Double(count)).squareRoot())
    }

    @Test func imagesWithoutMotionStayAsTheyAre() {
        let pair = Self.pair(HandPhantom(scan: Self.scan(), seed: 3))
        let alignment = EnergyAlignment(pair)
        print(alignment.motion)
        #expect(alignment.motion.correctedMm == 0)
        #expect(alignment.pair.high.voxels == pair.high.voxels)
    }
}
