/// What deliveries need beside "sent": alternatives, what was accepted, storage commitment, withdrawal.
extension Ledger {
    /// SQLite changes no constraint of a table: a new one takes the place of `delivery`.
    static let acceptanceTables = """
        DROP VIEW delivery_overview;
        ALTER TABLE result ADD COLUMN alternative_of INTEGER REFERENCES result(id);
        CREATE INDEX result_alternative ON result(alternative_of) WHERE alternative_of IS NOT NULL;
        CREATE TABLE new_delivery (
          id INTEGER PRIMARY KEY,
          result_id INTEGER NOT NULL REFERENCES result(id),
          destination TEXT NOT NULL,
          state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'refused', 'withdrawn')),
          attempts INTEGER NOT NULL DEFAULT 0,
          next_attempt_at TEXT NOT NULL,
          last_attempt_at TEXT,
          delivered_at TEXT,
          reason TEXT NOT NULL DEFAULT '',
          sends INTEGER NOT NULL DEFAULT 0,
          sent_result_id INTEGER REFERENCES result(id),
          sent_transfer_syntax_uid TEXT,
          status TEXT,
          comment TEXT NOT NULL DEFAULT '',
          commitment TEXT CHECK (commitment IN ('due', 'asked', 'committed', 'failed', 'notOffered')),
          commitment_due_at TEXT,
          commitment_requests INTEGER NOT NULL DEFAULT 0,
          commitment_reason TEXT NOT NULL DEFAULT '',
          rejected_by INTEGER REFERENCES result(id),
          UNIQUE (result_id, destination),
          CHECK ((delivered_at IS NOT NULL) = (state = 'delivered')),
          CHECK ((commitment IS NOT NULL AND commitment = 'due') = (commitment_due_at IS NOT NULL))
        );
        INSERT INTO new_delivery (id, result_id, destination, state, attempts, next_attempt_at, last_attempt_at,
            delivered_at, reason, sends, sent_result_id)
          SELECT id, result_id, destination, state, attempts, next_attempt_at, last_attempt_at, delivered_at, reason,
            state = 'delivered', CASE state WHEN 'delivered' THEN result_id END FROM delivery;
        DROP TABLE delivery;
        ALTER TABLE new_delivery RENAME TO delivery;
        CREATE INDEX delivery_waiting ON delivery(destination, next_attempt_at) WHERE state = 'waiting';
        CREATE INDEX delivery_commitment ON delivery(destination, commitment_due_at) WHERE commitment = 'due';

        CREATE TABLE commitment (
          id INTEGER PRIMARY KEY,
          transaction_uid TEXT NOT NULL UNIQUE,
          destination TEXT NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('asked', 'answered', 'refused', 'expired')),
          asked_at TEXT NOT NULL,
          answer_by TEXT NOT NULL,
          answered_at TEXT
        );
        CREATE INDEX commitment_open ON commitment(destination, answer_by) WHERE state = 'asked';
        CREATE TABLE commitment_item (
          commitment_id INTEGER NOT NULL REFERENCES commitment(id),
          delivery_id INTEGER NOT NULL REFERENCES delivery(id),
          outcome TEXT CHECK (outcome IN ('committed', 'failed', 'notMentioned', 'noAnswer')),
          failure_reason INTEGER,
          is_settled INTEGER NOT NULL DEFAULT 0 CHECK (is_settled IN (0, 1)),
          PRIMARY KEY (commitment_id, delivery_id)
        ) WITHOUT ROWID;
        CREATE INDEX commitment_item_unsettled ON commitment_item(commitment_id)
          WHERE outcome IS NOT NULL AND is_settled = 0;
        CREATE INDEX commitment_item_delivery ON commitment_item(delivery_id);

        CREATE TABLE withdrawal (
          analysis_id INTEGER PRIMARY KEY REFERENCES analysis(id),
          cause TEXT NOT NULL CHECK (cause IN ('superseded', 'operator')),
          requested_by TEXT NOT NULL DEFAULT '',
          requested_at TEXT NOT NULL,
          state TEXT NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'done'))
        );
        CREATE INDEX withdrawal_requested ON withdrawal(analysis_id) WHERE state = 'requested';

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
        """
}
