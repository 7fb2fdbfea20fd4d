import Analysis
import DICOM
import DualEnergyCT
import Foundation
import Report
import StudyAssembly
import Testing

/// What highdicom reads from the report is what `findings.json` holds, and the other way round: every number of the one
/// is in the other, to the last printed digit.
struct RoundTripTests {
    private struct Comparison: Decodable {
        var count: Int
        var differences: [String]
    }

    @Test func everyNumberOfEveryVariantIsTheSameInBoth() throws {
        let all = try WrittenVariants.all()
        let pairs = try all.map { "\(try #require($0.file(.structuredReport))),\($0.findingsDocument)" }
        let said = try OutsideReaders.python("compare_findings.py", pairs)
        let comparisons = try JSONDecoder().decode([Comparison].self, from: Data(said.utf8))
        #expect(comparisons.count == all.count)
        for (written, comparison) in zip(all, comparisons) {
            #expect(comparison.differences == [], "\(written.name)")
            // An interval is three numbers; a report without a claim has its trust and its images alone.
            #expect(comparison.count > (written.name == "unfit" ? 15 : 20), "\(written.name)")
        }
        let full = try #require(zip(all, comparisons).first { $0.0.name == "full" }?.1)
        #expect(full.count > 250)
    }

    /// The comparison is worth something only if it finds what is wrong.
    @Test func aNumberThatDiffersIsFound() throws {
        let full = try WrittenVariants.named("full")
        let data = try Data(contentsOf: URL(fileURLWithPath: full.findingsDocument))
        var document = try JSONDecoder().decode(FindingsDocument.self, from: data)
        document.comparison?.smallestDetectableMassPercent? += 0.2
        document.deposits?[0].peakDensityDeviationMgPerCm3? += 2
        document.radiographicScores = document.radiographicScores.map { $0 + [$0[0]] }
        document.boneDensity?[1].volumeMm3 = nil
        let changed = full.findingsDocument.replacingOccurrences(of: "findings.json", with: "changed.json")
        try document.json().write(to: URL(fileURLWithPath: changed))
        let report = try #require(full.file(.structuredReport))
        let said = try OutsideReaders.python("compare_findings.py", ["\(report),\(changed)"])
        let comparison = try #require(try JSONDecoder().decode([Comparison].self, from: Data(said.utf8)).first)
        let words = ["SDCMASS", "peak high", "peak low", "radiographicScores[2].value is not in", "BONEVOL"]
        for word in words { #expect(comparison.differences.contains { $0.contains(word) }, "\(word)") }
        #expect(comparison.differences.count == words.count, "\(comparison.differences)")
    }
}

extension ResultVariant {
    /// `findings.json` as the analysis would write it beside the results.
    func findingsDocument() throws -> Data {
        let pair = DualEnergyPair(
            low: source.lowImage, high: source.lowImage, lowBeam: source.low.beam, highBeam: source.high.beam,
            sliceThicknessMm: source.sliceThicknessMm, region: source.region, laterality: source.laterality)
        func series(_ series: SourceSeries) -> AcquiredSeries {
            AcquiredSeries(
                seriesInstanceUID: series.seriesInstanceUID.rawValue, seriesNumber: 4, beam: series.beam, slices: [])
        }
        let acquisition = DualEnergyAcquisition(
            pair: pair, low: series(source.low), high: series(source.high), kernel: "Qr40", contrastAgent: "",
            agreement: PhysicsAgreement(
                airLowHU: -1000, airHighHU: -1000, softTissueFraction: 0.5, boneRatio: 2.1, expectedBoneRatio: 2.2,
                correlation: 0.9))
        let isAnalysable = findings.trust.status != .notAnalysable
        return try FindingsDocument(
            findings: findings, acquisition: acquisition, status: isAnalysable ? .reported : .notAnalysable,
            reasons: [], studyInstanceUID: source.header.string(.studyInstanceUID),
            identities: depositIdentities(findings: findings, source: source), isReviewed: source.review != nil
        ).json()
    }
}
