public import Foundation
internal import GRDB

/// Closing studies: from images that come to an analysis that waits for its turn.
extension Ledger {
    /// The facts of every study that something may still happen to.
    public func completionFacts() throws -> [CompletionFacts] {
        try database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT study.*,
                      (SELECT count(*) FROM study_association JOIN association ON association.id = association_id
                        WHERE study_id = study.id AND closed_at IS NULL) AS open_associations,
                      (SELECT max(closed_at) FROM study_association JOIN association ON association.id = association_id
                        WHERE study_id = study.id) AS last_closed_at,
                      (SELECT count(*) FROM review WHERE study_id = study.id AND state = 'waiting') AS waiting_reviews
                    FROM study WHERE new_images > 0 OR state IN ('receiving', 'queued', 'analysing', 'incomplete')
                      OR (state IN ('reported', 'notAnalysable')
                        AND id IN (SELECT study_id FROM review WHERE state = 'waiting'))
                    """
            ).map { row in
                CompletionFacts(
                    study: row["id"], state: StudyState(rawValue: row["state"]) ?? .receiving,
                    stateSince: Ledger.date(row["state_since"]), firstReceivedAt: Ledger.date(row["first_received_at"]),
                    lastImageAt: (row["last_image_at"] as String?).flatMap(Timestamp.date),
                    newImages: row["new_images"], openAssociations: row["open_associations"],
                    lastAssociationClosedAt: (row["last_closed_at"] as String?).flatMap(Timestamp.date),
                    hasTwoPatients: row["has_two_patients"], waitingReviews: row["waiting_reviews"])
            }
        }
    }

    /// Closes a study: what came until now is what the analysis sees.
    /// - Returns: the row in `analysis`.
    @discardableResult
    public func close(study: Int64, signal: StudyClosingSignal, at: Date) throws -> Int64 {
        let row = try database.write { db in
            // `apatitectl retry` may have closed it since the decision was made.
            if let open = try Int64.fetchOne(
                db, sql: "SELECT id FROM analysis WHERE study_id = ? AND state IN ('queued', 'running')",
                arguments: [study])
            {
                return open
            }
            return try Ledger.insertAnalysis(
                study: study, state: "queued", signal: signal, at: Timestamp.text(at), in: db)
        }
        analyses.ring()
        return row
    }

    /// Gives a study its fate without an analysis: nothing of it is decoded.
    /// - Parameter newImages: as the decision saw them; when more came since, nothing is done and the next look decides.
    public func settle(study: Int64, as fate: StudyState, reasons: [StudyReason], newImages: Int, at: Date) throws {
        try database.write { db in
            let images = try Int.fetchOne(db, sql: "SELECT new_images FROM study WHERE id = ?", arguments: [study])
            guard images == nil || images == newImages else { return }
            let text = Timestamp.text(at)
            let row = try Ledger.insertAnalysis(
                study: study, state: fate.rawValue, signal: .quietPeriod, at: text, in: db)
            try db.execute(sql: "UPDATE analysis SET finished_at = ? WHERE id = ?", arguments: [text, row])
            try Ledger.insert(reasons: reasons, analysis: row, in: db)
            try Ledger.setState(fate, study: study, at: text, in: db)
        }
    }

    /// Ends the wait for the rest of a broken study: it is set aside for the reasons its analysis gave.
    public func giveUp(study: Int64, at: Date) throws {
        try database.write { db in
            guard try Ledger.state(of: study, in: db) == .incomplete else { return }
            try Ledger.setState(.setAside, study: study, at: Timestamp.text(at), in: db)
        }
    }

    /// Takes back a closed study whose analysis has not begun, because more images came.
    public func withdraw(study: Int64, at: Date) throws {
        try database.write { db in
            guard try Ledger.state(of: study, in: db) == .queued else { return }
            let text = Timestamp.text(at)
            try db.execute(
                sql: "UPDATE analysis SET state = 'withdrawn', finished_at = ? WHERE study_id = ? AND state = 'queued'",
                arguments: [text, study])
            try Ledger.releaseReview(of: study, in: db)
            try Ledger.setState(.receiving, study: study, at: text, in: db)
        }
    }

    static func insertAnalysis(study: Int64, state: String, signal: StudyClosingSignal, at: String, in db: Database)
        throws -> Int64
    {
        guard
            let lastInstance = try Int64.fetchOne(
                db,
                sql: "SELECT coalesce(max(instance.id), 0) FROM instance JOIN series ON series.id = series_id "
                    + "WHERE study_id = ? HAVING EXISTS (SELECT 1 FROM study WHERE id = ?)",
                arguments: [study, study])
        else { throw LedgerError(code: .noSuchRow, message: "There is no study \(study) in the ledger.") }
        let predecessor = try Row.fetchOne(
            db,
            sql: "SELECT id, revision FROM analysis WHERE study_id = ? AND state IN ('reported', 'notAnalysable') "
                + "ORDER BY id DESC LIMIT 1",
            arguments: [study])
        try db.execute(
            sql: """
                INSERT INTO analysis (study_id, revision, state, closing_signal, closed_at, last_instance_id,
                  predecessor_id) VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                study, ((predecessor?["revision"] as Int?) ?? 0) + 1, state, signal.rawValue, at, lastInstance,
                predecessor?["id"] as Int64?,
            ])
        let row = db.lastInsertedRowID
        try db.execute(sql: "UPDATE study SET new_images = 0 WHERE id = ?", arguments: [study])
        if state == "queued" { try setState(.queued, study: study, at: at, in: db) }
        return row
    }

    static func insert(reasons: [StudyReason], analysis: Int64, in db: Database) throws {
        for (position, reason) in reasons.enumerated() {
            try db.execute(
                sql: "INSERT INTO reason (analysis_id, position, code, message, remedy) VALUES (?, ?, ?, ?, ?)",
                arguments: [analysis, position, reason.code, reason.message, reason.remedy])
        }
    }

    static func state(of study: Int64, in db: Database) throws -> StudyState? {
        try String.fetchOne(db, sql: "SELECT state FROM study WHERE id = ?", arguments: [study])
            .flatMap(StudyState.init(rawValue:))
    }

    /// Every change of a study's state leaves a line of history.
    static func setState(_ state: StudyState, study: Int64, at: String, in db: Database) throws {
        try db.execute(
            sql: "UPDATE study SET state = ?, state_since = ? WHERE id = ?", arguments: [state.rawValue, at, study])
        try note(state.rawValue, study: study, at: at, in: db)
    }

    /// The ledger's own times always parse; a hand-edited one counts as long ago rather than stopping the service.
    static func date(_ text: String) -> Date { Timestamp.date(text) ?? .distantPast }
}
