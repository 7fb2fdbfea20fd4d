import DICOM
import Foundation
import TestSupport

/// Studies that are broken or made to break their reader.
enum HostileStudy {
    /// Makes one and returns what is given to the worker.
    static func make(_ hostility: WorkerTests.Hostility, in folder: TemporaryFolder) throws -> String {
        let input = try folder.folder("in")
        let victim = "\(input)/5-6.dcm"
        var study = SmallStudy()
        switch hostility {
        case .emptyFolder: return input
        case .missingFolder: return "\(folder.path)/nowhere"
        case .emptyFile: try Data().write(to: URL(fileURLWithPath: victim))
        case .randomBytes: try write(randomBytes(100_000), to: victim)
        case .randomBytesAfterThePreamble:
            try write([UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + randomBytes(100_000), to: victim)
        case .decompressionBomb: try write(bomb(), to: victim)
        case .truncatedInThePixels, .truncatedInTheHeader:
            try study.write(to: input)
            let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: victim)))
            try write(Array(bytes.prefix(hostility == .truncatedInThePixels ? bytes.count - 3000 : 700)), to: victim)
        case .unknownTransferSyntax, .brokenRLE:
            try study.write(to: input)
            let syntax = hostility == .brokenRLE ? "1.2.840.10008.1.2.5" : "1.2.840.10008.1.2.1.77777"
            try rewrite(victim, transferSyntax: syntax)
        default:
            study.change = { series, slice, header in change(hostility, series, slice, header) }
            try study.write(to: input)
        }
        return input
    }

    private static func change(_ hostility: WorkerTests.Hostility, _ series: Int, _ slice: Int, _ header: DataSet) {
        guard hostility == .hugeImages || (series == 5 && slice == 6) else { return }
        switch hostility {
        case .hugeImage, .hugeImages:
            header.set(.rows, integer: 65535)
            header.set(.columns, integer: 65535)
        case .nanSpacing: header.set(.pixelSpacing, ["NaN", "NaN"])
        case .infinitePosition: header.set(.imagePositionPatient, ["-25", "-25", "1e400"])
        case .contradictoryGeometry: header.set(.imageOrientationPatient, doubles: [0, 1, 0, 0, 0, -1])
        case .shortPixelData: header.setBytes(.pixelData, [UInt8](repeating: 0, count: 4096))
        default: break
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private static func randomBytes(_ count: Int) -> [UInt8] {
        var state: UInt64 = 42
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }

    /// Replaces the transfer syntax in the meta header, whatever the data set is really in.
    private static func rewrite(_ path: String, transferSyntax: String) throws {
        var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        let element: [UInt8] = [0x02, 0x00, 0x10, 0x00, 0x55, 0x49]
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: element) }) else { return }
        let length = Int(bytes[start + 6]) | Int(bytes[start + 7]) << 8
        var value = Array(transferSyntax.utf8)
        if value.count % 2 == 1 { value.append(0) }
        bytes.replaceSubrange(
            (start + 6)..<(start + 8 + length), with: [UInt8(value.count), 0] + value)
        // Group length (0002,0000) is the first element after preamble and magic word: its value at byte 140.
        let group = (0..<4).reduce(0) { $0 | Int(bytes[140 + $1]) << (8 * $1) } + value.count - length
        for index in 0..<4 { bytes[140 + index] = UInt8(group >> (8 * index) & 0xFF) }
        try write(bytes, to: path)
    }

    /// A deflated data set of 4 MB that unpacks to more than 700 MB: one private element of zeros.
    private static func bomb() -> [UInt8] {
        let syntax = Array("1.2.840.10008.1.2.1.99".utf8)
        let meta: [UInt8] =
            [0x02, 0, 0x10, 0, 0x55, 0x49, UInt8(syntax.count), 0] + syntax
        let groupLength: [UInt8] = [0x02, 0, 0, 0, 0x55, 0x4C, 4, 0, UInt8(meta.count), 0, 0, 0]
        var bits = BitWriter()
        // One final block of the fixed code (RFC 1951 3.2.6).
        bits.append(1, 1)
        bits.append(1, 2)
        let matches = 2_800_000
        let length = UInt32(matches * 258 + 1)
        let element: [UInt8] =
            [0x09, 0, 0x10, 0x10, 0x4F, 0x42, 0, 0] + (0..<4).map { UInt8(length >> (8 * $0) & 0xFF) } + [0]
        for byte in element { bits.appendLiteral(byte) }
        for _ in 0..<matches { bits.appendLongestRepeatOfLastByte() }
        bits.appendHuffman(0, 7)
        return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + groupLength + meta + bits.finished()
    }
}

/// Bits of a deflate stream, first bit lowest.
private struct BitWriter {
    private var bytes: [UInt8] = []
    private var pending: UInt32 = 0
    private var count: UInt32 = 0

    mutating func append(_ value: UInt32, _ width: UInt32) {
        pending |= value << count
        count += width
        while count >= 8 {
            bytes.append(UInt8(pending & 0xFF))
            pending >>= 8
            count -= 8
        }
    }

    /// Huffman codes are packed from their highest bit.
    mutating func appendHuffman(_ code: UInt32, _ width: UInt32) {
        for bit in (0..<width).reversed() { append(code >> bit & 1, 1) }
    }

    mutating func appendLiteral(_ byte: UInt8) {
        if byte < 144 {
            appendHuffman(0x30 + UInt32(byte), 8)
        } else {
            appendHuffman(0x190 + UInt32(byte) - 144, 9)
        }
    }

    /// Length 258 (code 285), distance 1 (code 0).
    mutating func appendLongestRepeatOfLastByte() {
        appendHuffman(0xC5, 8)
        appendHuffman(0, 5)
    }

    func finished() -> [UInt8] {
        var rest = self
        rest.append(0, 7)
        return rest.bytes
    }
}
