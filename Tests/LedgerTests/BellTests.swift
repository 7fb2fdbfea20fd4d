import Ledger
import Testing

struct BellTests {
    @Test(.timeLimit(.minutes(1))) func aRingBetweenLookAndWaitIsNotMissed() async {
        let bell = Bell()
        let seen = bell.rings
        bell.ring()
        await bell.wait(after: seen, timeout: .seconds(3600))
        #expect(bell.rings == seen + 1)
    }

    @Test(.timeLimit(.minutes(1))) func aRingWakesEveryWaiter() async {
        let bell = Bell()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { await bell.wait(after: 0, timeout: .seconds(3600)) } }
            try? await Task.sleep(for: .milliseconds(50))
            bell.ring()
        }
        #expect(bell.rings == 1)
    }

    @Test func whatAnotherProcessWritesRings() throws {
        let fixture = try LedgerFixture()
        try fixture.ledger.ringForOtherProcesses()
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1"))
        let rings = fixture.ledger.deliveryBell.rings
        try fixture.ledger.ringForOtherProcesses()
        #expect(fixture.ledger.deliveryBell.rings == rings)
        _ = try fixture.shell("UPDATE study SET description = 'changed'")
        try fixture.ledger.ringForOtherProcesses()
        #expect(fixture.ledger.deliveryBell.rings == rings + 1)
    }

    @Test(.timeLimit(.minutes(1))) func aCancelledWaitReturns() async {
        let bell = Bell()
        let waiter = Task { await bell.wait(after: 0, timeout: .seconds(3600)) }
        try? await Task.sleep(for: .milliseconds(20))
        waiter.cancel()
        await waiter.value
        #expect(waiter.isCancelled)
    }
}
