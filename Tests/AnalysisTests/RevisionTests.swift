import Analysis
import Foundation
import TestSupport
import Testing

/// What a revision says of the report that it replaces.
@Suite struct RevisionTests {
    @Test func aRevisionNamesTheImagesThatCameLate() throws {
        let folder = try TemporaryFolder()
        let (early, all) = (try folder.folder("early"), try folder.folder("all"))
        let study = SmallStudy()
        try study.write(to: all)
        for series in [4, 5] {
            for slice in 0..<10 {
                try FileManager.default.copyItem(
                    atPath: "\(all)/\(series)-\(slice).dcm", toPath: "\(early)/\(series)-\(slice).dcm")
            }
        }
        func job(_ input: String) -> AnalysisJob {
            AnalysisJob(
                inputs: [input], outputFolder: input + "-out", closedAt: Date(timeIntervalSince1970: 1_790_000_000),
                closingSignal: .quietPeriod)
        }
        let first = try analyse(job(early))
        let replaced = try #require(first.artefacts.first { $0.kind == .structuredReport })
        var again = job(all)
        again.revision = 2
        again.language = .both
        again.predecessor = PredecessorReport(
            sopClassUID: replaced.sopClassUID, sopInstanceUID: replaced.sopInstanceUID,
            seriesInstanceUID: replaced.seriesInstanceUID, findings: first.findings)
        let second = try analyse(again)
        let text = try String(contentsOfFile: try #require(second.textReport), encoding: .utf8)
        #expect(text.contains("4 images added"))
        #expect(text.contains("80 kV: 10 → 12 images; came late: 11-12."))
        #expect(text.contains("Sn150 kV: 10 → 12 images; came late: 11-12."))
        #expect(text.contains("10 → 12 images\u{A0}; arrivées après\u{A0}: 11-12."))
    }
}
