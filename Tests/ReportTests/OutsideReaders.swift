import Foundation
import Testing

/// Programs that no one here wrote, run on what Apatite writes.
enum OutsideReaders {
    struct Output {
        var status: Int32
        var text: String
    }

    /// Runs a program of the PATH to its end; both streams in one text.
    static func run(_ program: String, _ arguments: [String]) throws -> Output {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Output(status: process.terminationStatus, text: String(decoding: data, as: UTF8.self))
    }

    /// Lines in which dciodvfy finds a fault.
    static func faults(_ path: String) throws -> [Substring] {
        let output = try run("dciodvfy", ["-new", path])
        try #require(output.status != 127, "dciodvfy is not installed: Debian package dicom3tools")
        return output.text.split(separator: "\n").filter { $0.hasPrefix("Error") }
    }

    static var repository: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    static func highdicom(_ paths: [String]) throws -> HighdicomReading {
        try #require(highdicom(of: [paths]).first)
    }

    /// One process for all: each element is a report, or a report and a segmentation.
    static func highdicom(of results: [[String]]) throws -> [HighdicomReading] {
        let arguments = results.map { $0.joined(separator: ",") }
        return try JSONDecoder().decode(
            [HighdicomReading].self, from: Data(python("read_results.py", arguments).utf8))
    }

    private static var python: String {
        ProcessInfo.processInfo.environment["APATITE_PYTHON"]
            ?? repository.appendingPathComponent(".venv/bin/python").path
    }

    /// A program that a package of PyPI installs beside Python.
    static func beside(_ program: String) -> String {
        URL(fileURLWithPath: python).deletingLastPathComponent().appendingPathComponent(program).path
    }

    /// What PixelMed's validator of templates says of each report, in one virtual machine: it takes many seconds a
    /// report.
    static func pixelMed(_ reports: [String]) throws -> [String: [String]] {
        try JSONDecoder().decode(
            [String: [String]].self, from: Data(python("validate_templates.py", reports).utf8))
    }

    /// Runs a script of `Tests/peers` and returns its last line.
    static func python(_ script: String, _ arguments: [String]) throws -> String {
        let path = repository.appendingPathComponent("Tests/peers/\(script)").path
        let output = try run(python, ["-W", "ignore", path] + arguments)
        try #require(output.status == 0, "\(output.text)")
        return output.text.split(separator: "\n").last.map(String.init) ?? ""
    }
}

/// What `read_results.py` prints.
struct HighdicomReading: Decodable {
    struct Number: Decodable {
        var concept: String
        var value: Double?
        var unit: String
        var derivation: String?
        var method: String?
        /// As it is written.
        var text: String?
        var above: Double?
        var below: Double?
    }
    struct Group: Decodable {
        var identifier: String
        var uid: String
        var finding: String
        var site: String?
        var laterality: String?
        var modifier: String?
        var segment: Int?
        var segmentation: String?
        var measurements: [Number]
        var evaluations: [[String]]
        var comments: [String]

        func number(_ concept: String, derivation: String? = nil) -> Number? {
            measurements.first { $0.concept == concept && (derivation == nil || $0.derivation == derivation) }
        }
        func evaluation(_ concept: String) -> String? { evaluations.first { $0[0] == concept }?[1] }
    }
    struct Report: Decodable {
        var type: String
        var completion: String
        var completionDescription: String
        var languages: [String]
        var otherEvidence: [String]
        var composites: [String]
        var verification: String
        var patientName: String
        var seriesDescription: String
        var sopInstanceUID: String
        var evidence: [String]
        var predecessors: [String]
        var items: [String]
        var impressions: [String]
        var recommendations: [String]
        var deposits: [Group]
        var others: [Group]
    }
    struct Segment: Decodable {
        var number: Int
        var label: String
        var category: String
        var type: String
        var regions: [String]
        var sides: [String]
        var colour: [Int]
        var trackingIdentifier: String?
        var trackingUID: String?
        var voxels: Int
        /// Found frame by frame on the source images.
        var voxelsOnSources: Int
        var centre: [Double?]
    }
    struct Segmentation: Decodable {
        var sopInstanceUID: String
        var referencedSeries: String
        var patientName: String
        var segments: [Segment]
    }
    var report: Report
    var segmentation: Segmentation?
}
