import DualEnergyCT
import Testing

struct SpectrumTests {
    /// Mean photon energies of the reference fields of ISO 4037-1 (W and N series), 20 degree anode.
    ///
    /// The model's residuals are -1.1 to +0.3 keV.
    @Test(arguments: [
        (60.0, 0.6, 0.0, 47.9), (80, 2.0, 0, 65.2), (100, 5.0, 0, 83.3), (120, 5.0, 1.0, 100.4), (150, 0, 2.5, 118.2),
        (80, 0.5, 0, 57.0), (110, 2.0, 0, 79.0), (150, 0, 1.0, 104.0),
    ])
    func referenceFieldsHaveTheMeanEnergyOfTheStandard(
        _ kilovolts: Double, _ copperMm: Double, _ tinMm: Double, _ expected: Double
    ) {
        let filtration = Filtration(aluminiumMm: 4, titaniumMm: 0, anodeAngleDegrees: 20, copperMm: copperMm)
        let found = DetectedSpectrum.beamQuality(kilovolts: kilovolts, tinMm: tinMm, filtration: filtration)
        #expect(abs(found.meanKiloelectronvolts - expected) < 1.5, "\(found.meanKiloelectronvolts) keV")
    }

    /// Another model's half-value layers for the standard filtration (SpekPy 2.5, kqp physics, 8 degrees).
    @Test(arguments: [
        (70.0, 0.0, 5.02), (80, 0, 5.74), (100, 0, 6.99), (120, 0, 8.03), (140, 0, 8.92), (140, 0.4, 13.24),
        (150, 0.6, 14.51),
    ])
    func halfValueLayersAgreeWithAnotherModelWithinThreePercent(
        _ kilovolts: Double, _ tinMm: Double, _ expected: Double
    ) {
        let found = DetectedSpectrum.beamQuality(kilovolts: kilovolts, tinMm: tinMm).halfValueLayerMmAl
        #expect(abs(found / expected - 1) < 0.03, "\(found) mm Al")
    }

    /// HU of 100 mg/cm3 hydroxyapatite in 5 cm of water, of fat, muscle and cortical bone, from another spectrum model.
    @Test(arguments: [
        (70.0, 0.0, 250.0, -120.0, 48.0, 2831.0), (80, 0, 219, -109, 46, 2500), (90, 0, 197, -101, 45, 2270),
        (100, 0, 182, -95, 45, 2105), (120, 0, 161, -88, 44, 1884), (140, 0, 148, -83, 44, 1743),
        (140, 0.4, 104, -67, 42, 1276), (150, 0.6, 94, -63, 41, 1163),
    ])
    func tissuesReadWhatAnotherModelSays(
        _ kilovolts: Double, _ tinMm: Double, _ mineral: Double, _ adipose: Double, _ muscle: Double, _ bone: Double
    ) {
        let response = ResponseTable(.tube(kilovolts: kilovolts, tinMm: tinMm)).response(waterCm: 5)
        #expect(abs(100 * response.hydroxyapatite / mineral - 1) < 0.025, "\(100 * response.hydroxyapatite) HU")
        #expect(abs(response.adiposeHU - adipose) < 2)
        #expect(abs(response.muscleHU - muscle) < 1)
        #expect(abs(response.corticalBoneHU / bone - 1) < 0.025)
    }

    /// Dual-energy ratios of hydroxyapatite behind 5, 10 and 30 cm of water, from another spectrum model.
    @Test(arguments: [
        (80.0, 0.0, 140.0, 0.0, [1.48, 1.49, 1.53]), (100, 0, 140, 0.4, [1.75, 1.67, 1.52]),
        (80, 0, 140, 0.4, [2.11, 2.02, 1.85]), (80, 0, 150, 0.6, [2.35, 2.23, 2.01]),
        (70, 0, 150, 0.6, [2.68, 2.56, 2.32]), (100, 0, 150, 0.6, [1.95, 1.85, 1.65]),
    ])
    func calciumRatiosFollowThePatientsSize(
        _ low: Double, _ lowTin: Double, _ high: Double, _ highTin: Double, _ expected: [Double]
    ) {
        let lowTable = ResponseTable(.tube(kilovolts: low, tinMm: lowTin))
        let highTable = ResponseTable(.tube(kilovolts: high, tinMm: highTin))
        for (size, ratio) in zip([5.0, 10, 30], expected) {
            let pair = PairResponse(
                low: lowTable.response(waterCm: size), high: highTable.response(waterCm: size))
            #expect(abs(pair.calciumRatio / ratio - 1) < 0.025, "\(size) cm: \(pair.calciumRatio)")
            #expect(pair.urateRatio > 1.0 && pair.urateRatio < 1.06)
        }
    }

