public import Foundation
internal import GRDB

/// What became of a segmentation that a reader may have reviewed.
public enum ReviewState: String, Sendable, CaseIterable, Codable {
    /// For its turn, or for a report of the study.
    case waiting
    /// An analysis measures on it.
    case measuring
    /// The report of `analysis` rests on it.
    case measured
    /// It says what the report says already, or is our own as we wrote it.
    case unchanged
    /// It cannot be measured: the reasons of its analysis say why.
    case refused
}

/// The reviewed segmentation that an analysis is to measure on.
public struct ReviewTicket: Sendable, Equatable {
    /// Relative to the state folder.
    public var path: String
    /// Our own segmentation that has the same SOP Instance UID, relative to the state folder; nil when none has.
    public var ownSegmentation: String?
}

/// One segmentation as `apatitectl show` prints it.
public struct ReviewLine: Sendable, Equatable, Codable {
    public var receivedAt: String
    public var source: String
    public var state: ReviewState
    /// Row in `analysis`; nil while it waits.
    public var analysis: Int64?
    /// Revision of the report that rests on it.
    public var revision: Int?
    public var sopInstanceUID: String
    /// Why it was refused, as one text; nil otherwise.
    public var reason: String?
}

extension Ledger {
    static let segmentationClass = "1.2.840.10008.5.1.4.1.1.66.4"

    /// Queues an analysis on the oldest segmentation that waits. Nothing is done where images came since the decision:
    /// they are looked at first.
    public func measureReview(study: Int64, at: Date) throws {
        try database.write { db in
            guard let state = try Ledger.state(of: study, in: db), [.reported, .notAnalysable].contains(state),
                try Int.fetchOne(db, sql: "SELECT new_images FROM study WHERE id = ?", arguments: [study]) == 0,
                let review = try Int64.fetchOne(
                    db, sql: "SELECT min(id) FROM review WHERE study_id = ? AND state = 'waiting'", arguments: [study])
            else { return }
            let analysis = try Ledger.insertAnalysis(
                study: study, state: "queued", signal: .reviewedContours, at: Timestamp.text(at), in: db)
            try db.execute(
                sql: "UPDATE review SET state = 'measuring', analysis_id = ? WHERE id = ?",
                arguments: [analysis, review])
        }
        analyses.ring()
    }

    /// Takes note of a segmentation: whether it was reviewed by anybody is found out by whoever can read it.
    static func noteReview(_ arrival: ReceivedInstance, study: Int64, at: String, in db: Database) throws {
        guard arrival.sopClassUID == segmentationClass else { return }
        let study = try studyOfImages(arrival, under: study, in: db)
        let source = try source(arrival.callingAETitle, at: at, in: db)
        try db.execute(
            sql: "INSERT OR IGNORE INTO review (study_id, source_id, sop_instance_uid, sha256, path, received_at) "
                + "VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [study, source, arrival.sopInstanceUID, arrival.sha256, arrival.path, at])
    }

    /// The study that a segmentation draws on. Some editors open a study of their own: there the series that it names say
    /// whose images they are.
    private static func studyOfImages(_ arrival: ReceivedInstance, under study: Int64, in db: Database) throws -> Int64
    {
        let series = arrival.header.referencedSeries
        guard !series.isEmpty else { return study }
        let marks = series.map { _ in "?" }.joined(separator: ", ")
        let studies = try Int64.fetchAll(
            db,
            sql: """
                SELECT DISTINCT study_id FROM series WHERE series_instance_uid IN (\(marks)) AND NOT EXISTS
                  (SELECT 1 FROM series AS own JOIN instance ON instance.series_id = own.id
                    WHERE own.study_id = ? AND role = 'image')
                """,
            arguments: StatementArguments(series) + [study])
        return studies.count == 1 ? studies[0] : study
    }

    /// Puts back what an analysis that is not run any more was to measure on.
    static func releaseReview(of study: Int64, in db: Database) throws {
        try db.execute(
            sql: "UPDATE review SET state = 'waiting', analysis_id = NULL WHERE state = 'measuring' AND analysis_id IN "
                + "(SELECT id FROM analysis WHERE study_id = ? AND state = 'withdrawn')",
            arguments: [study])
    }

    static func review(of analysis: Int64, in db: Database) throws -> ReviewTicket? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT review.path, (SELECT result.path FROM result WHERE result.sop_instance_uid =
                  review.sop_instance_uid AND kind = 'seg') AS own FROM review WHERE analysis_id = ?
                """,
            arguments: [analysis]
        ).map { ReviewTicket(path: $0["path"], ownSegmentation: $0["own"]) }
    }

    /// Newest contours that a report of the study was measured on, if the given one still rests on them.
    static func keptContours(of predecessor: Int64?, study: Int64, in db: Database) throws -> String? {
        try String.fetchOne(
            db,
            sql: """
                SELECT review.path FROM review JOIN analysis ON analysis.id = ?
                WHERE review.study_id = ? AND review.state = 'measured' AND review.analysis_id <= analysis.id
                  AND contours_digest IS NOT NULL AND NOT EXISTS
                    (SELECT 1 FROM withdrawal WHERE cause = 'operator' AND withdrawal.analysis_id = analysis.id)
                ORDER BY review.analysis_id DESC LIMIT 1
                """,
            arguments: [predecessor, study])
    }

    static func finishReview(of analysis: Int64, study: Int64, as state: ReviewState, at: String, in db: Database)
        throws
    {
        try db.execute(
            sql: "UPDATE review SET state = ? WHERE analysis_id = ?", arguments: [state.rawValue, analysis])
        try note("review\(state.rawValue.capitalized)", study: study, at: at, in: db)
    }

    static func reviews(of study: Int64, in db: Database) throws -> [ReviewLine] {
        try Row.fetchAll(
            db,
            sql: "SELECT review_overview.*, analysis_id FROM review_overview JOIN review USING (id) "
                + "WHERE study_id = ? ORDER BY id",
            arguments: [study]
        ).map {
            let state = ReviewState(rawValue: $0["state"]) ?? .waiting
            return ReviewLine(
                receivedAt: $0["received_at"], source: $0["source"], state: state, analysis: $0["analysis_id"],
                revision: state == .measured ? $0["revision"] : nil, sopInstanceUID: $0["sop_instance_uid"],
                reason: $0["reason"])
        }
    }
}
