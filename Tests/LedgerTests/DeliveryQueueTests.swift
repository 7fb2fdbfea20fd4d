import Foundation
import Ledger
import Testing

struct DeliveryQueueTests {
    private let now = LedgerFixture.start

    private static func taken(_ instance: String) -> DeliveryAcceptance {
        DeliveryAcceptance(sopInstanceUID: instance, transferSyntaxUID: "1.2.840.10008.1.2.1", status: "0000H")
    }

    private func queued(to destinations: [String]) throws -> LedgerFixture {
        let fixture = try LedgerFixture()
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1"))
        try fixture.ledger.close(study: 1, signal: .quietPeriod, at: now)
        let ticket = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        try fixture.ledger.finish(
            analysis: ticket.id,
            AnalysisEnd(
                fate: .reported, reasons: [], acquisitionDigest: "d",
                results: [LedgerFixture.result("9.1", to: destinations)]), at: now)
        return fixture
    }

    @Test func aFailedDeliveryFallsDueAgainAtItsTime() throws {
        let fixture = try queued(to: ["pacs"])
        let retryAt = now.addingTimeInterval(30)
        try fixture.ledger.deliveries.markFailed(1, at: now, retryAt: retryAt, reason: "unreachable")
        #expect(try fixture.ledger.deliveries.due(at: now.addingTimeInterval(29)).isEmpty)
        #expect(try fixture.ledger.deliveries.nextDue() == retryAt)
        #expect(try fixture.ledger.deliveries.due(at: retryAt).map(\.attempts) == [1])
    }

    @Test func oneDestinationDoesNotHoldUpTheOther() throws {
        let fixture = try queued(to: ["pacs", "research"])
        try fixture.ledger.deliveries.markRefused(1, at: now, reason: "class not accepted")
        #expect(try fixture.ledger.deliveries.due(at: now, destination: "pacs").isEmpty)
        #expect(try fixture.ledger.deliveries.due(at: now, destination: "research").map(\.id) == [2])
    }

    @Test func whatIsDeliveredStaysDelivered() throws {
        let fixture = try queued(to: ["pacs"])
        try fixture.ledger.deliveries.markDelivered(1, Self.taken("9.1"), at: now)
        try fixture.ledger.deliveries.markFailed(1, at: now, retryAt: now, reason: "late answer")
        #expect(try fixture.ledger.deliveries.due(at: now).isEmpty)
        #expect(try fixture.ledger.study(1)?.deliveries == DeliveryCount(waiting: 0, delivered: 1, refused: 0))
    }

    @Test func retryTriesARefusedDeliveryAgain() throws {
        let fixture = try queued(to: ["pacs"])
        try fixture.ledger.deliveries.markRefused(1, at: now, reason: "class not accepted")
        #expect(try fixture.ledger.retry(study: 1, at: now) == RetryOutcome(analysisQueued: false, deliveries: 1))
        #expect(try fixture.ledger.deliveries.due(at: now).count == 1)
    }

