/// Segmentations that a reader reviewed, and the analyses that measure on them.
extension Ledger {
    /// SQLite changes no constraint of a table: a new one takes the place of `analysis`.
    static let reviewTables = """
        DROP VIEW study_overview;
        DROP VIEW delivery_overview;
        CREATE TABLE new_analysis (
          id INTEGER PRIMARY KEY,
          study_id INTEGER NOT NULL REFERENCES study(id),
          revision INTEGER NOT NULL,
          state TEXT NOT NULL CHECK (state IN (
            'queued', 'running', 'withdrawn', 'unchanged',
            'reported', 'notAnalysable', 'leftAlone', 'incomplete', 'setAside')),
          closing_signal TEXT NOT NULL CHECK (closing_signal IN (
            'quietPeriod', 'performedProcedureStep', 'operatorRequest', 'reviewedContours')),
          closed_at TEXT NOT NULL,
          last_instance_id INTEGER NOT NULL,
          predecessor_id INTEGER REFERENCES analysis(id),
          starts INTEGER NOT NULL DEFAULT 0,
          failures INTEGER NOT NULL DEFAULT 0,
          started_at TEXT,
          finished_at TEXT,
          acquisition_digest TEXT,
          contours_digest TEXT
        );
        INSERT INTO new_analysis SELECT id, study_id, revision, state, closing_signal, closed_at, last_instance_id,
          predecessor_id, starts, failures, started_at, finished_at, acquisition_digest, NULL FROM analysis;
        DROP TABLE analysis;
        ALTER TABLE new_analysis RENAME TO analysis;
        CREATE INDEX analysis_study ON analysis(study_id);
        CREATE INDEX analysis_open ON analysis(id) WHERE state IN ('queued', 'running');

        CREATE TABLE review (
          id INTEGER PRIMARY KEY,
          study_id INTEGER NOT NULL REFERENCES study(id),
          source_id INTEGER NOT NULL REFERENCES source(id),
          sop_instance_uid TEXT NOT NULL,
          sha256 TEXT NOT NULL,
          path TEXT NOT NULL,
          received_at TEXT NOT NULL,
          state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN (
            'waiting', 'measuring', 'measured', 'unchanged', 'refused')),
          analysis_id INTEGER REFERENCES analysis(id),
          UNIQUE (study_id, sha256),
          CHECK ((analysis_id IS NULL) = (state = 'waiting'))
        );
        CREATE INDEX review_waiting ON review(study_id) WHERE state = 'waiting';
        CREATE INDEX review_analysis ON review(analysis_id);

        CREATE VIEW study_overview AS
        SELECT study.id, study.state, study.state_since, study.accession_number, study.study_instance_uid,
          patient.patient_id, patient.name AS patient_name, source.ae_title AS source,
          study.first_received_at, study.last_image_at,
          (SELECT count(*) FROM series WHERE series.study_id = study.id) AS series,
          (SELECT count(*) FROM series JOIN instance ON instance.series_id = series.id
            WHERE series.study_id = study.id) AS instances,
          (SELECT count(*) FROM series JOIN instance ON instance.series_id = series.id
            JOIN conflict ON conflict.instance_id = instance.id WHERE series.study_id = study.id) AS conflicts,
          (SELECT max(revision) FROM analysis WHERE analysis.study_id = study.id
            AND analysis.state IN ('reported', 'notAnalysable')) AS revision,
          (SELECT group_concat(reason.message, '; ') FROM reason WHERE reason.analysis_id =
            (SELECT max(id) FROM analysis WHERE analysis.study_id = study.id
              AND analysis.state NOT IN ('unchanged', 'withdrawn'))) AS reason
        FROM study JOIN patient ON patient.id = study.patient_row JOIN source ON source.id = study.source_id;

        CREATE VIEW delivery_overview AS
        SELECT delivery.id, study.id AS study, study.accession_number, analysis.revision, result.kind,
          delivery.destination, delivery.state, delivery.attempts, delivery.next_attempt_at,
          delivery.delivered_at, delivery.reason, delivery.status,
          sent.sop_class_uid AS accepted_sop_class_uid, delivery.sent_transfer_syntax_uid AS accepted_transfer_syntax_uid,
          delivery.commitment, delivery.commitment_reason, delivery.comment, withdrawal.cause AS withdrawn,
          coalesce(sent.sop_instance_uid, result.sop_instance_uid) AS sop_instance_uid,
          coalesce(sent.path, result.path) AS path
        FROM delivery JOIN result ON result.id = delivery.result_id
          JOIN analysis ON analysis.id = result.analysis_id JOIN study ON study.id = analysis.study_id
          LEFT JOIN result AS sent ON sent.id = delivery.sent_result_id
          LEFT JOIN withdrawal ON withdrawal.analysis_id = analysis.id AND result.kind <> 'rejectionNote';

        CREATE VIEW review_overview AS
        SELECT review.id, study.id AS study, study.accession_number, review.state, analysis.revision,
          source.ae_title AS source, review.received_at, review.sop_instance_uid, review.path,
          (SELECT group_concat(message, '; ') FROM reason WHERE reason.analysis_id = review.analysis_id
            AND review.state = 'refused') AS reason
        FROM review JOIN study ON study.id = review.study_id JOIN source ON source.id = review.source_id
          LEFT JOIN analysis ON analysis.id = review.analysis_id;
        """
}
