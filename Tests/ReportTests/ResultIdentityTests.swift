import DICOM
import DualEnergyCT
import Foundation
import Report
import TestSupport
import Testing

/// Identifiers follow content: the same gives the same, anything changed gives new ones.
struct ResultIdentityTests {
    private static let document = DocumentReference(
        sopClassUID: SOPClass.segmentation, sopInstanceUID: "2.25.1", seriesInstanceUID: "2.25.2")

    /// One change each of what a report's content depends on.
    private static func changes(_ hand: MadeUpHand) -> [(String, (inout Findings, inout ReportSource) -> Void)] {
        let renamed = hand.header(slice: 0)
        renamed.set(.patientName, "Other^Name")
        let other = hand.fullSource()
        func review(_ reader: String?) -> ContourReview {
            ContourReview(segmentation: document, readerName: reader)
        }
        var redrawn = review(nil)
        redrawn.digest = "ef"
        return [
            ("nothing", { _, _ in }),
            ("a measurement", { findings, _ in findings.trust.noiseLowHU += 0.01 }),
            ("the comparison", { findings, _ in findings.comparison = Comparison(obstacle: .otherSide) }),
            ("a deposit's identity", { findings, _ in findings.deposits[0].identity = "2.25.99" }),
            ("the source of the calibration", { findings, _ in findings.trust.calibration = .rods }),
            ("the patient's name", { _, source in source.header = renamed }),
            ("an input image", { _, source in source.high.slices[3].sopInstanceUID = "2.25.3" }),
            ("the frame of an input image", { _, source in source.low.slices[3].frameNumber = 2 }),
            ("an input series", { _, source in source.high.seriesInstanceUID = "2.25.4" }),
            ("a beam", { _, source in source.high.beam = .tube(kilovolts: 140, tinMm: 0.4) }),
            ("the slice thickness", { _, source in source.sliceThicknessMm = 2 }),
            ("the part of the body", { _, source in source.region = .wrist }),
            ("the side", { _, source in source.laterality = .left }),
            ("the revision", { _, source in source.revision = 2 }),
            ("the closing signal", { _, source in source.closing.signal = .quietPeriod }),
            ("the closing date", { _, source in source.closing.date = "20260103" }),
            ("the closing time", { _, source in source.closing.time = "102031" }),
            ("the predecessor", { _, source in source.predecessor = document }),
            ("what the predecessor said", { _, source in source.predecessorSummary = other.predecessorSummary }),
            ("the algorithm's version", { _, source in source.algorithmVersion = "0.1.1" }),
            ("the configuration", { _, source in source.configurationDigest = "cd" }),
            ("the calibration", { _, source in source.calibrationDigest = "ab" }),
            ("another calibration", { _, source in source.calibrationDigest = "ac" }),
            ("the series numbers", { _, source in source.firstSeriesNumber = 10_000 }),
            ("the installation", { _, source in source.installationSerial = "site-2" }),
            ("the language", { _, source in source.language = .french }),
            ("a second language", { _, source in source.secondLanguage = .french }),
            ("the prior", { _, source in source.prior = other.prior }),
            ("a prior search that failed", { _, source in source.priorSearchFailure = .refused }),
            ("a prior search that failed otherwise", { _, source in source.priorSearchFailure = .timedOut }),
            ("identity on the pictures", { _, source in source.identityOnPictures = true }),
            ("reviewed contours", { _, source in source.review = review(nil) }),
            ("the contours", { _, source in source.review = redrawn }),
            (
                "contours of an earlier revision",
                { _, source in
                    source.review = review(nil)
                    source.review?.isKept = true
                }
            ),
            (
                "contours in another study",
                { _, source in
                    source.review = review(nil)
                    source.review?.studyInstanceUID = "2.25.5"
                }
            ),
            ("contours that were refused", { _, source in source.unusedContours = UnusedContours(.sent, .overlap) }),
            ("contours that are lost", { _, source in source.unusedContours = UnusedContours(.kept, .overlap) }),
            ("who reviewed them", { _, source in source.review = review("A^B") }),
            ("a deposit's name", { findings, _ in findings.deposits[0].priorName = "R-7" }),
        ]
    }

    @Test func anythingChangedGivesNewIdentifiers() throws {
        let hand = MadeUpHand(spacingMm: (3, 3, 3))
        var seen: [UID: String] = [:]
        for (name, change) in Self.changes(hand) {
            var (findings, source) = (hand.findings(), hand.source())
            change(&findings, &source)
            let folder = try TemporaryFolder("identity")
            let results = try writeResults(findings: findings, source: source, to: folder.path)
            #expect(results.contains { $0.kind == .segmentation } && results.contains { $0.kind == .structuredReport })
            for result in results {
                guard let uid = result.instance?.sopInstanceUID, let series = result.seriesInstanceUID else { continue }
                #expect(uid.isValid && series.isValid)
                #expect(seen[uid] == nil, "\(name) has a UID of \(seen[uid] ?? "")")
                seen[uid] = name
                let seriesOf = seen[series] ?? name
                #expect(seriesOf == name, "\(name) has a series of \(seriesOf)")
                seen[series] = name
            }
        }
    }

    /// What is followed over revisions is the lesion, not the object.
    @Test func aLesionKeepsItsUIDWhereOnlyTheCircumstancesChange() {
        let hand = MadeUpHand(spacingMm: (3, 3, 3))
        let first = depositIdentities(findings: hand.findings(), source: hand.source())
        #expect(
            depositIdentities(findings: hand.findings(), source: hand.source(language: .french, revision: 2)) == first)
        // A reader's new contour is no lesion that was found before, even under the same name.
        var source = hand.source(revision: 2)
        source.review = ContourReview(segmentation: Self.document, readerName: nil)
        let reviewed = depositIdentities(findings: hand.findings(), source: source)
        #expect(reviewed[1]?.name == first[1]?.name)
        #expect(Set(reviewed.values.map(\.trackingUID)).isDisjoint(with: first.values.map(\.trackingUID)))
    }
}
