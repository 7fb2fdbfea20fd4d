import DualEnergyCT
import Foundation
import Phantom

/// Deposits of 50 to 800 mg/cm3 in fat, half fat, muscle, tendon and skin: rods of 9 mm in rods of tissue in water.
///
/// In every second scan the tissue around a deposit is not the one that is in it. Bodies are 9 to 16 cm wide, the rods
/// anywhere on their ring, noise is 6 to 15 HU, the tissues' compositions are drawn, three pairs with tin take turns; a
/// region is 5 mm wide and long. Each pair is calibrated on one scan of rods in 12 cm of water.
enum TissueAccuracy: Experiment {
    static let name = "tissue"
    static let standardCount = 45

    private static let tissues = ["fat", "half-fat", "muscle", "tendon", "skin"]
    private static let densities = [50.0, 100, 200, 400, 800]
    private static let pairs = ["80/Sn150", "80/Sn140", "100/Sn140"].compactMap { SpectrumPair($0) }

    private struct Reading {
        var tissue: String
        var truth: Double
        var isAlone: Bool
        var found: RegionDensity
        var error: Double { found.mgPerCm3 - truth }
    }

    static func run(seed: UInt64, count: Int) -> [Row] {
        let calibrations = pairs.enumerated().map { RodWater.calibration($1, seed: seed &* 100 &+ UInt64($0)) }
        var readings: [Reading] = []
        for scan in 0..<count {
            var numbers = SeededNumbers(seed: seed &* 1000 &+ UInt64(scan))
            readings += measure(scan, calibrations[scan % pairs.count], &numbers, seed: seed &* 10_000 &+ UInt64(scan))
        }
        let squares = readings.reduce(0) { $0 + $1.error * $1.error }
        let rmse = (squares / Double(readings.count)).squareRoot()
        let covered = readings.count { abs($0.error) <= 1.96 * $0.found.standardUncertainty }
        return tissues.map { row($0, readings.filter { [tissue = $0] in $0.tissue == tissue }) } + [
            Row(
                name: "region-rmse", value: rmse,
                detail: densities.map { density in
                    let list = readings.filter { $0.truth == density }.map(\.error)
                    return (
                        "rmseAt\(Int(density))",
                        (list.reduce(0) { $0 + $1 * $1 } / Double(list.count)).squareRoot()
                    )
                } + [("regions", Double(readings.count))],
                points: readings.map { ($0.truth, $0.found.mgPerCm3, $0.found.standardUncertainty) }),
            Row(name: "region-coverage", value: 100 * Double(covered) / Double(readings.count)),
        ]
    }

    /// The bias of one tissue: the mean relative error of 100 to 400 mg/cm3.
    private static func row(_ tissue: String, _ readings: [Reading]) -> Row {
        func bias(_ list: [Reading]) -> Double {
            100 * list.reduce(0) { $0 + $1.error / $1.truth } / Double(list.count)
        }
        let counted = readings.filter { (100...400).contains($0.truth) }
        return Row(
            name: "tissue-\(tissue)", value: abs(bias(counted)),
            detail: [("signedPercent", bias(counted)), ("regions", Double(counted.count))]
                + densities.map { density in ("at\(Int(density))", bias(readings.filter { $0.truth == density })) } + [
                    ("inItsOwnTissue", bias(counted.filter { !$0.isAlone })),
                    ("inAnotherTissue", bias(counted.filter(\.isAlone))),
                ])
    }

    private static func mixture(_ tissue: String, _ numbers: inout SeededNumbers) -> Mixture {
        func mix(_ a: Phantom.Material, _ b: Phantom.Material, _ range: ClosedRange<Double>) -> Mixture {
            let share = numbers.uniform(range)
            return Mixture([(a, share), (b, 1 - share)])
        }
        return switch tissue {
        case "fat": mix(.adipose, .muscle, 0.9...1)
        case "half-fat": mix(.adipose, .muscle, 0.4...0.6)
        case "muscle": mix(.muscle, .adipose, 0.9...1)
        case "tendon": mix(.tendon, .muscle, 0.9...1)
        default: mix(.skin, .muscle, 0.9...1)
        }
    }

