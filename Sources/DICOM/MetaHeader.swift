import CDCMTK
import Glibc

/// The file meta information: written for what is received, skipped in what is sent.
///
/// Reference: PS3.10 section 7.1
public enum MetaHeader {
    /// Names this implementation in every file and association.
    public static let implementationVersionName = "APATITE_1"
    public static let implementationClassUID = UID(rawValue: String(cString: apatite_implementation_class_uid()))

    /// Preamble, prefix and group 0002 of a file for a data set that is kept as it came.
    public static func bytes(
        sopClassUID: UID, sopInstanceUID: UID, transferSyntaxUID: UID, sourceAETitle: String,
        receivingAETitle: String
    ) -> [UInt8] {
        var group: [UInt8] = []
        func element(_ number: UInt16, _ vr: String, _ value: [UInt8], padding: UInt8) {
            group += [0x02, 0x00, UInt8(number & 0xFF), UInt8(number >> 8)]
            group += Array(vr.utf8)
            let length = (value.count + 1) / 2 * 2
            if vr == "OB" {
                group += [0, 0]
                group += [UInt8(length & 0xFF), UInt8(length >> 8), 0, 0]
            } else {
                group += [UInt8(length & 0xFF), UInt8(length >> 8)]
            }
            group += value
            if length > value.count { group.append(padding) }
        }
        func text(_ number: UInt16, _ vr: String, _ value: String) {
            element(number, vr, Array(value.utf8.prefix(64)), padding: vr == "UI" ? 0 : 0x20)
        }
        element(0x0001, "OB", [0, 1], padding: 0)
        text(0x0002, "UI", sopClassUID.rawValue)
        text(0x0003, "UI", sopInstanceUID.rawValue)
        text(0x0010, "UI", transferSyntaxUID.rawValue)
        text(0x0012, "UI", implementationClassUID.rawValue)
        text(0x0013, "SH", implementationVersionName)
        text(0x0016, "AE", sourceAETitle)
        text(0x0018, "AE", receivingAETitle)
        let count = UInt32(group.count)
        let length = (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + [0x02, 0, 0, 0] + Array("UL".utf8) + [4, 0]
            + length + group
    }

    /// Where the data set of a file begins.
    ///
    /// - Throws: `notDICOM` without preamble, prefix and group length.
    public static func dataSetOffset(descriptor: Int32) throws(DICOMError) -> Int {
        var head = [UInt8](repeating: 0, count: 144)
        guard pread(descriptor, &head, 144, 0) == 144, head[128..<132].elementsEqual("DICM".utf8),
            head[132..<136].elementsEqual([0x02, 0, 0, 0])
        else { throw DICOMError(.notDICOM, "not a DICOM file: no meta header with a group length") }
        let length = (0..<4).reduce(0) { $0 | Int(head[140 + $1]) << (8 * $1) }
        return 144 + length
    }

    /// What the meta header of a file of ours says.
    public struct Values: Sendable {
        public var transferSyntaxUID: UID
        public var sourceAETitle: String
        public var receivingAETitle: String
    }

    /// - Throws: `notDICOM`, `malformed`.
    public static func read(descriptor: Int32) throws(DICOMError) -> Values {
        let end = try dataSetOffset(descriptor: descriptor)
        guard end <= 64 * 1024 else { throw DICOMError(.malformed, "the meta header is too long") }
        var group = [UInt8](repeating: 0, count: end)
        guard pread(descriptor, &group, end, 0) == end else {
            throw DICOMError(.malformed, "the meta header ends early")
        }
        var texts: [Int: String] = [:]
        var position = 144
        while position + 8 <= end {
            let isLong = group[position + 4..<position + 6].elementsEqual("OB".utf8)
            let start = position + (isLong ? 12 : 8)
            guard start <= end else { break }
            let length = Int(group[start - 2]) | Int(group[start - 1]) << 8
            let long = isLong ? Int(group[start - 4]) | Int(group[start - 3]) << 8 : length
            guard start + long <= end else { break }
            let value = group[start..<start + long].filter { $0 != 0 }
            texts[Int(group[position + 2]) | Int(group[position + 3]) << 8] =
                String(decoding: value, as: UTF8.self).split(separator: " ").joined(separator: " ")
            position = start + long
        }
        guard let syntax = texts[0x0010] else { throw DICOMError(.malformed, "no transfer syntax") }
        return Values(
            transferSyntaxUID: UID(rawValue: syntax), sourceAETitle: texts[0x0016] ?? "",
            receivingAETitle: texts[0x0018] ?? "")
    }
}
