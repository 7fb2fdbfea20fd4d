internal import Foundation
internal import GRDB
internal import Synchronization

/// Where each study and each delivery stands: one SQLite file that a person can also read with the `sqlite3` shell.
///
/// Every call is synchronous, and what it wrote is on the disk when it returns: write-ahead log with
/// `synchronous = FULL`. Several processes may have the file open, as the daemon and `apatitectl` do.
public final class Ledger: Sendable {
    /// How the file is opened.
    public enum Mode: Sendable {
        /// Made when absent, brought up to this version's schema.
        case readWrite
        /// Must be there with this version's schema, as for a tool beside the service: a file that it made would belong
        /// to the wrong user, and a schema that it changed would be unknown to the service that runs.
        case readWriteExisting
        /// Must be there with this version's schema; nothing is written.
        case readOnly
    }

    let database: any DatabaseWriter
    private let foreignVersion = Mutex<Int?>(nil)

    /// Rings when an arrival or the end of an association was recorded, and when an operator asked for a retry.
    public let arrivals = Bell()
    /// Rings when an analysis was queued.
    public let analyses = Bell()
    /// Rings when deliveries were queued.
    public let deliveryBell = Bell()

    /// - Throws: `LedgerError` with `tooNew` for a file of a newer Apatite, `cannotOpen` otherwise.
    public init(path: String, mode: Mode = .readWrite) throws {
        if mode != .readWrite, access(path, F_OK) != 0 {
            let isHidden = errno == EACCES
            throw LedgerError(
                code: .cannotOpen,
                message: isHidden
                    ? "The ledger at \(path) cannot be seen: run this as root or as the service's user."
                    : "There is no ledger at \(path): start apatited once, or correct service.state_folder.")
        }
        do {
            database = try Ledger.open(path: path, mode: mode)
            if try database.read(Ledger.migrator.hasBeenSuperseded) {
                throw LedgerError(
                    code: .tooNew,
                    message: "The ledger at \(path) was written by a newer Apatite: install that version again, "
                        + "or restore a ledger from before the upgrade.")
            }
            if mode == .readWrite {
                try Ledger.migrator.migrate(database)
            } else if try !database.read(Ledger.migrator.hasCompletedMigrations) {
                throw LedgerError(
                    code: .cannotOpen,
                    message: "The ledger at \(path) has an older schema: start this version of apatited once.")
            }
        } catch let error as LedgerError {
            throw error
        } catch {
            throw LedgerError(
                code: .cannotOpen,
                message: "The ledger at \(path) cannot be opened: check that the file belongs to the service, "
                    + "that its folder can be written, and that the disk is not full. A damaged file is replaced by its "
                    + "backup.",
                cause: error)
        }
    }

    private static func open(path: String, mode: Mode) throws -> any DatabaseWriter {
        var configuration = GRDB.Configuration()
        configuration.label = "ledger"
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.readonly = mode == .readOnly
        switch mode {
        case .readWrite, .readWriteExisting:
            let pool = try DatabasePool(path: path, configuration: configuration)
            // The sender may delete its copy as soon as it has our Success: a commit must survive a power cut.
            // GRDB 7.10 sets NORMAL when it turns the write-ahead log on, so this comes after it.
            try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
            return pool
        case .readOnly: return try DatabaseQueue(path: path, configuration: configuration)
        }
    }

    /// Rings all bells when another process, such as `apatitectl retry`, has written since the last call.
    public func ringForOtherProcesses() throws {
        // On the one connection that writes here, the number changes by others' commits only.
        let version = try database.writeWithoutTransaction { db in try Int.fetchOne(db, sql: "PRAGMA data_version") }
        let isChanged = foreignVersion.withLock { known in
            defer { known = version }
            return known != nil && known != version
        }
        guard isChanged else { return }
        for bell in [arrivals, analyses, deliveryBell] { bell.ring() }
    }

    /// Journal mode and `synchronous` as SQLite reports them on the writing connection: "wal 2".
    package func durability() throws -> String {
        try database.write { db in
            let journal = try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? ""
            return "\(journal) \(try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1)"
        }
    }

    /// Deliveries that wait for their destination.
    public var deliveries: DeliveryQueue { DeliveryQueue(ledger: self) }

    /// Writes one line of history; `kind` is a stable word, `detail` has no patient data.
    static func note(_ kind: String, study: Int64?, detail: String = "", at: String, in db: Database) throws {
        try db.cachedStatement(sql: "INSERT INTO event (at, study_id, kind, detail) VALUES (?, ?, ?, ?)")
            .execute(arguments: [at, study, kind, detail])
    }
}
