/// A DICOM unique identifier.
///
/// A `UID` that came by wire or from a file need not follow the rules: `init(rawValue:)` keeps what was there, since a
/// received object must be stored and named as it is; `init(validating:)` is for the places that must refuse it.
///
/// Reference: PS3.5 section 9
public struct UID: Hashable, Sendable, Codable, CustomStringConvertible, ExpressibleByStringLiteral {
    public let rawValue: String

    /// A UID as found, without its trailing padding.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// A UID that follows the rules: digits and dots, at most 64 characters, no empty component and no leading zero.
    public init?(validating text: String) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= 64 else { return nil }
        for component in bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard let first = component.first, component.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            guard component.count == 1 || first != UInt8(ascii: "0") else { return nil }
        }
        rawValue = text
    }

    public init(stringLiteral value: String) {
        rawValue = value
    }

    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    /// Whether the text obeys PS3.5 section 9.
    public var isValid: Bool { UID(validating: rawValue) != nil }

    public var description: String { rawValue }

    /// The UUID-derived UID (root 2.25) made from the first 16 bytes of a digest, so that equal content has an equal
    /// identifier. The bytes are marked as a version 8 UUID (RFC 9562), which is what a truncated digest is.
    ///
    /// - Parameter digest: at least 16 bytes.
    ///
    /// Reference: PS3.5 section B.2
    public static func derived(from digest: some Sequence<UInt8>) -> UID {
        var bytes = Array(digest.prefix(16))
        precondition(bytes.count == 16, "a derived UID needs a digest of at least 16 bytes")
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let value = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        return UID(rawValue: "2.25.\(value)")
    }
}
