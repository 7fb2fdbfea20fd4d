import Foundation
import Ledger
import Testing

/// Segmentations that come back for a study.
struct ReviewTests {
    private let now = LedgerFixture.start.addingTimeInterval(600)

    private func segmentation(_ uid: String, sha256: String = "ee", study: String = "1.2.3") -> ReceivedInstance {
        var arrival = LedgerFixture.arrival(
            uid, study: study, series: uid + ".9", sha256: sha256, sopClass: "1.2.840.10008.5.1.4.1.1.66.4")
        arrival.callingAETitle = "EDITOR"
        return arrival
    }

    private func end(_ uid: String, contours: String? = nil, acquisition: String = "d") -> AnalysisEnd {
        var end = AnalysisEnd(
            fate: .reported, reasons: [], acquisitionDigest: acquisition, results: [LedgerFixture.result(uid)])
        end.contoursDigest = contours
        return end
    }

    /// Study 1 with its first report.
    private func reported() throws -> LedgerFixture {
        let fixture = try LedgerFixture()
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1"))
        try fixture.ledger.close(study: 1, signal: .quietPeriod, at: now)
        let ticket = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        var end = end("9.1")
        end.results.append(LedgerFixture.result("9.2", kind: "seg"))
        try fixture.ledger.finish(analysis: ticket.id, end, at: now)
        return fixture
    }

    private func ticket(_ fixture: LedgerFixture) throws -> AnalysisTicket {
        try fixture.ledger.measureReview(study: 1, at: now)
        return try #require(try fixture.ledger.beginNextAnalysis(at: now))
    }

    @Test func aSegmentationOfAReportedStudyWaitsAndOpensNothing() throws {
        let fixture = try reported()
        #expect(try fixture.ledger.completionFacts().isEmpty)
        _ = try fixture.ledger.record(segmentation("5.1"))
        let facts = try #require(try fixture.ledger.completionFacts().first)
        #expect(facts.waitingReviews == 1 && facts.newImages == 0 && facts.state == .reported)
        #expect(try fixture.ledger.record(segmentation("5.1")) == .duplicate)
        #expect(try fixture.ledger.completionFacts().first?.waitingReviews == 1)
    }

    @Test func itsMeasurementIsARevisionOfTheReport() throws {
        let fixture = try reported()
        _ = try fixture.ledger.record(segmentation("5.1"))
        let ticket = try ticket(fixture)
        #expect(ticket.signal == .reviewedContours && ticket.revision == 2)
        #expect(ticket.review?.path == "received/5.1.dcm" && ticket.review?.ownSegmentation == nil)
        #expect(ticket.images == ["received/1.1.dcm"] && ticket.predecessor?.sopInstanceUID == "9.1")
        try fixture.ledger.finish(analysis: ticket.id, end("9.5", contours: "c"), at: now)
        let detail = try #require(try fixture.ledger.detail(1))
        #expect(detail.reviews.map(\.state) == [.measured] && detail.reviews.map(\.revision) == [2])
        #expect(detail.reviews.map(\.source) == ["EDITOR"])
        #expect(try fixture.ledger.completionFacts().isEmpty)
    }

    @Test func oneThatCannotBeMeasuredLeavesTheReportAndSaysWhy() throws {
        let fixture = try reported()
        _ = try fixture.ledger.record(segmentation("5.1"))
        let ticket = try ticket(fixture)
        let reason = StudyReason(code: "contoursFractional", message: "not binary", remedy: "Export as BINARY.")
        let finished = try fixture.ledger.finish(
            analysis: ticket.id, AnalysisEnd(fate: .setAside, reasons: [reason]), at: now)
        #expect(finished.fate == .reported && finished.isUnchanged)
        let detail = try #require(try fixture.ledger.detail(1))
        #expect(detail.study.state == .reported && detail.study.reasons.isEmpty)
        #expect(detail.reviews.map(\.state) == [.refused] && detail.reviews.map(\.reason) == ["not binary"])
        #expect(detail.analyses.last?.reasons == [reason])
        #expect(try fixture.ledger.completionFacts().isEmpty)
    }

