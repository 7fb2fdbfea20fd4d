public import Foundation
internal import GRDB

/// One result on its way to one destination.
public struct Delivery: Sendable, Equatable, Identifiable {
    /// One form of the result: an object in a file.
    public struct Object: Sendable, Equatable {
        public var sopClassUID: String
        public var sopInstanceUID: String
        public var transferSyntaxUID: String
        /// Relative to the state folder.
        public var path: String

        public init(sopClassUID: String, sopInstanceUID: String, transferSyntaxUID: String, path: String) {
            self.sopClassUID = sopClassUID
            self.sopInstanceUID = sopInstanceUID
            self.transferSyntaxUID = transferSyntaxUID
            self.path = path
        }
    }

    public var id: Int64
    public var destination: String
    public var object: Object
    /// The same content in another SOP class, for a destination that does not take the first.
    public var alternative: Object?
    /// Attempts that failed before this one.
    public var attempts: Int
    /// Row in `study`, for log lines.
    public var study: Int64
}

/// What a destination answered that it took.
public struct DeliveryAcceptance: Sendable, Equatable {
    /// The object that was sent: the result or its alternative.
    public var sopInstanceUID: String
    /// As it went over the wire.
    public var transferSyntaxUID: String
    /// As the standard writes it: "0000H".
    public var status: String
    /// The destination's Error Comment; may hold anything, so it never goes to a log.
    public var comment: String

    public init(sopInstanceUID: String, transferSyntaxUID: String, status: String, comment: String = "") {
        self.sopInstanceUID = sopInstanceUID
        self.transferSyntaxUID = transferSyntaxUID
        self.status = status
        self.comment = comment
    }
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
                    SELECT delivery.id, delivery.destination, delivery.attempts, analysis.study_id,
                      result.sop_class_uid, result.sop_instance_uid, result.transfer_syntax_uid, result.path,
                      other.sop_class_uid AS other_class, other.sop_instance_uid AS other_instance,
                      other.transfer_syntax_uid AS other_syntax, other.path AS other_path
                    FROM delivery JOIN result ON result.id = delivery.result_id
                      JOIN analysis ON analysis.id = result.analysis_id
                      LEFT JOIN result AS other ON other.alternative_of = result.id
                    WHERE delivery.state = 'waiting' AND delivery.next_attempt_at <= ?1
                      AND (?2 IS NULL OR delivery.destination = ?2)
                    ORDER BY delivery.result_id, delivery.id LIMIT ?3
                    """,
                arguments: [Timestamp.text(now), destination, limit]
            ).map(Self.delivery)
        }
    }

    private static func delivery(_ row: Row) -> Delivery {
        let other = (row["other_class"] as String?).map {
            Delivery.Object(
                sopClassUID: $0, sopInstanceUID: row["other_instance"], transferSyntaxUID: row["other_syntax"],
                path: row["other_path"])
        }
        return Delivery(
            id: row["id"], destination: row["destination"],
            object: Delivery.Object(
                sopClassUID: row["sop_class_uid"], sopInstanceUID: row["sop_instance_uid"],
                transferSyntaxUID: row["transfer_syntax_uid"], path: row["path"]), alternative: other,
            attempts: row["attempts"], study: row["study_id"])
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
    /// - Parameter asksCommitment: its storage is to be committed.
    public func markDelivered(_ id: Int64, _ acceptance: DeliveryAcceptance, asksCommitment: Bool = false, at now: Date)
        throws
    {
        try ledger.database.write { db in
            // Also what was withdrawn while it was under way: it is there, and a rejection note has to name it.
            try db.execute(
                sql: """
                    UPDATE delivery SET state = 'delivered', delivered_at = ?1, last_attempt_at = ?1, reason = '',
                      sends = sends + 1, status = ?2, comment = ?3, sent_transfer_syntax_uid = ?4,
                      sent_result_id = (SELECT id FROM result WHERE sop_instance_uid = ?5),
                      commitment = CASE WHEN ?6 THEN 'due' END, commitment_due_at = CASE WHEN ?6 THEN ?1 END,
                      commitment_requests = 0, commitment_reason = ''
                    WHERE id = ?7 AND state IN ('waiting', 'withdrawn')
                    """,
                arguments: [
                    Timestamp.text(now), acceptance.status, acceptance.comment, acceptance.transferSyntaxUID,
                    acceptance.sopInstanceUID, asksCommitment, id,
                ])
            guard db.changesCount == 1 else { return }
            try db.execute(
                sql: """
                    UPDATE withdrawal SET state = 'requested' WHERE analysis_id = (SELECT analysis_id FROM delivery
                      JOIN result ON result.id = result_id WHERE delivery.id = ? AND kind <> 'rejectionNote')
                    """,
                arguments: [id])
        }
    }

    /// It may work later: unreachable, out of resources.
    public func markFailed(_ id: Int64, at now: Date, retryAt: Date, reason: String, status: String? = nil) throws {
        try update(
            id, set: "attempts = attempts + 1, last_attempt_at = ?1, next_attempt_at = ?2, reason = ?3, status = ?4",
            [Timestamp.text(now), Timestamp.text(retryAt), reason, status])
    }

    /// It will never work as it is: the class is not accepted, the object is refused. Only `apatitectl retry` or
    /// a changed destination helps.
    public func markRefused(_ id: Int64, at now: Date, reason: String, status: String? = nil, comment: String = "")
        throws
    {
        try update(
            id,
            set: "state = 'refused', attempts = attempts + 1, last_attempt_at = ?1, reason = ?2, status = ?3, "
                + "comment = ?4", [Timestamp.text(now), reason, status, comment])
    }

    private func update(_ id: Int64, set: String, _ arguments: [String?]) throws {
        try ledger.database.write { db in
            var all = StatementArguments(arguments)
            all += [id]
            try db.execute(
                sql: "UPDATE delivery SET \(set) WHERE id = ?\(arguments.count + 1) AND state = 'waiting'",
                arguments: all)
        }
    }
}
