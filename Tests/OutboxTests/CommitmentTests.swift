import DICOM
import Foundation
import Inbox
import Ledger
import Outbox
import TestSupport
import Testing

/// Storage commitment with peers that keep what they were sent, and with some that do not.
@Suite(.serialized)
struct CommitmentTests {
    private static let states =
        "SELECT group_concat(state || ' ' || coalesce(commitment, '-') || ' ' || sends, ',') "
        + "FROM (SELECT * FROM delivery ORDER BY id)"

    private static let peer = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../peers/commitment_peer.py").standardized.path

    private func fixture(_ count: Int) throws -> OutboxFixture {
        let folder = try TemporaryFolder()
        return try OutboxFixture(try SampleImage.write(count, to: folder), from: folder, to: ["pacs"])
    }

    /// Our listener, as the service has it: the PACS is no source of images.
    private func listener(_ fixture: OutboxFixture) throws -> Inbox {
        var settings = InboxSettings(aeTitle: "APATITE", stateFolder: fixture.folder.path)
        settings.sources = ["CT1": nil]
        settings.commitmentPeers = ["PACS"]
        settings.takeReport = { [ledger = fixture.ledger, logger = fixture.logger] in
            ledger.commitments.take($0, at: Date(), logger)
        }
        let inbox = try Inbox(
            settings: settings, socket: ListeningSocket(port: 0, loopbackOnly: true), ledger: fixture.ledger,
            logger: fixture.logger)
        inbox.start()
        return inbox
    }

    private func destination(_ port: UInt16, answerSeconds: Double = 30) -> Outbox.Destination {
        var destination = OutboxFixture.destination("pacs", port: port, title: "PACS")
        destination.commitment = CommitmentPolicy(answerSeconds: answerSeconds, pauseSeconds: 0.2)
        destination.commitmentWaitSeconds = 2
        return destination
    }

    private func start(_ mode: String, callback: UInt16? = nil) throws -> (tool: Tool, port: UInt16) {
        let port = try Tool.freePort()
        let arguments = [Self.peer, "\(port)", mode] + (callback.map { ["\($0)"] } ?? [])
        return (try Tool(Tool.python, arguments), port)
    }

