import DICOM
import Foundation
import Inbox
import Ledger
import TestSupport
import Testing

struct ReceptionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: ["storescu", "dcmsend"])
    func aSenderOfDCMTKIsStoredBitForBit(tool: String) throws {
        let fixture = try InboxFixture()
        let images = try SampleImage.write(5, to: folder)
        #expect(try fixture.send(tool, images.map(\.path)) == 0)
        #expect(try fixture.query("SELECT count(*) FROM instance") == "5")
        let kept = try Set(fixture.stored.map { try dataSetBytes(fixture.folder.file($0)) })
        #expect(try kept == Set(images.map { try dataSetBytes($0.path) }))
        #expect(fixture.leftovers.isEmpty)
    }

    @Test func whatTheOperatorSeesIsRead() throws {
        let fixture = try InboxFixture()
        let images = try SampleImage.write(1, to: folder)
        #expect(try fixture.statuses(images) == [.success])
        #expect(try fixture.query("SELECT name, patient_id FROM patient") == "Müller^Zoë|P1")
        #expect(try fixture.query("SELECT modality, procedure_code FROM series") == "CT|HANDCT")
        #expect(try fixture.query("SELECT ae_title FROM source") == "SCANNER")
    }

    @Test func aSenderOfPynetdicomIsStored() throws {
        let fixture = try InboxFixture()
        let images = try SampleImage.write(3, to: folder)
        let program = """
            import sys, pydicom
            from pynetdicom import AE
            ae = AE(ae_title='PYTHON')
            ae.add_requested_context('1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.1.2.1')
            assoc = ae.associate('127.0.0.1', int(sys.argv[1]), ae_title='APATITE')
            print([hex(assoc.send_c_store(pydicom.dcmread(p)).Status) for p in sys.argv[2:]])
            assoc.release()
            """
        let result = try Tool.run(Tool.python, ["-c", program, "\(fixture.inbox.port)"] + images.map(\.path))
        #expect(result.output.contains("['0x0', '0x0', '0x0']"), "\(result.output)")
        #expect(try fixture.query("SELECT count(*) FROM instance") == "3")
    }

    @Test(arguments: [4096, 16384, 131_072])
    func everyPDULengthCarriesAnImage(length: Int) throws {
        let fixture = try InboxFixture { $0.maximumPDU = UInt32(length) }
        let images = try SampleImage.write(2, to: folder, side: 300)
        let status = try fixture.send("storescu", ["--max-pdu", "\(length)"] + images.map(\.path))
        #expect(status == 0)
        let kept = try Set(fixture.stored.map { try dataSetBytes(fixture.folder.file($0)) })
        #expect(try kept == Set(images.map { try dataSetBytes($0.path) }))
    }

    @Test func aPipeliningSenderGetsEveryAnswer() throws {
        let fixture = try InboxFixture()
        let images = try SampleImage.write(40, to: folder)
        #expect(try fixture.statuses(images, window: 8) == Array(repeating: .success, count: 40))
        #expect(fixture.stored.count == 40)
    }

    @Test func twoAssociationsAtOnceLoseNothing() throws {
        let fixture = try InboxFixture()
        let first = try SampleImage.write(20, to: folder)
        let arguments = { (paths: [String]) in ["-aec", "APATITE", "127.0.0.1", "\(fixture.inbox.port)"] + paths }
        // Half of them by both at the same time.
        let one = try Tool("storescu", arguments(first.prefix(15).map(\.path)))
        let two = try Tool("storescu", arguments(first.suffix(15).map(\.path)))
        #expect(one.finish().status == 0)
        #expect(two.finish().status == 0)
        #expect(try fixture.query("SELECT count(*) FROM instance") == "20")
        #expect(fixture.stored.count == 20)
        #expect(fixture.leftovers.isEmpty)
    }

    @Test func theSameContentAgainChangesNothing() throws {
        let fixture = try InboxFixture()
        let images = try SampleImage.write(2, to: folder)
        #expect(try fixture.statuses(images + images) == Array(repeating: .success, count: 4))
        #expect(try fixture.query("SELECT count(*) FROM instance") == "2")
        #expect(try fixture.query("SELECT count(*) FROM conflict") == "0")
        #expect(fixture.stored.count == 2)
    }

    @Test func otherContentUnderTheSameUIDIsKeptBesideIt() throws {
        let fixture = try InboxFixture()
        let first = try SampleImage.write(1, to: folder)
        let second = try SampleImage.write(1, to: folder, prefix: "other", variant: 1)
        #expect(try fixture.statuses(first + second) == [.success, .success])
        #expect(try fixture.query("SELECT count(*) FROM instance") == "1")
        #expect(try fixture.query("SELECT count(*) FROM conflict") == "1")
        #expect(try fixture.query("SELECT count(*) FROM event WHERE kind = 'conflict'") == "1")
        #expect(fixture.stored.count == 2)
    }

    @Test func aFullDiskIsSaidAndNothingIsLeft() throws {
        let fixture = try InboxFixture { $0.diskFloorBytes = .max }
        let images = try SampleImage.write(2, to: folder)
        #expect(try fixture.statuses(images) == [.outOfResources, .outOfResources])
        #expect(fixture.stored.isEmpty)
        #expect(fixture.leftovers.isEmpty)
        #expect(try fixture.query("SELECT count(*) FROM instance") == "0")
    }

    @Test func aReallyFullDiskLosesNothingThatWasPromised() throws {
        let state = try TemporaryFolder()
        let mount = try Tool.runAsRoot(
            "mount", ["-t", "tmpfs", "-o", "size=6m,uid=\(getuid()),mode=0700", "tmpfs", state.path])
        try #require(mount.status == 0, "\(mount.output)")
        defer { _ = try? Tool.runAsRoot("umount", ["--lazy", state.path]) }
        let fixture = try InboxFixture(in: state) { $0.diskFloorBytes = 0 }
        let images = try SampleImage.write(30, to: folder, side: 400)
        let statuses = try fixture.statuses(images, window: 4)
        let kept = statuses.filter { $0 == .success }.count
        #expect(kept > 0)
        #expect(statuses.filter { $0 == .outOfResources }.count == 30 - kept && kept < 30)
        #expect(fixture.stored.count == kept)
        #expect(fixture.leftovers.isEmpty)
        #expect(try fixture.query("SELECT count(*) FROM instance") == "\(kept)")
        // With room again the same service goes on.
        #expect(try Tool.runAsRoot("mount", ["-o", "remount,size=60m", state.path]).status == 0)
        #expect(try fixture.statuses(images, window: 4) == Array(repeating: .success, count: 30))
        #expect(try fixture.query("SELECT count(*) FROM instance") == "30")
        fixture.inbox.stop()
    }

    @Test func aNameInLatin1IsShownInUTF8() throws {
        let fixture = try InboxFixture()
        let path = try latin1(SampleImage.make(0), in: folder)
        #expect(try fixture.send("storescu", [path]) == 0)
        #expect(try fixture.query("SELECT name FROM patient") == "Müller^Zoë")
    }

    @Test func answersComeInOrderWhenGoodAndBadObjectsAreMixed() throws {
        let fixture = try InboxFixture()
        var images = try SampleImage.write(24, to: folder)
        for number in stride(from: 1, to: 24, by: 3) {
            images[number].sopInstanceUID = UID(rawValue: "2.25.99\(number)")
        }
        var order: [UID] = []
        try StorageUser.send(images, to: fixture.peer, window: 12) { instance, outcome in
            order.append(instance.sopInstanceUID)
            guard case .answered(let status, _, _) = outcome else { return }
            #expect(status == (instance.sopInstanceUID.rawValue.hasPrefix("2.25.99") ? .dataSetDoesNotMatch : .success))
        }
        #expect(order == images.map(\.sopInstanceUID))
        #expect(fixture.stored.count == 16)
    }

    @Test func aBadObjectCostsOnlyItself() throws {
        let fixture = try InboxFixture()
        var images = try SampleImage.write(4, to: folder)
        let incomplete = SampleImage.make(0)
        incomplete.remove(.studyInstanceUID)
        try incomplete.write(to: images[0].path)
        // The command will name another instance than the data set.
        images[1].sopInstanceUID = "2.25.99"
        let header = MetaHeader.bytes(
            sopClassUID: SOPClass.ctImage, sopInstanceUID: images[2].sopInstanceUID,
            transferSyntaxUID: images[2].transferSyntaxUID, sourceAETitle: "", receivingAETitle: "")
        let noise = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 77 &+ 13) }
        try Data(header + noise).write(to: URL(fileURLWithPath: images[2].path))
        #expect(
            try fixture.statuses(images) == [.cannotUnderstand, .dataSetDoesNotMatch, .cannotUnderstand, .success])
        #expect(fixture.stored.count == 1)
        #expect(fixture.leftovers.isEmpty)
    }

    @Test(arguments: [
        TransferSyntax.implicitLittleEndian, .explicitBigEndian, .deflatedLittleEndian,
    ])
    func everyPlainSyntaxIsKeptAsItCame(syntax: TransferSyntax) throws {
        let fixture = try InboxFixture()
        let path = folder.file("image.dcm")
        try SampleImage.make(0).write(to: path, transferSyntax: syntax.uid)
        let instance = StoredInstance(
            sopClassUID: SOPClass.ctImage, sopInstanceUID: "2.25.1", transferSyntaxUID: syntax.uid, path: path)
        #expect(try fixture.statuses([instance]) == [.success])
        #expect(try fixture.query("SELECT transfer_syntax_uid FROM instance") == syntax.rawValue)
        #expect(try fixture.query("SELECT name FROM patient") == "Müller^Zoë")
        let kept = try #require(fixture.stored.first)
        #expect(try dataSetBytes(fixture.folder.file(kept)) == dataSetBytes(path))
    }
}
