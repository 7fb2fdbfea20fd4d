internal import GRDB

/// One line of `apatitectl studies`. Patient identity is the operator's to see; it never goes to a log.
public struct StudyOverview: Sendable, Equatable, Codable {
    public var row: Int64
    public var state: StudyState
    public var stateSince: String
    public var studyInstanceUID: String
    public var accessionNumber: String
    public var patientID: String
    public var patientName: String
    public var source: String
    public var firstReceivedAt: String
    public var lastImageAt: String?
    public var series: Int
    public var instances: Int
    /// Objects that came twice with one UID and different content.
    public var conflicts: Int
    /// Number of the last report; nil when there is none.
    public var revision: Int?
    /// The messages of `reasons` in one line; nil when there are none.
    public var reason: String?
    public var reasons: [StudyReason]
    public var deliveries: DeliveryCount
}

/// Deliveries by state.
public struct DeliveryCount: Sendable, Equatable, Codable {
    public var waiting: Int
    public var delivered: Int
    public var refused: Int

    public init(waiting: Int, delivered: Int, refused: Int) {
        self.waiting = waiting
        self.delivered = delivered
        self.refused = refused
    }
}

/// The service in numbers.
public struct LedgerStatus: Sendable, Equatable, Codable {
    /// Studies by state; a state without studies is absent.
    public var studies: [String: Int]
    public var openAssociations: Int
    public var deliveries: DeliveryCount
    public var lastReportAt: String?
    public var conflicts: Int

    public init(
        studies: [String: Int], openAssociations: Int, deliveries: DeliveryCount, lastReportAt: String?, conflicts: Int
    ) {
        self.studies = studies
        self.openAssociations = openAssociations
        self.deliveries = deliveries
        self.lastReportAt = lastReportAt
        self.conflicts = conflicts
    }
}

extension Ledger {
    /// - Parameter limit: newest first; nil for all.
    public func studies(limit: Int? = nil) throws -> [StudyOverview] {
        try database.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM study_overview ORDER BY id DESC LIMIT ?", arguments: [limit ?? -1]
            ).map { try Ledger.overview($0, in: db) }
        }
    }

    public func study(_ row: Int64) throws -> StudyOverview? {
        try database.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM study_overview WHERE id = ?", arguments: [row])
                .map { try Ledger.overview($0, in: db) }
        }
    }

    /// Rows of the studies that an operator may mean: row number, Study Instance UID or accession number.
    public func findStudies(_ name: String) throws -> [Int64] {
        try database.read { db in
            try Int64.fetchAll(
                db,
                sql: "SELECT id FROM study WHERE study_instance_uid = ?1 OR accession_number = ?1 "
                    + "OR CAST(id AS TEXT) = ?1 ORDER BY study_instance_uid = ?1 DESC, id",
                arguments: [name])
        }
    }

    public func status() throws -> LedgerStatus {
        try database.read { db in
            var studies: [String: Int] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT state, count(*) AS n FROM study GROUP BY state") {
                studies[row["state"]] = row["n"]
            }
            return LedgerStatus(
                studies: studies,
                openAssociations: try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM association WHERE closed_at IS NULL") ?? 0,
                deliveries: try Ledger.deliveryCount(study: nil, in: db),
                lastReportAt: try String.fetchOne(
                    db, sql: "SELECT max(finished_at) FROM analysis WHERE state IN ('reported', 'notAnalysable')"),
                conflicts: try Int.fetchOne(db, sql: "SELECT count(*) FROM conflict") ?? 0)
        }
    }

    static func overview(_ row: Row, in db: Database) throws -> StudyOverview {
        let id: Int64 = row["id"]
        let reasons = try Row.fetchAll(
            db,
            sql: """
                SELECT code, message, remedy FROM reason WHERE analysis_id = (SELECT max(id) FROM analysis
                  WHERE study_id = ? AND state NOT IN ('unchanged', 'withdrawn')) ORDER BY position
                """,
            arguments: [id]
        ).map { StudyReason(code: $0["code"], message: $0["message"], remedy: $0["remedy"]) }
        return StudyOverview(
            row: id, state: StudyState(rawValue: row["state"]) ?? .receiving, stateSince: row["state_since"],
            studyInstanceUID: row["study_instance_uid"], accessionNumber: row["accession_number"],
            patientID: row["patient_id"], patientName: row["patient_name"], source: row["source"],
            firstReceivedAt: row["first_received_at"], lastImageAt: row["last_image_at"], series: row["series"],
            instances: row["instances"], conflicts: row["conflicts"], revision: row["revision"],
            reason: reasons.isEmpty ? nil : reasons.map(\.message).joined(separator: "; "), reasons: reasons,
            deliveries: try deliveryCount(study: id, in: db))
    }

    private static func deliveryCount(study: Int64?, in db: Database) throws -> DeliveryCount {
        var count = DeliveryCount(waiting: 0, delivered: 0, refused: 0)
        for row in try Row.fetchAll(
            db,
            // The service asks for the whole each second: without the joins.
            sql: study == nil
                ? "SELECT state, count(*) AS n FROM delivery GROUP BY state"
                : "SELECT state, count(*) AS n FROM delivery_overview WHERE study = ? GROUP BY state",
            arguments: study.map { [$0] } ?? [])
        {
            switch row["state"] as String {
            case "waiting": count.waiting = row["n"]
            case "delivered": count.delivered = row["n"]
            case "refused": count.refused = row["n"]
            // Withdrawn before it was sent: nobody waits for it.
            default: break
            }
        }
        return count
    }
}
