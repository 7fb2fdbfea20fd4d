import Foundation
import Ledger
import Testing

struct DeliveryQueueTests {
    private let now = LedgerFixture.start

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
        try fixture.ledger.deliveries.markDelivered(1, at: now)
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
}
