internal import GRDB

/// One line of `apatitectl deliveries`: where one result stands at one destination, and what was accepted there.
public struct DeliveryLine: Sendable, Equatable, Codable {
    public var row: Int64
    /// Row in `study`.
    public var study: Int64
    public var accessionNumber: String
    public var revision: Int
    /// "sr", "seg", "summary", "maps:ha", "rejectionNote" ...
    public var kind: String
    public var destination: String
    /// "waiting", "delivered", "refused" or "withdrawn".
    public var state: String
    public var attempts: Int
    public var nextAttemptAt: String
    public var deliveredAt: String?
    /// Why it waits or was refused.
    public var reason: String
    /// Of the last C-STORE: "0000H".
    public var status: String?
    /// What the destination took: of the report perhaps its other form.
    public var acceptedSOPClassUID: String?
    public var acceptedTransferSyntaxUID: String?
    /// The object's, as it was sent or is to be sent.
    public var sopInstanceUID: String
    public var path: String
    /// "due", "asked", "committed", "failed" or "notOffered"; nil where no commitment is asked for.
    public var commitment: String?
    public var commitmentReason: String
    /// "superseded" or "operator" when its report is no longer valid.
    public var withdrawn: String?
}

extension Ledger {
    /// Deliveries, newest first.
    /// - Parameters:
    ///   - open: only what waits, was refused, or has no commitment where one is asked for.
    ///   - limit: nil for all.
    public func deliveryLines(
        study: Int64? = nil, destination: String? = nil, open: Bool = false, limit: Int? = nil
    ) throws -> [DeliveryLine] {
        try database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM delivery_overview WHERE (?1 IS NULL OR destination = ?1)
                      AND (?4 IS NULL OR study = ?4) AND (NOT ?2 OR state IN ('waiting', 'refused') OR commitment IN ('due', 'asked', 'failed'))
                    ORDER BY id DESC LIMIT ?3
                    """,
                arguments: [destination, open, limit ?? -1, study]
            ).map(DeliveryLine.init)
        }
    }

    static func deliveries(study: Int64, in db: Database) throws -> [DeliveryLine] {
        try Row.fetchAll(db, sql: "SELECT * FROM delivery_overview WHERE study = ? ORDER BY id", arguments: [study])
            .map(DeliveryLine.init)
    }
}

extension DeliveryLine {
    fileprivate init(_ row: Row) {
        self.init(
            row: row["id"], study: row["study"], accessionNumber: row["accession_number"], revision: row["revision"],
            kind: row["kind"], destination: row["destination"], state: row["state"], attempts: row["attempts"],
            nextAttemptAt: row["next_attempt_at"], deliveredAt: row["delivered_at"], reason: row["reason"],
            status: row["status"], acceptedSOPClassUID: row["accepted_sop_class_uid"],
            acceptedTransferSyntaxUID: row["accepted_transfer_syntax_uid"], sopInstanceUID: row["sop_instance_uid"],
            path: row["path"], commitment: row["commitment"], commitmentReason: row["commitment_reason"],
            withdrawn: row["withdrawn"])
    }
}
