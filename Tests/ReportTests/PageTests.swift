import DICOM
import DualEnergyCT
import Foundation
import Report
import TestSupport
import Testing

/// `report.html` as an HTML parser sees it.
struct PageTests {
    private struct Reading: Decodable {
        struct Image: Decodable {
            var alt: String
            var size: [Int]
        }
        var language: String
        var texts: [String: [String]]
        var images: [Image]
        var active: [String]
        var references: [String]
        var unbalanced: [String]
    }

    private func read(_ findings: Findings, _ source: ReportSource) throws -> (page: Reading, pages: Int) {
        let folder = try TemporaryFolder("html")
        let results = try writeResults(findings: findings, source: source, to: folder.path)
        let path = try #require(results.first { $0.kind == .page }).path
        let json = try OutsideReaders.python("read_page.py", [path])
        return (
            try JSONDecoder().decode(Reading.self, from: Data(json.utf8)), results.count { $0.kind == .summary }
        )
    }

    @Test(arguments: ReportLanguage.allCases)
    func itSaysWhatTheReportSaysAndLoadsNothing(language: ReportLanguage) throws {
        let hand = MadeUpHand(spacingMm: (1.5, 1.5, 2))
        let source = hand.source(language: language)
        let (page, pages) = try read(hand.findings(), source)
        let model = reportModel(findings: hand.findings(), source: source)
        #expect(page.language == language.rawValue)
        #expect(page.active == [])
        #expect(page.references == [])
        #expect(page.unbalanced == [])
        let texts = Set(page.texts.values.joined())
        for text in model.conclusion + model.sections.flatMap(\.allLines) + [model.title, model.banner] {
            #expect(texts.contains(text), "\(text)")
        }
        let cells = try #require(model.table).rows.joined()
        #expect(cells.allSatisfy { $0.isEmpty || texts.contains($0) })
        #expect(texts.contains("Synthétique Main"))
        // The projection in place of the first page, then the other pages.
        #expect(page.images.count == pages)
        #expect(page.images.allSatisfy { !$0.alt.isEmpty })
    }

    @Test func inTwoLanguagesEachHasAnArticleWithItsPictures() throws {
        let hand = MadeUpHand(spacingMm: (1.5, 1.5, 2))
        var source = hand.source()
        source.secondLanguage = .french
        let (page, pages) = try read(hand.findings(), source)
        #expect(page.language == "en")
        #expect(page.active == [] && page.references == [] && page.unbalanced == [])
        #expect(page.texts["a"] == ["English", "Français"])
        #expect(page.texts["h1"]?.count == 2)
        let texts = Set(page.texts.values.joined())
        for language in ReportLanguage.allCases {
            let model = reportModel(findings: hand.findings(), source: hand.source(language: language))
            #expect((model.conclusion + [model.banner]).allSatisfy(texts.contains))
        }
        #expect(pages % 2 == 0 && page.images.count == pages)
        #expect(Set(page.images.map(\.alt)).count == pages)
    }

    @Test func whatAHeaderHoldsIsTextAndNeverMarkup() throws {
        let hand = MadeUpHand(spacingMm: (2, 2, 2))
        let header = hand.header(slice: 0)
        let hostile = "<script>alert(1)</script>\"'&amp;"
        header.set(.patientName, hostile)
        header.set(.patientID, "</dd><img src=http://evil/x onerror=alert(1)>")
        let (page, _) = try read(hand.findings(), hand.source(header: header))
        #expect(page.active == [])
        #expect(page.references == [])
        #expect(page.unbalanced == [])
        #expect(page.texts["dd"]?.first == hostile)
    }

    @Test func aStudyThatIsNotAnalysableHasReasonsAndOnePicture() throws {
        let hand = MadeUpHand(spacingMm: (2, 2, 2))
        let findings = hand.findings(
            status: .notAnalysable, reasons: [Trust.Reason(kind: .motion, measured: 1.9, limit: 0.8, unit: "mm")])
        let (page, pages) = try read(findings, hand.source())
        #expect(pages == 1)
        #expect(page.images.count == 1)
        #expect(page.texts["table"] == nil && page.texts["td"] == nil)
    }
}
