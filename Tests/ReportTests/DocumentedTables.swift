import DICOM
import DualEnergyCT
import Foundation
import Report
import Testing

/// The tables of the documentation, made from the code's own tables and from the objects that the variants write.
struct DocumentedTables {
    /// One table a section, under the name that its place in a page has.
    func sections() throws -> [(name: String, text: String)] {
        [
            ("objects", try objects()), ("attributes", try attributes()), ("templates", try templates()),
            ("segments", try segments()), ("private-codes", codes { $0.isPrivate }),
            ("standard-codes", codes { !$0.isPrivate }),
        ]
    }

    private func full() throws -> WrittenVariants { try WrittenVariants.named("full") }

    private func rejectionNote() throws -> WrittenResult {
        let report = try #require(try full().file(.structuredReport))
        return try writeRejectionNote(
            RejectionNote(
                rejected: [
                    DocumentReference(
                        sopClassUID: SOPClass.comprehensive3DSR, sopInstanceUID: "2.25.1", seriesInstanceUID: "2.25.2")
                ], reason: .superseded, studyFile: report, decidedAt: Date(timeIntervalSince1970: 1_790_000_000),
                algorithmVersion: "0.1.0", installationSerial: "site-1"),
            to: (report as NSString).deletingLastPathComponent + "/note.dcm")
    }

    private func written() throws -> [(kind: WrittenResult.Kind, path: String)] {
        // One page of the pictures stands for all.
        var seen: Set<WrittenResult.Kind> = []
        return try (full().results + [rejectionNote()]).filter { $0.instance != nil && seen.insert($0.kind).inserted }
            .map { ($0.kind, $0.path) }
    }

    // MARK: - Objects

    private func objects() throws -> String {
        let rows = try written().map { _, path in
            let object = try DataSet(contentsOf: path, untilPixelData: true)
            let uid = object.uid(.sopClassUID) ?? ""
            let name = SOPClass.stored.first { $0.uid == uid }?.name ?? ""
            let description = (object.string(.seriesDescription) ?? "").components(separatedBy: " - ")[0]
            return [
                name, uid.rawValue, object.string(.modality) ?? "", object.string(.seriesNumber) ?? "", description,
            ]
        }
        return table(["SOP Class", "UID", "Modality", "Series Number", "Series Description"], rows)
    }

    /// Top-level attributes with where their values come from.
    private func attributes() throws -> String {
        let header = MadeUpHand(spacingMm: (4, 4, 4)).header(slice: 0)
        return try written().map { kind, path in
            let dump = try OutsideReaders.run("dcmdump", ["-q", "+uc", path]).text
            let object = try DataSet(contentsOf: path, untilPixelData: true)
            let rows: [[String]] = dump.split(separator: "\n").compactMap { line in
                guard line.hasPrefix("("), !line.hasPrefix("(0002"), !line.hasPrefix("(fffe"),
                    let name = line.components(separatedBy: " ").last
                else { return nil }
                let parts = line.split(separator: " ")
                guard let group = UInt16(parts[0].dropFirst().prefix(4), radix: 16),
                    let element = UInt16(parts[0].dropFirst(6).prefix(4), radix: 16)
                else { return nil }
                let tag = DICOM.Tag(group, element)
                let isCopied =
                    header.contains(tag) && header.strings(tag) == object.strings(tag)
                    && tag != .specificCharacterSet
                return ["\(tag)", name, String(parts[1]), isCopied ? "as in the images" : "Apatite"]
            }
            return "**\(kind.fileName)**\n\n" + table(["Tag", "Attribute", "VR", "Value"], rows)
        }.joined(separator: "\n")
    }

    // MARK: - Templates

    private struct Row: Hashable {
        var template: String
        var depth: Int
        var relationship: String
        var type: String
        var concept: String
        var unit: String
    }

    /// What stands in each template, over all variants.
    private func templates() throws -> String {
        var rows: [Row] = []
        var seen: Set<Row> = []
        func visit(_ item: DataSet, template: String, depth: Int) {
            for child in item.items(.contentSequence) {
                let own = child.items(.contentTemplateSequence).first?.string(.templateIdentifier)
                let code = child.codedConcept(.conceptNameCodeSequence)
                let value = child.items(.measuredValueSequence).first
                let row = Row(
                    template: template, depth: depth, relationship: child.string(.relationshipType) ?? "",
                    type: child.string(.valueType) ?? "", concept: code.map { "\($0)" } ?? "",
                    unit: value?.codedConcept(.measurementUnitsCodeSequence)?.value ?? "")
                if seen.insert(row).inserted { rows.append(row) }
                visit(child, template: own ?? template, depth: own == nil ? depth + 1 : 1)
            }
        }
        for path in try WrittenVariants.reports([.structuredReport]) {
            visit(try DataSet(contentsOf: path), template: "1500", depth: 1)
        }
        let names = rows.map(\.template).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return names.map { name in
            "**TID \(name)**\n\n"
                + table(
                    ["Relationship", "Value type", "Concept", "Unit"],
                    rows.filter { $0.template == name }.map {
                        [String(repeating: "> ", count: $0.depth - 1) + $0.relationship, $0.type, $0.concept, $0.unit]
                    })
        }.joined(separator: "\n")
    }

    // MARK: - Segments and codes

    private func segments() throws -> String {
        let object = try DataSet(contentsOf: try #require(try full().file(.segmentation)), untilPixelData: true)
        var seen: Set<String> = []
        let rows: [[String]] = object.items(.segmentSequence).compactMap { item in
            let type = item.codedConcept(.segmentedPropertyTypeCodeSequence).map { "\($0)" } ?? ""
            guard seen.insert(type).inserted else { return nil }
            let colour = item.integers(.recommendedDisplayCIELabValue).map(String.init).joined(separator: "\\")
            return [
                item.string(.segmentLabel) ?? "",
                item.codedConcept(.segmentedPropertyCategoryCodeSequence).map { "\($0)" } ?? "", type,
                item.string(.trackingUID) == nil ? "no" : "yes", colour,
            ]
        }
        return table(["Label, for example", "Category", "Type", "Tracking", "CIELab"], rows)
    }

    private func codes(_ isWanted: (Code) -> Bool) -> String {
        table(
            ["Value", "Scheme", "Meaning"],
            Code.allCases.filter(isWanted).map { [$0.concept.value, $0.concept.scheme, $0.concept.meaning] })
    }

    private func table(_ head: [String], _ rows: [[String]]) -> String {
        ([head, head.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }
}
