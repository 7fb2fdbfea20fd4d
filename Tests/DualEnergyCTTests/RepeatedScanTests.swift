import DualEnergyCT
import Testing

/// From which change on two scans of one lesion differ by more than themselves.
struct RepeatedScanTests {
    private func deposit(_ mass: Double, _ volume: Double, deviation: Double?) -> Deposit {
        func estimate(_ value: Double) -> Estimate { Estimate(value: value, low: 0.8 * value, high: 1.196 * value) }
        var deposit = Deposit(
            number: 1, material: .hydroxyapatite, volumeMm3: estimate(volume), hydroxyapatiteMassMg: estimate(mass),
            meanDensityMgPerCm3: estimate(300), peakDensityMgPerCm3: 400, largestDiameterMm: 3, distanceToSkinMm: 2,
            distanceToBoneMm: nil, dualEnergyRatio: estimate(2.2), centre: PatientVector(0, 0, 0), centreSlice: 0,
            voxelCount: 9)
        deposit.massRepeatabilityMg = deviation
        return deposit
    }

    @Test func noiseAndRepetitionAddUpOverTwoScans() throws {
        // 4 % of noise and 3 % of repetition make 5 %, twice.
        let one = [deposit(10, 20, deviation: 0.4)].smallestDetectableChange
        let mass = try #require(one.massPercent)
        #expect(abs(mass - 196 * 2.0.squareRoot() * 0.05) < 1e-9)
        let volume = try #require(one.volumePercent)
        #expect(abs(volume - 196 * 2.0.squareRoot() * 0.06) < 1e-9)
        // Four alike average.
        let four = [Deposit](repeating: deposit(10, 20, deviation: 0.4), count: 4).smallestDetectableChange
        let (ofOne, ofFour) = (try #require(one.massPercent), try #require(four.massPercent))
        #expect(abs(ofFour - ofOne / 2) < 1e-9)
    }

    @Test func withoutItsRepeatabilityTheWholeIntervalCounts() throws {
        // Half the interval is 19.6 %: a deviation of 10 %.
        let change = [deposit(10, 20, deviation: nil)].smallestDetectableChange
        let expected = 196 * (2 * (0.01 + 0.0009)).squareRoot()
        let mass = try #require(change.massPercent)
        #expect(abs(mass - expected) < 1e-9)
        #expect([Deposit]().smallestDetectableChange == [deposit(0, 0, deviation: nil)].smallestDetectableChange)
        #expect([Deposit]().smallestDetectableChange.massPercent == nil)
    }
}