    @Test func ourOwnAsWeWroteItIsNoReview() throws {
        let fixture = try reported()
        _ = try fixture.ledger.record(segmentation("9.2"))
        let ticket = try ticket(fixture)
        #expect(ticket.review?.ownSegmentation == "results/9.2.dcm")
        var end = AnalysisEnd(fate: .leftAlone, reasons: [])
        end.areContoursOwn = true
        try fixture.ledger.finish(analysis: ticket.id, end, at: now)
        #expect(try fixture.ledger.detail(1)?.reviews.map(\.state) == [.unchanged])
        // Changed under the same name, it is one.
        guard case .conflict = try fixture.ledger.record(segmentation("9.2", sha256: "ff")) else {
            Issue.record("other content under a known name is kept beside it")
            return
        }
        #expect(try fixture.ledger.completionFacts().first?.waitingReviews == 1)
    }

    @Test func theSameContoursTwiceMakeOneRevision() throws {
        let fixture = try reported()
        for uid in ["5.1", "5.2"] { _ = try fixture.ledger.record(segmentation(uid, sha256: uid)) }
        try fixture.ledger.finish(analysis: try ticket(fixture).id, end("9.5", contours: "c"), at: now)
        let second = try ticket(fixture)
        #expect(second.review?.path == "received/5.2.dcm" && second.revision == 3)
        #expect(try fixture.ledger.finish(analysis: second.id, end("9.6", contours: "c"), at: now).isUnchanged)
        #expect(try fixture.ledger.detail(1)?.reviews.map(\.state) == [.measured, .unchanged])
        #expect(try fixture.ledger.study(1)?.revision == 2)
    }

    @Test func aLateImageThatChangesNothingKeepsTheReviewedReport() throws {
        let fixture = try reported()
        _ = try fixture.ledger.record(segmentation("5.1"))
        try fixture.ledger.finish(analysis: try ticket(fixture).id, end("9.5", contours: "c"), at: now)
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.7"))
        try fixture.ledger.close(study: 1, signal: .quietPeriod, at: now)
        let late = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        #expect(late.review == nil)
        #expect(try fixture.ledger.finish(analysis: late.id, end("9.7"), at: now).isUnchanged)
        #expect(try fixture.ledger.study(1)?.revision == 2)
    }

    @Test func contoursThatTheReportRestsOnAreHandedToTheNext() throws {
        let fixture = try reported()
        _ = try fixture.ledger.record(segmentation("5.1"))
        let first = try ticket(fixture)
        #expect(first.keptContours == nil)
        try fixture.ledger.finish(analysis: first.id, end("9.5", contours: "c"), at: now)
        func late(_ image: String) throws -> AnalysisTicket {
            _ = try fixture.ledger.record(LedgerFixture.arrival(image))
            try fixture.ledger.close(study: 1, signal: .quietPeriod, at: now)
            return try #require(try fixture.ledger.beginNextAnalysis(at: now))
        }
        let second = try late("1.7")
        #expect(second.review == nil && second.keptContours == "received/5.1.dcm")
        try fixture.ledger.finish(analysis: second.id, end("9.6", contours: "other grid", acquisition: "e"), at: now)
        let third = try late("1.8")
        #expect(third.keptContours == "received/5.1.dcm")
        // They did not fit any more: the next report has its own.
        try fixture.ledger.finish(analysis: third.id, end("9.7", acquisition: "f"), at: now)
        #expect(try late("1.9").keptContours == nil)
    }

    @Test func aWithdrawnReportHandsNoContoursOn() throws {
        let fixture = try reported()
        _ = try fixture.ledger.record(segmentation("5.1"))
        try fixture.ledger.finish(analysis: try ticket(fixture).id, end("9.5", contours: "c"), at: now)
        _ = try fixture.ledger.withdrawReport(study: 1, requestedBy: "operator", at: now)
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.7"))
        try fixture.ledger.close(study: 1, signal: .quietPeriod, at: now)
        #expect(try fixture.ledger.beginNextAnalysis(at: now)?.keptContours == nil)
    }

