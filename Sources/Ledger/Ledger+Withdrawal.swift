public import Foundation
internal import GRDB

/// A report whose objects are to be named by a rejection note, where a destination wants one.
public struct Withdrawal: Sendable, Equatable {
    public enum Cause: String, Sendable, CaseIterable, Codable {
        /// A revision took its place.
        case superseded
        /// `apatitectl withdraw`.
        case `operator`
    }

    /// One of its objects that a destination has.
    public struct Object: Sendable, Equatable {
        public var delivery: Int64
        public var destination: String
        public var kind: String
        public var sopClassUID: String
        public var sopInstanceUID: String
        public var seriesInstanceUID: String
        /// Relative to the state folder.
        public var path: String
    }

    /// Row in `analysis`.
    public var analysis: Int64
    public var study: Int64
    public var cause: Cause
    public var requestedAt: Date
    /// What was delivered and is named by no note yet; not where the report that supersedes it is still on its way.
    public var objects: [Object]
}

/// What `apatitectl withdraw` did.
public struct WithdrawOutcome: Sendable, Equatable, Codable {
    /// The revision that was withdrawn.
    public var revision: Int
    /// Deliveries that were waiting and are not made any more.
    public var cancelled: Int
    /// Objects that destinations have.
    public var delivered: Int
}

