import DualEnergyCT
import Foundation
import Phantom

/// A simulated study on disk: made once, read by the core and by the usual method.
///
/// `low.raw`, `high.raw` (Int16, HU), `labels.raw` (UInt8, `TruthLabel`) and `study.json`, cropped to the body with
/// some air around.
struct CachedStudy {
    struct Facts: Codable {
        var seed: UInt64
        var region: String
        var laterality: String
        var isHealthy: Bool
        var columns: Int
        var rows: Int
        var slices: Int
        /// Of columns, rows and slices.
        var spacingMm: [Double]
        var originMm: [Double]
        var sliceThicknessMm: Double
        var pair: String
        var noiseHU: [Double]
        var secondsToMake: Double
        var truth: PhantomTruth
    }

    let facts: Facts
    let pair: DualEnergyPair

    /// Reads the study, or makes it when the folder lacks it.
    init(_ draw: StudyDraw, folder: URL) throws {
        let json = folder.appendingPathComponent("study.json")
        if !FileManager.default.fileExists(atPath: json.path) { try Self.make(draw, folder: folder) }
        let facts = try JSONDecoder().decode(Facts.self, from: Data(contentsOf: json))
        let geometry = GridGeometry(
            columns: facts.columns, rows: facts.rows, slices: facts.slices, columnSpacingMm: facts.spacingMm[0],
            rowSpacingMm: facts.spacingMm[1], sliceSpacingMm: facts.spacingMm[2],
            origin: PatientVector(facts.originMm[0], facts.originMm[1], facts.originMm[2]))
        func read(_ name: String) throws -> Volume<Int16> {
            let data = try Data(contentsOf: folder.appendingPathComponent(name))
            return Volume(geometry: geometry, voxels: data.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) })
        }
        self.facts = facts
        pair = DualEnergyPair(
            low: try read("low.raw"), high: try read("high.raw"), lowBeam: draw.pair.low.beam,
            highBeam: draw.pair.high.beam, sliceThicknessMm: facts.sliceThicknessMm, region: draw.region,
            laterality: draw.laterality)
    }

    private static func make(_ draw: StudyDraw, folder: URL) throws {
        let start = Date()
        let made = draw.simulate()
        let box = bodyBox(made.labels)
        let geometry = made.low.geometry.cropped(to: box)
        let facts = Facts(
            seed: draw.seed, region: draw.region.rawValue, laterality: draw.laterality.rawValue,
            isHealthy: draw.isHealthy, columns: geometry.columns, rows: geometry.rows, slices: geometry.slices,
            spacingMm: [geometry.columnSpacingMm, geometry.rowSpacingMm, geometry.sliceSpacingMm],
            originMm: [geometry.origin.x, geometry.origin.y, geometry.origin.z],
            sliceThicknessMm: draw.scan.sliceThicknessMm, pair: draw.pair.description,
            noiseHU: [draw.scan.noiseLowHU, draw.scan.noiseHighHU], secondsToMake: Date().timeIntervalSince(start),
            truth: made.truth)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write(made.low.cropped(to: box).voxels, to: folder.appendingPathComponent("low.raw"))
        try write(made.high.cropped(to: box).voxels, to: folder.appendingPathComponent("high.raw"))
        try write(made.labels.cropped(to: box).voxels, to: folder.appendingPathComponent("labels.raw"))
        // Last: a folder with it is whole.
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(facts).write(to: folder.appendingPathComponent("study.json"), options: .atomic)
    }

    static func write<Element>(_ voxels: [Element], to file: URL) throws {
        try voxels.withUnsafeBytes { try Data($0).write(to: file) }
    }

    /// The body with 12 voxels of air around it in plane, all slices.
    private static func bodyBox(_ labels: Volume<UInt8>) -> VoxelBox {
        let g = labels.geometry
        var (i0, i1, j0, j1) = (g.columns, 0, g.rows, 0)
        for k in 0..<g.slices {
            for j in 0..<g.rows {
                for i in 0..<g.columns where labels[i, j, k] != TruthLabel.air {
                    (i0, i1, j0, j1) = (min(i0, i), max(i1, i), min(j0, j), max(j1, j))
                }
            }
        }
        return VoxelBox(
            columns: max(0, i0 - 12)..<min(g.columns, i1 + 13), rows: max(0, j0 - 12)..<min(g.rows, j1 + 13),
            slices: 0..<g.slices)
    }
}
