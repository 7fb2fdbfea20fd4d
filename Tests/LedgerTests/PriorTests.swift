import Foundation
import Ledger
import Testing

struct PriorTests {
    private static func identity(
        _ id: String, _ name: String = "DOE^JANE", _ birthDate: String = "19600101", issuer: String = ""
    ) -> PatientIdentity {
        PatientIdentity(patientID: id, issuer: issuer, name: name, birthDate: birthDate)
    }

    private static let table: [(PatientIdentity, PatientIdentity, Bool)] = [
        (identity("P1"), identity("P1"), true),
        (identity("P1", "Doe^Jane^^"), identity("P1 ", "DOE^JANE", ""), true),
        (identity("P1", ""), identity("P1", "DOE^JANE"), true),
        // An ID alone is nobody, and a name or a date alone neither.
        (identity("P1", "", ""), identity("P1", "", ""), false),
        (identity("P1", "DOE^JANE", ""), identity("P1", "", "19600101"), false),
        (identity("", "DOE^JANE"), identity("", "DOE^JANE"), false),
        (identity("P1"), identity("P2"), false),
        (identity("P1"), identity("P1", "DOE^JOHN"), false),
        (identity("P1"), identity("P1", "DOE^JANE", "19610101"), false),
        // Issuers: the same, another, and one that says nothing.
        (identity("P1", issuer: "A"), identity("P1", "", issuer: "A"), true),
        (identity("P1", issuer: "A"), identity("P1", issuer: "B"), false),
        (identity("P1", issuer: "A"), identity("P1"), true),
        (identity("P1", issuer: "A"), identity("P1", "DOE^JANE", ""), false),
    ]

    @Test(arguments: table.indices)
    func nobodyIsTakenForThePatientByGuess(row: Int) {
        let (one, other, isSurely) = Self.table[row]
        #expect(one.isSurely(other) == isSurely)
        #expect(other.isSurely(one) == isSurely)
    }

    /// A study of a patient, reported unless `fate` says otherwise.
    private func report(
        _ study: String, on date: String, of patient: String = "P1", fate: StudyState = .reported, in ledger: Ledger
    ) throws {
        var header = LedgerFixture.patient(id: patient, name: "DOE^JANE", birthDate: "19600101")
        header.studyDate = date
        _ = try ledger.record(
            LedgerFixture.arrival(
                "\(study).1.1", study: study, series: "\(study).1", sha256: study, header: header))
        let row = try #require(try ledger.findStudies(study).first)
        try ledger.close(study: row, signal: .quietPeriod, at: LedgerFixture.start)
        let ticket = try #require(try ledger.beginNextAnalysis(at: LedgerFixture.start))
        var result = LedgerFixture.result("9.\(study)")
        result.path = "results/study-\(row)/analysis-\(ticket.id)-1/sr.dcm"
        try ledger.finish(
            analysis: ticket.id, AnalysisEnd(fate: fate, reasons: [], acquisitionDigest: study, results: [result]),
            at: LedgerFixture.start)
    }

    @Test func thePriorsAreTheReportedEarlierStudiesOfThePatientNewestFirst() throws {
        let fixture = try LedgerFixture()
        let ledger = fixture.ledger
        try report("1.1", on: "20240101", in: ledger)
        try report("1.2", on: "20250101", in: ledger)
        try report("1.3", on: "20251001", fate: .notAnalysable, in: ledger)
        try report("1.4", on: "20251101", of: "P2", in: ledger)
        try report("1.5", on: "20260901", in: ledger)
        try report("1.6", on: "20251201", in: ledger)
        _ = try ledger.withdrawReport(study: 6, requestedBy: "root", at: LedgerFixture.start)
        try report("1.7", on: "20260301", in: ledger)
        let priors = try ledger.priorCandidates(for: 7)
        #expect(priors.map(\.studyInstanceUID) == ["1.2", "1.1"])
        #expect(priors.map(\.folder) == ["results/study-2/analysis-2-1", "results/study-1/analysis-1-1"])
        #expect(try ledger.priorCandidates(for: 1).isEmpty)
    }

    @Test func whichPriorAnAnalysisHadIsRecorded() throws {
        let fixture = try LedgerFixture()
        try report("1.1", on: "20240101", in: fixture.ledger)
        let ledger = fixture.ledger
        _ = try ledger.record(LedgerFixture.arrival("2.1", study: "2"))
        try ledger.close(study: 2, signal: .quietPeriod, at: LedgerFixture.start)
        let ticket = try #require(try ledger.beginNextAnalysis(at: LedgerFixture.start))
        let prior = RecordedPrior(outcome: .given, origin: .ledger, analysis: 1, folder: "results/study-1/analysis-1-1")
        try ledger.finish(
            analysis: ticket.id,
            AnalysisEnd(
                fate: .reported, reasons: [], acquisitionDigest: "d", results: [LedgerFixture.result("9.9")],
                prior: prior), at: LedgerFixture.start)
        #expect(try ledger.detail(2)?.analyses.map(\.prior) == [prior])
        #expect(try ledger.detail(1)?.analyses.map(\.prior) == [nil])
    }
}