extension Ledger {
    /// Withdraws the current report of a study by hand: what waits is not sent any more, and the service sends a
    /// rejection note where the destination wants one. A running service sees it within seconds.
    /// - Parameter requestedBy: who asked, for the history.
    /// - Throws: `LedgerError` with `noSuchRow` when there is no report, or it was withdrawn before.
    public func withdrawReport(study: Int64, requestedBy: String, at: Date) throws -> WithdrawOutcome {
        let outcome = try database.write { db in
            let text = Timestamp.text(at)
            guard
                let report = try Row.fetchOne(
                    db,
                    sql: "SELECT id, revision FROM analysis WHERE study_id = ? "
                        + "AND state IN ('reported', 'notAnalysable') ORDER BY id DESC LIMIT 1",
                    arguments: [study])
            else { throw LedgerError(code: .noSuchRow, message: "There is no report of study \(study) to withdraw.") }
            let analysis: Int64 = report["id"]
            let revision: Int = report["revision"]
            guard try !Ledger.isWithdrawn(study: study, in: db) else {
                throw LedgerError(
                    code: .noSuchRow, message: "Revision \(revision) of study \(study) is withdrawn already.")
            }
            let ofReport = "result_id IN (SELECT id FROM result WHERE analysis_id = ?)"
            try db.execute(
                sql: "UPDATE delivery SET state = 'withdrawn', reason = 'withdrawn by an operator' "
                    + "WHERE state IN ('waiting', 'refused') AND \(ofReport)",
                arguments: [analysis])
            let cancelled = db.changesCount
            let delivered = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM delivery WHERE state = 'delivered' AND \(ofReport)",
                arguments: [analysis])
            try db.execute(
                sql: "INSERT INTO withdrawal (analysis_id, cause, requested_by, requested_at) "
                    + "VALUES (?, 'operator', ?, ?)",
                arguments: [analysis, requestedBy, text])
            try Ledger.note(
                "withdrawn", study: study, detail: "revision \(revision) by \(requestedBy)", at: text, in: db)
            return WithdrawOutcome(revision: revision, cancelled: cancelled, delivered: delivered ?? 0)
        }
        deliveryBell.ring()
        return outcome
    }

    /// Reports that are withdrawn and may have objects which no note names.
    public func withdrawalsToDo() throws -> [Withdrawal] {
        try database.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT withdrawal.*, study_id FROM withdrawal JOIN analysis ON analysis.id = analysis_id "
                    + "WHERE withdrawal.state = 'requested' ORDER BY analysis_id"
            ).map { row in
                Withdrawal(
                    analysis: row["analysis_id"], study: row["study_id"],
                    cause: Withdrawal.Cause(rawValue: row["cause"]) ?? .operator,
                    requestedAt: Ledger.date(row["requested_at"]),
                    objects: try Ledger.objectsWithoutNote(analysis: row["analysis_id"], in: db).filter {
                        try !Ledger.isSuccessorOnItsWay(of: row["analysis_id"], to: $0.destination, in: db)
                    })
            }
        }
    }

    /// Records rejection notes and what they name, queues their deliveries, and ends the withdrawal for now.
    /// - Parameter notes: each with the deliveries whose objects it names.
    public func recordNotes(
        _ notes: [(note: RecordedResult, deliveries: [Int64])], withdrawal: Withdrawal, at: Date
    ) throws {
        try database.write { db in
            let text = Timestamp.text(at)
            for (note, deliveries) in notes {
                try Ledger.insert(note, analysis: withdrawal.analysis, at: text, in: db)
                let row = try Int64.fetchOne(
                    db, sql: "SELECT id FROM result WHERE sop_instance_uid = ?", arguments: [note.sopInstanceUID])
                for delivery in deliveries {
                    try db.execute(
                        sql: "UPDATE delivery SET rejected_by = ? WHERE id = ?", arguments: [row, delivery])
                }
                try Ledger.note(
                    "rejectionNote", study: withdrawal.study,
                    detail: "\(deliveries.count) objects at \(note.destinations.joined(separator: ", "))", at: text,
                    in: db)
            }
            // What was delivered meanwhile asks for the next look.
            let open = try Ledger.objectsWithoutNote(analysis: withdrawal.analysis, in: db).map(\.delivery)
            guard Set(open).isSubset(of: withdrawal.objects.map(\.delivery)) else { return }
            try db.execute(
                sql: "UPDATE withdrawal SET state = 'done' WHERE analysis_id = ?", arguments: [withdrawal.analysis])
        }
        // Without a note there is nothing to send, and whoever asked would only hear the own bell.
        if !notes.isEmpty { deliveryBell.ring() }
    }

    /// Marks the report that a revision takes the place of.
    static func supersede(_ analysis: Int64, at: String, in db: Database) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO withdrawal (analysis_id, cause, requested_at) VALUES (?, 'superseded', ?)",
            arguments: [analysis, at])
    }

    /// Whether an operator withdrew the study's current report.
    static func isWithdrawn(study: Int64, in db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM withdrawal WHERE cause = 'operator' AND analysis_id = (SELECT max(id)
                  FROM analysis WHERE study_id = ? AND state IN ('reported', 'notAnalysable')))
                """,
            arguments: [study]) ?? false
    }

    /// The old report is taken back when the new one is there, not before.
    private static func isSuccessorOnItsWay(of analysis: Int64, to destination: String, in db: Database) throws -> Bool
    {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM delivery JOIN result ON result.id = result_id
                  JOIN analysis ON analysis.id = analysis_id WHERE predecessor_id = ? AND destination = ?
                    AND delivery.state = 'waiting' AND kind = 'sr')
                """,
            arguments: [analysis, destination]) ?? false
    }

    private static func objectsWithoutNote(analysis: Int64, in db: Database) throws -> [Withdrawal.Object] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT delivery.id, destination, kind, sop_class_uid, sop_instance_uid, series_instance_uid, path
                FROM delivery JOIN result ON result.id = coalesce(sent_result_id, result_id)
                WHERE analysis_id = ? AND kind <> 'rejectionNote' AND state = 'delivered' AND rejected_by IS NULL
                ORDER BY delivery.id
                """,
            arguments: [analysis]
        ).map {
            Withdrawal.Object(
                delivery: $0["id"], destination: $0["destination"], kind: $0["kind"], sopClassUID: $0["sop_class_uid"],
                sopInstanceUID: $0["sop_instance_uid"], seriesInstanceUID: $0["series_instance_uid"], path: $0["path"])
        }
    }
}
