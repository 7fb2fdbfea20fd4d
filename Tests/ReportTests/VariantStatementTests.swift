import DICOM
import DualEnergyCT
import Foundation
import Report
import Testing

/// What each kind of result says, as highdicom reads it from the report, and that its pictures are there.
struct VariantStatementTests {
    struct Expectation: Sendable {
        var name: String
        /// Of the Series Description.
        var suffix: String
        var isPartial = false
        var languages = ["en"]
        /// Code values of CALCPRES, MSUCLASS and CHANGE of the whole examination; nil where nothing may be claimed.
        var calcinosis: String?
        var urate: String?
        var change: String?
        /// All stand in the first impression.
        var words: [String]
    }

    private static let (present, absent, positive, negative) = (
        "DCM|121053", "DCM|121054", "SCT|10828004", "SCT|260385009"
    )
    private static let (baseline, notComparable) = ("99APATITE|CHGBASE", "99APATITE|CHGNC")

    static let expectations: [Expectation] = [
        Expectation(
            name: "positive", suffix: " - calcinosis, urate", calcinosis: present, urate: positive, change: baseline,
            words: ["Calcinosis, right hand: ", "URATE DEPOSITS", "Automatically generated for a physician's review"]),
        Expectation(
            name: "full", suffix: " - calcinosis, urate - revision 3", languages: ["en", "fr"], calcinosis: present,
            urate: positive, change: nil, words: ["Calcinosis, hands: ", "Since 2025-01-08", "Revision 3: replaces"]),
        Expectation(
            name: "none", suffix: " - no calcinosis", languages: ["fr"], calcinosis: absent, urate: negative,
            change: baseline, words: ["Pas de calcinose", "Plus petit dépôt visible"]),
        Expectation(
            name: "none-both", suffix: " - no calcinosis", calcinosis: absent, urate: negative, change: baseline,
            words: ["No soft-tissue calcinosis detected in either hand.", "0.8 mm3 (right), 1.1 mm3 (left)"]),
        Expectation(
            name: "urate", suffix: " - no calcinosis, urate", calcinosis: absent, urate: positive, change: baseline,
            words: ["No soft-tissue calcinosis detected, right hand.", "URATE DEPOSITS"]),
        Expectation(
            name: "unfit", suffix: " - NOT ANALYSABLE - revision 2", isPartial: true, languages: ["en", "fr"],
            words: [
                "NOT ANALYSABLE.", "neither present nor absent", "could not be asked for a prior: it was not reached",
            ]),
        Expectation(
            name: "incomparable", suffix: " - calcinosis, urate", languages: ["fr"], calcinosis: present,
            urate: positive, change: notComparable, words: ["Sans comparaison avec"]),
        Expectation(
            name: "trunk", suffix: " - calcinosis, urate", calcinosis: present, urate: positive, change: baseline,
            words: ["Calcinosis, pelvis: ", "With limitations."]),
        Expectation(
            name: "foot", suffix: " - calcinosis, urate", isPartial: true, calcinosis: present, urate: positive,
            change: baseline, words: ["Calcinosis, left foot: "]),
        Expectation(
            name: "reviewed", suffix: " - revision 2 - reviewed", languages: ["en", "fr"], calcinosis: present,
            urate: negative, change: notComparable, words: ["contours reviewed by a reader", "prior: it took too long"]),
        Expectation(
            name: "kept", suffix: " - revision 3 - reviewed", languages: ["en", "fr"], calcinosis: present,
            urate: negative, change: notComparable,
            words: ["reviewed for an earlier revision", "images that came since"]),
        Expectation(
            name: "refused", suffix: " - revision 2", languages: ["en", "fr"], calcinosis: present, urate: negative,
            change: baseline,
            words: [
                "CONTOURS SENT BY A READER WERE NOT MEASURED: frames do not lie on the voxels", "Draw on the images",
            ]),
    ]

    private static let readings = Result {
        let all = try WrittenVariants.all()
        let paths = try all.map { [try #require($0.file(.structuredReport))] }
        return Dictionary(uniqueKeysWithValues: zip(all.map(\.name), try OutsideReaders.highdicom(of: paths)))
    }

    @Test func everyVariantIsExpected() throws {
        #expect(try WrittenVariants.all().map(\.name) == Self.expectations.map(\.name))
    }

    @Test(arguments: expectations.indices) func theReportSaysWhatTheVariantIs(index: Int) throws {
        let expected = Self.expectations[index]
        let report = try #require(try Self.readings.get()[expected.name]).report
        #expect(report.seriesDescription == "Apatite calcinosis report" + expected.suffix)
        #expect((report.completion == "PARTIAL") == expected.isPartial)
        #expect(report.verification == "UNVERIFIED")
        #expect(report.languages == expected.languages)
        for word in expected.words {
            #expect(report.impressions[0].contains(word), "\(word) in \(report.impressions[0])")
        }
        #expect(report.impressions.allSatisfy { $0.count <= 700 })
        let whole = report.others.first { $0.evaluation("99APATITE|MSUCLASS") != nil }
        #expect(whole?.evaluation("99APATITE|CALCPRES") == expected.calcinosis)
        #expect(whole?.evaluation("99APATITE|MSUCLASS") == expected.urate)
        #expect(whole?.evaluation("99APATITE|CHANGE") == expected.change)
        #expect(whole.map { $0.number("99APATITE|MINDETMSU") != nil } ?? (expected.name == "unfit"))
    }

    @Test func whatCannotBeAnalysedSaysWhatToDoAlsoForTheComparison() throws {
        let report = try #require(try Self.readings.get()["unfit"]).report
        let words = try #require(report.recommendations.first)
        for word in ["Repeat with the limb supported and still", "more dose", "For a comparison have the connection"] {
            #expect(words.contains(word), "\(word)")
        }
        let text = try String(
            contentsOfFile: try #require(try WrittenVariants.named("unfit").file(.plainText)), encoding: .utf8)
        #expect(text.contains("WHAT HELPS") && text.contains("L'archive n'a pas pu être interrogée"))
    }

    @Test(arguments: expectations.indices) func itsPicturesAreOfOneSizeAndCount(index: Int) throws {
        let written = try WrittenVariants.named(Self.expectations[index].name)
        let pages = written.results.filter { $0.kind == .summary }
        #expect(!pages.isEmpty && pages.count <= 12)
        for (number, page) in pages.enumerated() {
            let object = try DataSet(contentsOf: page.path)
            #expect(object.integer(.instanceNumber) == number + 1)
            #expect((object.integer(.rows), object.integer(.columns)) == (1024, 1024))
            // Not a page of one colour.
            #expect(Set(try #require(object.bytes(.pixelData)).prefix(1_000_000)).count > 50)
        }
    }
}
