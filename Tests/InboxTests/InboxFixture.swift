import DICOM
import Foundation
import Inbox
import Ledger
import Logging
import TestSupport

/// An Inbox with its ledger in a folder of its own.
final class InboxFixture {
    let folder: TemporaryFolder
    let ledger: Ledger
    let inbox: Inbox

    init(in folder: TemporaryFolder? = nil, _ adjust: (inout InboxSettings) -> Void = { _ in }) throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        var settings = InboxSettings(aeTitle: "APATITE", stateFolder: folder.path)
        settings.diskFloorBytes = 1 << 20
        adjust(&settings)
        ledger = try Ledger(path: folder.file("ledger.sqlite"))
        var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .critical
        inbox = try Inbox(
            settings: settings, socket: ListeningSocket(port: 0, loopbackOnly: true), ledger: ledger, logger: logger)
        inbox.start()
    }

    deinit { inbox.stop(gracePeriod: 1) }

    var peer: Association.Peer {
        Association.Peer(host: "127.0.0.1", port: inbox.port, calledAETitle: "APATITE", callingAETitle: "SCANNER")
    }

    /// Runs a DCMTK sender against it.
    func send(_ tool: String, _ arguments: [String]) throws -> Int32 {
        try Tool.run(tool, ["-aec", "APATITE", "127.0.0.1", "\(inbox.port)"] + arguments).status
    }

    /// Sends with our own Storage SCU and returns the statuses in order.
    func statuses(_ instances: [StoredInstance], window: Int = 1) throws -> [DIMSEStatus?] {
        var statuses: [DIMSEStatus?] = []
        try StorageUser.send(instances, to: peer, window: window) { _, outcome in
            if case .answered(let status, _, _) = outcome { statuses.append(status) } else { statuses.append(nil) }
        }
        return statuses
    }

    /// What an operator's `sqlite3` says.
    func query(_ sql: String) throws -> String {
        try Tool.run("sqlite3", [folder.file("ledger.sqlite"), sql]).output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    var stored: [String] { folder.files(suffix: ".dcm").filter { $0.hasPrefix("received/") } }
    var leftovers: [String] { folder.files(suffix: ".part") }
}

/// The bytes of a file's data set, without its meta header.
func dataSetBytes(_ path: String) throws -> Data {
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    let offset = try MetaHeader.dataSetOffset(descriptor: descriptor)
    return try Data(contentsOf: URL(fileURLWithPath: path)).dropFirst(offset)
}
