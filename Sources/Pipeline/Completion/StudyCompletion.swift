package import Foundation
package import Ledger

/// Decides whether a study is complete: facts and the time in, an action out. It has no clock and no state of its own;
/// the ledger's rows are the state, so a service that starts again decides as if it had never stopped.
package struct StudyCompletion: Sendable, Equatable {
    /// Seconds without an image and without an open association after which a study is closed.
    package var quietSeconds: Double
    /// Seconds after the last image until a quiet but broken study is set aside.
    package var giveUpSeconds: Double

    package init(quietSeconds: Double, giveUpSeconds: Double) {
        self.quietSeconds = quietSeconds
        self.giveUpSeconds = giveUpSeconds
    }

    package enum Action: Sendable, Equatable {
        /// Nothing before the next event.
        case nothing
        /// Nothing before this time.
        case wait(until: Date)
        /// The study is quiet: what is here is analysed.
        case close
        /// More came before the analysis began: the study is open again.
        case withdraw
        /// The rest did not come in time.
        case giveUp
        /// A segmentation that a reader may have reviewed waits for its measurement.
        case measureReview
        /// The study has this fate without an analysis.
        case settle(StudyState, StudyReason)
    }

    package func action(for facts: CompletionFacts, at now: Date) -> Action {
        switch facts.state {
        case .analysing:
            // What comes meanwhile is looked at when the analysis has ended.
            return .nothing
        case .queued:
            return facts.newImages > 0 ? .withdraw : .nothing
        case .incomplete where facts.newImages == 0:
            if facts.openAssociations > 0 { return .nothing }
            let limit = (facts.lastImageAt ?? facts.firstReceivedAt).addingTimeInterval(giveUpSeconds)
            return now < limit ? .wait(until: limit) : .giveUp
        case .reported where facts.newImages == 0 && facts.waitingReviews > 0,
            .notAnalysable where facts.newImages == 0 && facts.waitingReviews > 0:
            return .measureReview
        case .reported, .notAnalysable, .leftAlone, .setAside:
            // Without a new image nothing reopens a study: not a dose report, not a result of ours that came back.
            return facts.newImages > 0 ? actionWhenGathering(facts, at: now) : .nothing
        case .receiving, .incomplete:
            return actionWhenGathering(facts, at: now)
        }
    }

    private func actionWhenGathering(_ facts: CompletionFacts, at now: Date) -> Action {
        if facts.openAssociations > 0 { return .nothing }
        let last = max(facts.lastImageAt ?? facts.firstReceivedAt, facts.lastAssociationClosedAt ?? .distantPast)
        let quiet = last.addingTimeInterval(quietSeconds)
        // A clock that was set back far makes the last image one of the future: closing early costs a revision at most,
        // waiting for a wrong date costs the report.
        if now < quiet, last <= now.addingTimeInterval(quietSeconds) { return .wait(until: quiet) }
        if facts.hasTwoPatients { return .settle(.setAside, Self.twoPatients) }
        if facts.lastImageAt == nil { return .settle(.leftAlone, Self.nothingToAnalyse) }
        return .close
    }

    package static let twoPatients = StudyReason(
        code: "twoPatients",
        message: "objects of two patients came under one Study Instance UID",
        remedy: "Correct the identity at the scanner and send the study again.")

    package static let nothingToAnalyse = StudyReason(
        code: "nothingToAnalyse", message: "no CT image came: only objects that are kept aside, or results of ours",
        remedy: "")
}
