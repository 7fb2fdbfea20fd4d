public import Foundation
internal import GRDB

extension Ledger {
    /// Classes whose objects can change what is analysed: CT Image, Enhanced CT Image and its legacy converted form.
    static let imageClasses: Set<String> = [
        "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.2.2",
    ]

    /// Records an arrival. When this returns the row is on the disk.
    ///
    /// Nothing of what is already recorded is ever changed by an arrival but the counters of its study.
    public func record(_ arrival: ReceivedInstance) throws -> RecordOutcome {
        let outcome = try database.write { db in try Ledger.record(arrival, in: db) }
        if outcome != .duplicate { arrivals.ring() }
        return outcome
    }

    /// Records that an association was accepted; the study of its objects stays open until it is closed.
    public func associationOpened(callingAETitle: String, calledAETitle: String, peer: String, at: Date) throws
        -> Int64
    {
        try database.write { db in
            let source = try Ledger.source(callingAETitle, at: Timestamp.text(at), in: db)
            try db.execute(
                sql: "INSERT INTO association (source_id, called_ae_title, peer, opened_at) VALUES (?, ?, ?, ?)",
                arguments: [source, calledAETitle, peer, Timestamp.text(at)])
            return db.lastInsertedRowID
        }
    }

    /// How an association ended.
    public enum AssociationEnding: String, Sendable, CaseIterable {
        case released, aborted, timedOut
        /// The service itself stopped.
        case interrupted
    }

    public func associationClosed(_ id: Int64, ending: AssociationEnding, at: Date) throws {
        try database.write { db in
            try db.execute(
                sql: "UPDATE association SET closed_at = ?, ending = ? WHERE id = ? AND closed_at IS NULL",
                arguments: [Timestamp.text(at), ending.rawValue, id])
        }
        arrivals.ring()
    }

    /// Closes what a stopped service left open; called once at start, before anything is accepted.
    public func closeInterruptedAssociations(at: Date) throws {
        try database.write { db in
            try db.execute(
                sql: "UPDATE association SET closed_at = ?, ending = 'interrupted' WHERE closed_at IS NULL",
                arguments: [Timestamp.text(at)])
        }
    }

