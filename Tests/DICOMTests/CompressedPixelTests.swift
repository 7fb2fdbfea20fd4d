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

    /// Names of PS3.5 annexes H.3 and I.2 and one with half-width katakana, written by pydicom.
    @Test(arguments: [
        ("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("ISO 2022 IR 13\\ISO 2022 IR 87", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        ("\\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동"), ("ISO_IR 127", "قباني^لنزار"),
    ])
    func aNameOfAnotherScriptStaysTheSameName(terms: String, name: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("name.dcm")
        try SampleImage.make(0).write(to: path)
        let writer = """
            import sys, pydicom
            path, terms, name = sys.argv[1:]
            data = pydicom.dcmread(path)
            data.SpecificCharacterSet = terms.split("\\\\")
            data.PatientName = name
            data.save_as(path)
            """
        let written = try Tool.run(Tool.python, ["-c", writer, path, terms, name])
        #expect(written.status == 0, "\(written.output)")
        #expect(try DataSet(contentsOf: path).string(.patientName) == name)
    }
}
