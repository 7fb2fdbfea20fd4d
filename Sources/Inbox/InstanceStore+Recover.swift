import DICOM
import Foundation
import Glibc
import Ledger
import Logging

extension InstanceStore {
    /// Takes up what a killed service left: temporary files were never promised to anybody and go; a file under a final
    /// name without a row is whole, since it was synced before it was named, and is recorded as if it had just come. The
    /// sender of such an object got no answer and will send it again, which is then a duplicate.
    func recover() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: incoming) where name.hasSuffix(".part") {
            unlink(incoming + "/" + name)
        }
        let recorded = try ledger.recordedDigests()
        var adopted = 0
        for prefix in 0..<256 {
            let folder = hexadecimal([UInt8(prefix)])
            for name in try FileManager.default.contentsOfDirectory(atPath: received + "/" + folder)
            where name.hasSuffix(".dcm") && !recorded.contains(folder + name.dropLast(4)) {
                let path = received + "/" + folder + "/" + name
                do {
                    try adopt(path, digest: folder + name.dropLast(4))
                    adopted += 1
                } catch let error as DICOMError where error.code == .malformed {
                    // Damaged by something else than a kill; nobody was told that we have it.
                    logger.error("unrecorded file removed", metadata: ["reason": "\(error.message)"])
                    unlink(path)
                } catch let error as DICOMError {
                    // Not readable just now, and perhaps what a lost ledger had promised: the next start tries again.
                    logger.error("unrecorded file not adopted", metadata: ["reason": "\(error.message)"])
                }
            }
        }
        if adopted > 0 { logger.notice("unrecorded files adopted", metadata: ["count": "\(adopted)"]) }
    }

    private func adopt(_ path: String, digest: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DICOMError.system("cannot open a file") }
        defer { close(descriptor) }
        let meta = try MetaHeader.read(descriptor: descriptor)
        let offset = try MetaHeader.dataSetOffset(descriptor: descriptor)
        let (actual, count) = try Digest.sha256(descriptor: descriptor, offset: offset)
        guard hexadecimal(actual) == digest else {
            throw DICOMError(.malformed, "the content is not what its name says")
        }
        let instance = try InstanceHeader(descriptor: descriptor, offset: offset, syntax: meta.transferSyntaxUID)
        try syncFolder((path as NSString).deletingLastPathComponent)
        _ = try ledger.record(
            instance.arrival(
                digest: digest, byteCount: count, path: Self.relativePath(digest: digest),
                syntax: meta.transferSyntaxUID,
                from: Arrival(
                    callingAETitle: meta.sourceAETitle, calledAETitle: meta.receivingAETitle, associationRow: nil),
                at: Date()))
    }
}
