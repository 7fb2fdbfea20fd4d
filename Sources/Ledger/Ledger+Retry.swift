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
            try db.execute(
                sql: """
                    UPDATE delivery SET state = 'waiting', attempts = 0, next_attempt_at = ?1
                    WHERE state IN ('waiting', 'refused') AND result_id IN (SELECT result.id FROM result
                      JOIN analysis ON analysis.id = analysis_id WHERE study_id = ?2)
                    """,
                arguments: [text, study])
            let deliveries = db.changesCount
            let isAnalysed: Bool
            switch state {
            case .receiving, .incomplete, .setAside, .notAnalysable, .leftAlone: isAnalysed = true
            case .queued, .analysing, .reported: isAnalysed = false
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
}