    /// XCIST (GE's simulator): water cylinders, 3 mm Al and bowtie, HU per mg/cm3 and ratios after reconstruction.
    @Test(arguments: [(6.0, 2.14, 1.53), (30.0, 1.76, 1.54)])
    func slopesLieWithinTheSpreadOfASimulatedScannerOfOtherFiltration(
        _ diameterCm: Double, _ slope: Double, _ ratio: Double
    ) {
        let low = ResponseTable(.tube(kilovolts: 80, tinMm: 0)).response(waterCm: diameterCm)
        let high = ResponseTable(.tube(kilovolts: 140, tinMm: 0)).response(waterCm: diameterCm)
        #expect(abs(low.hydroxyapatite / slope - 1) < 0.06)
        #expect(abs(low.hydroxyapatite / high.hydroxyapatite / ratio - 1) < 0.06)
    }

    /// Table of calcium thresholds by photon energy (130 HU at 120 kVp): 339 HU at 40 keV and 132 HU at 70 keV.
    @Test
    func monoenergeticCalciumContrastFollowsThePublishedThresholds() {
        let at40 = ResponseTable(.monoenergetic(kiloelectronvolts: 40)).response(waterCm: 10)
        let at70 = ResponseTable(.monoenergetic(kiloelectronvolts: 70)).response(waterCm: 10)
        #expect(abs(at40.hydroxyapatite / at70.hydroxyapatite / (339.0 / 132) - 1) < 0.02)
    }

    @Test
    func mineralOnTheRayHardensTheOpenBeamMoreThanTheTinBeam() {
        let open = ResponseTable(.tube(kilovolts: 80, tinMm: 0))
        let tin = ResponseTable(.tube(kilovolts: 150, tinMm: 0.6))
        // 1 cm of cortical bone, about 1.1 g/cm2 of mineral: published for this forward model -12 % and -2 %.
        func loss(_ table: ResponseTable) -> Double {
            1 - table.response(waterCm: 5, mineralGPerCm2: 1.1).hydroxyapatite
                / table.response(waterCm: 5).hydroxyapatite
        }
        #expect(loss(open) > 0.08 && loss(open) < 0.16)
        #expect(loss(tin) > 0.005 && loss(tin) < 0.04)
    }

    /// Pairs of every kind of scanner: calcium's ratio behind 5 cm of water from another spectrum model (SpekPy 2.5.4,
    /// Elam's attenuation tables, the same detectors); urate is nearly equal in both images.
    @Test(arguments: [
        (BeamQuality.tube(kilovolts: 80, tinMm: 0), BeamQuality.tube(kilovolts: 135, tinMm: 0), 1.45),
        (.tube(kilovolts: 90, tinMm: 0), .tube(kilovolts: 150, tinMm: 0.6), 2.12),
        (.detectorLayer(.upper, kilovolts: 120), .detectorLayer(.lower, kilovolts: 120), 1.483),
        (
            .photonCounting(kilovolts: 120, tinMm: 0, windowKiloelectronvolts: 20...65),
            .photonCounting(kilovolts: 120, tinMm: 0, windowKiloelectronvolts: 65...120), 2.081
        ),
        (.monoenergetic(kiloelectronvolts: 50), .monoenergetic(kiloelectronvolts: 65), 1.56),
    ])
    func everyKindOfPairTellsCalciumFromUrate(_ low: BeamQuality, _ high: BeamQuality, _ expected: Double) {
        let pair = PairResponse(
            low: ResponseTable(low).response(waterCm: 5), high: ResponseTable(high).response(waterCm: 5))
        #expect(abs(pair.calciumRatio / expected - 1) < 0.025, "\(pair.calciumRatio)")
        #expect(abs(pair.urateRatio - 1.02) < 0.03, "\(pair.urateRatio)")
    }
}
