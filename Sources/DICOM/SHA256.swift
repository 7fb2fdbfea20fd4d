internal import CDCMTK

/// The SHA-256 digest: names content (results, configurations) by what it is; computed by the OpenSSL that DCMTK links.
///
/// Reference: FIPS 180-4.
public final class SHA256 {
    private let digester: OpaquePointer

    public init() {
        guard let created = apatite_digest_create() else { preconditionFailure("OpenSSL offers SHA-256") }
        digester = created
    }

    deinit { apatite_digest_free(digester) }

    /// Takes in the next bytes of the message.
    public func update(_ bytes: [UInt8]) { apatite_digest_update(digester, bytes, bytes.count) }

    /// The 32 bytes of the digest of everything taken in; asked for once, at the end.
    public func digest() -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        apatite_digest_finish(digester, &result)
        return result
    }

    /// The digest of one piece of content.
    public static func digest(of bytes: [UInt8]) -> [UInt8] {
        let hash = SHA256()
        hash.update(bytes)
        return hash.digest()
    }

    /// A digest in lower-case hexadecimal.
    public static func hexadecimal(_ digest: [UInt8]) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
