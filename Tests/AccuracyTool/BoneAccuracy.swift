import DualEnergyCT
import Foundation
import Phantom

/// Hydroxyapatite rods in water beside a bone, on scanners of unknown filtration: nothing calibrates but the bone.
///
/// Every draw is another scanner (3 to 9 mm Al, 0 to 0.9 mm Ti), another size, noise and bone: mineral, collagen, pores,
/// spongiosa, marrow, and what lies around it. The forward model has spectra and attenuation of its own.
enum BoneAccuracy: Experiment {
    static let name = "no-rods"
    static let standardCount = 20

    private static let tinPairs = ["70/Sn150", "80/Sn150", "90/Sn150", "100/Sn150", "80/Sn140", "100/Sn140"]
    private static let openPairs = ["80/140"]

    static func run(seed: UInt64, count: Int) -> [Row] {
        let tin = tinPairs.map { draws(of: $0, seed: seed, count: count) }
        // Three rods of one scanner share its error: coverage takes more scanners than a mean error does.
        let open = openPairs.map { draws(of: $0, seed: seed, count: 3 * count) }
        return [
            row("no-rods-tin", tin, value: meanAbsoluteError),
            row("no-rods-open-low", open, value: coverage),
        ]
    }

    private struct Reading {
        var truth: Double
        var measured: Double
        var deviation: Double
        var error: Double { 100 * (measured / truth - 1) }
        var isCovered: Bool { abs(measured - truth) <= 1.96 * deviation }
    }

    private static func meanAbsoluteError(_ list: [Reading]) -> Double {
        mean(list.map { abs($0.error) })
    }

    private static func coverage(_ list: [Reading]) -> Double {
        100 * Double(list.count { $0.isCovered }) / Double(max(1, list.count))
    }

    private static func mean(_ list: [Double]) -> Double { list.reduce(0, +) / Double(max(1, list.count)) }

    private static func row(_ name: String, _ pairs: [[Reading]], value: ([Reading]) -> Double) -> Row {
        let all = pairs.flatMap { $0 }
        var detail: [(name: String, value: Double)] = [
            ("regions", Double(all.count)), ("meanAbsoluteErrorPercent", meanAbsoluteError(all)),
            ("signedMeanPercent", mean(all.map(\.error))),
            ("largestErrorPercent", all.map { abs($0.error) }.max() ?? 0),
            ("intervalsThatCoverPercent", coverage(all)),
            ("meanHalfWidthPercent", mean(all.map { 196 * $0.deviation / $0.truth })),
        ]
        for density in [50.0, 100, 200] {
            let some = all.filter { $0.truth == density }
            detail.append(("meanAbsoluteErrorAt\(Int(density))Percent", meanAbsoluteError(some)))
        }
        return Row(name: name, value: value(all), detail: detail)
    }

    private static func draws(of name: String, seed: UInt64, count: Int) -> [Reading] {
        guard let spectra = SpectrumPair(name) else { return [] }
        return (0..<count).flatMap { draw in
            var numbers = SeededNumbers(
                seed: seed &* 7919 &+ UInt64(draw) &* 104_729 &+ UInt64(name.utf8.reduce(0) { $0 &* 31 &+ Int($1) }))
            let scene = BoneScene(spectra, &numbers, seed: seed &* 1000 &+ UInt64(draw))
            let readings = measure(scene)
            return readings
        }
    }

    private static func measure(_ scene: BoneScene) -> [Reading] {
        let images = scene.images
        let (low, high) = (images.low, images.high)
        let paths = PathMap(
            of: (low, high), tables: (ResponseTable(images.lowBeam), ResponseTable(images.highBeam)))
        guard let noise = NoiseEstimate.measure(low: low, high: high),
            let line = BoneLine.measure(
                low: low, high: high, labels: scene.boneLabels, paths: paths, noise: noise, minimumMm3: 100),
            let bone = BoneCalibration.fit(
                line, low: images.lowBeam, high: images.highBeam, behind: paths.typicalPath)
        else {
            complain("\(scene.description): bone gave no line")
            return []
        }
        let behind = bone.applied(to: paths, low: images.lowBeam, high: images.highBeam)
        var text = scene.description + String(format: ": Al %.1f +- %.1f mm;", bone.aluminiumMm, bone.deviationMm)
        let readings = scene.rods.map { rod in
            let region = scene.region(rod)
            let response = behind.response(over: region.inside, of: low.geometry)
            let reading = weighed(region, response, noise, bone.uncertainty, truth: rod.mgPerCm3)
            text += String(format: " %.0f: %.1f +- %.1f", rod.mgPerCm3, reading.measured, reading.deviation)
            return reading
        }
        complain(text + String(format: " line %.3f %.0f", line.slope, line.interceptHU))
        return readings
    }

    private static func weighed(
        _ region: BoneScene.Region, _ response: PairResponse, _ noise: NoiseEstimate,
        _ calibration: CalibrationUncertainty, truth: Double
    ) -> Reading {
        let share = noise.correlationVoxels / Double(region.voxels) + noise.correlationVoxels / Double(region.around)
        let found = weighedDensity(
            low: region.low, high: region.high, slopeLow: response.low.hydroxyapatite,
            slopeHigh: response.high.hydroxyapatite,
            noise: NoiseCovariance(
                low: share * noise.voxel.low, high: share * noise.voxel.high, both: share * noise.voxel.both),
            calibration)
        return Reading(truth: truth, measured: found.value, deviation: found.deviation)
    }
}
