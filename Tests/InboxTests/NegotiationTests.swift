import DICOM
import Foundation
import Inbox
import TestSupport
import Testing

struct NegotiationTests {
    private func proposals(_ syntax: TransferSyntax) -> [Association.Proposal] {
        SOPClass.stored.map { Association.Proposal(abstractSyntax: $0.uid, transferSyntaxes: [syntax.uid]) }
    }

    @Test(arguments: TransferSyntax.allCases)
    func everyClassOfTheTableIsAccepted(syntax: TransferSyntax) throws {
        let fixture = try InboxFixture()
        let association = try Association.request(fixture.peer, proposals: proposals(syntax))
        for context in association.presentationContexts {
            #expect(context.acceptedTransferSyntax == syntax.uid, "\(context.abstractSyntax)")
        }
        try association.release()
    }

    @Test func aClassOutsideTheTableIsRefusedAndTheOthersGoOn() throws {
        let fixture = try InboxFixture()
        let explicit = TransferSyntax.explicitLittleEndian.uid
        let association = try Association.request(
            fixture.peer,
            proposals: [
                .init(abstractSyntax: "1.2.840.10008.5.1.4.1.1.4", transferSyntaxes: [explicit]),
                .init(abstractSyntax: SOPClass.ctImage, transferSyntaxes: ["1.2.840.10008.1.2.4.50"]),
                .init(abstractSyntax: SOPClass.ctImage, transferSyntaxes: [explicit]),
            ])
        #expect(association.presentationContexts.map(\.acceptedTransferSyntax) == [nil, nil, explicit])
        try association.release()
    }

