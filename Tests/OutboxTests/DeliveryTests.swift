import DICOM
import Foundation
import Inbox
import Ledger
import Logging
import Outbox
import Synchronization
import TestSupport
import Testing

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

    /// The same object in another class, as the report has it.
    private func alternative(to image: StoredInstance, in folder: TemporaryFolder) throws -> StoredInstance {
        var other = image
        other.sopClassUID = SOPClass.enhancedSR
        other.sopInstanceUID = UID(rawValue: image.sopInstanceUID.rawValue + ".2")
        other.path = folder.file("alternative.dcm")
        let data = try DataSet(contentsOf: image.path)
        data.set(.sopClassUID, other.sopClassUID)
        data.set(.sopInstanceUID, other.sopInstanceUID)
        try data.write(to: other.path)
        return other
    }

    /// storescp takes what a profile of its configuration names.
    private static func profile(_ classes: [String]) -> String {
        let contexts = classes.enumerated().map { "PresentationContext\($0 + 1) = \($1)\\Plain" }
        return """
            [[TransferSyntaxes]]
            [Plain]
            TransferSyntax1 = LittleEndianExplicit
            TransferSyntax2 = LittleEndianImplicit
            [[PresentationContexts]]
            [Only]
            \(contexts.joined(separator: "\n"))
            [[Profiles]]
            [Narrow]
            PresentationContexts = Only
            """
    }

    private static let accepted =
        "SELECT state, accepted_sop_class_uid, accepted_transfer_syntax_uid, status FROM delivery_overview ORDER BY id"

    @Test(arguments: [
        (["1.2.840.10008.5.1.4.1.1.2"], "delivered|1.2.840.10008.5.1.4.1.1.2|1.2.840.10008.1.2.1|0000H"),
        (["1.2.840.10008.5.1.4.1.1.88.22"], "delivered|1.2.840.10008.5.1.4.1.1.88.22|1.2.840.10008.1.2.1|0000H"),
        (
            ["1.2.840.10008.5.1.4.1.1.88.22", "1.2.840.10008.5.1.4.1.1.2"],
            "delivered|1.2.840.10008.5.1.4.1.1.2|1.2.840.10008.1.2.1|0000H"
        ),
        (["1.2.840.10008.5.1.4.1.1.7"], "refused|||"),
    ])
    func thePeerGetsTheFirstFormThatItTakesAndTheLedgerSaysWhich(classes: [String], row: String) async throws {
        let folder = try TemporaryFolder()
        let target = try TemporaryFolder()
        let image = try SampleImage.write(1, to: folder)[0]
        let fixture = try OutboxFixture(
            [image], alternatives: [image.sopInstanceUID: try alternative(to: image, in: folder)], from: folder,
            to: ["pacs"])
        try Data(Self.profile(classes).utf8).write(to: URL(fileURLWithPath: folder.file("storescp.cfg")))
        let port = try Tool.freePort()
        let scp = try Tool("storescp", ["-xf", folder.file("storescp.cfg"), "Narrow", "-od", target.path, "\(port)"])
        defer { scp.terminate() }
        try await fixture.run(
            [OutboxFixture.destination("pacs", port: port, title: "PACS")], until: Self.accepted, is: row, seconds: 15)
        #expect(try fixture.query(Self.accepted) == row)
        #expect(target.files(suffix: "").count == (row.hasPrefix("delivered") ? 1 : 0))
    }

    @Test func aPeerThatRefusesTheClassOnlyWhenItComesGetsTheOtherForm() async throws {
        let folder = try TemporaryFolder()
        let image = try SampleImage.write(1, to: folder)[0]
        let fixture = try OutboxFixture(
            [image], alternatives: [image.sopInstanceUID: try alternative(to: image, in: folder)], from: folder,
            to: ["pacs"])
        let port = try Tool.freePort()
        let peer = """
            import sys
            from pynetdicom import AE, AllStoragePresentationContexts, evt
            def store(event):
                return 0x0122 if event.request.AffectedSOPClassUID.endswith(".1.2") else 0xB000
            ae = AE(ae_title="PACS")
            ae.supported_contexts = AllStoragePresentationContexts
            ae.start_server(("127.0.0.1", int(sys.argv[1])), evt_handlers=[(evt.EVT_C_STORE, store)])
            """
        let scp = try Tool(Tool.python, ["-c", peer, "\(port)"])
        defer { scp.terminate() }
        let row = "delivered|1.2.840.10008.5.1.4.1.1.88.22|1.2.840.10008.1.2.1|B000H"
        try await fixture.run(
            [OutboxFixture.destination("pacs", port: port, title: "PACS")], until: Self.accepted, is: row, seconds: 20)
        #expect(try fixture.query(Self.accepted) == row)
    }
}