    @Test func aRefusalWithAReportIsARevision() throws {
        let fixture = try reported()
        _ = try fixture.ledger.record(segmentation("5.1"))
        let reason = StudyReason(code: "contoursFractional", message: "not binary", remedy: "Export as BINARY.")
        var end = end("9.5")
        end.reasons = [reason]
        end.areContoursRefused = true
        let finished = try fixture.ledger.finish(analysis: try ticket(fixture).id, end, at: now)
        #expect(finished.fate == .reported && !finished.isUnchanged)
        let detail = try #require(try fixture.ledger.detail(1))
        #expect(detail.study.revision == 2 && detail.reviews.map(\.state) == [.refused])
        #expect(detail.reviews.map(\.reason) == ["not binary"] && detail.analyses.last?.reasons == [reason])
    }

    @Test func aStudyOfItsOwnIsLinkedByTheSeriesThatItNames() throws {
        let fixture = try reported()
        var elsewhere = segmentation("5.1", study: "7.7")
        elsewhere.header.referencedSeries = [LedgerFixture.arrival("1.1").seriesInstanceUID]
        _ = try fixture.ledger.record(elsewhere)
        let facts = try fixture.ledger.completionFacts()
        #expect(facts.first { $0.study == 1 }?.waitingReviews == 1)
        #expect(facts.first { $0.study == 2 }?.waitingReviews == 0)
        // Of images that nobody knows it stays where it says that it is.
        var unknown = segmentation("5.2", sha256: "ff", study: "7.8")
        unknown.header.referencedSeries = ["8.8"]
        _ = try fixture.ledger.record(unknown)
        #expect(try fixture.ledger.completionFacts().first { $0.study == 3 }?.waitingReviews == 1)
    }

    @Test func imagesComeFirst() throws {
        let fixture = try LedgerFixture()
        // Before the study has a report the segmentation waits.
        _ = try fixture.ledger.record(segmentation("5.1"))
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1"))
        try fixture.ledger.measureReview(study: 1, at: now)
        #expect(try fixture.ledger.beginNextAnalysis(at: now) == nil)
        try fixture.ledger.close(study: 1, signal: .quietPeriod, at: now)
        let first = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        #expect(first.review == nil)
        try fixture.ledger.finish(analysis: first.id, end("9.1"), at: now)
        // Queued for its measurement, it gives way to an image, and is taken up again.
        try fixture.ledger.measureReview(study: 1, at: now)
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.2"))
        try fixture.ledger.withdraw(study: 1, at: now)
        #expect(try fixture.ledger.detail(1)?.reviews.map(\.state) == [.waiting])
        try fixture.ledger.close(study: 1, signal: .quietPeriod, at: now)
        let second = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        #expect(second.review == nil)
        try fixture.ledger.finish(analysis: second.id, end("9.3", acquisition: "e"), at: now)
        #expect(try ticket(fixture).review != nil)
    }

    @Test func aStopDuringItsMeasurementIsTakenUpAgain() throws {
        let fixture = try reported()
        _ = try fixture.ledger.record(segmentation("5.1"))
        let ticket = try ticket(fixture)
        let later = try Ledger(path: fixture.path)
        let resumed = try #require(try later.beginNextAnalysis(at: now))
        #expect(resumed.id == ticket.id && resumed.review == ticket.review)
    }

    @Test func anEditorThatForgetsThePatientMakesNoSecondOne() throws {
        let fixture = try LedgerFixture()
        var image = LedgerFixture.arrival("1.1")
        image.header = LedgerFixture.patient(id: "P1", name: "One^P")
        _ = try fixture.ledger.record(image)
        var edited = segmentation("5.1")
        edited.header = LedgerFixture.patient(id: "ANON", name: "Nobody")
        _ = try fixture.ledger.record(edited)
        #expect(try fixture.ledger.completionFacts().first?.hasTwoPatients == false)
    }
}
