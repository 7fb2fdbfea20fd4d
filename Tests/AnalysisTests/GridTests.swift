import DICOM
import Foundation
import TestSupport
import Testing

/// Two energies as scanners and archives send them: what lies over each other is measured whatever its order and
/// direction, what does not is set aside with what differs, by both programs alike.
@Suite struct GridTests {
    /// How the images of the higher energy differ, and what is said of it.
    struct Difference: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var message: String
        var remedy: String
        var change: @Sendable (_ slice: Int, _ header: DataSet) -> Void

        init(
            _ name: String, _ message: String, _ remedy: String = "Reconstruct both energies",
            change: @escaping @Sendable (_ slice: Int, _ header: DataSet) -> Void
        ) {
            (testDescription, self.message, self.remedy, self.change) = (name, message, remedy, change)
        }
    }

    static let differences = [
        Difference("pixel spacing", "pixel spacing (0.8 x 0.8 and 0.82 x 0.82 mm)") {
            $1.set(.pixelSpacing, doubles: [0.82, 0.82])
        },
        Difference("matrix", "image size (64 x 64 and 64 x 32)") {
            $1.set(.rows, integer: 32)
            $1.setBytes(.pixelData, [UInt8](repeating: 0, count: 64 * 32 * 2))
        },
        Difference("kernel", "kernel (Qr40d and Br59d)") { $1.set(.convolutionKernel, "Br59d") },
        Difference("slice thickness", "slice thickness (0.8 and 1.5 mm)") { $1.set(.sliceThickness, double: 1.5) },
        Difference("orientation", "orientation (1 0 0 0 1 0 and 0.8 0.6 0 -0.6 0.8 0)") {
            $1.set(.imageOrientationPatient, doubles: [0.8, 0.6, 0, -0.6, 0.8, 0])
        },
        Difference("frame of reference", "frame of reference", "Send both energies of one acquisition") {
            $1.set(.frameOfReferenceUID, UID(rawValue: "1.2.826.0.1.3680043.10.1.10"))
        },
        Difference("field of view", "The fields of view of both energies are 3 mm apart") { slice, header in
            header.set(.imagePositionPatient, doubles: [-22, -25, 100 + 0.8 * Double(slice)])
        },
        Difference("slice spacing", "0.8 mm apart, those of series 5 (Sn150 kV) 1 mm") { slice, header in
            header.set(.imagePositionPatient, doubles: [-25, -25, 100 + Double(slice)])
        },
        Difference("extent", "slices of series 4 (80 kV) are missing", "Send series") { slice, header in
            header.set(.imagePositionPatient, doubles: [-25, -25, 100 + 0.8 * Double(slice + 3)])
        },
    ]

    @Test(arguments: differences) func energiesOnUnlikeGridsAreSetAsideWithWhatDiffers(_ other: Difference) throws {
        let folder = try TemporaryFolder()
        var study = SmallStudy()
        study.change = { series, slice, header in if series == 5 { other.change(slice, header) } }
        try study.write(to: try folder.folder("in"))
        for command in ["analyze", "decompose"] {
            let run = try ProgramRun(
                "apatite", [command, folder.path + "/in", "--output", "\(folder.path)/\(command)"])
            #expect(run.status == 4, "\(command)")
            #expect(run.standardError.contains(other.message), "\(command): \(run.standardError)")
            #expect(run.standardError.contains(other.remedy), "\(command): \(run.standardError)")
            #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/\(command)/maps"))
        }
    }

    /// How both series may come without a change of what they show.
    static let handled: [(String, @Sendable (_ series: Int, _ slice: Int, _ header: DataSet) -> Void)] = [
        ("as they are", { _, _, _ in }),
        (
            "one series numbered from above",
            { series, slice, header in
                if series == 5 { header.set(.instanceNumber, integer: 12 - slice) }
            }
        ),
        // Turned about two axes: rows, columns and the slices' step.
        (
            "oblique",
            { _, slice, header in
                let normal = [0.48, -0.64, 0.6]
                header.set(.imageOrientationPatient, doubles: [0.8, 0.6, 0, -0.36, 0.48, 0.8])
                header.set(.imagePositionPatient, doubles: normal.map { 5 + 0.8 * Double(slice) * $0 })
            }
        ),
        // Rounded as decimal strings are.
        (
            "unevenly rounded",
            { series, slice, header in
                let z = 100 + 0.8 * Double(slice) + ((series + slice) % 3 == 0 ? 0.004 : 0)
                header.set(.imagePositionPatient, doubles: [-25, -25, z])
            }
        ),
    ]

    /// Of the stored values of two maps, 16 bits each.
    private static func largestDifference(_ a: [UInt8], _ b: [UInt8]) -> Int {
        func values(_ bytes: [UInt8]) -> [Int] {
            stride(from: 0, to: bytes.count, by: 2).map {
                Int(Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8))
            }
        }
        return zip(values(a), values(b)).map { abs($0 - $1) }.max() ?? .max
    }

    @Test func orderAndDirectionChangeNothing() throws {
        var maps: [[UInt8]] = []
        var reports: [String] = []
        for (name, change) in Self.handled {
            let folder = try TemporaryFolder()
            var study = SmallStudy()
            study.change = change
            try study.write(to: try folder.folder("in"))
            for command in ["analyze", "decompose"] {
                let run = try ProgramRun(
                    "apatite", [command, folder.path + "/in", "--output", "\(folder.path)/\(command)"])
                #expect(run.status == 0, "\(command) \(name): \(run.standardError)")
            }
            let pixels = try (1...12).flatMap { n in
                let path = "\(folder.path)/decompose/maps/ha/" + String(format: "%04d.dcm", n)
                return try #require(DataSet(contentsOf: path).bytes(.pixelData))
            }
            maps.append(pixels)
            let findings = try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: folder.path + "/analyze/findings.json")))
            let trust = try #require((findings as? [String: Any])?["trust"] as? [String: Any])
            reports.append("\(trust["status"] ?? "") \(trust["noiseLowHU"] ?? "") \(trust["calciumRatio"] ?? "")")
        }
        #expect(maps[1] == maps[0])
        // Directions and distances that are rounded move a density by less than half a mg/cm3.
        for other in maps.dropFirst() { #expect(Self.largestDifference(other, maps[0]) < 5) }
        #expect(Set(reports).count == 1, "\(reports)")
    }
}
