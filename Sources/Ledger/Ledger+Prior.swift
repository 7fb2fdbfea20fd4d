internal import Foundation
internal import GRDB

/// An earlier report of the same patient that a new one may be compared with.
public struct PriorCandidate: Sendable, Equatable {
    /// Row in `analysis`.
    public var analysis: Int64
    public var studyInstanceUID: String
    /// As DICOM writes it: YYYYMMDD.
    public var studyDate: String
    /// Folder of its results, relative to the state folder.
    public var folder: String
}

/// The patient of a study as an archive is asked about them.
public struct StudyPatient: Sendable, Equatable {
    public var identity: PatientIdentity
    public var studyInstanceUID: String
    /// As DICOM writes it; empty when the header is silent.
    public var studyDate: String

    public init(identity: PatientIdentity, studyInstanceUID: String, studyDate: String) {
        self.identity = identity
        self.studyInstanceUID = studyInstanceUID
        self.studyDate = studyDate
    }
}

/// Which prior an analysis was given, and what came of looking for one.
public struct RecordedPrior: Sendable, Equatable, Codable {
    public enum Outcome: String, Sendable, CaseIterable, Codable {
        /// The analysis had it to compare with.
        case given
        /// There is none.
        case none
        /// There are earlier reports of the patient, but none of the same part and side that can be compared.
        case notComparable
        /// The archive did not answer in time, or failed: reported without a prior.
        case notReached
    }

    /// Where it came from.
    public enum Origin: String, Sendable, CaseIterable, Codable {
        case ledger, archive
    }

    public var outcome: Outcome
    public var origin: Origin?
    /// Row in `analysis`, for one of our own ledger's.
    public var analysis: Int64?
    /// Folder relative to the state folder.
    public var folder: String?
    /// Without patient data.
    public var detail: String

    public init(
        outcome: Outcome, origin: Origin? = nil, analysis: Int64? = nil, folder: String? = nil, detail: String = ""
    ) {
        self.outcome = outcome
        self.origin = origin
        self.analysis = analysis
        self.folder = folder
        self.detail = detail
    }
}

extension Ledger {
    /// Reports of findings of the same patient from earlier studies, newest study first; the last revision of each, and
    /// none that an operator withdrew. Part and side of the body are for whoever can read the results.
    ///
    /// Nobody is taken for the patient by guess: `PatientIdentity.isSurely`.
    public func priorCandidates(for study: Int64, limit: Int = 20) throws -> [PriorCandidate] {
        try database.read { db in
            guard let patient = try Ledger.patient(of: study, in: db), !patient.studyDate.isEmpty else { return [] }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT study_instance_uid, study_date, patient_id, issuer, name, birth_date, analysis.id, result.path
                    FROM study JOIN patient ON patient.id = patient_row JOIN analysis ON analysis.id = (SELECT max(id)
                        FROM analysis WHERE study_id = study.id AND state IN ('reported', 'notAnalysable'))
                      JOIN result ON result.analysis_id = analysis.id AND result.kind = 'sr'
                      LEFT JOIN withdrawal ON withdrawal.analysis_id = analysis.id AND cause = 'operator'
                    WHERE study.id <> ?1 AND has_two_patients = 0 AND patient_id = ?2 AND analysis.state = 'reported'
                      AND withdrawal.analysis_id IS NULL AND study_date <> ''
                      AND (study_date < ?3 OR (study_date = ?3 AND study.id < ?1))
                    ORDER BY study_date DESC, study.id DESC
                    """,
                arguments: [study, patient.identity.patientID, patient.studyDate]
            ).filter { patient.identity.isSurely(Ledger.identity($0)) }.prefix(limit).map { row in
                let path: String = row["path"]
                return PriorCandidate(
                    analysis: row["id"], studyInstanceUID: row["study_instance_uid"], studyDate: row["study_date"],
                    folder: path.split(separator: "/").dropLast().joined(separator: "/"))
            }
        }
    }

    /// Who the study is of.
    public func patient(of study: Int64) throws -> StudyPatient? {
        try database.read { db in try Ledger.patient(of: study, in: db) }
    }

    private static func patient(of study: Int64, in db: Database) throws -> StudyPatient? {
        try Row.fetchOne(
            db,
            sql: "SELECT study_instance_uid, study_date, patient_id, issuer, name, birth_date FROM study "
                + "JOIN patient ON patient.id = patient_row WHERE study.id = ?",
            arguments: [study]
        ).map {
            StudyPatient(
                identity: identity($0), studyInstanceUID: $0["study_instance_uid"], studyDate: $0["study_date"])
        }
    }

    static func prior(of analysis: Int64, in db: Database) throws -> RecordedPrior? {
        try Row.fetchOne(db, sql: "SELECT * FROM prior WHERE analysis_id = ?", arguments: [analysis]).map {
            RecordedPrior(
                outcome: RecordedPrior.Outcome(rawValue: $0["outcome"]) ?? .none,
                origin: ($0["origin"] as String?).flatMap(RecordedPrior.Origin.init(rawValue:)),
                analysis: $0["prior_analysis_id"], folder: $0["folder"], detail: $0["detail"])
        }
    }

    static func insert(_ prior: RecordedPrior, analysis: Int64, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO prior (analysis_id, outcome, origin, prior_analysis_id, folder, detail) "
                + "VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                analysis, prior.outcome.rawValue, prior.origin?.rawValue, prior.analysis, prior.folder, prior.detail,
            ])
    }
}
