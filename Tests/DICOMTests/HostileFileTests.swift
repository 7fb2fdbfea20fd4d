import DICOM
import Foundation
import TestSupport
import Testing

/// Files that claim more than they hold, or what nobody here can decode.
struct HostileFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func code(_ body: () throws -> Void) -> DICOMError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? DICOMError)?.code
        }
    }

    @Test func aDeflatedBombStopsAtItsLimit() throws {
        let image = SampleImage.make(0)
        image.setBytes(.pixelData, [UInt8](repeating: 0, count: 32 << 20))
        try image.write(
            to: folder.file("bomb.dcm"), transferSyntax: TransferSyntax.deflatedLittleEndian.uid)
        let size = try FileManager.default.attributesOfItem(atPath: folder.file("bomb.dcm"))[.size] as? Int
        #expect(try #require(size) < 100_000)
        #expect(
            code { _ = try DataSet(contentsOf: folder.file("bomb.dcm"), maximumInflatedBytes: 1 << 20) }
                == .limitExceeded)
        #expect(code { _ = try DataSet(contentsOf: folder.file("bomb.dcm"), maximumInflatedBytes: 64 << 20) } == nil)
    }

    @Test func manyPixelsWithoutTheirBytesAreRefusedBeforeMemoryIsTaken() throws {
        let image = SampleImage.make(0)
        image.set(.rows, integer: 65535)
        image.set(.columns, integer: 65535)
        try image.write(to: folder.file("wide.dcm"))
        let read = try DataSet(contentsOf: folder.file("wide.dcm"))
        #expect(code { _ = try read.decodeFrame() } == .limitExceeded)
        #expect(code { _ = try read.decodeFrame(maximumBytes: .max) } == .malformed)
    }

    @Test(arguments: ["dcmcjpls", "dcmcjpeg", "dcmcrle"])
    func compressedDataOfFewerPixelsThanClaimedIsMalformed(tool: String) throws {
        let (plain, packed) = (folder.file("plain.dcm"), folder.file("packed.dcm"))
        try SampleImage.make(0).write(to: plain)
        #expect(try Tool.run(tool, [plain, packed]).status == 0)
        #expect(try Tool.run("dcmodify", ["-nb", "-m", "(0028,0010)=2000", packed]).status == 0)
        #expect(code { _ = try DataSet(contentsOf: packed).decodeFrame() } == .malformed)
        #expect(
            try Tool.run("dcmodify", ["-nb", "-m", "(0028,0010)=65535", "-m", "(0028,0011)=65535", packed]).status == 0)
        #expect(code { _ = try DataSet(contentsOf: packed).decodeFrame() } == .limitExceeded)
    }

    @Test func jpeg2000IsNamedAsWhatCannotBeDecoded() throws {
        let plain = folder.file("plain.dcm")
        let image = SampleImage.make(0)
        image.remove(.pixelData)
        try image.write(to: plain)
        let descriptor = open(plain, O_RDONLY)
        defer { close(descriptor) }
        let header = try Data(contentsOf: URL(fileURLWithPath: plain))
            .dropFirst(MetaHeader.dataSetOffset(descriptor: descriptor))
        // An empty offset table, one fragment with the beginning of a code stream, the delimiter (PS3.5 section A.4).
        let pixels: [UInt8] = [
            0xE0, 0x7F, 0x10, 0x00, 0x4F, 0x42, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
            0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0,
            0xFE, 0xFF, 0x00, 0xE0, 4, 0, 0, 0, 0xFF, 0x4F, 0xFF, 0x51,
            0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0,
        ]
        let meta = MetaHeader.bytes(
            sopClassUID: SOPClass.ctImage, sopInstanceUID: "2.25.1",
            transferSyntaxUID: TransferSyntax.jpeg2000Lossless.uid, sourceAETitle: "", receivingAETitle: "")
        try Data(meta + header + pixels).write(to: URL(fileURLWithPath: folder.file("j2k.dcm")))
        let read = try DataSet(contentsOf: folder.file("j2k.dcm"))
        #expect {
            _ = try read.decodeFrame()
        } throws: { error in
            guard let error = error as? DICOMError else { return false }
            return error.code == .unsupported && error.message.contains("JPEG 2000")
        }
    }

    @Test func aValueWhereASequenceBelongsIsNotHandedOn() throws {
        let foreign = SampleImage.make(0)
        let sequences: [DICOM.Tag] = [.procedureCodeSequence, .referencedStudySequence, .contributingEquipmentSequence]
        for tag in sequences { foreign.set(tag, "no sequence", vr: "LO") }
        foreign.appendItem(.studyDescription)
        try foreign.write(to: folder.file("foreign.dcm"))
        let read = try DataSet(contentsOf: folder.file("foreign.dcm"))
        let own = DataSet()
        own.copy(sequences + [.studyDescription, .patientName], from: read)
        #expect(own.tags == [.patientName])
        // And where such a value is already there, a sequence takes its place.
        read.appendItem(.procedureCodeSequence).set(.codeValue, "1")
        #expect(read.items(.procedureCodeSequence).first?.string(.codeValue) == "1")
    }
}
