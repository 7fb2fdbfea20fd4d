public import DICOM
public import Foundation
public import Ledger

/// What follows from an answer to a request for storage commitment, or from its absence: a value without clock, socket
/// or log.
///
/// An object that the destination lost is sent again, a request that was lost is made again, each a few times; then it is
/// a stated fact for the operator.
public struct CommitmentPolicy: Sendable, Equatable {
    /// Seconds that the destination may take to answer a request.
    public var answerSeconds: Double
    /// Seconds until the next request after a failure that may pass.
    public var pauseSeconds: Double
    /// Requests for one object since it was last sent.
    public var maximumRequests: Int
    /// Times that one object is sent.
    public var maximumSends: Int

    public init(
        answerSeconds: Double = 3600, pauseSeconds: Double = 300, maximumRequests: Int = 3, maximumSends: Int = 3
    ) {
        self.answerSeconds = answerSeconds
        self.pauseSeconds = pauseSeconds
        self.maximumRequests = maximumRequests
        self.maximumSends = maximumSends
    }

    /// What a request, as a whole or for one object, came to.
    public enum Event: Sendable, Equatable {
        /// No presentation context for storage commitment.
        case notOffered
        /// The association failed before the request was answered.
        case associationFailed(String)
        /// The request was answered with a failure.
        case requestRefused(DIMSEStatus)
        case committed
        /// PS3.3 section C.14.1.1.
        case failed(reason: Int)
        /// The answer does not name the object.
        case notMentioned
        case noAnswer
    }

    /// - Parameters:
    ///   - requests: those for this object since it was last sent, this one included.
    ///   - sends: how often the object was sent.
    public func decision(after event: Event, requests: Int, sends: Int, now: Date) -> CommitmentDecision {
        switch event {
        case .committed: return .committed
        case .notOffered:
            return .notOffered(
                reason: "the destination does not offer storage commitment: switch `commitment` off for it, or let it "
                    + "accept us for that")
        case .associationFailed(let reason):
            // As with a delivery: however long it is down. Nothing was asked yet.
            return .askAgain(at: now.addingTimeInterval(pauseSeconds), reason: reason)
        case .requestRefused(let status):
            let reason = "the destination answered the request for commitment with \(status)"
            return Self.isLasting(Int(status.rawValue)) ? .failed(reason: reason) : again(requests, now, reason)
        case .noAnswer: return again(requests, now, "the destination did not answer the request for commitment")
        case .notMentioned: return resend(sends, "the destination's answer does not name the object")
        case .failed(let code):
            let reason = "the destination does not commit to the object (\(Self.words(code)))"
            if Self.isLasting(code) { return .failed(reason: reason) }
            // Duplicate transaction UID, resource limitation, processing failure: nothing is said of the object.
            if [0x0110, 0x0131, 0x0213].contains(code) { return again(requests, now, reason) }
            return resend(sends, reason)
        }
    }

    /// Asking or sending again would come to the same: class not supported, class and instance disagree, no such SOP
    /// class, action or operation, not authorized.
    private static func isLasting(_ code: Int) -> Bool {
        [0x0118, 0x0119, 0x0122, 0x0123, 0x0124, 0x0211].contains(code)
    }

    private static func words(_ code: Int) -> String {
        let text = DIMSEStatus(rawValue: UInt16(truncatingIfNeeded: code)).description
        switch code {
        case 0x0110: return "\(text), processing failure"
        case 0x0112: return "\(text), it does not have it"
        case 0x0119: return "\(text), class and instance do not belong together"
        case 0x0122: return "\(text), it does not support the class"
        case 0x0131: return "\(text), duplicate transaction"
        case 0x0213: return "\(text), out of resources"
        default: return text
        }
    }

    private func again(_ requests: Int, _ now: Date, _ reason: String) -> CommitmentDecision {
        requests < maximumRequests
            ? .askAgain(at: now.addingTimeInterval(pauseSeconds), reason: reason)
            : .failed(
                reason: "\(reason), after \(requests) requests: look for the object there, then `apatitectl retry`")
    }

    private func resend(_ sends: Int, _ reason: String) -> CommitmentDecision {
        sends < maximumSends
            ? .sendAgain(reason: "\(reason): sent again")
            : .failed(reason: "\(reason), though it was sent \(sends) times: see its log, then `apatitectl retry`")
    }
}
