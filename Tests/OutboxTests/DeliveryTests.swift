import DICOM
import Foundation
import Inbox
import Ledger
import Logging
import Outbox
import Synchronization
import TestSupport
import Testing

/// A state folder with results on their way.
private final class OutboxFixture {
    let folder: TemporaryFolder
    let ledger: Ledger
    var logger: Logger

    init(_ instances: [StoredInstance], from source: TemporaryFolder, to destinations: [String]) throws {
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
        let results = instances.map { instance in
            RecordedResult(
                kind: "summary", sopClassUID: instance.sopClassUID.rawValue,
                sopInstanceUID: instance.sopInstanceUID.rawValue, seriesInstanceUID: "2.25.1001",
                transferSyntaxUID: instance.transferSyntaxUID.rawValue,
                path: (instance.path as NSString).lastPathComponent, destinations: destinations)
        }
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

@Suite(.serialized)
struct DeliveryTests {
    private static let delivered = "SELECT count(*) FROM delivery WHERE state = 'delivered'"

    @Test(arguments: [4096, 131_072])
    func storescpGetsTheResultAsItIs(pdu: Int) async throws {
        let folder = try TemporaryFolder()
        let target = try TemporaryFolder()
        let images = try SampleImage.write(3, to: folder, side: 200)
        let fixture = try OutboxFixture(images, from: folder, to: ["pacs"])
        let port = try Tool.freePort()
        let scp = try Tool("storescp", ["-pdu", "\(pdu)", "+B", "-od", target.path, "\(port)"])
        defer { scp.terminate() }
        try await fixture.run(
            [OutboxFixture.destination("pacs", port: port, title: "PACS")], until: Self.delivered, is: "3")
        #expect(try fixture.query(Self.delivered) == "3")
        let sent = try Set(images.map { try Data(contentsOf: URL(fileURLWithPath: $0.path)).suffix(200 * 200 * 2) })
        let arrived = try Set(
            FileManager.default.contentsOfDirectory(atPath: target.path).map {
                try Data(contentsOf: URL(fileURLWithPath: target.file($0))).suffix(200 * 200 * 2)
            })
        #expect(arrived == sent)
    }

    @Test func aPeerThatTakesTheConnectionAndSaysNothingDoesNotHoldUpAStop() async throws {
        let folder = try TemporaryFolder()
        let fixture = try OutboxFixture(try SampleImage.write(1, to: folder), from: folder, to: ["pacs"])
        let silent = try ListeningSocket(port: 0, loopbackOnly: true)
        defer { close(silent.descriptor) }
        var destination = OutboxFixture.destination("pacs", port: silent.port, title: "PACS")
        destination.peer.associationSeconds = 30
        let outbox = Outbox(
            destinations: [destination], stateFolder: folder.path, ledger: fixture.ledger, logger: fixture.logger)
        let task = Task { await outbox.run() }
        let isCalled = silent.accept(milliseconds: 10_000) != nil
        #expect(isCalled)
        let stopped = ContinuousClock.now
        task.cancel()
        await task.value
        #expect(ContinuousClock.now - stopped < .seconds(8))
        #expect(try fixture.query("SELECT state, attempts FROM delivery") == "waiting|0")
    }

    @Test func anObjectThatAlwaysBreaksTheAssociationDoesNotHoldUpTheOthers() async throws {
        let folder = try TemporaryFolder()
        let images = try SampleImage.write(3, to: folder)
        let fixture = try OutboxFixture(images, from: folder, to: ["pacs"])
        let port = try Tool.freePort()
        let peer = """
            import sys
            from pynetdicom import AE, evt
            from pynetdicom.sop_class import CTImageStorage
            def store(event):
                if event.request.AffectedSOPInstanceUID == sys.argv[2]:
                    event.assoc.abort()
                return 0
            ae = AE(ae_title="PACS")
            ae.add_supported_context(CTImageStorage)
            ae.start_server(("127.0.0.1", int(sys.argv[1])), evt_handlers=[(evt.EVT_C_STORE, store)])
            """
        let scp = try Tool(Tool.python, ["-c", peer, "\(port)", images[0].sopInstanceUID.rawValue])
        defer { scp.terminate() }
        try await fixture.run(
            [OutboxFixture.destination("pacs", port: port, title: "PACS", first: 1)], until: Self.delivered, is: "2",
            seconds: 30)
        #expect(try fixture.query("SELECT state FROM delivery ORDER BY id") == "waiting\ndelivered\ndelivered")
    }

    @Test func orthancGetsEveryResult() async throws {
        let folder = try TemporaryFolder()
        let images = try SampleImage.write(3, to: folder)
        let fixture = try OutboxFixture(images, from: folder, to: ["pacs"])
        let (port, page) = try (Tool.freePort(), Tool.freePort())
        let configuration = """
            {"Name": "PACS", "StorageDirectory": "\(folder.path)/pacs", "IndexDirectory": "\(folder.path)/pacs",
             "HttpPort": \(page), "AuthenticationEnabled": false, "RemoteAccessAllowed": false, "Plugins": [],
             "DicomAet": "PACS", "DicomPort": \(port), "DicomCheckCalledAet": true, "DicomAlwaysAllowStore": true}
            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: folder.file("orthanc.json")))
        let orthanc = try Tool("/usr/sbin/Orthanc", [folder.file("orthanc.json")])
        defer { orthanc.terminate() }
        // It is tried until Orthanc has started.
        try await fixture.run(
            [OutboxFixture.destination("pacs", port: port, title: "PACS")], until: Self.delivered, is: "3")
        #expect(try fixture.query(Self.delivered) == "3")
        let instances = try Tool.run("curl", ["-s", "http://127.0.0.1:\(page)/instances?expand"]).output
        for image in images { #expect(instances.contains("\"\(image.sopInstanceUID)\""), "\(instances)") }
    }

    @Test func withoutADestinationItWaitsToBeStopped() async throws {
        let folder = try TemporaryFolder()
        let fixture = try OutboxFixture([], from: folder, to: [])
        let outbox = Outbox(destinations: [], stateFolder: folder.path, ledger: fixture.ledger, logger: fixture.logger)
        let hasEnded = Atomic(false)
        async let run: Void = {
            await outbox.run()
            hasEnded.store(true, ordering: .relaxed)
        }()
        try await Task.sleep(for: .milliseconds(300))
        let isEarly = hasEnded.load(ordering: .relaxed)
        #expect(!isEarly)
        outbox.stop()
        await run
    }

    @Test func aPeerThatTakesImplicitVROnlyGetsItConverted() async throws {
        let folder = try TemporaryFolder()
        let target = try TemporaryFolder()
        let images = try SampleImage.write(1, to: folder)
        let fixture = try OutboxFixture(images, from: folder, to: ["pacs"])
        let port = try Tool.freePort()
        let scp = try Tool("storescp", ["+xi", "-od", target.path, "\(port)"])
        defer { scp.terminate() }
        try await fixture.run(
            [OutboxFixture.destination("pacs", port: port, title: "PACS")], until: Self.delivered, is: "1")
        let name = try #require(FileManager.default.contentsOfDirectory(atPath: target.path).first)
        let read = try DataSet(contentsOf: target.file(name))
        #expect(read.transferSyntax == TransferSyntax.implicitLittleEndian.uid)
        #expect(try read.decodeFrame().values == SampleImage.make(0).decodeFrame().values)
    }

    @Test func aDestinationThatIsDownIsTriedUntilItIsThere() async throws {
        let folder = try TemporaryFolder()
        let target = try TemporaryFolder()
        let images = try SampleImage.write(1, to: folder)
        let fixture = try OutboxFixture(images, from: folder, to: ["pacs"])
        let port = try Tool.freePort()
        let destination = OutboxFixture.destination("pacs", port: port, title: "PACS")
        try await fixture.run(
            [destination], until: "SELECT attempts >= 2 FROM delivery", is: "1")
        #expect(try fixture.query("SELECT state FROM delivery") == "waiting")
        let scp = try Tool("storescp", ["-od", target.path, "\(port)"])
        defer { scp.terminate() }
        try await fixture.run([destination], until: Self.delivered, is: "1")
        #expect(try fixture.query(Self.delivered) == "1")
    }

    @Test func aRefusedClassHoldsUpNeitherTheOthersNorTheOtherDestination() async throws {
        let folder = try TemporaryFolder()
        let state = try TemporaryFolder()
        var images = try SampleImage.write(2, to: folder)
        let other = SampleImage.make(1)
        other.set(.sopClassUID, SOPClass.segmentation)
        try other.write(to: images[1].path)
        images[1].sopClassUID = SOPClass.segmentation
        let fixture = try OutboxFixture(images, from: folder, to: ["narrow", "dead"])
        var settings = InboxSettings(aeTitle: "NARROW", stateFolder: state.path)
        settings.sopClasses = [SOPClass.ctImage]
        settings.diskFloorBytes = 1
        let narrow = try Inbox(
            settings: settings, socket: ListeningSocket(port: 0, loopbackOnly: true),
            ledger: Ledger(path: state.file("ledger.sqlite")), logger: fixture.logger)
        narrow.start()
        defer { narrow.stop() }
        let dead = try Tool.freePort()
        try await fixture.run(
            [
                OutboxFixture.destination("dead", port: dead, title: "DEAD"),
                OutboxFixture.destination("narrow", port: narrow.port, title: "NARROW"),
            ],
            until: "SELECT count(*) FROM delivery WHERE destination = 'narrow' AND state <> 'waiting'", is: "2")
        #expect(
            try fixture.query("SELECT state FROM delivery WHERE destination = 'narrow' ORDER BY id")
                == "delivered\nrefused")
        #expect(
            try fixture.query(
                "SELECT reason LIKE '%SOP class%' AND reason LIKE '%apatitectl retry%' FROM delivery "
                    + "WHERE state = 'refused'") == "1")
        // What was refused is not tried again, though its first retry would have been due long ago.
        let associations = try Tool.run("sqlite3", [state.file("ledger.sqlite"), "SELECT count(*) FROM association"])
        try await fixture.run(
            [OutboxFixture.destination("narrow", port: narrow.port, title: "NARROW")], until: "SELECT 0", is: "1",
            seconds: 1.5)
        #expect(
            try Tool.run("sqlite3", [state.file("ledger.sqlite"), "SELECT count(*) FROM association"]).output
                == associations.output)
        #expect(
            try fixture.query("SELECT count(*) FROM delivery WHERE destination = 'dead' AND state = 'waiting'") == "2")
    }
}
