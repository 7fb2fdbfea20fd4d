import DualEnergyCT
import Phantom
import Testing

/// The rod calibration against projections and reconstructions that share nothing with it.
@Suite struct RodPhantomTests {
    private static func pair(_ phantom: RodPhantom, _ name: String, noise: Double, seed: UInt64) throws
        -> DualEnergyPair
    {
        let spectra = try #require(SpectrumPair(name))
        var scan = ScanParameters()
        scan.pixelSpacingMm = 0.6
        scan.columns = Int((max(phantom.widthMm, phantom.heightMm) + 30) / scan.pixelSpacingMm)
        scan.rows = scan.columns
        scan.slices = 10
        scan.sliceSpacingMm = 1
        scan.sliceThicknessMm = 1
        scan.noiseLowHU = noise
        scan.noiseHighHU = noise
        let images = phantom.simulate(pair: spectra, scan: scan, seed: seed)
        func beam(_ spectrum: TubeSpectrum) -> BeamQuality {
            .tube(kilovolts: Double(spectrum.peakKilovoltage), tinMm: spectrum.tinMm)
        }
        return DualEnergyPair(
            low: images.low, high: images.high, lowBeam: beam(spectra.low), highBeam: beam(spectra.high),
            sliceThicknessMm: 1, region: .other, laterality: .unknown)
    }

    @Test func aSmallPhantomCalibratesALargerOvalOneWithTableAndOtherInserts() throws {
        let small = RodPhantom(diameterMm: 80, densitiesMgPerCm3: [50, 100, 200, 400, 800], rodDiameterMm: 12)
        let scan = try RodScan(
            RodDescription(densitiesMgPerCm3: [50, 100, 200, 400, 800]),
            in: Self.pair(small, "80/Sn150", noise: 6, seed: 1))
        let (calibration, residuals) = try scan.calibrate()
        // Linear up to 800 mg/cm3 with hardening between the rods and within them.
        for residual in residuals {
            #expect(abs(residual.lowMgPerCm3) < max(1.5, 0.012 * residual.densityMgPerCm3), "\(residual)")
            #expect(abs(residual.highMgPerCm3) < max(1.5, 0.012 * residual.densityMgPerCm3), "\(residual)")
        }

        var large = RodPhantom(
            diameterMm: 160, heightMm: 120, densitiesMgPerCm3: [100, 300, 500], rodDiameterMm: 14,
            firstAngleDegrees: 75)
        large.eccentricityMm = (6, -4)
        large.tilt = (0.1, 0.05)
        large.hasOtherInserts = true
        let other = try RodScan(
            RodDescription(densitiesMgPerCm3: [100, 300, 500]), in: Self.pair(large, "80/Sn150", noise: 8, seed: 2))
        for (density, measured) in zip([100.0, 300, 500], other.densities(by: calibration)) {
            #expect(abs(measured.mgPerCm3 / density - 1) < 0.015, "\(density): \(measured)")
        }
    }

    @Test func anotherTubeVoltageThanNamedIsRefused() throws {
        let phantom = RodPhantom(diameterMm: 80, densitiesMgPerCm3: [100, 200, 400, 800], rodDiameterMm: 12)
        var images = try Self.pair(phantom, "80/140", noise: 6, seed: 3)
        images.highBeam = .tube(kilovolts: 150, tinMm: 0.6)
        #expect(throws: CalibrationRefusal.self) {
            try RodScan(RodDescription(densitiesMgPerCm3: [100, 200, 400, 800]), in: images).calibrate()
        }
    }
}
