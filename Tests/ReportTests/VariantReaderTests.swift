import DICOM
import DualEnergyCT
import Foundation
import Report
import TestSupport
import Testing

/// Every variant of the results under every reader that no one here wrote.
struct VariantReaderTests {
    @Test func dciodvfyFindsNoErrorAndNoUnknownWarning() throws {
        for written in try WrittenVariants.all() {
            for object in written.results where object.instance != nil {
                let output = try OutsideReaders.run("dciodvfy", ["-new", object.path])
                let lines = output.text.split(separator: "\n")
                #expect(lines.filter { $0.hasPrefix("Error") } == [], "\(written.name) \(object.kind)")
                let warnings = lines.filter { $0.hasPrefix("Warning") && !KnownWarnings.dciodvfy($0) }
                #expect(warnings == [], "\(written.name) \(object.kind)")
            }
        }
    }

    @Test func dcentvfyFindsOnePatientOneStudyAndOneFrameOfReference() throws {
        for written in try WrittenVariants.all() {
            let files = written.results.filter { $0.instance != nil }.map(\.path)
            let output = try OutsideReaders.run("dcentvfy", files)
            let unknown = output.text.split(separator: "\n").filter { !KnownWarnings.dcentvfy($0) }
            #expect(unknown == [], "\(written.name)")
        }
    }

    /// The fullest report, an empty one, one without a claim and one on a reader's contours: between them they have every
    /// row that there is.
    @Test func pixelMedFindsTheTemplatesKept() throws {
        let reports = try ["full", "none", "unfit", "reviewed"].map {
            try #require(
                try WrittenVariants.named($0).file($0 == "none" ? .enhancedStructuredReport : .structuredReport))
        }
        let said = try OutsideReaders.pixelMed(reports)
        #expect(said.count == reports.count)
        for (path, lines) in said {
            #expect(lines.contains { $0.contains("Root Template Validation Complete") }, "\(path)")
            let errors = lines.filter { $0.hasPrefix("Error") && !KnownWarnings.pixelMed($0) }
            #expect(errors == [], "\(path)")
        }
    }

    @Test func dsrdumpAndDsr2htmlShowTheWholeTree() throws {
        for path in try WrittenVariants.reports() {
            let dump = try OutsideReaders.run("dsrdump", ["+Pl", "+Pc", "+Pt", path])
            #expect(dump.status == 0)
            #expect(!dump.text.contains("E: "), "\(path)")
            let page = path.replacingOccurrences(of: ".dcm", with: ".html")
            #expect(try OutsideReaders.run("dsr2html", [path, page]).status == 0)
            let html = try String(contentsOfFile: page, encoding: .utf8)
            let impression = try #require(html.range(of: "Impressions"))
            let library = try #require(html.range(of: "Image Library"))
            #expect(impression.lowerBound < library.lowerBound)
        }
    }

    /// Two readers that share no code find the same numbers, with their uncertainties, under the same names.
    @Test func dcmqiReadsEveryMeasurementAsHighdicomDoes() throws {
        let all = try WrittenVariants.all().filter { $0.file(.segmentation) != nil }
        let reports = try all.map { try #require($0.file(.structuredReport)) }
        let readings = try OutsideReaders.highdicom(of: reports.map { [$0] })
        for (report, reading) in zip(reports, readings) {
            let json = report.replacingOccurrences(of: ".dcm", with: ".json")
            let output = try OutsideReaders.run(
                OutsideReaders.beside("tid1500reader"), ["--inputDICOM", report, "--outputMetadata", json])
            #expect(output.status == 0, "\(report): \(output.text)")
            let found = try JSONDecoder().decode(DCMQIReading.self, from: Data(contentsOf: URL(fileURLWithPath: json)))
            for deposit in reading.report.deposits {
                let group = try #require(found.groups.first { $0.identifier == deposit.identifier })
                let numbers = deposit.measurements.map { number in
                    Number(
                        concept: number.concept.components(separatedBy: "|")[1], value: number.value,
                        above: number.above, below: number.below)
                }
                #expect(group.items.map(\.number) == numbers, "\(report) \(deposit.identifier)")
            }
        }
    }

    private struct Number: Equatable {
        var concept: String
        var value: Double?
        var above: Double?
        var below: Double?
    }

    private struct DCMQIReading: Decodable {
        struct Code: Decodable {
            var value: String
            enum CodingKeys: String, CodingKey { case value = "CodeValue" }
        }
        struct Property: Decodable {
            var numProperty: Code
            var numPropertyValue: String
        }
        struct Item: Decodable {
            var quantity: Code
            var value: String
            var measurementNumProperties: [Property]?

            var number: Number {
                func property(_ code: String) -> Double? {
                    (measurementNumProperties?.first { $0.numProperty.value == code }?.numPropertyValue)
                        .flatMap(Double.init)
                }
                return Number(
                    concept: quantity.value, value: Double(value), above: property("371886008"),
                    below: property("371885007"))
            }
        }
        struct Group: Decodable {
            var identifier: String?
            var items: [Item]
            enum CodingKeys: String, CodingKey {
                case identifier = "TrackingIdentifier"
                case items = "measurementItems"
            }
        }
        var groups: [Group]
        enum CodingKeys: String, CodingKey { case groups = "Measurements" }
    }

    @Test func noVariantOfAnotherPartOfTheBodySpeaksOfAHand() throws {
        for name in ["trunk", "foot"] {
            let written = try WrittenVariants.named(name)
            for kind in [WrittenResult.Kind.plainText, .structuredReport] {
                let path = try #require(written.file(kind))
                let text =
                    kind == .plainText
                    ? try String(contentsOfFile: path, encoding: .utf8)
                    : try OutsideReaders.run("dsrdump", [path]).text
                for word in ["hand", "Hand", "finger", "Finger", "thumb", "carp"] {
                    // The word of the study's own description is the scanner's.
                    let own = text.replacingOccurrences(of: "CT hands dual energy", with: "")
                    #expect(!own.contains(word), "\(name) \(kind): \(word)")
                }
            }
        }
    }
}
