import DICOM
import DualEnergyCT
import Foundation
import Report
import Testing

/// A report on contours that a reader reviewed, after a prior search that failed.
struct ReviewedReportTests {
    private let written: WrittenVariants

    init() throws { written = try WrittenVariants.named("reviewed") }

    private func text(_ kind: WrittenResult.Kind) throws -> String {
        try String(contentsOfFile: try #require(written.file(kind)), encoding: .utf8)
    }

    @Test func everyFormSaysWhatItRestsOn() throws {
        let sentences = [
            "Measured on contours reviewed by a reader", "MEASURED ON CONTOURS REVIEWED BY A READER",
            "No urate in the reviewed contours.", "Left out by the reader 1 (12 mm3)", "after review of the contours",
        ]
        for sentence in sentences {
            for kind in [WrittenResult.Kind.plainText, .page] {
                // Lines of the plain text are broken at spaces.
                let said = try text(kind).split(whereSeparator: \.isWhitespace).joined(separator: " ")
                let isSaid = said.contains(sentence)
                #expect(isSaid, "\(kind): \(sentence)")
            }
        }
        #expect(try text(.plainText).contains("Mesuré sur des contours revus par un lecteur"))
        let isAutomatic = try text(.page).contains("AUTOMATIC RESULT")
        #expect(!isAutomatic)
        for kind in [WrittenResult.Kind.structuredReport, .segmentation, .summary] {
            let object = try DataSet(contentsOf: try #require(written.file(kind)), untilPixelData: true)
            #expect(object.string(.seriesDescription)?.hasSuffix("revision 2 - reviewed") == true)
        }
    }

    @Test func thePriorSearchThatFailedIsSaid() throws {
        let report = try text(.plainText).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(report.contains("The archive could not be asked for a prior: it took too long."))
        #expect(report.contains("L'archive n'a pas pu être interrogée"))
        let dump = try OutsideReaders.run("dsrdump", ["+Pl", try #require(written.file(.structuredReport))]).text
        #expect(dump.contains("could not be asked for a prior"))
        let other = try #require(try WrittenVariants.named("positive").file(.plainText))
        let isSaidOfOther = try String(contentsOfFile: other, encoding: .utf8).contains("The archive")
        #expect(!isSaidOfOther)
    }

    @Test func theReportNamesReaderSegmentationAndPredecessor() throws {
        for path in [WrittenResult.Kind.structuredReport, .enhancedStructuredReport].compactMap({ written.file($0) }) {
            let report = try DataSet(contentsOf: path)
            let dump = try OutsideReaders.run("dsrdump", ["+Pl", "+Pc", path]).text
            #expect(dump.contains("Person Observer Name") && dump.contains("Lésard^Zoé"))
            #expect(dump.contains("Segmentation reviewed by a reader"))
            let evidence = report.items(.currentRequestedProcedureEvidenceSequence)
                .flatMap { $0.items(.referencedSeriesSequence) }.flatMap { $0.items(.referencedSOPSequence) }
            #expect(evidence.contains { $0.uid(.referencedSOPInstanceUID) == "2.25.6100" })
            #expect(report.items(.predecessorDocumentsSequence).count == 1)
            #expect(report.string(.verificationFlag) == "UNVERIFIED")
        }
    }

    @Test func aSegmentKeepsItsNameAndTrackingUID() throws {
        let object = try DataSet(contentsOf: try #require(written.file(.segmentation)), untilPixelData: true)
        let segments = object.items(.segmentSequence)
        #expect(segments.first?.string(.trackingUID) == "2.25.6001")
        #expect(segments.first?.string(.trackingID) == "R-D3-2")
        #expect(Set(segments.compactMap { $0.string(.trackingID) }).count == written.findings.deposits.count)
        #expect(
            segments.filter { $0.string(.trackingUID) != nil }.allSatisfy {
                $0.string(.segmentAlgorithmType) == "SEMIAUTOMATIC"
            })
        #expect(segments.last?.string(.segmentAlgorithmType) == "AUTOMATIC")
    }
}
