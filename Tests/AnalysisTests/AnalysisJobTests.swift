import Analysis
import Foundation
import Report
import Testing

@Suite struct AnalysisJobTests {
    @Test func aJobAndAnOutcomeSurviveTheTripThroughJSON() throws {
        let job = AnalysisJob(
            inputs: ["/a/1.dcm", "/b"], outputFolder: "/out", closedAt: Date(timeIntervalSince1970: 1_790_000_000),
            closingSignal: .quietPeriod, revision: 2,
            predecessor: PredecessorReport(
                sopClassUID: "1.2.840.10008.5.1.4.1.1.88.34", sopInstanceUID: "2.25.1", seriesInstanceUID: "2.25.2"),
            language: .french, configurationDigest: "ab", installationSerial: "7",
            eligibility: Eligibility(regions: ["hand"]))
        #expect(try AnalysisJob(json: job.json()) == job)

        let outcome = AnalysisOutcome(
            status: .setAside, reasons: [AnalysisReason(code: "missingSlices", message: "one", remedy: "resend")],
            findings: "/out/findings.json", mayBeIncomplete: true)
        #expect(try AnalysisOutcome(json: outcome.json()) == outcome)
    }

    @Test(arguments: [
        (AnalysisOutcome.Status.reported, Int32(0)), (.notAnalysable, 0), (.leftAlone, 3), (.setAside, 4),
    ])
    func theExitStatusFollowsTheFate(status: AnalysisOutcome.Status, exit: Int32) {
        #expect(AnalysisOutcome(status: status, findings: "").exitStatus == exit)
    }

    @Test(arguments: [
        ("+0000", "20260202", "024000"), ("+0530", "20260202", "081000"), ("-0300", "20260201", "234000"),
    ])
    func timesAreOfTheZoneThatTheScannerStates(offset: String, date: String, time: String) {
        let written = Date(timeIntervalSince1970: 1_770_000_000).dicomDateAndTime(offset: offset)
        #expect(written == (date, time))
    }
}
