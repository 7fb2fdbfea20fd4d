public import DICOM
public import Foundation

/// Whether and when a delivery is tried again: a value without clock, socket or log.
///
/// Waiting times double from the first to the longest, without chance in them, so that a test can say what happens. One
/// queue a destination means that no crowd has to be spread out.
public struct RetryPolicy: Sendable, Equatable {
    /// Seconds until the first retry.
    public var first: Double
    /// Seconds between two attempts at most.
    public var longest: Double

    public init(first: Double = 10, longest: Double = 3600) {
        self.first = first
        self.longest = longest
    }

    /// What an attempt came to.
    public enum Event: Sendable, Equatable {
        case answered(DIMSEStatus)
        /// No context for the object's class was accepted.
        case classRefused
        /// The file cannot be read or converted.
        case unreadable(String)
        /// The association failed before an answer came, in words without patient data.
        case associationFailed(String)
        /// The peer rejected the association.
        case rejected(Rejection)
    }

    /// What is to be done.
    public enum Action: Sendable, Equatable {
        case delivered
        case retry(at: Date, reason: String)
        /// Trying again is useless until somebody changes something; the text says what.
        case refuse(reason: String)
    }

    /// - Parameter attempts: those that failed before this one.
    public func action(after event: Event, attempts: Int, now: Date) -> Action {
        switch event {
        case .answered(let status):
            switch status.category {
            case .success, .warning: return .delivered
            case .temporaryFailure: return retry(attempts, now, "the destination answered \(status)")
            case .permanentFailure:
                return .refuse(
                    reason: "the destination answered \(status) and would again: see its log, then "
                        + "`apatitectl retry`")
            }
        case .classRefused:
            return .refuse(
                reason: "the destination does not accept this SOP class: let it accept the class, or switch the "
                    + "kind of result off for this destination; then `apatitectl retry`")
        case .unreadable(let reason):
            return .refuse(reason: "the result's file cannot be sent: \(reason)")
        case .associationFailed(let reason):
            return retry(attempts, now, reason)
        case .rejected(let rejection):
            // Also a permanent rejection: it is the destination's configuration that changes, and often soon.
            let hint = rejection == .calledAETitleNotRecognized ? "; check ae_title of the destination" : ""
            return retry(attempts, now, "association \(rejection)\(hint)")
        }
    }

    /// Seconds to wait after so many failed attempts before this one.
    public func delay(attempts: Int) -> Double {
        min(longest, first * pow(2, Double(min(max(0, attempts), 40))))
    }

    private func retry(_ attempts: Int, _ now: Date, _ reason: String) -> Action {
        .retry(at: now.addingTimeInterval(delay(attempts: attempts)), reason: reason)
    }
}
