import DICOM
import Foundation
import TestSupport
import Testing

struct StructuredReportTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("report") }

    static func tree() -> ContentItem {
        let unit = CodedConcept("mg", "UCUM", "milligram")
        let width = CodedConcept("371886008", "SCT", "+, range of upper measurement uncertainty")
        let group = ContentItem(
            .contains, CodedConcept("125007", "DCM", "Measurement Group"), .container(template: "1411"),
            children: [
                ContentItem(
                    .hasObservationContext, CodedConcept("112039", "DCM", "Tracking Identifier"), .text("R-D2-1")),
                ContentItem(
                    .contains, CodedConcept("121191", "DCM", "Referenced Segment"),
                    .image(sopClass: SOPClass.segmentation, sopInstance: "2.25.9", segments: [3])),
                ContentItem(
                    .contains, CodedConcept("HAMASS", "99APATITE", "Hydroxyapatite-equivalent mass"),
                    .numeric(value: "2.40", unit: unit),
                    children: [ContentItem(.hasProperties, width, .numeric(value: "0.30", unit: unit))]),
                ContentItem(
                    .contains, CodedConcept("HADENS", "99APATITE", "Hydroxyapatite-equivalent density"),
                    .numeric(value: nil, unit: unit, qualifier: CodedConcept("114006", "DCM", "Measurement failure"))),
            ])
        return ContentItem(
            .root, CodedConcept("126000", "DCM", "Imaging Measurement Report"),
            .container(template: "1500", continuous: true),
            children: [
                ContentItem(
                    .hasConceptModifier,
                    CodedConcept("121049", "DCM", "Language of Content Item and Descendants"),
                    .code(CodedConcept("en", "RFC5646", "English"))),
                ContentItem(
                    .contains, CodedConcept("126010", "DCM", "Imaging Measurements"), .container(), children: [group]),
                ContentItem(
                    .contains, CodedConcept("121073", "DCM", "Impression"), .text("Zwei Kalkherde \u{2013} 5,4 mm³")),
            ])
    }

    static func header(_ sopClass: UID = SOPClass.comprehensive3DSR) -> DataSet {
        let header = DataSet()
        header.set(.sopClassUID, sopClass)
        header.set(.sopInstanceUID, "2.25.11")
        header.set(.studyInstanceUID, "2.25.12")
        header.set(.seriesInstanceUID, "2.25.13")
        header.set(.contentDate, "20260102")
        header.set(.contentTime, "030405")
        header.set(.patientName, "Müller^Zoë")
        header.set(.manufacturer, "Apatite project")
        header.set(.completionFlag, "PARTIAL")
        return header
    }

    @Test(arguments: [SOPClass.comprehensive3DSR, SOPClass.enhancedSR])
    func theTreeIsReadBackInItsOrder(sopClass: UID) throws {
        let path = folder.file("sr.dcm")
        try writeStructuredReport(Self.tree(), header: Self.header(sopClass), to: path)
        let read = try DataSet(contentsOf: path)
        #expect(read.string(.verificationFlag) == "UNVERIFIED")
        #expect(read.string(.completionFlag) == "PARTIAL")
        #expect(read.string(.contentTime) == "030405")
        #expect(read.string(.specificCharacterSet) == "ISO_IR 192")
        let top = read.items(.contentSequence)
        try #require(top.count == 3)
        #expect(top[2].string(.textValue) == "Zwei Kalkherde \u{2013} 5,4 mm³")
        let group = try #require(top[1].items(.contentSequence).first)
        #expect(group.items(.contentTemplateSequence).first?.string(.templateIdentifier) == "1411")
        let items = group.items(.contentSequence)
        try #require(items.count == 4)
        #expect(items[1].items(.referencedSOPSequence).first?.integer(.referencedSegmentNumber) == 3)
        #expect(items[2].items(.measuredValueSequence).first?.string(.numericValue) == "2.40")
        #expect(items[2].items(.contentSequence).first?.string(.relationshipType) == "HAS PROPERTIES")
        #expect(items[3].items(.measuredValueSequence).isEmpty)
        #expect(items[3].codedConcept(.numericValueQualifierCodeSequence)?.value == "114006")
    }

    @Test func equalReportsAreEqualFiles() async throws {
        try writeStructuredReport(Self.tree(), header: Self.header(), to: folder.file("a.dcm"))
        try await Task.sleep(for: .seconds(1.1))
        try writeStructuredReport(Self.tree(), header: Self.header(), to: folder.file("b.dcm"))
        let a = try Data(contentsOf: URL(fileURLWithPath: folder.file("a.dcm")))
        #expect(try a == Data(contentsOf: URL(fileURLWithPath: folder.file("b.dcm"))))
    }

    @Test func aRelationshipThatTheDocumentTypeForbidsIsRefused() {
        var tree = Self.tree()
        tree.children.append(ContentItem(.hasProperties, CodedConcept("121073", "DCM", "Impression"), .text("x")))
        #expect(throws: DICOMError.self) {
            try writeStructuredReport(tree, header: Self.header(), to: folder.file("a.dcm"))
        }
    }
}
