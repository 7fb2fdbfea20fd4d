import DICOM
import Foundation
import Ledger
import Logging
import Outbox
import TestSupport

/// A state folder with results on their way.
final class OutboxFixture {
    let folder: TemporaryFolder
    let ledger: Ledger
    var logger: Logger

    /// - Parameter alternatives: by SOP Instance UID of the instance in whose place each may go.
    init(
        _ instances: [StoredInstance], alternatives: [UID: StoredInstance] = [:], from source: TemporaryFolder,
        to destinations: [String]
    ) throws {
        folder = source
        ledger = try Ledger(path: source.file("ledger.sqlite"))
        logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .critical
        let now = Date()
        _ = try ledger.record(
            ReceivedInstance(
                sopClassUID: SOPClass.ctImage.rawValue, sopInstanceUID: "2.25.77", seriesInstanceUID: "2.25.78",
                studyInstanceUID: "2.25.79", transferSyntaxUID: "1.2.840.10008.1.2.1", callingAETitle: "CT1",
                calledAETitle: "APATITE", sha256: "aa", byteCount: 1, path: "received/x.dcm", receivedAt: now))
        try ledger.close(study: 1, signal: .quietPeriod, at: now)
        guard let ticket = try ledger.beginNextAnalysis(at: now) else { return }
        func result(_ instance: StoredInstance, destinations: [String], alternativeOf: UID? = nil) -> RecordedResult {
            RecordedResult(
                kind: "summary", sopClassUID: instance.sopClassUID.rawValue,
                sopInstanceUID: instance.sopInstanceUID.rawValue, seriesInstanceUID: "2.25.1001",
                transferSyntaxUID: instance.transferSyntaxUID.rawValue,
                path: (instance.path as NSString).lastPathComponent, destinations: destinations,
                alternativeOf: alternativeOf?.rawValue)
        }
        let results =
            alternatives.map { result($0.value, destinations: [], alternativeOf: $0.key) }
            + instances.map { result($0, destinations: destinations) }
        try ledger.finish(
            analysis: ticket.id,
            AnalysisEnd(fate: .reported, reasons: [], acquisitionDigest: "d", results: results), at: now)
    }

    func query(_ sql: String) throws -> String {
        try Tool.run("sqlite3", [folder.file("ledger.sqlite"), sql]).output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs the Outbox until nothing is due or the time is up.
    func run(_ destinations: [Outbox.Destination], until done: String, is value: String, seconds: Double = 60)
        async throws
    {
        let outbox = Outbox(
            destinations: destinations, stateFolder: folder.path, ledger: ledger, logger: logger)
        let task = Task { await outbox.run() }
        let deadline = Date().addingTimeInterval(seconds)
        while try query(done) != value, Date() < deadline { try await Task.sleep(for: .milliseconds(50)) }
        task.cancel()
        await task.value
    }

    static func destination(_ name: String, port: UInt16, title: String, first: Double = 0.2) -> Outbox.Destination {
        Outbox.Destination(
            name: name,
            peer: Association.Peer(
                host: "127.0.0.1", port: port, calledAETitle: title, callingAETitle: "APATITE", associationSeconds: 5,
                answerSeconds: 5),
            retry: RetryPolicy(first: first, longest: 1))
    }
}
