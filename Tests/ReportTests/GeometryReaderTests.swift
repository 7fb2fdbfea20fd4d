import DICOM
import DualEnergyCT
import Foundation
import Report
import TestSupport
import Testing

/// Segmentations lie where their source lies, whatever its grid, for dcmqi and SimpleITK.
struct GeometryReaderTests {
    private struct Grid: Encodable {
        var size: [Int]
        var origin: [Double]
        var column: [Double]
        var row: [Double]
        var slice: [Double]
        /// Label under segment number.
        var labels: [String: UInt16]
    }

    @Test func everyVoxelOfEverySegmentIsInItsPlaceOnEveryGrid() throws {
        let folder = try TemporaryFolder("geometry")
        let hands: [(String, MadeUpHand, Double)] = [
            ("straight", MadeUpHand(spacingMm: (1, 1, 2), hasOtherMineral: true), 2),
            (
                "oblique",
                MadeUpHand(
                    spacingMm: (0.9, 0.9, 1.6), rowDirection: PatientVector(0.8, 0.6, 0),
                    columnDirection: PatientVector(-0.36, 0.48, 0.8)), 1.6
            ),
            (
                "reversed",
                MadeUpHand(
                    spacingMm: (1, 1, 2), rowDirection: PatientVector(-1, 0, 0), columnDirection: PatientVector(0, 1, 0)
                ),
                2
            ),
            ("non-square", MadeUpHand(spacingMm: (0.7, 1.1, 2)), 2),
            ("gapped", MadeUpHand(spacingMm: (1, 1, 3)), 1.5),
        ]
        let folders = try hands.map { name, hand, thickness in
            try write(hand, thickness: thickness, to: folder.folder(name))
        }
        let json = try OutsideReaders.python("read_geometry.py", folders)
        let differences = try JSONDecoder().decode([String].self, from: Data(json.utf8))
        #expect(differences == [])
    }

    private func write(_ hand: MadeUpHand, thickness: Double, to folder: String) throws -> String {
        var source = hand.source()
        source.sliceThicknessMm = thickness
        let results = try writeResults(findings: hand.findings(), source: source, to: folder)
        let reading = try OutsideReaders.highdicom(
            results.filter { [.structuredReport, .segmentation].contains($0.kind) }.map(\.path).reversed())
        let others = [
            "Bone": SegmentLabel.bone, "Metal": SegmentLabel.metal, "Excluded: nail": SegmentLabel.excluded,
            "Vascular calcification": SegmentLabel.vascular, "Other calcification": SegmentLabel.otherCalcification,
        ]
        let segments = try #require(reading.segmentation).segments
        let geometry = hand.geometry
        func step(_ i: Double, _ j: Double, _ k: Double) -> [Double] {
            let way = geometry.position(i, j, k) - geometry.origin
            return [way.x, way.y, way.z]
        }
        let grid = Grid(
            size: [geometry.columns, geometry.rows, geometry.slices],
            origin: [geometry.origin.x, geometry.origin.y, geometry.origin.z], column: step(1, 0, 0),
            row: step(0, 1, 0), slice: step(0, 0, 1),
            labels: Dictionary(
                uniqueKeysWithValues: segments.map {
                    ("\($0.number)", others[$0.label] ?? SegmentLabel.firstDeposit + UInt16($0.number - 1))
                }))
        try JSONEncoder().encode(grid).write(to: URL(fileURLWithPath: "\(folder)/grid.json"))
        let bytes = hand.labels.voxels.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/labels.raw"))
        return folder
    }
}
