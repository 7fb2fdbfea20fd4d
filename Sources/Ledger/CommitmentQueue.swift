public import Foundation
internal import GRDB

/// One delivered object whose storage a destination is to commit to.
public struct CommitmentItem: Sendable, Equatable {
    /// Row in `delivery`.
    public var delivery: Int64
    public var study: Int64
    /// What was sent.
    public var sopClassUID: String
    public var sopInstanceUID: String
    /// Requests so far since it was last sent.
    public var requests: Int
    /// How often it was sent.
    public var sends: Int
}

/// A destination's answer to a request, as it came.
public struct CommitmentAnswer: Sendable, Equatable {
    public var transactionUID: String
    /// SOP Instance UIDs that it will keep.
    public var committed: Set<String>
    /// Failure Reason (0008,1197) by SOP Instance UID.
    public var failed: [String: Int]

    public init(transactionUID: String, committed: Set<String>, failed: [String: Int]) {
        self.transactionUID = transactionUID
        self.committed = committed
        self.failed = failed
    }
}

/// What became of one object of a request.
public struct CommitmentResult: Sendable, Equatable {
    public enum Outcome: Sendable, Equatable {
        case committed
        case failed(reason: Int)
        /// The answer names it neither as committed nor as failed.
        case notMentioned
        /// The time for an answer has passed.
        case noAnswer
    }

    /// Row in `commitment`.
    public var commitment: Int64
    public var item: CommitmentItem
    public var outcome: Outcome
}

/// What is decided of one delivery after an answer or its absence.
public enum CommitmentDecision: Sendable, Equatable {
    case committed
    case askAgain(at: Date, reason: String)
    case sendAgain(reason: String)
    /// A stated fact from now on.
    case failed(reason: String)
    case notOffered(reason: String)
}

/// The requests for storage commitment that wait, are open or are answered: rows, like the deliveries.
public struct CommitmentQueue: Sendable {
    let ledger: Ledger

