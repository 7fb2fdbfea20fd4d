import DICOM
import Foundation
import Outbox
import Testing

struct RetryPolicyTests {
    private let now = Date(timeIntervalSince1970: 1_770_000_000)
    private let policy = RetryPolicy(first: 10, longest: 3600)

    @Test(arguments: [(0, 10.0), (1, 20), (2, 40), (8, 2560), (9, 3600), (200, 3600)])
    func theWaitDoublesUpToItsLimit(attempts: Int, seconds: Double) {
        let action = policy.action(after: .associationFailed("unreachable"), attempts: attempts, now: now)
        #expect(action == .retry(at: now.addingTimeInterval(seconds), reason: "unreachable"))
    }

    enum Fate { case delivered, retried, refused }

    private func fate(_ event: RetryPolicy.Event) -> Fate {
        switch policy.action(after: event, attempts: 0, now: now) {
        case .delivered: .delivered
        case .retry: .retried
        case .refuse: .refused
        }
    }

    @Test(arguments: [
        (0x0000, Fate.delivered), (0xB000, .delivered), (0xB007, .delivered), (0xA700, .retried), (0x0110, .retried),
        (0xA900, .refused), (0xC000, .refused), (0xC123, .refused), (0x0122, .refused),
        (0x0111, .delivered), (0x0116, .delivered), (0x0106, .refused), (0x0119, .refused), (0x0120, .refused),
        (0x0124, .refused), (0x0211, .refused), (0xA7FF, .retried), (0x0213, .retried),
    ])
    func everyStatusHasItsFate(status: Int, fate expected: Fate) {
        #expect(fate(.answered(DIMSEStatus(rawValue: UInt16(status)))) == expected)
    }

    @Test func aRefusedClassIsNotTriedAgainAndSaysWhatHelps() {
        guard case .refuse(let reason) = policy.action(after: .classRefused, attempts: 0, now: now) else {
            Issue.record("a refused class was retried")
            return
        }
        #expect(reason.contains("apatitectl retry"))
    }

    @Test(arguments: [Rejection.calledAETitleNotRecognized, .localLimitExceeded, .temporaryCongestion])
    func aRejectedAssociationIsTriedAgain(rejection: Rejection) {
        #expect(fate(.rejected(rejection)) == .retried)
    }
}
