internal import GRDB

extension Ledger {
    /// SHA-256 of every file that has a row, conflicts included: the inbox looks at its start for files without one.
    public func recordedDigests() throws -> Set<String> {
        try database.read { db in
            try String.fetchSet(db, sql: "SELECT sha256 FROM instance UNION ALL SELECT sha256 FROM conflict")
        }
    }
}