    private static func measure(
        _ scan: Int, _ calibration: RodCalibration, _ numbers: inout SeededNumbers, seed: UInt64
    ) -> [Reading] {
        let isAlone = scan % 2 == 1
        let diameter = numbers.uniform(90...160)
        let ring = numbers.uniform(25...(diameter / 2 - 17))
        let turn = numbers.uniform(0...(2 * .pi))
        var rods: [(xMm: Double, yMm: Double, radiusMm: Double, mixture: Mixture)] = []
        var truths: [(tissue: String, density: Double, x: Double, y: Double)] = []
        for (index, tissue) in tissues.enumerated() {
            let angle = turn + 2 * .pi * Double(index) / Double(tissues.count)
            let (x, y) = (ring * cos(angle), ring * sin(angle))
            // Over the scans every tissue meets every density, with its own and with other surroundings.
            let density = densities[(index + scan + scan / densities.count) % densities.count]
            let own = mixture(tissue, &numbers)
            let around = isAlone ? mixture(tissue == "fat" ? "muscle" : "fat", &numbers) : own
            rods.append((x, y, 11, around))
            rods.append((x, y, 4.5, Mixture.mineral(.hydroxyapatite, mgPerCm3: density, in: own)))
            truths.append((tissue, density, x, y))
        }
        let noise = numbers.uniform(6...15)
        let pair = Simulated.pair(
            CylinderPhantom(
                diameterMm: diameter, rods: rods,
                scan: Simulated.scan(fieldMm: diameter + 20, noise: (noise, noise * numbers.uniform(0.8...1))),
                seed: seed), pairs[scan % pairs.count])
        var options = DecompositionOptions()
        options.calibration = calibration
        let mapper = MaterialMapper(pair: pair, options: options)
        return truths.map { truth in
            let region = Simulated.region(in: pair.low.geometry, xMm: truth.x, yMm: truth.y)
            return Reading(
                tissue: truth.tissue, truth: truth.density, isAlone: isAlone, found: mapper.density(of: region))
        }
    }
}

/// What the experiments on cylinders share.
enum Simulated {
    /// Twelve slices of 1 mm with pixels of 0.5 mm.
    static func scan(fieldMm: Double, noise: (low: Double, high: Double)) -> ScanParameters {
        var scan = ScanParameters()
        scan.pixelSpacingMm = 0.5
        scan.columns = Int(fieldMm / scan.pixelSpacingMm)
        scan.rows = scan.columns
        scan.slices = 12
        scan.sliceSpacingMm = 1
        scan.sliceThicknessMm = 1
        scan.noiseLowHU = noise.low
        scan.noiseHighHU = noise.high
        return scan
    }

    static func pair(_ phantom: CylinderPhantom, _ spectra: SpectrumPair) -> DualEnergyPair {
        let images = phantom.simulate(pair: spectra)
        func beam(_ spectrum: TubeSpectrum) -> BeamQuality {
            .tube(kilovolts: Double(spectrum.peakKilovoltage), tinMm: spectrum.tinMm)
        }
        return DualEnergyPair(
            low: images.low, high: images.high, lowBeam: beam(spectra.low), highBeam: beam(spectra.high),
            sliceThicknessMm: 1, region: .other, laterality: .unknown)
    }

    /// A region 5 mm wide and long in the middle of the slices.
    static func region(in g: GridGeometry, xMm: Double, yMm: Double) -> [Int] {
        (0..<g.voxelCount).filter { n in
            let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
            let p = g.position(Double(i), Double(j), 0)
            let along = Double(k) - Double(g.slices - 1) / 2
            return hypot(p.x - xMm, p.y - yMm) < 2.5 && abs(along) * g.sliceSpacingMm < 2.5
        }
    }
}

/// One scan of rods in 12 cm of water, whose places are known, and the slopes that they give.
enum RodWater {
    static func calibration(_ spectra: SpectrumPair, seed: UInt64) -> RodCalibration {
        let densities = [100.0, 200, 400, 800]
        let places = densities.indices.map { index in
            let angle = 2 * .pi * Double(index) / Double(densities.count)
            return (x: 32 * cos(angle), y: 32 * sin(angle))
        }
        let rods = zip(densities, places).map { density, place in
            (
                xMm: place.x, yMm: place.y, radiusMm: 6.0,
                mixture: Mixture.mineral(.hydroxyapatite, mgPerCm3: density, in: Mixture(.water))
            )
        }
        let pair = Simulated.pair(
            CylinderPhantom(
                diameterMm: 120, rods: rods, scan: Simulated.scan(fieldMm: 140, noise: (8, 8)), seed: seed), spectra)
        let g = pair.low.geometry
        let mapper = MaterialMapper(pair: pair)
        var (low, high) = ((measured: 0.0, model: 0.0), (measured: 0.0, model: 0.0))
        for (density, place) in zip(densities, places) {
            let region = Simulated.region(in: g, xMm: place.x, yMm: place.y)
            let response = mapper.paths.response(over: region, of: g)
            func add(_ image: Volume<Int16>, _ slope: Double, to sums: inout (measured: Double, model: Double)) {
                let mean = region.reduce(0) { $0 + Double(image.voxels[$1]) } / Double(region.count)
                sums.measured += mean * slope * density
                sums.model += slope * density * slope * density
            }
            add(pair.low, response.low.hydroxyapatite, to: &low)
            add(pair.high, response.high.hydroxyapatite, to: &high)
        }
        let (lowFactor, highFactor) = (low.measured / low.model, high.measured / high.model)
        let typical = mapper.paths.typical
        return RodCalibration(
            lowBeam: pair.lowBeam, highBeam: pair.highBeam, filtration: .standard, lowFactor: lowFactor,
            highFactor: highFactor, relativeCovariance: NoiseCovariance(low: 1e-5, high: 1e-5),
            pathCm: mapper.paths.typicalWaterCm, lowSlope: lowFactor * typical.low.hydroxyapatite,
            highSlope: highFactor * typical.high.hydroxyapatite)
    }
}
