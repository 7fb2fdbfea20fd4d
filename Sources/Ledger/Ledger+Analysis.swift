public import Foundation
internal import GRDB

extension Ledger {
    /// Takes the next analysis: first what an earlier run of the service left unfinished, then the oldest in the
    /// queue; one whose worker failed or that was put back comes after those that were not tried yet.
    public func beginNextAnalysis(at: Date) throws -> AnalysisTicket? {
        try database.write { db in
            let text = Timestamp.text(at)
            guard
                let row = try Row.fetchOne(
                    db,
                    sql: "SELECT id, study_id, state FROM analysis WHERE state IN ('queued', 'running') "
                        + "ORDER BY state = 'running' DESC, failures, coalesce(started_at, ''), id LIMIT 1")
            else { return nil }
            let id: Int64 = row["id"]
            try db.execute(
                sql: "UPDATE analysis SET state = 'running', starts = starts + 1, started_at = ? WHERE id = ?",
                arguments: [text, id])
            try Ledger.setState(.analysing, study: row["study_id"], at: text, in: db)
            return try Ledger.ticket(id, in: db)
        }
    }

    /// Records how an analysis ended, its results and what is to be delivered, in one transaction: after a crash
    /// either all of it is there or the analysis is still to be done.
    ///
    /// An analysis that chose the same images as the report it would replace, or whose results are recorded
    /// already, changes nothing: the study returns to the fate it had.
    @discardableResult
    public func finish(analysis id: Int64, _ end: AnalysisEnd, at: Date) throws -> FinishedAnalysis {
        let finished = try database.write { db in try Ledger.finish(id, end, at: Timestamp.text(at), in: db) }
        deliveryBell.ring()
        arrivals.ring()
        return finished
    }

