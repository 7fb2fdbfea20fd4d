public import Foundation
internal import GRDB

/// One result on its way to one destination.
public struct Delivery: Sendable, Equatable, Identifiable {
    public var id: Int64
    public var destination: String
    public var sopClassUID: String
    public var sopInstanceUID: String
    public var transferSyntaxUID: String
    /// Relative to the state folder.
    public var path: String
    /// Attempts that failed before this one.
    public var attempts: Int
    /// Row in `study`, for log lines.
    public var study: Int64
}

/// The outbox's view of the ledger: its rows are the queue, so a restart continues where a stop left off.
public struct DeliveryQueue: Sendable {
    let ledger: Ledger

    /// What is to be sent now, oldest result first and in the order in which an analysis named its results.
    public func due(at now: Date, destination: String? = nil, limit: Int = 100) throws -> [Delivery] {
        try ledger.database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT delivery.id, delivery.destination, delivery.attempts, result.sop_class_uid,
                      result.sop_instance_uid, result.transfer_syntax_uid, result.path, analysis.study_id
                    FROM delivery JOIN result ON result.id = delivery.result_id
                      JOIN analysis ON analysis.id = result.analysis_id
                    WHERE delivery.state = 'waiting' AND delivery.next_attempt_at <= ?1
                      AND (?2 IS NULL OR delivery.destination = ?2)
                    ORDER BY delivery.result_id, delivery.id LIMIT ?3
                    """,
                arguments: [Timestamp.text(now), destination, limit]
            ).map { row in
                Delivery(
                    id: row["id"], destination: row["destination"], sopClassUID: row["sop_class_uid"],
                    sopInstanceUID: row["sop_instance_uid"], transferSyntaxUID: row["transfer_syntax_uid"],
                    path: row["path"], attempts: row["attempts"], study: row["study_id"])
            }
        }
    }

    /// When the next waiting delivery falls due; nil when none waits.
    public func nextDue(destination: String? = nil) throws -> Date? {
        try ledger.database.read { db in
            try String.fetchOne(
                db,
                sql: "SELECT min(next_attempt_at) FROM delivery WHERE state = 'waiting' "
                    + "AND (?1 IS NULL OR destination = ?1)",
                arguments: [destination])
        }.flatMap(Timestamp.date)
    }

    /// The destination answered Success or a warning.
    public func markDelivered(_ id: Int64, at now: Date) throws {
        try update(
            id, set: "state = 'delivered', delivered_at = ?1, last_attempt_at = ?1, reason = ''", [Timestamp.text(now)])
    }

    /// It may work later: unreachable, out of resources.
    public func markFailed(_ id: Int64, at now: Date, retryAt: Date, reason: String) throws {
        try update(
            id, set: "attempts = attempts + 1, last_attempt_at = ?1, next_attempt_at = ?2, reason = ?3",
            [Timestamp.text(now), Timestamp.text(retryAt), reason])
    }

    /// It will never work as it is: the class is not accepted, the object is refused. Only `apatitectl retry` or
    /// a changed destination helps.
    public func markRefused(_ id: Int64, at now: Date, reason: String) throws {
        try update(
            id, set: "state = 'refused', attempts = attempts + 1, last_attempt_at = ?1, reason = ?2",
            [Timestamp.text(now), reason])
    }

    private func update(_ id: Int64, set: String, _ arguments: [String]) throws {
        try ledger.database.write { db in
            var all = StatementArguments(arguments)
            all += [id]
            try db.execute(
                sql: "UPDATE delivery SET \(set) WHERE id = ?\(arguments.count + 1) AND state = 'waiting'",
                arguments: all)
        }
    }
}
