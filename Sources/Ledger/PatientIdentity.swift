internal import GRDB

/// Whether two descriptions of a patient can be of one person, and whether they surely are.
public struct PatientIdentity: Sendable, Equatable {
    public var patientID: String
    /// Issuer of Patient ID (0010,0021); empty where the header is silent.
    public var issuer: String
    public var name: String
    /// As DICOM writes it: YYYYMMDD.
    public var birthDate: String

    public init(patientID: String, issuer: String = "", name: String, birthDate: String) {
        self.patientID = patientID
        self.issuer = issuer
        self.name = name
        self.birthDate = birthDate
    }

    /// True when an attribute that both give differs. One that is silent, as dose reports often are, contradicts
    /// nothing; nor do the ways in which one name is written: case, padding, trailing empty components (PS3.5
    /// section 6.2.1.1).
    func contradicts(_ other: PatientIdentity) -> Bool {
        func differ(_ one: String, _ two: String) -> Bool { !one.isEmpty && !two.isEmpty && one != two }
        return differ(Self.trimmed(patientID), Self.trimmed(other.patientID))
            || differ(Self.comparable(name), Self.comparable(other.name))
            || differ(Self.trimmed(birthDate), Self.trimmed(other.birthDate))
    }

    /// True when both are one person without any guess: one Patient ID of one issuer, nothing contradicts, and birth date
    /// or name says the same. Where one of them names no issuer, birth date and name both have to.
    public func isSurely(_ other: PatientIdentity) -> Bool {
        func agree(_ one: String, _ two: String) -> Bool { !one.isEmpty && one == two }
        guard agree(Self.trimmed(patientID), Self.trimmed(other.patientID)), !contradicts(other) else { return false }
        let (ours, theirs) = (Self.trimmed(issuer), Self.trimmed(other.issuer))
        let hasBirthDate = agree(Self.trimmed(birthDate), Self.trimmed(other.birthDate))
        let hasName = agree(Self.comparable(name), Self.comparable(other.name))
        if ours == theirs { return hasBirthDate || hasName }
        return (ours.isEmpty || theirs.isEmpty) && hasBirthDate && hasName
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private static func comparable(_ name: String) -> String {
        let alphabetic = name.split(separator: "=", omittingEmptySubsequences: false).first ?? ""
        let parts = alphabetic.uppercased().split(separator: "^", omittingEmptySubsequences: false)
            .map { trimmed(String($0)) }
        return parts.reversed().drop { $0.isEmpty }.reversed().joined(separator: "^")
    }
}

extension Ledger {
    /// - Parameters: rows of `patient`.
    static func areDifferentPeople(_ one: Int64, _ other: Int64, in db: Database) throws -> Bool {
        guard let first = try identity(one, in: db), let second = try identity(other, in: db) else { return false }
        return first.contradicts(second)
    }

    /// - Parameters: rows of `patient`.
    static func says(_ one: Int64, moreThan other: Int64, in db: Database) throws -> Bool {
        func said(_ row: Int64) throws -> Int {
            guard let identity = try identity(row, in: db) else { return 0 }
            return [identity.patientID, identity.name, identity.birthDate].count { !$0.isEmpty }
        }
        return try said(one) > said(other)
    }

    private static func identity(_ row: Int64, in db: Database) throws -> PatientIdentity? {
        try Row.fetchOne(
            db, sql: "SELECT patient_id, issuer, name, birth_date FROM patient WHERE id = ?", arguments: [row]
        ).map(identity)
    }

    static func identity(_ row: Row) -> PatientIdentity {
        PatientIdentity(
            patientID: row["patient_id"], issuer: row["issuer"], name: row["name"], birthDate: row["birth_date"])
    }
}
