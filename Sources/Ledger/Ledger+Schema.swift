internal import GRDB

/// The schema, forward only: a migration that was released is never edited, the next one is added below it.
extension Ledger {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("studies, analyses and deliveries") { db in
            try db.execute(sql: arrivalTables)
            try db.execute(sql: resultTables)
            try db.execute(sql: views)
        }
        migrator.registerMigration("alternatives, acceptance, commitment and withdrawal") { db in
            try db.execute(sql: acceptanceTables)
        }
        migrator.registerMigration("issuer of a patient's ID, and priors") { db in
            try db.execute(sql: priorTables)
        }
        migrator.registerMigration("reviewed segmentations") { db in
            try db.execute(sql: reviewTables)
        }
        return migrator
    }

    private static let arrivalTables = """
        CREATE TABLE source (
          id INTEGER PRIMARY KEY,
          ae_title TEXT NOT NULL UNIQUE,
          first_seen_at TEXT NOT NULL
        );
        CREATE TABLE association (
          id INTEGER PRIMARY KEY,
          source_id INTEGER NOT NULL REFERENCES source(id),
          called_ae_title TEXT NOT NULL,
          peer TEXT NOT NULL DEFAULT '',
          opened_at TEXT NOT NULL,
          closed_at TEXT,
          ending TEXT CHECK (ending IN ('released', 'aborted', 'timedOut', 'interrupted')),
          CHECK ((closed_at IS NULL) = (ending IS NULL))
        );
        CREATE INDEX association_open ON association(id) WHERE closed_at IS NULL;
        CREATE TABLE patient (
          id INTEGER PRIMARY KEY,
          patient_id TEXT NOT NULL,
          name TEXT NOT NULL,
          birth_date TEXT NOT NULL,
          UNIQUE (patient_id, name, birth_date)
        );
        CREATE TABLE study (
          id INTEGER PRIMARY KEY,
          study_instance_uid TEXT NOT NULL UNIQUE,
          accession_number TEXT NOT NULL DEFAULT '',
          description TEXT NOT NULL DEFAULT '',
          study_date TEXT NOT NULL DEFAULT '',
          patient_row INTEGER NOT NULL REFERENCES patient(id),
          source_id INTEGER NOT NULL REFERENCES source(id),
          state TEXT NOT NULL DEFAULT 'receiving' CHECK (state IN (
            'receiving', 'queued', 'analysing', 'incomplete',
            'reported', 'notAnalysable', 'leftAlone', 'setAside')),
          state_since TEXT NOT NULL,
          first_received_at TEXT NOT NULL,
          last_image_at TEXT,
          new_images INTEGER NOT NULL DEFAULT 0,
          has_two_patients INTEGER NOT NULL DEFAULT 0 CHECK (has_two_patients IN (0, 1))
        );
        CREATE INDEX study_open ON study(id)
          WHERE new_images > 0 OR state IN ('receiving', 'queued', 'analysing', 'incomplete');
        CREATE INDEX study_accession ON study(accession_number);
        CREATE TABLE series (
          id INTEGER PRIMARY KEY,
          study_id INTEGER NOT NULL REFERENCES study(id),
          series_instance_uid TEXT NOT NULL,
          modality TEXT NOT NULL DEFAULT '',
          description TEXT NOT NULL DEFAULT '',
          body_part TEXT NOT NULL DEFAULT '',
          protocol TEXT NOT NULL DEFAULT '',
          procedure_code TEXT NOT NULL DEFAULT '',
          UNIQUE (study_id, series_instance_uid)
        );
        CREATE TABLE instance (
          id INTEGER PRIMARY KEY,
          series_id INTEGER NOT NULL REFERENCES series(id),
          sop_instance_uid TEXT NOT NULL UNIQUE,
          sop_class_uid TEXT NOT NULL,
          transfer_syntax_uid TEXT NOT NULL,
          role TEXT NOT NULL CHECK (role IN ('image', 'other', 'own')),
          patient_row INTEGER NOT NULL REFERENCES patient(id),
          association_id INTEGER REFERENCES association(id),
          called_ae_title TEXT NOT NULL,
          sha256 TEXT NOT NULL,
          byte_count INTEGER NOT NULL,
          path TEXT NOT NULL,
          received_at TEXT NOT NULL
        );
        CREATE INDEX instance_series ON instance(series_id);
        CREATE TABLE study_association (
          study_id INTEGER NOT NULL REFERENCES study(id),
          association_id INTEGER NOT NULL REFERENCES association(id),
          PRIMARY KEY (study_id, association_id)
        ) WITHOUT ROWID;
        CREATE TABLE conflict (
          id INTEGER PRIMARY KEY,
          instance_id INTEGER NOT NULL REFERENCES instance(id),
          source_id INTEGER NOT NULL REFERENCES source(id),
          transfer_syntax_uid TEXT NOT NULL,
          sha256 TEXT NOT NULL,
          byte_count INTEGER NOT NULL,
          path TEXT NOT NULL,
          received_at TEXT NOT NULL,
          UNIQUE (instance_id, sha256)
        );
        """

    private static let resultTables = """
        CREATE TABLE analysis (
          id INTEGER PRIMARY KEY,
          study_id INTEGER NOT NULL REFERENCES study(id),
          revision INTEGER NOT NULL,
          state TEXT NOT NULL CHECK (state IN (
            'queued', 'running', 'withdrawn', 'unchanged',
            'reported', 'notAnalysable', 'leftAlone', 'incomplete', 'setAside')),
          closing_signal TEXT NOT NULL CHECK (closing_signal IN (
            'quietPeriod', 'performedProcedureStep', 'operatorRequest')),
          closed_at TEXT NOT NULL,
          last_instance_id INTEGER NOT NULL,
          predecessor_id INTEGER REFERENCES analysis(id),
          starts INTEGER NOT NULL DEFAULT 0,
          failures INTEGER NOT NULL DEFAULT 0,
          started_at TEXT,
          finished_at TEXT,
          acquisition_digest TEXT
        );
        CREATE INDEX analysis_study ON analysis(study_id);
        CREATE INDEX analysis_open ON analysis(id) WHERE state IN ('queued', 'running');
        CREATE TABLE reason (
          analysis_id INTEGER NOT NULL REFERENCES analysis(id),
          position INTEGER NOT NULL,
          code TEXT NOT NULL,
          message TEXT NOT NULL,
          remedy TEXT NOT NULL,
          PRIMARY KEY (analysis_id, position)
        ) WITHOUT ROWID;
        CREATE TABLE result (
          id INTEGER PRIMARY KEY,
          analysis_id INTEGER NOT NULL REFERENCES analysis(id),
          kind TEXT NOT NULL,
          sop_class_uid TEXT NOT NULL,
          sop_instance_uid TEXT NOT NULL UNIQUE,
          series_instance_uid TEXT NOT NULL,
          transfer_syntax_uid TEXT NOT NULL,
          path TEXT NOT NULL,
          made_at TEXT NOT NULL
        );
        CREATE INDEX result_analysis ON result(analysis_id);
        CREATE INDEX result_series ON result(series_instance_uid);
        CREATE TABLE delivery (
          id INTEGER PRIMARY KEY,
          result_id INTEGER NOT NULL REFERENCES result(id),
          destination TEXT NOT NULL,
          state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'refused')),
          attempts INTEGER NOT NULL DEFAULT 0,
          next_attempt_at TEXT NOT NULL,
          last_attempt_at TEXT,
          delivered_at TEXT,
          reason TEXT NOT NULL DEFAULT '',
          UNIQUE (result_id, destination),
          CHECK ((delivered_at IS NOT NULL) = (state = 'delivered'))
        );
        CREATE INDEX delivery_waiting ON delivery(destination, next_attempt_at) WHERE state = 'waiting';
        CREATE TABLE event (
          id INTEGER PRIMARY KEY,
          at TEXT NOT NULL,
          study_id INTEGER REFERENCES study(id),
          kind TEXT NOT NULL,
          detail TEXT NOT NULL DEFAULT ''
        );
        CREATE INDEX event_study ON event(study_id);
        """

    private static let views = """
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
          delivery.delivered_at, delivery.reason, result.sop_instance_uid, result.path
        FROM delivery JOIN result ON result.id = delivery.result_id
          JOIN analysis ON analysis.id = result.analysis_id JOIN study ON study.id = analysis.study_id;

        CREATE VIEW conflict_overview AS
        SELECT conflict.id, study.id AS study, study.accession_number, instance.sop_instance_uid,
          instance.path AS first_path, conflict.path AS other_path, instance.received_at AS first_received_at,
          conflict.received_at AS other_received_at, source.ae_title AS other_source
        FROM conflict JOIN instance ON instance.id = conflict.instance_id
          JOIN series ON series.id = instance.series_id JOIN study ON study.id = series.study_id
          JOIN source ON source.id = conflict.source_id;
        """
}
