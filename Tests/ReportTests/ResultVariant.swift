import DICOM
import DualEnergyCT
import Foundation
import Report
import TestSupport
import Testing

/// One kind of result: what was found, and under which circumstances.
struct ResultVariant {
    var name: String
    var findings: Findings
    var source: ReportSource

    /// Every kind that a study can end as.
    static func all() -> [ResultVariant] {
        let hand = MadeUpHand(spacingMm: (2, 2, 2), hasOtherMineral: true)
        let plain = MadeUpHand(spacingMm: (2, 2, 2))
        let empty = MadeUpHand(spacingMm: (2, 2, 2), hasDeposits: false)
        let urate = MadeUpHand(spacingMm: (2, 2, 2), materials: [.urate])
        let motion = Trust.Reason(kind: .motion, measured: 1.9, limit: 0.8, unit: "mm")
        let noise = Trust.Reason(kind: .noise, measured: 61, limit: 45, unit: "HU")

        var bothEmpty = empty.findings()
        bothEmpty.regions = BodySide.allCases.map { side in
            RegionTotals(
                side: side, digit: nil,
                totals: Totals(
                    count: 0, volumeMm3: Estimate(value: 0, low: 0, high: 0),
                    hydroxyapatiteMassMg: Estimate(value: 0, low: 0, high: 0),
                    smallestDetectableVolumeMm3: side == .right ? 0.84 : 1.12))
        }
        var unfit = empty.source(language: .english, revision: 2)
        unfit.secondLanguage = .french
        unfit.priorSearchFailure = .unreachable
        var incomparable = plain.findings()
        incomparable.comparison = Comparison(obstacle: .registrationFailed)
        var afterIncomparable = plain.source(language: .french)
        afterIncomparable.prior = hand.fullSource().prior
        var trunk = hand.findings(status: .limited, reasons: [noise])
        trunk.otherMineral = [OtherMineral(kind: .vascular, count: 7, volumeMm3: 412, hydroxyapatiteMassMg: 150)]
        let pelvis = hand.header(slice: 0)
        pelvis.set(.bodyPartExamined, "PELVIS")
        var trunkSource = hand.source(header: pelvis, laterality: .unknown)
        trunkSource.region = .pelvis
        let coverage = Trust.Reason(kind: .coverage, measured: 82, limit: 95, unit: "%")
        var foot = plain.findings(status: .limited, reasons: [coverage])
        foot.deposits[0].place = DepositPlace(side: .left, digit: .first, segment: .distal)
        var footSource = plain.source(laterality: .left)
        footSource.region = .foot

        let calcium = MadeUpHand(spacingMm: (2, 2, 2), materials: [.hydroxyapatite])
        var reviewed = calcium.findings()
        reviewed.deposits[0].identity = "2.25.6001"
        reviewed.deposits[0].priorName = "R-D3-2"
        reviewed.exclusions.append(Exclusion(cause: .leftOutByReader, count: 1, volumeMm3: 12))
        var afterReview = calcium.source(
            revision: 2,
            predecessor: DocumentReference(
                sopClassUID: SOPClass.comprehensive3DSR, sopInstanceUID: "2.25.4711", seriesInstanceUID: "2.25.4712"))
        afterReview.closing.signal = .reviewedContours
        afterReview.secondLanguage = .french
        afterReview.priorSearchFailure = .timedOut
        afterReview.review = ContourReview(
            segmentation: DocumentReference(
                sopClassUID: SOPClass.segmentation, sopInstanceUID: "2.25.6100", seriesInstanceUID: "2.25.6101"),
            readerName: "Lésard^Zoé")

        // Images came after the review, and the contours still fit.
        var kept = afterReview
        kept.revision = 3
        kept.closing.signal = .quietPeriod
        kept.review?.isKept = true
        kept.review?.studyInstanceUID = "2.25.6102"
        var refused = calcium.source(revision: 2, predecessor: afterReview.predecessor)
        refused.secondLanguage = .french
        refused.closing.signal = .reviewedContours
        refused.unusedContours = UnusedContours(.sent, .otherGrid)

        return [
            ResultVariant(name: "positive", findings: plain.findings(), source: plain.source()),
            ResultVariant(name: "full", findings: hand.fullFindings(), source: hand.fullSource()),
            ResultVariant(name: "none", findings: empty.findings(), source: empty.source(language: .french)),
            ResultVariant(name: "none-both", findings: bothEmpty, source: empty.source(laterality: .both)),
            ResultVariant(name: "urate", findings: urate.findings(), source: urate.source()),
            ResultVariant(
                name: "unfit", findings: empty.findings(status: .notAnalysable, reasons: [motion, noise]), source: unfit
            ),
            ResultVariant(name: "incomparable", findings: incomparable, source: afterIncomparable),
            ResultVariant(name: "trunk", findings: trunk, source: trunkSource),
            ResultVariant(name: "foot", findings: foot, source: footSource),
            ResultVariant(name: "reviewed", findings: reviewed, source: afterReview),
            ResultVariant(name: "kept", findings: reviewed, source: kept),
            ResultVariant(name: "refused", findings: calcium.findings(), source: refused),
        ]
    }
}

/// All variants, written once for all tests that read them.
struct WrittenVariants: Sendable {
    var name: String
    var findings: Findings
    var results: [WrittenResult]
    /// `findings.json` of the same findings.
    var findingsDocument: String

    private static let written = Result {
        let folder = try TemporaryFolder("variants")
        return try ResultVariant.all().map { variant in
            let path = try folder.folder(variant.name)
            try variant.findingsDocument().write(to: URL(fileURLWithPath: "\(path)/findings.json"))
            return WrittenVariants(
                name: variant.name, findings: variant.findings,
                results: try writeResults(findings: variant.findings, source: variant.source, to: path),
                findingsDocument: "\(path)/findings.json")
        }
    }

    static func all() throws -> [WrittenVariants] { try written.get() }

    static func named(_ name: String) throws -> WrittenVariants {
        try #require(try all().first { $0.name == name }, "no variant \(name)")
    }

    func file(_ kind: WrittenResult.Kind) -> String? { results.first { $0.kind == kind }?.path }

    static func reports(
        _ kinds: [WrittenResult.Kind] = [.structuredReport, .enhancedStructuredReport]
    ) throws -> [String] {
        try all().flatMap { written in kinds.compactMap { written.file($0) } }
    }
}
