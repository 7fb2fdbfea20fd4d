import DualEnergyCT
import Foundation
import Phantom

/// Hydroxyapatite rods in water: one scan calibrates, others of the same scanner are measured.
///
/// Three scanners with a tin pair each; their filtration is drawn (3 to 9 mm Al, 0 to 0.9 mm Ti) and unknown to the
/// core. Phantoms are 6 to 24 cm wide, oval, off centre, their rods at an angle; noise is 6 to 15 HU; a region is 5 mm
/// wide and long. The rods that calibrate are not those that are measured.
enum RodAccuracy: Experiment {
    static let name = "rods"
    static let standardCount = 24

    static func run(seed: UInt64, count: Int) -> [Row] {
        var errors: [Double: [Double]] = [:]
        var covered = 0
        var total = 0
        var drawn = SeededNumbers(seed: seed &+ 77)
        let scanners = ["80/Sn150", "80/Sn140", "100/Sn140"].compactMap { name in
            SpectrumPair(name).map { pair in
                var pair = pair
                pair.filtration = TubeFiltration(
                    aluminiumMm: drawn.uniform(3...9), titaniumMm: drawn.uniform(0...0.9))
                return pair
            }
        }
        let each = (count + scanners.count - 1) / scanners.count
        for (index, pair) in scanners.enumerated() {
            var numbers = SeededNumbers(seed: seed &* 1000 &+ UInt64(index))
            guard let calibration = calibrated(pair, seed: seed &* 100 &+ UInt64(index)) else { continue }
            for scan in 0..<each {
                for reading in measured(pair, calibration, &numbers, seed: seed &* 10_000 &+ UInt64(100 * index + scan))
                {
                    let error = 100 * (reading.measured / reading.truth - 1)
                    errors[reading.truth, default: []].append(error)
                    total += 1
                    if abs(reading.measured - reading.truth) <= 1.96 * reading.uncertainty { covered += 1 }
                }
            }
        }
        let published = [50.0, 100, 200].map { density in
            let list = errors[density] ?? []
            return Row(
                name: "rods-\(Int(density))", value: mean(list.map(abs)),
                detail: [
                    ("regions", Double(list.count)), ("signedMeanPercent", mean(list)),
                    ("deviationPercent", deviation(list)),
                    ("intervalsThatCoverPercent", 100 * Double(covered) / Double(max(1, total))),
                ])
        }
        return published
    }

    private static func mean(_ list: [Double]) -> Double { list.reduce(0, +) / Double(list.count) }

    private static func deviation(_ list: [Double]) -> Double {
        let mean = mean(list)
        return (list.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, list.count - 1))).squareRoot()
    }

    private static func scan(for phantom: RodPhantom, slices: Int, noise: (low: Double, high: Double)) -> ScanParameters
    {
        var scan = ScanParameters()
        let field = max(phantom.widthMm, phantom.heightMm) + 40
        scan.pixelSpacingMm = field > 160 ? 0.7 : 0.5
        scan.columns = Int(field / scan.pixelSpacingMm)
        scan.rows = scan.columns
        scan.slices = slices
        scan.sliceSpacingMm = 1
        scan.sliceThicknessMm = 1
        scan.noiseLowHU = noise.low
        scan.noiseHighHU = noise.high
        return scan
    }

    private static func pair(_ phantom: RodPhantom, _ spectra: SpectrumPair, _ scan: ScanParameters, seed: UInt64)
        -> DualEnergyPair
    {
        let images = phantom.simulate(pair: spectra, scan: scan, seed: seed)
        func beam(_ spectrum: TubeSpectrum) -> BeamQuality {
            .tube(kilovolts: Double(spectrum.peakKilovoltage), tinMm: spectrum.tinMm)
        }
        return DualEnergyPair(
            low: images.low, high: images.high, lowBeam: beam(spectra.low), highBeam: beam(spectra.high),
            sliceThicknessMm: scan.sliceThicknessMm, region: .other, laterality: .unknown)
    }

    private static func calibrated(_ spectra: SpectrumPair, seed: UInt64) -> RodCalibration? {
        let phantom = RodPhantom(
            diameterMm: 120, densitiesMgPerCm3: [50, 100, 200, 400, 800], rodDiameterMm: 16, firstAngleDegrees: 20)
        let images = pair(phantom, spectra, scan(for: phantom, slices: 24, noise: (9, 8)), seed: seed)
        do {
            let scan = try RodScan(RodDescription(densitiesMgPerCm3: phantom.rods.map(\.mgPerCm3)), in: images)
            let result = try scan.calibrate()
            complain("\(spectra.description): \(result.calibration)")
            for residual in result.residuals { complain("  \(residual)") }
            return result.calibration
        } catch {
            complain("\(spectra.description): no calibration: \(error)")
            return nil
        }
    }

    private static func measured(
        _ spectra: SpectrumPair, _ calibration: RodCalibration, _ numbers: inout SeededNumbers, seed: UInt64
    ) -> [(truth: Double, measured: Double, uncertainty: Double)] {
        let width = numbers.uniform(60...240)
        let densities = [50.0, 100, 200] + (numbers.uniform(0...1) < 0.5 ? [400] : [])
        var phantom = RodPhantom(
            diameterMm: width, heightMm: width * numbers.uniform(0.7...1), densitiesMgPerCm3: densities,
            rodDiameterMm: numbers.uniform(9...min(18, 0.2 * width)), firstAngleDegrees: numbers.uniform(0...360))
        phantom.eccentricityMm = (numbers.uniform(-10...10), numbers.uniform(-10...10))
        phantom.tilt = (numbers.uniform(-0.15...0.15), numbers.uniform(-0.15...0.15))
        let noise = numbers.uniform(6...15)
        let images = pair(
            phantom, spectra, scan(for: phantom, slices: 12, noise: (noise, noise * numbers.uniform(0.7...1))),
            seed: seed)
        do {
            let scan = try RodScan(RodDescription(densitiesMgPerCm3: densities), in: images, regionMm: 5)
            let values = scan.densities(by: calibration)
            complain(
                "\(spectra.description) \(Int(phantom.widthMm)) x \(Int(phantom.heightMm)) mm, noise \(noise): "
                    + zip(densities, values).map { "\($0) -> \($1)" }.joined(separator: ", "))
            return zip(densities, values).map { ($0, $1.mgPerCm3, $1.standardUncertainty) }
        } catch {
            complain("\(spectra.description) \(Int(width)) mm: \(error)")
            return []
        }
    }
}
