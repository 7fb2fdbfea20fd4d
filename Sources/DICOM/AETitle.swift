/// An application entity title: 1 to 16 characters, without leading or trailing spaces, control characters or backslash.
///
/// Reference: PS3.5 section 6.2, AE
public struct AETitle: Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String

    public init?(_ text: String) {
        var trimmed = Substring(text)
        while trimmed.first == " " { trimmed.removeFirst() }
        while trimmed.last == " " { trimmed.removeLast() }
        guard (1...16).contains(trimmed.utf8.count),
            trimmed.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return nil }
        rawValue = String(trimmed)
    }

    public var description: String { rawValue }
}
