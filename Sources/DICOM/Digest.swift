import CDCMTK
import Glibc

/// SHA-256 of files, by the processor's instructions.
public enum Digest {
    /// Digest of a file's bytes from `offset` to its end, and their number.
    public static func sha256(descriptor: Int32, offset: Int = 0) throws(DICOMError) -> (digest: [UInt8], count: Int) {
        guard let digest = apatite_digest_create() else { throw DICOMError(.other, "no digest can be made") }
        defer { apatite_digest_free(digest) }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var position = offset
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(position))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw DICOMError(.inputOutput, "a file cannot be read") }
            if count == 0 { break }
            apatite_digest_update(digest, buffer, count)
            position += count
        }
        var result = [UInt8](repeating: 0, count: 32)
        apatite_digest_finish(digest, &result)
        return (result, position - offset)
    }
}
