package import Configuration
package import Ledger

/// The site's rules as far as the received headers decide: calling AE Title and procedure code. Body part and protocol
/// are the worker's, which knows the series that was chosen.
package struct EligibilityRule: Sendable, Equatable {
    package var rules: ApatiteConfiguration.Eligibility

    package init(_ rules: ApatiteConfiguration.Eligibility) { self.rules = rules }

    package enum Verdict: Sendable, Equatable {
        /// The worker is to judge body part and protocol.
        case byWorker
        /// Eligible whatever the body part.
        case eligible
        case leftAlone(StudyReason)
    }

    package func verdict(on ticket: AnalysisTicket) -> Verdict {
        if !rules.callingAETitles.isEmpty, !rules.callingAETitles.contains(ticket.source) {
            return .leftAlone(
                StudyReason(
                    code: "notEligible", message: "studies of this calling AE Title are not analysed",
                    remedy: "Add it to eligibility.calling_ae_titles if they should be."))
        }
        let codes = Set(ticket.series.map(\.procedureCode).filter { !$0.isEmpty })
        return codes.isDisjoint(with: rules.procedureCodes) ? .byWorker : .eligible
    }
}
