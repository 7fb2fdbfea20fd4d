/// Who a patient surely is, and which earlier report a new one was compared with.
extension Ledger {
    /// The issuer is part of what makes a patient: SQLite changes no constraint of a table, so a new one takes its place.
    static let priorTables = """
        DROP VIEW study_overview;
        CREATE TABLE new_patient (
          id INTEGER PRIMARY KEY,
          patient_id TEXT NOT NULL,
          issuer TEXT NOT NULL DEFAULT '',
          name TEXT NOT NULL,
          birth_date TEXT NOT NULL,
          UNIQUE (patient_id, issuer, name, birth_date)
        );
        INSERT INTO new_patient (id, patient_id, name, birth_date) SELECT id, patient_id, name, birth_date FROM patient;
        DROP TABLE patient;
        ALTER TABLE new_patient RENAME TO patient;
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

        CREATE TABLE prior (
          analysis_id INTEGER PRIMARY KEY REFERENCES analysis(id),
          outcome TEXT NOT NULL CHECK (outcome IN ('given', 'none', 'notComparable', 'notReached')),
          origin TEXT CHECK (origin IN ('ledger', 'archive')),
          prior_analysis_id INTEGER REFERENCES analysis(id),
          folder TEXT,
          detail TEXT NOT NULL DEFAULT ''
        );
        """
}