    @Test func aRevisionSupersedesWhatItsDestinationsHave() throws {
        let fixture = try queued(to: ["pacs", "research"])
        let ledger = fixture.ledger
        try ledger.deliveries.markDelivered(1, Self.taken("9.1"), at: now)
        try revise(fixture, as: "9.2")
        // Not before the new one is there, and only what was delivered.
        #expect(try ledger.withdrawalsToDo().map(\.objects.count) == [0])
        // While nothing can be done, nobody is woken to look again at once.
        let rings = ledger.deliveryBell.rings
        try ledger.recordNotes([], withdrawal: try #require(try ledger.withdrawalsToDo().first), at: now)
        #expect(ledger.deliveryBell.rings == rings)
        try ledger.deliveries.markDelivered(3, Self.taken("9.2"), at: now)
        let withdrawal = try #require(try ledger.withdrawalsToDo().first)
        #expect(withdrawal.cause == .superseded)
        #expect(withdrawal.objects.map(\.destination) == ["pacs"])
        #expect(withdrawal.objects.map(\.sopInstanceUID) == ["9.1"])
        let note = LedgerFixture.result("9.3", kind: "rejectionNote", to: ["pacs"])
        try ledger.recordNotes([(note, [1])], withdrawal: withdrawal, at: now)
        #expect(try ledger.withdrawalsToDo().isEmpty)
        // What reaches a destination only now has to be named there too.
        try ledger.deliveries.markDelivered(2, Self.taken("9.1"), at: now)
        try ledger.deliveries.markDelivered(4, Self.taken("9.2"), at: now)
        #expect(try ledger.withdrawalsToDo().map { $0.objects.map(\.delivery) } == [[2]])
    }

    private func revise(_ fixture: LedgerFixture, as uid: String) throws {
        let ledger = fixture.ledger
        _ = try ledger.record(LedgerFixture.arrival("1.2"))
        try ledger.close(study: 1, signal: .quietPeriod, at: now)
        let ticket = try #require(try ledger.beginNextAnalysis(at: now))
        try ledger.finish(
            analysis: ticket.id,
            AnalysisEnd(
                fate: .reported, reasons: [], acquisitionDigest: "e",
                results: [LedgerFixture.result(uid, to: ["pacs", "research"])]), at: now)
    }

    @Test func anOperatorWithdrawsOnceAndWhatWasNotSentStays() throws {
        let fixture = try queued(to: ["pacs", "research"])
        let ledger = fixture.ledger
        try ledger.deliveries.markDelivered(1, Self.taken("9.1"), at: now)
        let outcome = try ledger.withdrawReport(study: 1, requestedBy: "root", at: now)
        #expect((outcome.revision, outcome.cancelled, outcome.delivered) == (1, 1, 1))
        #expect(try ledger.deliveries.due(at: now).isEmpty)
        #expect(throws: LedgerError.self) { try ledger.withdrawReport(study: 1, requestedBy: "root", at: now) }
        #expect(try ledger.withdrawalsToDo().map { $0.objects.map(\.delivery) } == [[1]])
        #expect(try ledger.detail(1)?.events.contains { $0.kind == "withdrawn" } == true)
        // Under way when it was withdrawn: it is there, and has to be named.
        try ledger.deliveries.markDelivered(2, Self.taken("9.1"), at: now)
        #expect(try ledger.withdrawalsToDo().map { $0.objects.map(\.delivery) } == [[1, 2]])
        #expect(try ledger.retry(study: 1, at: now).analysisQueued)
    }

    @Test func retrySendsAgainWhatItsDestinationLost() throws {
        let fixture = try queued(to: ["pacs"])
        let (deliveries, commitments) = (fixture.ledger.deliveries, fixture.ledger.commitments)
        try deliveries.markDelivered(1, Self.taken("9.1"), asksCommitment: true, at: now)
        let items = try commitments.due(at: now, destination: "pacs")
        try commitments.begin(transactionUID: "5.1", items: items, destination: "pacs", at: now, answerBy: now)
        try commitments.end(transactionUID: "5.1", decision: .failed(reason: "lost"), counts: true, at: now)
        #expect(try fixture.ledger.retry(study: 1, at: now).deliveries == 1)
        #expect(try deliveries.due(at: now).map(\.id) == [1])
        #expect(try fixture.ledger.deliveryLines().map(\.commitment) == [nil])
    }

    @Test func anAnswerThatComesLateOrTwiceCountsOnceAndNeverBackwards() throws {
        let fixture = try queued(to: ["pacs"])
        let (deliveries, commitments) = (fixture.ledger.deliveries, fixture.ledger.commitments)
        try deliveries.markDelivered(1, Self.taken("9.1"), asksCommitment: true, at: now)
        let items = try commitments.due(at: now, destination: "pacs")
        try commitments.begin(transactionUID: "5.1", items: items, destination: "pacs", at: now, answerBy: now)
        try commitments.expire(destination: "pacs", at: now)
        var result = try #require(try commitments.unsettled(destination: "pacs").first)
        #expect(result.outcome == .noAnswer && result.item.requests == 1)
        try commitments.settle(result, .askAgain(at: now, reason: "no answer"), at: now)
        try commitments.begin(transactionUID: "5.2", items: items, destination: "pacs", at: now, answerBy: now)
        // The first request is answered with bad news after the second went out: that counts for nothing.
        let bad = CommitmentAnswer(transactionUID: "5.1", committed: [], failed: ["9.1": 0x0112])
        #expect(try commitments.record(bad, at: now))
        #expect(try commitments.unsettled(destination: "pacs").isEmpty)
        let good = CommitmentAnswer(transactionUID: "5.2", committed: ["9.1"], failed: [:])
        for _ in 0..<2 {
            #expect(try commitments.record(good, at: now))
            result = try #require(try commitments.unsettled(destination: "pacs").first)
            #expect(result.outcome == .committed)
            try commitments.settle(result, .committed, at: now)
        }
        #expect(try fixture.ledger.deliveryLines().map(\.commitment) == ["committed"])
        #expect(try !commitments.record(CommitmentAnswer(transactionUID: "6", committed: [], failed: [:]), at: now))
    }

    @Test func anAlternativeHasNoDeliveryOfItsOwn() throws {
        let fixture = try LedgerFixture()
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1"))
        try fixture.ledger.close(study: 1, signal: .quietPeriod, at: now)
        let ticket = try #require(try fixture.ledger.beginNextAnalysis(at: now))
        var other = LedgerFixture.result("9.2", kind: "srEnhanced", to: [])
        other.alternativeOf = "9.1"
        try fixture.ledger.finish(
            analysis: ticket.id,
            AnalysisEnd(
                fate: .reported, reasons: [], acquisitionDigest: "d", results: [other, LedgerFixture.result("9.1")]),
            at: now)
        let due = try fixture.ledger.deliveries.due(at: now)
        #expect(due.map(\.object.sopInstanceUID) == ["9.1"])
        #expect(due.map(\.alternative?.sopInstanceUID) == ["9.2"])
        try fixture.ledger.deliveries.markDelivered(1, Self.taken("9.2"), at: now)
        #expect(try fixture.ledger.deliveryLines().map(\.sopInstanceUID) == ["9.2"])
    }
}
