internal import GRDB

/// Everything `apatitectl show` prints of one study.
public struct StudyDetail: Sendable, Equatable, Codable {
    public struct Series: Sendable, Equatable, Codable {
        public var seriesInstanceUID: String
        public var modality: String
        public var description: String
        public var bodyPart: String
        public var protocolName: String
        public var instances: Int
        /// "image", "other" or "own": what the analysis looks at, what is kept aside, what we made ourselves.
        public var role: String
    }
    public struct Analysis: Sendable, Equatable, Codable {
        public var row: Int64
        public var revision: Int
        public var state: String
        public var closingSignal: String
        public var closedAt: String
        public var finishedAt: String?
        public var failures: Int
        public var reasons: [StudyReason]
        /// What became of the search for an earlier report; nil before there was one.
        public var prior: RecordedPrior?
    }
    public struct Event: Sendable, Equatable, Codable {
        public var at: String
        public var kind: String
        public var detail: String
    }
    public var study: StudyOverview
    public var series: [Series]
    public var analyses: [Analysis]
    public var deliveries: [DeliveryLine]
    /// Segmentations that came, in the order of their arrival.
    public var reviews: [ReviewLine]
    public var events: [Event]
}

extension Ledger {
    /// - Parameter row: row in `study`.
    public func detail(_ row: Int64) throws -> StudyDetail? {
        try database.read { db in
            guard let study = try Row.fetchOne(db, sql: "SELECT * FROM study_overview WHERE id = ?", arguments: [row])
            else { return nil }
            return StudyDetail(
                study: try Ledger.overview(study, in: db), series: try Ledger.series(of: row, in: db),
                analyses: try Ledger.analyses(of: row, in: db), deliveries: try Ledger.deliveries(study: row, in: db),
                reviews: try Ledger.reviews(of: row, in: db),
                events: try Row.fetchAll(
                    db, sql: "SELECT at, kind, detail FROM event WHERE study_id = ? ORDER BY id", arguments: [row]
                ).map { StudyDetail.Event(at: $0["at"], kind: $0["kind"], detail: $0["detail"]) })
        }
    }

    private static func series(of study: Int64, in db: Database) throws -> [StudyDetail.Series] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT series.*, role, count(*) AS n FROM series JOIN instance ON series_id = series.id
                WHERE study_id = ? GROUP BY series.id, role ORDER BY series.id
                """,
            arguments: [study]
        ).map {
            StudyDetail.Series(
                seriesInstanceUID: $0["series_instance_uid"], modality: $0["modality"], description: $0["description"],
                bodyPart: $0["body_part"], protocolName: $0["protocol"], instances: $0["n"], role: $0["role"])
        }
    }

    private static func analyses(of study: Int64, in db: Database) throws -> [StudyDetail.Analysis] {
        try Row.fetchAll(db, sql: "SELECT * FROM analysis WHERE study_id = ? ORDER BY id", arguments: [study]).map {
            let id: Int64 = $0["id"]
            return StudyDetail.Analysis(
                row: id, revision: $0["revision"], state: $0["state"], closingSignal: $0["closing_signal"],
                closedAt: $0["closed_at"], finishedAt: $0["finished_at"], failures: $0["failures"],
                reasons: try Row.fetchAll(
                    db, sql: "SELECT code, message, remedy FROM reason WHERE analysis_id = ? ORDER BY position",
                    arguments: [id]
                ).map { StudyReason(code: $0["code"], message: $0["message"], remedy: $0["remedy"]) },
                prior: try Ledger.prior(of: id, in: db))
        }
    }
}
