/// Status of a DIMSE response.
///
/// Reference: PS3.7 annex C, PS3.4 table B.2-1
public struct DIMSEStatus: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let success = DIMSEStatus(rawValue: 0x0000)
    /// Processing failure: our own disk or database cannot be used.
    public static let processingFailure = DIMSEStatus(rawValue: 0x0110)
    /// Invalid argument value: an event report about something that is none of ours.
    public static let invalidArgumentValue = DIMSEStatus(rawValue: 0x0115)
    public static let sopClassNotSupported = DIMSEStatus(rawValue: 0x0122)
    public static let notAuthorized = DIMSEStatus(rawValue: 0x0124)
    /// Refused: out of resources. The sender may try again later.
    public static let outOfResources = DIMSEStatus(rawValue: 0xA700)
    /// Refused: Move Destination unknown (PS3.4 table C.4-2).
    public static let moveDestinationUnknown = DIMSEStatus(rawValue: 0xA801)
    /// Error: data set does not match SOP class.
    public static let dataSetDoesNotMatch = DIMSEStatus(rawValue: 0xA900)
    /// Error: cannot understand.
    public static let cannotUnderstand = DIMSEStatus(rawValue: 0xC000)

    /// What a sender is to make of a status.
    public enum Category: Sendable {
        case success
        /// Stored, with a remark.
        case warning
        /// Not stored; the same object may be taken later.
        case temporaryFailure
        /// Not stored; the same object will be refused again.
        case permanentFailure
    }

    public var category: Category {
        switch rawValue {
        case 0x0000: .success
        // 0111H, duplicate SOP instance: the peer has it, and equal UIDs of ours are equal objects.
        case 0xB000...0xBFFF, 0x0001, 0x0107, 0x0111, 0x0116: .warning
        // Attributes missing or invalid, instance or class unknown or mismatched, class not supported, not authorized,
        // operation not recognized; data set does not match; not understood.
        case 0x0105, 0x0106, 0x0117...0x0122, 0x0124, 0x0211, 0xA900...0xA9FF, 0xC000...0xCFFF: .permanentFailure
        default: .temporaryFailure
        }
    }

    /// As the standard writes it: `A700H`.
    public var description: String {
        let digits = String(rawValue, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits + "H"
    }
}
