import DICOM
import Foundation
import TestSupport
import Testing

/// What DCMTK's encoders make of an image is decoded to the same stored values.
struct CompressedPixelTests {
    private struct Encoder: CustomTestStringConvertible {
        let tool: String
        let arguments: [String]
        let syntax: TransferSyntax
        var testDescription: String { syntax.name }
    }

    private static let encoders = [
        Encoder(tool: "dcmcjpeg", arguments: ["+e1"], syntax: .jpegLosslessFirstOrder),
        Encoder(tool: "dcmcjpeg", arguments: ["+el"], syntax: .jpegLossless),
        Encoder(tool: "dcmcjpls", arguments: [], syntax: .jpegLSLossless),
        Encoder(tool: "dcmcrle", arguments: [], syntax: .rle),
    ]

    @Test(arguments: encoders, [12, 16])
    private func losslessPixelsComeOutAsTheyWentIn(encoder: Encoder, bitsStored: Int) throws {
        let folder = try TemporaryFolder()
        let image = SampleImage.make(3)
        image.set(.bitsStored, integer: bitsStored)
        image.set(.highBit, integer: bitsStored - 1)
        let (plain, packed) = (folder.file("plain.dcm"), folder.file("packed.dcm"))
        try image.write(to: plain)
        let run = try Tool.run(encoder.tool, encoder.arguments + [plain, packed])
        #expect(run.status == 0, "\(run.output)")
        let read = try DataSet(contentsOf: packed)
        #expect(read.transferSyntax == encoder.syntax.uid)
        #expect(try read.decodeFrame().values == image.decodeFrame().values)
    }

    @Test(arguments: encoders)
    private func negativeValuesStayNegative(encoder: Encoder) throws {
        let folder = try TemporaryFolder()
        let image = SampleImage.make(0)
        image.set(.bitsStored, integer: 16)
        image.set(.highBit, integer: 15)
        image.set(.pixelRepresentation, integer: 1)
        let values = (0..<64 * 64).map { Int16(truncatingIfNeeded: $0 - 2048) }
        image.setBytes(
            .pixelData, values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
        let (plain, packed) = (folder.file("plain.dcm"), folder.file("packed.dcm"))
        try image.write(to: plain)
        #expect(try Tool.run(encoder.tool, encoder.arguments + [plain, packed]).status == 0)
        #expect(try DataSet(contentsOf: packed).decodeFrame().values == values.map(Int32.init))
    }

    @Test func aNameInLatin1IsReadAsUTF8() throws {
        let folder = try TemporaryFolder()
        let read = try DataSet(contentsOf: latin1(SampleImage.make(0), in: folder))
        #expect(read.string(.patientName) == "Müller^Zoë")
    }
}
