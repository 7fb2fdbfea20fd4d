public import DICOM
import Foundation

/// Writes a data set with its texts in ISO_IR 100, as older scanners do, and returns its path.
///
/// - Throws: when DCMTK's `dcmconv` did not make such a file.
public func latin1(_ image: DataSet, in folder: TemporaryFolder) throws -> String {
    image.set(.specificCharacterSet, "ISO_IR 192")
    try image.write(to: folder.file("utf8.dcm"))
    let path = folder.file("latin1.dcm")
    let conversion = try Tool.run("dcmconv", ["--convert-to-latin1", folder.file("utf8.dcm"), path])
    let content = try Data(contentsOf: URL(fileURLWithPath: path))
    guard conversion.status == 0, content.range(of: Data("ISO_IR 100".utf8)) != nil,
        content.range(of: Data([0x4D, 0xFC, 0x6C, 0x6C])) != nil
    else { throw CocoaError(.fileReadCorruptFile) }
    return path
}