    @Test func orthancCommitsOnAnAssociationOfItsOwn() async throws {
        let fixture = try fixture(3)
        let inbox = try listener(fixture)
        defer { inbox.stop() }
        let (port, page) = try (Tool.freePort(), Tool.freePort())
        let configuration = """
            {"Name": "PACS", "StorageDirectory": "\(fixture.folder.path)/pacs",
             "IndexDirectory": "\(fixture.folder.path)/pacs", "HttpPort": \(page), "AuthenticationEnabled": false,
             "RemoteAccessAllowed": false, "Plugins": [], "DicomAet": "PACS", "DicomPort": \(port),
             "DicomAlwaysAllowStore": true, "DicomModalities": {"apatite": ["APATITE", "127.0.0.1", \(inbox.port)]}}
            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: fixture.folder.file("orthanc.json")))
        let orthanc = try Tool("/usr/sbin/Orthanc", [fixture.folder.file("orthanc.json")])
        defer { orthanc.terminate() }
        let expected = Array(repeating: "delivered committed 1", count: 3).joined(separator: ",")
        try await fixture.run([destination(port)], until: Self.states, is: expected)
        #expect(try fixture.query(Self.states) == expected)
        // One question or several: a fast peer may answer for the first results before the last is delivered.
        #expect(try fixture.query("SELECT DISTINCT state FROM commitment") == "answered")
    }

    @Test(arguments: ["new", "new-plain"])
    func aReportOnAnAssociationOfThePeersIsTaken(mode: String) async throws {
        let fixture = try fixture(2)
        let inbox = try listener(fixture)
        defer { inbox.stop() }
        let (peer, port) = try start(mode, callback: inbox.port)
        defer { peer.terminate() }
        let expected = "delivered committed 1,delivered committed 1"
        try await fixture.run([destination(port)], until: Self.states, is: expected, seconds: 20)
        #expect(try fixture.query(Self.states) == expected)
    }

    @Test func aReportOnTheSameAssociationIsTaken() async throws {
        let fixture = try fixture(2)
        let (peer, port) = try start("same")
        defer { peer.terminate() }
        let expected = "delivered committed 1,delivered committed 1"
        try await fixture.run([destination(port)], until: Self.states, is: expected, seconds: 20)
        #expect(try fixture.query(Self.states) == expected)
    }

    @Test func whatWasSilentlyDroppedIsSentAgain() async throws {
        let fixture = try fixture(2)
        let (peer, port) = try start("drop")
        defer { peer.terminate() }
        let expected = "delivered committed 2,delivered committed 2"
        try await fixture.run([destination(port)], until: Self.states, is: expected, seconds: 30)
        #expect(try fixture.query(Self.states) == expected)
    }

    @Test func aPeerThatNeverKeepsItBecomesAStatedFact() async throws {
        let fixture = try fixture(1)
        let (peer, port) = try start("drop-all")
        defer { peer.terminate() }
        try await fixture.run([destination(port)], until: Self.states, is: "delivered failed 3", seconds: 40)
        #expect(try fixture.query(Self.states) == "delivered failed 3")
        #expect(
            try fixture.query("SELECT commitment_reason LIKE '%does not have it%sent 3 times%' FROM delivery") == "1")
        #expect(try fixture.ledger.deliveryLines(open: true).map(\.commitment) == ["failed"])
    }

    @Test func aPeerThatNeverAnswersIsAskedThreeTimes() async throws {
        let fixture = try fixture(1)
        let (peer, port) = try start("silent")
        defer { peer.terminate() }
        var destination = destination(port, answerSeconds: 1)
        destination.commitmentWaitSeconds = 1
        try await fixture.run([destination], until: Self.states, is: "delivered failed 1", seconds: 40)
        #expect(try fixture.query(Self.states) == "delivered failed 1")
        #expect(try fixture.query("SELECT count(*) FROM commitment WHERE state = 'expired'") == "3")
    }

    @Test func aPeerThatRefusesTheRequestIsNotAskedAgain() async throws {
        let fixture = try fixture(1)
        let (peer, port) = try start("refuse")
        defer { peer.terminate() }
        try await fixture.run([destination(port)], until: Self.states, is: "delivered failed 1", seconds: 20)
        #expect(try fixture.query("SELECT commitment_reason LIKE '%0124H%' FROM delivery") == "1")
    }

    @Test func aPeerWithoutStorageCommitmentKeepsItsDeliveriesAndTheFactIsStated() async throws {
        let fixture = try fixture(2)
        let target = try TemporaryFolder()
        let port = try Tool.freePort()
        let scp = try Tool("storescp", ["-od", target.path, "\(port)"])
        defer { scp.terminate() }
        let expected = "delivered notOffered 1,delivered notOffered 1"
        try await fixture.run([destination(port)], until: Self.states, is: expected, seconds: 20)
        #expect(try fixture.query(Self.states) == expected)
    }

    @Test func whoReportsMayDoNothingElse() async throws {
        let fixture = try fixture(1)
        let inbox = try listener(fixture)
        defer { inbox.stop() }
        let image = try SampleImage.write(1, to: TemporaryFolder("other"))[0]
        let peer = Association.Peer(
            host: "127.0.0.1", port: inbox.port, calledAETitle: "APATITE", callingAETitle: "PACS",
            associationSeconds: 5, answerSeconds: 5)
        var outcomes: [String] = []
        try StorageUser.send([image], to: peer) { outcomes.append("\($1)") }
        #expect(outcomes == ["SOP class refused"])
        var stranger = peer
        stranger.callingAETitle = "STRANGER"
        #expect(throws: DICOMError.self) { try StorageUser.verify(stranger) }
    }
}
