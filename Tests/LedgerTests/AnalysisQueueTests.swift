import Foundation
import Ledger
import Testing

struct AnalysisQueueTests {
    private let now = LedgerFixture.start.addingTimeInterval(600)

    private func closed(_ fixture: LedgerFixture, images: [String] = ["1.1", "1.2"]) throws {
        for image in images { _ = try fixture.ledger.record(LedgerFixture.arrival(image)) }
        try fixture.ledger.close(study: 1, signal: .quietPeriod, at: now)
    }

    private func report(_ uid: String, digest: String, to destinations: [String] = ["pacs"]) -> AnalysisEnd {
        AnalysisEnd(
            fate: .reported, reasons: [], acquisitionDigest: digest,
            results: [LedgerFixture.result(uid, to: destinations)])
    }

    @Test func resultsAndDeliveriesAreRecordedTogether() throws {
        let fixture = try LedgerFixture()
        try closed(fixture)
        let ticket = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        #expect(ticket.images == ["received/1.1.dcm", "received/1.2.dcm"])
        #expect(ticket.revision == 1 && ticket.predecessor == nil && ticket.closedAt == now)
        #expect(
            try fixture.ledger.finish(analysis: ticket.id, report("9.1", digest: "d", to: ["a", "b"]), at: now)
                .fate == .reported)
        #expect(try fixture.ledger.deliveries.due(at: now).map(\.destination) == ["a", "b"])
        #expect(try fixture.ledger.beginNextAnalysis(at: now) == nil)
    }

    @Test func theEndOfAnAnalysisIsRecordedOnce() throws {
        let fixture = try LedgerFixture()
        try closed(fixture)
        let ticket = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        try fixture.ledger.finish(analysis: ticket.id, report("9.1", digest: "d"), at: now)
        #expect(throws: LedgerError.self) {
            try fixture.ledger.finish(analysis: ticket.id, report("9.2", digest: "d"), at: now)
        }
        #expect(try fixture.ledger.deliveries.due(at: now).count == 1)
    }

    @Test func anAnalysisThatAStopInterruptedIsTakenUpFirst() throws {
        let fixture = try LedgerFixture()
        try closed(fixture)
        let ticket = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        _ = try fixture.ledger.record(LedgerFixture.arrival("2.1", study: "1.2.4", series: "1.2.4.1"))
        try fixture.ledger.close(study: 2, signal: .quietPeriod, at: now)
        let second = try Ledger(path: fixture.path)
        let resumed = try #require(try second.beginNextAnalysis(at: now.addingTimeInterval(5)))
        #expect(resumed.id == ticket.id && resumed.starts == 2 && resumed.closedAt == ticket.closedAt)
    }

    @Test func imagesThatCameAfterClosingAreNotPartOfTheAnalysisAndReopenTheStudy() throws {
        let fixture = try LedgerFixture()
        try closed(fixture)
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.3"))
        let ticket = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        #expect(ticket.images.count == 2)
        try fixture.ledger.finish(analysis: ticket.id, report("9.1", digest: "d"), at: now)
        #expect(try fixture.ledger.completionFacts().map(\.newImages) == [1])
    }

    @Test func aLateImageThatChangesTheChoiceMakesARevisionThatNamesItsPredecessor() throws {
        let fixture = try LedgerFixture()
        try closed(fixture)
        let first = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        try fixture.ledger.finish(analysis: first.id, report("9.1", digest: "d"), at: now)
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.3"))
        try fixture.ledger.close(study: 1, signal: .quietPeriod, at: now)
        let second = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        #expect(second.revision == 2 && second.predecessor?.sopInstanceUID == "9.1")
        try fixture.ledger.finish(analysis: second.id, report("9.2", digest: "e"), at: now)
        #expect(try fixture.ledger.study(1)?.revision == 2)
        #expect(try fixture.ledger.deliveries.due(at: now).map(\.object.sopInstanceUID) == ["9.1", "9.2"])
    }

    @Test func aLateImageThatLeavesTheChoiceAsItWasMakesNoRevision() throws {
        let fixture = try LedgerFixture()
        try closed(fixture)
        let first = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        try fixture.ledger.finish(analysis: first.id, report("9.1", digest: "d"), at: now)
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.3"))
        try fixture.ledger.close(study: 1, signal: .quietPeriod, at: now)
        let second = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        let finished = try fixture.ledger.finish(analysis: second.id, report("9.2", digest: "d"), at: now)
        #expect(finished.fate == .reported && finished.isUnchanged)
        #expect(try fixture.ledger.study(1)?.revision == 1)
        #expect(try fixture.ledger.deliveries.due(at: now).map(\.object.sopInstanceUID) == ["9.1"])
    }

    @Test func ourOwnResultsSentBackAreKeptAside() throws {
        let fixture = try LedgerFixture()
        try closed(fixture)
        let first = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        try fixture.ledger.finish(analysis: first.id, report("9.1", digest: "d"), at: now)
        let ours = LedgerFixture.arrival("9.1", series: "9.1.1")
        guard case .new = try fixture.ledger.record(ours) else {
            Issue.record("an own result is recorded as new")
            return
        }
        #expect(try fixture.ledger.completionFacts().isEmpty)
        #expect(try fixture.ledger.detail(1)?.series.map(\.role) == ["image", "own"])
    }

    @Test func aStudyGivenUpIsSetAsideWithTheReasonOfItsAnalysis() throws {
        let fixture = try LedgerFixture()
        try closed(fixture)
        let ticket = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        let reason = StudyReason(code: "missingSlices", message: "3 slices are missing", remedy: "Send them.")
        try fixture.ledger.finish(
            analysis: ticket.id,
            AnalysisEnd(fate: .incomplete, reasons: [reason], acquisitionDigest: nil, results: []), at: now)
        #expect(try fixture.ledger.study(1)?.state == .incomplete)
        try fixture.ledger.giveUp(study: 1, at: now)
        let study = try #require(try fixture.ledger.study(1))
        #expect(study.state == .setAside && study.reasons == [reason])
    }

    @Test(arguments: [
        (StudyState.setAside, true), (.leftAlone, true), (.notAnalysable, true), (.reported, false),
    ])
    func retryAnalysesAgainWhatHasNoReportOfFindings(fate: StudyState, isAnalysed: Bool) throws {
        let fixture = try LedgerFixture()
        try closed(fixture)
        let ticket = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        try fixture.ledger.finish(
            analysis: ticket.id, AnalysisEnd(fate: fate, reasons: [], acquisitionDigest: nil, results: []), at: now)
        #expect(try fixture.ledger.retry(study: 1, at: now).analysisQueued == isAnalysed)
        #expect(try (fixture.ledger.beginNextAnalysis(at: now) != nil) == isAnalysed)
    }

    @Test func anAbandonedAnalysisWaitsForTheNextStart() throws {
        let fixture = try LedgerFixture()
        try closed(fixture)
        let ticket = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        try fixture.ledger.abandon(analysis: ticket.id, at: now)
        #expect(try fixture.ledger.study(1)?.state == .queued)
        #expect(try fixture.ledger.beginNextAnalysis(at: now)?.id == ticket.id)
    }

    @Test func aStudyThatAnOperatorClosedIsNotClosedTwice() throws {
        let fixture = try LedgerFixture()
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1"))
        #expect(try fixture.ledger.retry(study: 1, at: now).analysisQueued)
        try fixture.ledger.close(study: 1, signal: .quietPeriod, at: now)
        #expect(try fixture.ledger.detail(1)?.analyses.map(\.closingSignal) == ["operatorRequest"])
    }

    @Test func aFateDecidedBeforeAnImageCameIsNotRecorded() throws {
        let fixture = try LedgerFixture()
        let doseReport = "1.2.840.10008.5.1.4.1.1.88.67"
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1", sopClass: doseReport))
        let facts = try #require(try fixture.ledger.completionFacts().first)
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.2"))
        try fixture.ledger.settle(study: 1, as: .leftAlone, reasons: [], newImages: facts.newImages, at: now)
        #expect(try fixture.ledger.study(1)?.state == .receiving)
        #expect(try fixture.ledger.completionFacts().first?.newImages == 1)
    }

    @Test func anAnalysisThatWasPutBackLetsTheOthersGoFirst() throws {
        let fixture = try LedgerFixture()
        try closed(fixture)
        _ = try fixture.ledger.record(LedgerFixture.arrival("2.1", study: "2"))
        try fixture.ledger.close(study: 2, signal: .quietPeriod, at: now)
        let first = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        try fixture.ledger.abandon(analysis: first.id, detail: "workerNotStarted", at: now)
        #expect(try fixture.ledger.beginNextAnalysis(at: now)?.study == 2)
        #expect(try fixture.ledger.detail(1)?.events.contains { $0.kind == "analysisPutBack" } == true)
    }
}
