import DualEnergyCT
import Phantom
import Testing

/// The smallest deposits that a scan would have shown, tried on the scan itself.
@Suite struct DetectionLimitTests {
    private static func limits(noiseHU: Double) throws -> [Compartment: Double] {
        var scan = ScanParameters()
        (scan.columns, scan.rows) = (280, 180)
        scan.pixelSpacingMm = 0.5
        scan.slices = 220
        scan.sliceSpacingMm = 0.8
        scan.sliceThicknessMm = 1
        (scan.noiseLowHU, scan.noiseHighHU) = (noiseHU, noiseHU)
        let pair = SpectrumPair(low: .kv80, high: .tin150)
        let images = HandPhantom(scan: scan, seed: 4).simulate(mode: .quick, pair: pair)
        let findings = analyse(
            DualEnergyPair(
                low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
                highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: 1, region: .hand, laterality: .right))
        let statements = try #require(findings.detectionLimits)
        #expect(statements.allSatisfy { InsertedDeposits.volumesMm3.contains($0.calciumMm3) })
        let clearOfBone = statements.filter { $0.compartment != .periarticular }.map(\.calciumMm3).max()
        #expect(findings.totals?.smallestDetectableVolumeMm3 == clearOfBone)
        return Dictionary(uniqueKeysWithValues: statements.map { ($0.compartment, $0.calciumMm3) })
    }

    @Test func aNoisyScanShowsLargerDepositsOnlyAndBoneHidesMoreThanMuscle() throws {
        let quiet = try Self.limits(noiseHU: 8)
        let noisy = try Self.limits(noiseHU: 30)
        for place in [Compartment.subcutaneous, .besideMuscle, .periarticular] {
            let (few, many) = (try #require(quiet[place]), try #require(noisy[place]))
            // Twenty balls of a size know a limit within two of the trial's steps.
            #expect(many >= few / 1.6, "\(place)")
        }
        #expect(noisy[.besideMuscle]! > quiet[.besideMuscle]!)
        #expect(quiet[.periarticular]! > quiet[.besideMuscle]!)
    }

    @Test func atMostATenthAboveTheLimitIsMissed() {
        func limit(_ outcomes: [(Double, Bool)]) -> Double? {
            DetectionLimit.limit(outcomes.map { .init(volumeMm3: $0.0, isFound: $0.1) })
        }
        let sizes = (1...20).map(Double.init)
        #expect(limit(sizes.map { ($0, $0 > 5) }) == 6)
        #expect(limit(sizes.map { ($0, $0 != 20) }) == 1)
        #expect(limit(sizes.map { ($0, false) }) == InsertedDeposits.volumesMm3.upperBound)
        #expect(limit(sizes.prefix(7).map { ($0, true) }) == nil)
    }
}
