/// The transfer syntaxes this software accepts and sends. The one table: association negotiation and the conformance
/// statement are made from it.
///
/// Only lossless syntaxes: a compressed image is kept as it was received.
///
/// Reference: PS3.5 section 10, PS3.6 annex A
public enum TransferSyntax: String, CaseIterable, Sendable {
    // The order is the order of preference on accepting: uncompressed first, explicit before implicit.
    case explicitLittleEndian = "1.2.840.10008.1.2.1"
    case implicitLittleEndian = "1.2.840.10008.1.2"
    case jpegLosslessFirstOrder = "1.2.840.10008.1.2.4.70"
    case jpegLossless = "1.2.840.10008.1.2.4.57"
    case jpegLSLossless = "1.2.840.10008.1.2.4.80"
    case jpeg2000Lossless = "1.2.840.10008.1.2.4.90"
    case rle = "1.2.840.10008.1.2.5"
    case deflatedLittleEndian = "1.2.840.10008.1.2.1.99"
    case explicitBigEndian = "1.2.840.10008.1.2.2"

    public var uid: UID { UID(rawValue: rawValue) }

    public init?(_ uid: UID) { self.init(rawValue: uid.rawValue) }

    /// Name as PS3.6 table A-1 has it.
    public var name: String {
        switch self {
        case .explicitLittleEndian: "Explicit VR Little Endian"
        case .implicitLittleEndian: "Implicit VR Little Endian"
        case .jpegLosslessFirstOrder: "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14)"
        case .jpegLossless: "JPEG Lossless, Non-Hierarchical (Process 14)"
        case .jpegLSLossless: "JPEG-LS Lossless Image Compression"
        case .jpeg2000Lossless: "JPEG 2000 Image Compression (Lossless Only)"
        case .rle: "RLE Lossless"
        case .deflatedLittleEndian: "Deflated Explicit VR Little Endian"
        case .explicitBigEndian: "Explicit VR Big Endian (Retired)"
        }
    }

    /// Whether pixel data in it can be decoded for analysis; what cannot is kept and passed over.
    public var isDecodable: Bool { self != .jpeg2000Lossless }
}
