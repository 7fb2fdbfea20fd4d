public import Foundation
internal import GRDB

/// What `apatitectl retry` set going again.
public struct RetryOutcome: Sendable, Equatable, Codable {
    /// The study is closed as it is and waits for a new analysis.
    public var analysisQueued: Bool
    /// Deliveries that are tried again at once.
    public var deliveries: Int

    public init(analysisQueued: Bool, deliveries: Int) {
        self.analysisQueued = analysisQueued
        self.deliveries = deliveries
    }
}

extension Ledger {
    /// Tries again what did not work: refused and delayed deliveries of the study, and its analysis unless there is
    /// a report of findings already. A running service sees it within a second.
    public func retry(study: Int64, at: Date) throws -> RetryOutcome {
        let outcome = try database.write { db in
            guard let state = try Ledger.state(of: study, in: db) else {
                throw LedgerError(code: .noSuchRow, message: "There is no study \(study) in the ledger.")
            }
            let text = Timestamp.text(at)
            let deliveries = try Ledger.retryDeliveries(of: study, at: text, in: db)
            let isAnalysed: Bool
            switch state {
            case .receiving, .incomplete, .setAside, .notAnalysable, .leftAlone: isAnalysed = true
            case .queued, .analysing: isAnalysed = false
            // What was withdrawn may be reported anew.
            case .reported: isAnalysed = try Ledger.isWithdrawn(study: study, in: db)
            }
            if isAnalysed {
                _ = try Ledger.insertAnalysis(
                    study: study, state: "queued", signal: .operatorRequest, at: text, in: db)
            }
            try Ledger.note("retry", study: study, at: text, in: db)
            return RetryOutcome(analysisQueued: isAnalysed, deliveries: deliveries)
        }
        analyses.ring()
        deliveryBell.ring()
        return outcome
    }

    /// What waits, was refused, or was lost by its destination is sent at once; where no commitment was offered it is asked
    /// for once more.
    /// - Returns: how many are sent.
    private static func retryDeliveries(of study: Int64, at: String, in db: Database) throws -> Int {
        let ofStudy =
            "result_id IN (SELECT result.id FROM result JOIN analysis ON analysis.id = analysis_id WHERE study_id = ?2)"
        try db.execute(
            sql: "UPDATE delivery SET commitment = 'due', commitment_due_at = ?1, commitment_requests = 0 "
                + "WHERE state = 'delivered' AND commitment = 'notOffered' AND \(ofStudy)",
            arguments: [at, study])
        try db.execute(
            sql: """
                UPDATE delivery SET state = 'waiting', delivered_at = NULL, attempts = 0, sends = 0,
                  next_attempt_at = ?1, commitment = NULL, commitment_due_at = NULL
                WHERE (state IN ('waiting', 'refused') OR (state = 'delivered' AND commitment = 'failed'))
                  AND \(ofStudy)
                """,
            arguments: [at, study])
        return db.changesCount
    }
}