    /// Records that the worker failed and puts the analysis back into the queue.
    /// - Returns: failures so far.
    public func analysisFailed(_ id: Int64, detail: String, at: Date) throws -> Int {
        try database.write { db in
            let text = Timestamp.text(at)
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT study_id, failures FROM analysis WHERE id = ? AND state = 'running'",
                    arguments: [id])
            else { throw LedgerError(code: .noSuchRow, message: "Analysis \(id) is not running.") }
            let failures = (row["failures"] as Int) + 1
            try db.execute(
                sql: "UPDATE analysis SET failures = ?, state = 'queued' WHERE id = ?", arguments: [failures, id])
            try Ledger.note("analysisFailed", study: row["study_id"], detail: detail, at: text, in: db)
            try Ledger.setState(.queued, study: row["study_id"], at: text, in: db)
            return failures
        }
    }

    /// Puts a running analysis back because the service stops, or because something outside the study failed: this start
    /// does not count.
    /// - Parameter detail: what failed, for the study's history; empty for a stop.
    public func abandon(analysis id: Int64, detail: String = "", at: Date) throws {
        try database.write { db in
            try db.execute(
                sql: "UPDATE analysis SET state = 'queued', starts = starts - 1 "
                    + "WHERE id = ? AND state = 'running'",
                arguments: [id])
            guard db.changesCount == 1,
                let study = try Int64.fetchOne(db, sql: "SELECT study_id FROM analysis WHERE id = ?", arguments: [id])
            else { return }
            if !detail.isEmpty {
                try Ledger.note("analysisPutBack", study: study, detail: detail, at: Timestamp.text(at), in: db)
            }
            try Ledger.setState(.queued, study: study, at: Timestamp.text(at), in: db)
        }
    }

    private static func finish(_ id: Int64, _ end: AnalysisEnd, at: String, in db: Database) throws
        -> FinishedAnalysis
    {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM analysis WHERE id = ? AND state = 'running'", arguments: [id])
        else {
            throw LedgerError(code: .noSuchRow, message: "Analysis \(id) is not running: its end was recorded before.")
        }
        let study: Int64 = row["study_id"]
        let predecessor = try Row.fetchOne(
            db, sql: "SELECT state, acquisition_digest, contours_digest FROM analysis WHERE id = ?",
            arguments: [row["predecessor_id"] as Int64?])
        let signal = StudyClosingSignal(rawValue: row["closing_signal"])
        // Contours that a reader reviewed stand as long as the images are the same.
        let isSameChoice =
            end.acquisitionDigest != nil && end.acquisitionDigest == predecessor?["acquisition_digest"]
            && (signal == .quietPeriod
                || (signal == .reviewedContours && !end.areContoursRefused
                    && end.contoursDigest == predecessor?["contours_digest"]))
        let isRecorded = try end.results.contains { result in
            try Int.fetchOne(
                db, sql: "SELECT 1 FROM result WHERE sop_instance_uid = ?", arguments: [result.sopInstanceUID]) != nil
        }
        // Of a reviewed segmentation that ended the worker, or that is our own, there is nothing to send.
        let isRefused = signal == .reviewedContours && end.results.isEmpty
        let isUnchanged = isSameChoice || isRecorded || isRefused
        try db.execute(
            sql: "UPDATE analysis SET state = ?, finished_at = ?, acquisition_digest = ?, contours_digest = ? "
                + "WHERE id = ?",
            arguments: [
                isUnchanged ? "unchanged" : end.fate.rawValue, at, end.acquisitionDigest, end.contoursDigest, id,
            ])
        if signal == .reviewedContours {
            let isTold = end.areContoursRefused || (isRefused && !end.areContoursOwn)
            if isTold, isUnchanged { try insert(reasons: end.reasons, analysis: id, in: db) }
            try finishReview(
                of: id, study: study, as: isTold ? .refused : isUnchanged ? .unchanged : .measured, at: at, in: db)
        }
        var fate = end.fate
        if isUnchanged {
            fate = (predecessor?["state"] as String?).flatMap(StudyState.init(rawValue:)) ?? end.fate
        } else {
            try insert(reasons: end.reasons, analysis: id, in: db)
            if let prior = end.prior { try insert(prior, analysis: id, in: db) }
            // An alternative names the row of the other.
            for result in end.results.filter({ $0.alternativeOf == nil })
                + end.results.filter({ $0.alternativeOf != nil })
            {
                try insert(result, analysis: id, at: at, in: db)
            }
            if !end.results.isEmpty, let superseded = row["predecessor_id"] as Int64? {
                try supersede(superseded, at: at, in: db)
            }
        }
        try setState(fate, study: study, at: at, in: db)
        return FinishedAnalysis(fate: fate, isUnchanged: isUnchanged)
    }

    static func insert(_ result: RecordedResult, analysis: Int64, at: String, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO result (analysis_id, kind, sop_class_uid, sop_instance_uid, series_instance_uid,
                  transfer_syntax_uid, path, made_at, alternative_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?,
                  (SELECT id FROM result WHERE sop_instance_uid = ?))
                """,
            arguments: [
                analysis, result.kind, result.sopClassUID, result.sopInstanceUID, result.seriesInstanceUID,
                result.transferSyntaxUID, result.path, at, result.alternativeOf,
            ])
        let row = db.lastInsertedRowID
        for destination in result.destinations {
            try db.execute(
                sql: "INSERT INTO delivery (result_id, destination, next_attempt_at) VALUES (?, ?, ?)",
                arguments: [row, destination, at])
        }
    }

    private static func ticket(_ id: Int64, in db: Database) throws -> AnalysisTicket? {
        guard
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT analysis.*, study_instance_uid, has_two_patients, ae_title FROM analysis
                      JOIN study ON study.id = study_id JOIN source ON source.id = source_id WHERE analysis.id = ?
                    """,
                arguments: [id])
        else { return nil }
        let study: Int64 = row["study_id"]
        let images = try String.fetchAll(
            db,
            sql: """
                SELECT path FROM instance JOIN series ON series.id = series_id
                WHERE study_id = ? AND role = 'image' AND instance.id <= ? ORDER BY instance.id
                """,
            arguments: [study, row["last_instance_id"] as Int64])
        let series = try Row.fetchAll(
            db, sql: "SELECT body_part, protocol, description, procedure_code FROM series WHERE study_id = ?",
            arguments: [study]
        ).map {
            AnalysisTicket.SeriesAttributes(
                bodyPart: $0["body_part"], protocolName: $0["protocol"], description: $0["description"],
                procedureCode: $0["procedure_code"])
        }
        let predecessor = try Row.fetchOne(
            db,
            sql: """
                SELECT sop_class_uid, sop_instance_uid, series_instance_uid, acquisition_digest, path
                FROM analysis JOIN result ON analysis_id = analysis.id WHERE analysis.id = ? AND kind = 'sr'
                """,
            arguments: [row["predecessor_id"] as Int64?])
        return AnalysisTicket(
            id: id, study: study, studyInstanceUID: row["study_instance_uid"], revision: row["revision"],
            signal: StudyClosingSignal(rawValue: row["closing_signal"]) ?? .quietPeriod,
            closedAt: date(row["closed_at"]), starts: row["starts"], failures: row["failures"],
            source: row["ae_title"], hasTwoPatients: row["has_two_patients"], images: images, series: series,
            predecessor: predecessor.map {
                AnalysisTicket.Predecessor(
                    sopClassUID: $0["sop_class_uid"], sopInstanceUID: $0["sop_instance_uid"],
                    seriesInstanceUID: $0["series_instance_uid"], acquisitionDigest: $0["acquisition_digest"],
                    path: $0["path"])
            }, review: try review(of: id, in: db),
            keptContours: try keptContours(of: row["predecessor_id"], study: study, in: db))
    }
}