    private static func record(_ arrival: ReceivedInstance, in db: Database) throws -> RecordOutcome {
        let at = Timestamp.text(arrival.receivedAt)
        let known = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT instance.id, sha256, study_id FROM instance JOIN series ON series.id = series_id "
                    + "WHERE sop_instance_uid = ?"),
            arguments: [arrival.sopInstanceUID])
        if let known {
            // A sender that begins again with what we have is still sending: its study stays open.
            try link(study: known["study_id"], association: arrival.associationID, in: db)
            if known["sha256"] == arrival.sha256 { return .duplicate }
            let outcome = try recordConflict(arrival, with: known["id"], at: at, in: db)
            // An editor may keep the name of what it changed.
            if case .conflict = outcome { try noteReview(arrival, study: known["study_id"], at: at, in: db) }
            return outcome
        }
        let source = try source(arrival.callingAETitle, at: at, in: db)
        let patient = try patient(arrival.header, in: db)
        let role = try role(of: arrival, in: db)
        let study = try study(arrival, role: role, source: source, patient: patient, at: at, in: db)
        let series = try series(arrival, study: study, in: db)
        try db.cachedStatement(
            sql: """
                INSERT INTO instance (series_id, sop_instance_uid, sop_class_uid, transfer_syntax_uid, role,
                  patient_row, association_id, called_ae_title, sha256, byte_count, path, received_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            series, arrival.sopInstanceUID, arrival.sopClassUID, arrival.transferSyntaxUID, role, patient,
            arrival.associationID, arrival.calledAETitle, arrival.sha256, arrival.byteCount, arrival.path, at,
        ])
        let row = db.lastInsertedRowID
        try link(study: study, association: arrival.associationID, in: db)
        try noteReview(arrival, study: study, at: at, in: db)
        if role == "image" {
            try db.cachedStatement(
                sql:
                    "UPDATE study SET last_image_at = max(coalesce(last_image_at, ''), ?), new_images = new_images + 1 "
                    + "WHERE id = ?"
            ).execute(arguments: [at, study])
        }
        return .new(row)
    }

    private static func link(study: Int64, association: Int64?, in db: Database) throws {
        guard let association else { return }
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO study_association (study_id, association_id) VALUES (?, ?)"
        ).execute(arguments: [study, association])
    }

    private static func recordConflict(_ arrival: ReceivedInstance, with instance: Int64, at: String, in db: Database)
        throws -> RecordOutcome
    {
        let again = try Int64.fetchOne(
            db, sql: "SELECT id FROM conflict WHERE instance_id = ? AND sha256 = ?",
            arguments: [instance, arrival.sha256])
        if again != nil { return .duplicate }
        let source = try source(arrival.callingAETitle, at: at, in: db)
        try db.execute(
            sql: """
                INSERT INTO conflict (instance_id, source_id, transfer_syntax_uid, sha256, byte_count, path, received_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                instance, source, arrival.transferSyntaxUID, arrival.sha256, arrival.byteCount, arrival.path, at,
            ])
        let row = db.lastInsertedRowID
        let study = try Int64.fetchOne(
            db,
            sql: "SELECT study_id FROM series JOIN instance ON instance.series_id = series.id WHERE instance.id = ?",
            arguments: [instance])
        try note("conflict", study: study, detail: "instance row \(instance), conflict row \(row)", at: at, in: db)
        return .conflict(row)
    }

    /// 'own' for what we made ourselves, 'image' for what can be analysed, 'other' for the rest.
    private static func role(of arrival: ReceivedInstance, in db: Database) throws -> String {
        if arrival.header.manufacturer == HeaderAttributes.ownManufacturer { return "own" }
        let isOwn = try Bool.fetchOne(
            db.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM result WHERE sop_instance_uid = ?1) "
                    + "OR EXISTS (SELECT 1 FROM result WHERE series_instance_uid = ?2)"),
            arguments: [arrival.sopInstanceUID, arrival.seriesInstanceUID])
        if isOwn == true { return "own" }
        return imageClasses.contains(arrival.sopClassUID) ? "image" : "other"
    }

    static func source(_ title: String, at: String, in db: Database) throws -> Int64 {
        if let id = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM source WHERE ae_title = ?"), arguments: [title])
        {
            return id
        }
        try db.execute(sql: "INSERT INTO source (ae_title, first_seen_at) VALUES (?, ?)", arguments: [title, at])
        return db.lastInsertedRowID
    }

    private static func patient(_ header: HeaderAttributes, in db: Database) throws -> Int64 {
        let arguments: StatementArguments = [
            header.patientID, header.issuerOfPatientID, header.patientName, header.patientBirthDate,
        ]
        if let id = try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT id FROM patient WHERE patient_id = ? AND issuer = ? AND name = ? AND birth_date = ?"),
            arguments: arguments)
        {
            return id
        }
        try db.execute(
            sql: "INSERT INTO patient (patient_id, issuer, name, birth_date) VALUES (?, ?, ?, ?)", arguments: arguments)
        return db.lastInsertedRowID
    }

    private static func study(
        _ arrival: ReceivedInstance, role: String, source: Int64, patient: Int64, at: String, in db: Database
    ) throws -> Int64 {
        let known = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT id, patient_row, has_two_patients FROM study WHERE study_instance_uid = ?"),
            arguments: [arrival.studyInstanceUID])
        guard let known else {
            let header = arrival.header
            try db.execute(
                sql: """
                    INSERT INTO study (study_instance_uid, accession_number, description, study_date, patient_row,
                      source_id, state_since, first_received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    arrival.studyInstanceUID, header.accessionNumber, header.studyDescription, header.studyDate,
                    patient, source, at, at,
                ])
            return db.lastInsertedRowID
        }
        let id: Int64 = known["id"]
        // A PACS may have corrected the patient before it sent our own result back, and an editor left them out of a
        // segmentation: that says nothing of the images.
        guard role != "own", arrival.sopClassUID != segmentationClass, known["patient_row"] != patient,
            known["has_two_patients"] == 0
        else { return id }
        if try areDifferentPeople(known["patient_row"], patient, in: db) {
            try db.execute(sql: "UPDATE study SET has_two_patients = 1 WHERE id = ?", arguments: [id])
            try note("twoPatients", study: id, at: at, in: db)
        } else if try says(patient, moreThan: known["patient_row"], in: db) {
            // The first object may have been silent: the next is compared with the one that says who it is.
            try db.execute(sql: "UPDATE study SET patient_row = ? WHERE id = ?", arguments: [patient, id])
        }
        return id
    }

    private static func series(_ arrival: ReceivedInstance, study: Int64, in db: Database) throws -> Int64 {
        if let id = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM series WHERE study_id = ? AND series_instance_uid = ?"),
            arguments: [study, arrival.seriesInstanceUID])
        {
            return id
        }
        let header = arrival.header
        try db.execute(
            sql: """
                INSERT INTO series (study_id, series_instance_uid, modality, description, body_part, protocol,
                  procedure_code) VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                study, arrival.seriesInstanceUID, header.modality, header.seriesDescription, header.bodyPartExamined,
                header.protocolName, header.procedureCode,
            ])
        return db.lastInsertedRowID
    }
}