    /// What is to be asked for now.
    public func due(at now: Date, destination: String, limit: Int = 1000) throws -> [CommitmentItem] {
        try ledger.database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.itemColumns) FROM delivery \(Self.itemJoins)
                    WHERE commitment = 'due' AND commitment_due_at <= ?1 AND destination = ?2 ORDER BY delivery.id LIMIT ?3
                    """,
                arguments: [Timestamp.text(now), destination, limit]
            ).map(Self.item)
        }
    }

    /// When something falls due or an open request has waited long enough; nil when nothing does.
    public func nextEvent(destination: String) throws -> Date? {
        try ledger.database.read { db in
            try String.fetchOne(
                db,
                sql: """
                    SELECT min(at) FROM (
                      SELECT min(commitment_due_at) AS at FROM delivery WHERE commitment = 'due' AND destination = ?1
                      UNION ALL SELECT min(answer_by) FROM commitment WHERE state = 'asked' AND destination = ?1)
                    """,
                arguments: [destination])
        }.flatMap(Timestamp.date)
    }

    /// Records a request before it goes out: the answer may be faster than our next line.
    public func begin(
        transactionUID: String, items: [CommitmentItem], destination: String, at now: Date, answerBy: Date
    ) throws {
        try ledger.database.write { db in
            try db.execute(
                sql: "INSERT INTO commitment (transaction_uid, destination, state, asked_at, answer_by) "
                    + "VALUES (?, ?, 'asked', ?, ?)",
                arguments: [transactionUID, destination, Timestamp.text(now), Timestamp.text(answerBy)])
            let row = db.lastInsertedRowID
            for item in items {
                try db.execute(
                    sql: "INSERT INTO commitment_item (commitment_id, delivery_id) VALUES (?, ?)",
                    arguments: [row, item.delivery])
                try db.execute(
                    sql: "UPDATE delivery SET commitment = 'asked', commitment_due_at = NULL, "
                        + "commitment_requests = commitment_requests + 1 WHERE id = ? AND commitment = 'due'",
                    arguments: [item.delivery])
            }
        }
    }

    /// The request did not reach the destination, or was refused: what happens to its deliveries is decided at once.
    /// - Parameter counts: whether it counts as a request.
    public func end(transactionUID: String, decision: CommitmentDecision, counts: Bool, at now: Date) throws {
        try ledger.database.write { db in
            guard
                let row = try Int64.fetchOne(
                    db, sql: "SELECT id FROM commitment WHERE transaction_uid = ? AND state = 'asked'",
                    arguments: [transactionUID])
            else { return }
            try db.execute(sql: "UPDATE commitment SET state = 'refused' WHERE id = ?", arguments: [row])
            for delivery in try Int64.fetchAll(
                db, sql: "SELECT delivery_id FROM commitment_item WHERE commitment_id = ?", arguments: [row])
            {
                if !counts {
                    try db.execute(
                        sql: "UPDATE delivery SET commitment_requests = commitment_requests - 1 WHERE id = ?",
                        arguments: [delivery])
                }
                try Self.apply(decision, to: delivery, at: now, in: db)
            }
        }
    }

    /// Records an answer, from whichever association it came; also one that comes late.
    /// - Returns: false when the transaction is none of ours.
    public func record(_ answer: CommitmentAnswer, at now: Date) throws -> Bool {
        let isKnown = try ledger.database.write { db in
            guard
                let row = try Int64.fetchOne(
                    db, sql: "SELECT id FROM commitment WHERE transaction_uid = ?",
                    arguments: [answer.transactionUID])
            else { return false }
            try db.execute(
                sql: "UPDATE commitment SET state = 'answered', answered_at = ? WHERE id = ?",
                arguments: [Timestamp.text(now), row])
            for item in try Row.fetchAll(
                db,
                sql: """
                    SELECT delivery_id, sop_instance_uid FROM commitment_item JOIN delivery ON delivery.id = delivery_id
                      JOIN result ON result.id = coalesce(sent_result_id, result_id) WHERE commitment_id = ?
                    """,
                arguments: [row])
            {
                let name: String = item["sop_instance_uid"]
                let reason = answer.failed[name]
                let outcome = answer.committed.contains(name) ? "committed" : reason == nil ? "notMentioned" : "failed"
                try db.execute(
                    sql: "UPDATE commitment_item SET outcome = ?, failure_reason = ?, is_settled = 0 "
                        + "WHERE commitment_id = ? AND delivery_id = ?",
                    arguments: [outcome, reason, row, item["delivery_id"] as Int64])
            }
            return true
        }
        if isKnown { ledger.deliveryBell.ring() }
        return isKnown
    }

    /// Whether a request is no longer open.
    public func isAnswered(_ transactionUID: String) throws -> Bool {
        try ledger.database.read { db in
            try String.fetchOne(
                db, sql: "SELECT state FROM commitment WHERE transaction_uid = ?", arguments: [transactionUID])
        } != "asked"
    }

    /// Ends what was not answered in time.
    public func expire(destination: String, at now: Date) throws {
        try ledger.database.write { db in
            for row in try Int64.fetchAll(
                db, sql: "SELECT id FROM commitment WHERE state = 'asked' AND destination = ? AND answer_by <= ?",
                arguments: [destination, Timestamp.text(now)])
            {
                try db.execute(sql: "UPDATE commitment SET state = 'expired' WHERE id = ?", arguments: [row])
                try db.execute(
                    sql: "UPDATE commitment_item SET outcome = 'noAnswer' WHERE commitment_id = ?", arguments: [row])
            }
        }
    }

    /// Answers of which nothing was decided yet. One that a newer request has overtaken counts only when it is good news.
    public func unsettled(destination: String) throws -> [CommitmentResult] {
        try ledger.database.write { db in
            try db.execute(
                sql: """
                    UPDATE commitment_item SET is_settled = 1 WHERE outcome IS NOT NULL AND is_settled = 0
                      AND outcome <> 'committed' AND EXISTS (SELECT 1 FROM commitment_item AS later
                        WHERE later.delivery_id = commitment_item.delivery_id
                          AND later.commitment_id > commitment_item.commitment_id)
                    """)
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.itemColumns), commitment_id, outcome, failure_reason
                    FROM commitment_item JOIN delivery ON delivery.id = delivery_id \(Self.itemJoins)
                    WHERE outcome IS NOT NULL AND is_settled = 0 AND delivery.destination = ?
                    ORDER BY commitment_id, delivery.id
                    """,
                arguments: [destination]
            ).map { row in
                let outcome: CommitmentResult.Outcome =
                    switch row["outcome"] as String {
                    case "committed": .committed
                    case "failed": .failed(reason: row["failure_reason"] ?? 0)
                    case "noAnswer": .noAnswer
                    default: .notMentioned
                    }
                return CommitmentResult(commitment: row["commitment_id"], item: Self.item(row), outcome: outcome)
            }
        }
    }

    /// Records what was decided of one object.
    public func settle(_ result: CommitmentResult, _ decision: CommitmentDecision, at now: Date) throws {
        try ledger.database.write { db in
            try db.execute(
                sql: "UPDATE commitment_item SET is_settled = 1 WHERE commitment_id = ? AND delivery_id = ?",
                arguments: [result.commitment, result.item.delivery])
            try Self.apply(decision, to: result.item.delivery, at: now, in: db)
        }
    }

    private static func apply(_ decision: CommitmentDecision, to delivery: Int64, at now: Date, in db: Database) throws
    {
        let change: (set: String, arguments: [String]) =
            switch decision {
            case .committed: ("commitment = 'committed', commitment_due_at = NULL, commitment_reason = ''", [])
            case .askAgain(let at, let reason):
                ("commitment = 'due', commitment_due_at = ?, commitment_reason = ?", [Timestamp.text(at), reason])
            case .sendAgain(let reason):
                (
                    "state = 'waiting', delivered_at = NULL, attempts = 0, next_attempt_at = ?, reason = ?, "
                        + "commitment = NULL, commitment_due_at = NULL", [Timestamp.text(now), reason]
                )
            case .failed(let reason):
                ("commitment = 'failed', commitment_due_at = NULL, commitment_reason = ?", [reason])
            case .notOffered(let reason):
                ("commitment = 'notOffered', commitment_due_at = NULL, commitment_reason = ?", [reason])
            }
        // What waits to be sent again is asked for when it is there.
        try db.execute(
            sql: "UPDATE delivery SET \(change.set) WHERE id = ? AND state = 'delivered'",
            arguments: StatementArguments(change.arguments) + [delivery])
    }

    private static let itemColumns =
        "delivery.id, analysis.study_id, result.sop_class_uid, result.sop_instance_uid, commitment_requests, sends"
    private static let itemJoins =
        "JOIN result ON result.id = coalesce(sent_result_id, result_id) JOIN analysis ON analysis.id = analysis_id"

    private static func item(_ row: Row) -> CommitmentItem {
        CommitmentItem(
            delivery: row["id"], study: row["study_id"], sopClassUID: row["sop_class_uid"],
            sopInstanceUID: row["sop_instance_uid"], requests: row["commitment_requests"], sends: row["sends"])
    }
}

extension Ledger {
    /// Requests for storage commitment.
    public var commitments: CommitmentQueue { CommitmentQueue(ledger: self) }
}
