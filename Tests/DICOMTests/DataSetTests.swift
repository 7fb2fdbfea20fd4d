import DICOM
import Foundation
import TestSupport
import Testing

struct DataSetTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("dicom") }

    static let storedValues: [Int32] = (0..<24).map { Int32($0 * 100 - 1024) }

    static func image(rows: Int = 4, columns: Int = 6) -> DataSet {
        let image = DataSet()
        image.set(.sopClassUID, SOPClass.ctImage)
        image.set(.sopInstanceUID, "2.25.1")
        image.set(.studyInstanceUID, "2.25.2")
        image.set(.seriesInstanceUID, "2.25.3")
        image.set(.patientName, "Müller^Zoë^^^")
        image.set(.imageType, ["ORIGINAL", "PRIMARY", "AXIAL"])
        image.set(.imagePositionPatient, doubles: [-12.5, 0.1, 1.0 / 3.0])
        image.set(.monoenergeticEnergyEquivalent, double: 70)
        image.set(.instanceNumber, integer: 7)
        image.set(.rows, integer: rows)
        image.set(.columns, integer: columns)
        image.set(.samplesPerPixel, integer: 1)
        image.set(.photometricInterpretation, "MONOCHROME2")
        image.set(.bitsAllocated, integer: 16)
        image.set(.bitsStored, integer: 12)
        image.set(.highBit, integer: 11)
        image.set(.pixelRepresentation, integer: 1)
        var bytes: [UInt8] = []
        for value in storedValues {
            let bits = UInt16(truncatingIfNeeded: value) & 0xFFF
            bytes += [UInt8(bits & 0xFF), UInt8(bits >> 8)]
        }
        image.setBytes(.pixelData, bytes)
        image.append(CodedConcept("113681", "DCM", "Phantom"), to: .procedureCodeSequence)
        return image
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let path = folder.file("a.dcm")
        try Self.image().write(to: path)
        let read = try DataSet(contentsOf: path)
        #expect(read.transferSyntax == TransferSyntax.explicitLittleEndian.uid)
        #expect(read.string(.patientName) == "Müller^Zoë^^^")
        #expect(read.strings(.imageType) == ["ORIGINAL", "PRIMARY", "AXIAL"])
        #expect(read.integer(.instanceNumber) == 7)
        #expect(read.double(.monoenergeticEnergyEquivalent) == 70)
        #expect(abs(read.doubles(.imagePositionPatient)[2] - 1.0 / 3.0) < 1e-12)
        #expect(read.codedConcept(.procedureCodeSequence) == CodedConcept("113681", "DCM", ""))
        #expect(read.string(.accessionNumber) == nil)
        #expect(read.bytes(.pixelData)?.count == 48)
        let frame = try read.decodeFrame()
        #expect(frame.values == Self.storedValues)
    }

    @Test func equalDataSetsMakeEqualFiles() throws {
        try Self.image().write(to: folder.file("a.dcm"))
        try Self.image().write(to: folder.file("b.dcm"))
        let a = try Data(contentsOf: URL(fileURLWithPath: folder.file("a.dcm")))
        #expect(try a == Data(contentsOf: URL(fileURLWithPath: folder.file("b.dcm"))))
        #expect(a.range(of: Data("APATITE_1".utf8)) != nil)
    }

    @Test func headersAreReadWithoutPixels() throws {
        try Self.image().write(to: folder.file("a.dcm"))
        let read = try DataSet(contentsOf: folder.file("a.dcm"), untilPixelData: true)
        #expect(read.integer(.rows) == 4)
        #expect(!read.contains(.pixelData))
    }

    @Test(arguments: [
        TransferSyntax.implicitLittleEndian, .explicitBigEndian, .deflatedLittleEndian,
    ])
    func everyPlainSyntaxGivesTheSamePixels(syntax: TransferSyntax) throws {
        let path = folder.file("a.dcm")
        try Self.image().write(to: path, transferSyntax: syntax.uid)
        let read = try DataSet(contentsOf: path)
        #expect(read.transferSyntax == syntax.uid)
        #expect(read.string(.patientName) == "Müller^Zoë^^^")
        #expect(try read.decodeFrame().values == Self.storedValues)
        let headers = try DataSet(contentsOf: path, untilPixelData: true)
        #expect(headers.integer(.columns) == 6)
        #expect(!headers.contains(.pixelData))
    }
}