    @Test func theLogOfANegotiationIsOneShortLine() throws {
        let fixture = try InboxFixture()
        let syntaxes = TransferSyntax.allCases.map(\.uid)
        let proposals = (0..<100).map { number in
            Association.Proposal(
                abstractSyntax: UID(rawValue: "1.2.840.10008.5.1.4.1.1.999.\(number)"), transferSyntaxes: syntaxes)
        }
        let association = try Association.request(
            fixture.peer,
            proposals: proposals + [
                .init(abstractSyntax: SOPClass.enhancedCT, transferSyntaxes: ["1.2.840.10008.1.2.4.50"]),
                .init(abstractSyntax: SOPClass.ctImage, transferSyntaxes: syntaxes),
            ])
        let summary = NegotiationSummary(association.presentationContexts, accepted: fixture.inbox.settings.sopClasses)
        try association.release()
        #expect(
            summary.accepted == "1 of 102 contexts: classes 1.2.840.10008.5.1.4.1.1.2 in 1.2.840.10008.1.2.1")
        #expect(summary.refused.hasPrefix("classes 1.2.840.10008.5.1.4.1.1.999.0, "))
        #expect(
            summary.refused.hasSuffix("and 92 more; no common transfer syntax for 1.2.840.10008.5.1.4.1.1.2.1"))
        #expect(summary.refused.utf8.count < 512)
    }

    @Test func aConnectionWithoutARequestIsNoAssociation() throws {
        var ends: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        close(ends[1])
        #expect {
            _ = try Association.receive(socket: ends[0])
        } throws: {
            ($0 as? DICOMError)?.code == .associationAborted
        }
    }

    @Test func anEchoIsAnswered() throws {
        let fixture = try InboxFixture()
        #expect(try StorageUser.verify(fixture.peer) == .success)
        #expect(try fixture.send("echoscu", []) == 0)
    }

    private func rejection(_ body: () throws -> Void) -> Rejection? {
        do {
            try body()
            return nil
        } catch {
            return (error as? DICOMError)?.cause as? Rejection
        }
    }

    @Test func aWrongCalledTitleIsRejected() throws {
        let fixture = try InboxFixture()
        var peer = fixture.peer
        peer.calledAETitle = "SOMEBODY"
        #expect(rejection { _ = try StorageUser.verify(peer) } == .calledAETitleNotRecognized)
    }

    @Test func anUnknownCallerIsRejected() throws {
        let fixture = try InboxFixture {
            $0.sources = ["CT1": String?.none, "SCANNER": "192.0.2.1"] as [String: String?]
        }
        var peer = fixture.peer
        #expect(rejection { _ = try StorageUser.verify(peer) } == .callingAETitleNotRecognized)
        peer.callingAETitle = "CT2"
        #expect(rejection { _ = try StorageUser.verify(peer) } == .callingAETitleNotRecognized)
        peer.callingAETitle = "CT1"
        #expect(try StorageUser.verify(peer) == .success)
    }

    @Test func oneAssociationTooManyIsRejectedForNow() throws {
        let fixture = try InboxFixture { $0.maximumAssociations = 1 }
        let first = try Association.request(fixture.peer, proposals: proposals(.explicitLittleEndian))
        #expect(rejection { _ = try StorageUser.verify(fixture.peer) } == .localLimitExceeded)
        try first.release()
        // The slot is free again when its thread has ended.
        let deadline = Date().addingTimeInterval(5)
        while fixture.inbox.openAssociationCount > 0, Date() < deadline { usleep(10_000) }
        #expect(try StorageUser.verify(fixture.peer) == .success)
    }

    @Test func aPeerThatSaysNothingIsPutOut() throws {
        let fixture = try InboxFixture { $0.artimSeconds = 1 }
        // It waits for the other side to close, and says so by ending.
        let begin = Date()
        let result = try Tool.run(
            "python3",
            [
                "-c",
                "import socket,sys\ns=socket.create_connection(('127.0.0.1',int(sys.argv[1])))\n"
                    + "s.settimeout(20)\ns.send(b'\\x01\\x00\\x00\\x00')\nprint(len(s.recv(100)) >= 0)",
                "\(fixture.inbox.port)",
            ])
        #expect(result.output.contains("True") || result.output.contains("ConnectionReset"), "\(result.output)")
        #expect(Date().timeIntervalSince(begin) < 8)
        #expect(try StorageUser.verify(fixture.peer) == .success)
    }

    @Test func aStopAbortsWhoIsConnected() throws {
        let fixture = try InboxFixture()
        let association = try Association.request(fixture.peer, proposals: proposals(.explicitLittleEndian))
        let begin = Date()
        fixture.inbox.stop(gracePeriod: 0)
        #expect(Date().timeIntervalSince(begin) < 3)
        #expect(throws: DICOMError.self) { _ = try association.receiveAnswer(seconds: 5) }
    }

    @Test func theEndOfAnAssociationIsRecordedHoweverLongTheLedgerIsLocked() throws {
        let state = try TemporaryFolder()
        let fixture = try InboxFixture(in: state)
        let association = try Association.request(
            fixture.peer, proposals: proposals(.implicitLittleEndian))
        while try fixture.query("SELECT count(*) FROM association") != "1" { usleep(10_000) }
        // As somebody who forgot a transaction in the sqlite3 shell: longer than the ledger waits for a lock.
        let lock = try Tool(
            "python3",
            [
                "-c",
                """
                import sqlite3, sys, time
                ledger = sqlite3.connect(sys.argv[1], isolation_level=None)
                ledger.execute("BEGIN IMMEDIATE")
                print("locked", flush=True)
                time.sleep(11)
                """, state.file("ledger.sqlite"),
            ])
        #expect(lock.readLine() == "locked")
        try association.release()
        _ = lock.finish()
        let deadline = Date().addingTimeInterval(15)
        var open = "1"
        while open != "0", Date() < deadline {
            Thread.sleep(forTimeInterval: 0.2)
            open = try fixture.query("SELECT count(*) FROM association WHERE closed_at IS NULL")
        }
        #expect(open == "0")
    }

    @Test func aStudyIsOpenWhileItsAssociationIs() throws {
        let folder = try TemporaryFolder()
        let fixture = try InboxFixture()
        let image = try #require(try SampleImage.write(1, to: folder).first)
        let association = try Association.request(fixture.peer, proposals: StorageUser.proposals(for: [image]))
        let context = try #require(association.presentationContexts.first)
        try association.sendStore(image, context: context, messageID: 1)
        #expect(try association.receiveAnswer(seconds: 10).status == .success)
        #expect(fixture.inbox.studiesWithOpenAssociation == ["2.25.1000"])
        try association.release()
        let deadline = Date().addingTimeInterval(5)
        while fixture.inbox.openAssociationCount > 0, Date() < deadline { usleep(10_000) }
        #expect(fixture.inbox.studiesWithOpenAssociation.isEmpty)
        #expect(try fixture.query("SELECT ending FROM association") == "released")
    }
}
