import DICOM
import Foundation
import Ledger
import Outbox
import Testing

struct CommitmentPolicyTests {
    private let now = Date(timeIntervalSince1970: 1_770_000_000)
    private let policy = CommitmentPolicy(answerSeconds: 3600, pauseSeconds: 300, maximumRequests: 3, maximumSends: 3)

    enum Word { case committed, askAgain, sendAgain, failed, notOffered }

    private func word(_ event: CommitmentPolicy.Event, requests: Int, sends: Int) -> Word {
        switch policy.decision(after: event, requests: requests, sends: sends, now: now) {
        case .committed: .committed
        case .askAgain(let at, _): at == now.addingTimeInterval(300) ? .askAgain : .failed
        case .sendAgain: .sendAgain
        case .failed: .failed
        case .notOffered: .notOffered
        }
    }

    private static let table: [(CommitmentPolicy.Event, Int, Int, Word)] = [
        (.committed, 1, 1, .committed), (.committed, 9, 9, .committed),
        (.notOffered, 1, 1, .notOffered), (.notOffered, 3, 3, .notOffered),
        // Nothing was asked yet: however often.
        (.associationFailed("down"), 1, 1, .askAgain), (.associationFailed("down"), 99, 3, .askAgain),
        (.requestRefused(DIMSEStatus(rawValue: 0x0110)), 1, 1, .askAgain),
        (.requestRefused(DIMSEStatus(rawValue: 0x0213)), 3, 1, .failed),
        (.requestRefused(.notAuthorized), 1, 1, .failed), (.requestRefused(.sopClassNotSupported), 1, 1, .failed),
        (.noAnswer, 1, 1, .askAgain), (.noAnswer, 2, 3, .askAgain), (.noAnswer, 3, 1, .failed),
        (.notMentioned, 1, 1, .sendAgain), (.notMentioned, 1, 3, .failed),
        (.failed(reason: 0x0112), 1, 1, .sendAgain), (.failed(reason: 0x0112), 3, 2, .sendAgain),
        (.failed(reason: 0x0112), 1, 3, .failed),
        // The destination has a trouble of its own: nothing is said of the object.
        (.failed(reason: 0x0110), 1, 3, .askAgain), (.failed(reason: 0x0213), 2, 3, .askAgain),
        (.failed(reason: 0x0131), 1, 1, .askAgain), (.failed(reason: 0x0110), 3, 1, .failed),
        // It would say the same again.
        (.failed(reason: 0x0119), 1, 1, .failed), (.failed(reason: 0x0122), 1, 1, .failed),
        // What PS3.3 section C.14.1.1 does not name.
        (.failed(reason: 0xC001), 1, 1, .sendAgain),
    ]

    @Test(arguments: table.indices)
    func everyEventHasItsDecision(row: Int) {
        let (event, requests, sends, expected) = Self.table[row]
        #expect(word(event, requests: requests, sends: sends) == expected, "\(event), \(requests), \(sends)")
    }

    @Test func whatIsGivenUpSaysWhatHelps() {
        for event in [CommitmentPolicy.Event.noAnswer, .failed(reason: 0x0112)] {
            guard case .failed(let reason) = policy.decision(after: event, requests: 3, sends: 3, now: now) else {
                Issue.record("\(event) was not given up")
                continue
            }
            #expect(reason.contains("apatitectl retry"))
        }
    }
}
