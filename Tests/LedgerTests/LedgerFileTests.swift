import Foundation
import Ledger
import TestSupport
import Testing

struct LedgerFileTests {
    @Test func aLedgerOfANewerVersionIsRefusedByName() throws {
        let fixture = try LedgerFixture()
        _ = try fixture.shell("INSERT INTO grdb_migrations VALUES ('something of next year')")
        for mode in [Ledger.Mode.readWrite, .readOnly] {
            let error = try #require(throws: LedgerError.self) { try Ledger(path: fixture.path, mode: mode) }
            #expect(error.code == .tooNew)
            #expect(error.message.contains(fixture.path))
        }
    }

    @Test func aFileThatIsNoLedgerIsRefused() throws {
        let fixture = try LedgerFixture()
        let path = fixture.folder.appending(path: "other").path
        try Data("this is not a database, and is longer than a header".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: LedgerError.self) { try Ledger(path: path) }
        let missing = try #require(throws: LedgerError.self) {
            try Ledger(path: fixture.folder.appending(path: "none").path, mode: .readOnly)
        }
        #expect(missing.code == .cannotOpen)
    }

    @Test func aToolBesideTheServiceNeitherMakesALedgerNorChangesItsSchema() throws {
        let fixture = try LedgerFixture()
        let none = fixture.folder.appending(path: "none").path
        #expect(throws: LedgerError.self) { try Ledger(path: none, mode: .readWriteExisting) }
        #expect(!FileManager.default.fileExists(atPath: none))
        #expect(try Ledger(path: fixture.path, mode: .readWriteExisting).studies().isEmpty)
        _ = try fixture.shell("DELETE FROM grdb_migrations")
        let error = try #require(throws: LedgerError.self) { try Ledger(path: fixture.path, mode: .readWriteExisting) }
        #expect(error.message.contains("older schema"))
    }

    @Test func commitsAreSyncedInFull() throws {
        let fixture = try LedgerFixture()
        #expect(try fixture.ledger.durability() == "wal 2")
    }

    @Test func theFiveQueriesOfTheManualRun() throws {
        let fixture = try LedgerFixture()
        let today = Date().timeIntervalSince(LedgerFixture.start)
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1", after: today))
        let manual = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/ledger.md").standardized
        let blocks = try String(contentsOf: manual, encoding: .utf8).components(separatedBy: "```sql\n").dropFirst()
        let queries = blocks.compactMap { $0.components(separatedBy: "```").first }
        #expect(queries.count == 5)
        for query in queries {
            let plan = try fixture.shell("EXPLAIN " + query)
            #expect(plan.contains("Init"), "\(query)")
        }
        #expect(try fixture.shell(queries[0]).contains("receiving"))
    }

    @Test(arguments: [
        (1_770_000_000.25, "2026-02-02T02:40:00.250Z"), (0, "1970-01-01T00:00:00.000Z"),
        (1_709_164_799.9996, "2024-02-29T00:00:00.000Z"),
    ])
    func timesAreReadableAndComeBack(seconds: Double, text: String) throws {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(Timestamp.text(date) == text)
        let back = try #require(Timestamp.date(text))
        #expect(abs(back.timeIntervalSince(date)) < 0.001)
    }

    @Test func aLedgerOfTheFirstVersionIsBroughtUpWithItsRows() throws {
        let folder = try TemporaryFolder("old")
        let path = folder.file("ledger.sqlite")
        let first = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "first-version.sql")
        let made = try Tool.run("sqlite3", [path, ".read \(first.path)"])
        #expect(made.status == 0, "\(made.output)")
        let ledger = try Ledger(path: path)
        #expect(try ledger.deliveryLines().map(\.state) == ["refused", "delivered", "waiting"])
        #expect(try ledger.deliveryLines().map(\.acceptedSOPClassUID) == [nil, "1.2.840.10008.5.1.4.1.1.88.34", nil])
        #expect(try ledger.deliveries.due(at: Date()).map(\.id) == [1])
        #expect(try Tool.run("sqlite3", [path, "PRAGMA foreign_key_check"]).output.isEmpty)
    }
}
