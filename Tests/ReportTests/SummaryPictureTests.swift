import DICOM
import DualEnergyCT
import Foundation
import Report
import TestSupport
import Testing

struct SummaryPictureTests {
    @Test func theProjectionShowsTheHandFlatWithTheFingersUp() {
        let hand = MadeUpHand(spacingMm: (1, 1, 2))
        let projection = Projection(image: hand.image, labels: hand.labels)
        #expect(Double(projection.height) * projection.pixelHeightMm > 150)
        #expect((60...110).contains(Double(projection.width) * projection.pixelWidthMm))
        #expect(projection.topLetter == "H")
        #expect(projection.bottomLetter == "F")
        #expect(projection.leftLetter == "R")
        #expect(projection.rightLetter == "L")
        // Deposit 1 is at a fingertip, deposit 2 in the wrist.
        func meanRow(_ label: UInt16) -> Double {
            let rows = projection.labels.indices.filter { projection.labels[$0] == label }.map { $0 / projection.width }
            return Double(rows.reduce(0, +)) / Double(rows.count)
        }
        #expect(meanRow(SegmentLabel.firstDeposit) < meanRow(SegmentLabel.firstDeposit + 1))
    }

    @Test func aTurnedGridIsShownTheSameWay() {
        // Columns run to the patient's right and slices to the feet: without turning it would stand on its head.
        let hand = MadeUpHand(
            spacingMm: (1, 1, 2), rowDirection: PatientVector(-1, 0, 0), columnDirection: PatientVector(0, 1, 0))
        let projection = Projection(image: hand.image, labels: hand.labels)
        #expect(projection.topLetter == "H")
        #expect(projection.leftLetter == "R")
    }

    @Test func everyDepositLeavesItsColourOnThePage() throws {
        let folder = try TemporaryFolder("colours")
        let hand = MadeUpHand()
        let results = try writeResults(findings: hand.findings(), source: hand.source(), to: folder.path)
        let path = try #require(results.first { $0.kind == .summary }).path
        let page = try DataSet(contentsOf: path)
        #expect(page.integer(.rows) == 1024)
        #expect(page.integer(.columns) == 1024)
        #expect(page.string(.photometricInterpretation) == "RGB")
        #expect(page.string(.burnedInAnnotation) == "NO")
        let pixels = try #require(page.bytes(.pixelData))
        func share(_ isColour: (UInt8, UInt8, UInt8) -> Bool) -> Int {
            stride(from: 0, to: pixels.count - 2, by: 3).count { isColour(pixels[$0], pixels[$0 + 1], pixels[$0 + 2]) }
        }
        #expect(share { r, g, b in r > 200 && (100...180).contains(g) && b < 70 } > 400)
        #expect(share { r, g, b in r < 40 && g > 150 && (100...170).contains(b) } > 60)
    }

    @Test(arguments: [Laterality.right, .both], ReportLanguage.allCases)
    func thePageIsWrittenForEverySideAndLanguage(laterality: Laterality, language: ReportLanguage) throws {
        let folder = try TemporaryFolder("page-\(laterality)-\(language)")
        let hand = MadeUpHand(spacingMm: (1, 1, 1.5))
        let results = try writeResults(
            findings: hand.findings(), source: hand.source(laterality: laterality, language: language),
            to: folder.path)
        let png = try #require(results.first { $0.kind == .summaryPNG }).path
        let bytes = try Data(contentsOf: URL(fileURLWithPath: png))
        #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(bytes.count > 50_000)
    }
}
