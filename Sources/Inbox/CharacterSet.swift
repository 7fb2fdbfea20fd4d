import Glibc

/// Text of a received header in UTF-8, for the operator's eyes only: what is analysed and reported is read again from the
/// file by a full implementation.
///
/// Reference: PS3.3 section C.12.1.1.2
enum CharacterSet {
    /// Single-byte and multi-byte sets without code extensions, by the number that ends the defined term.
    private static let names: [String: String] = [
        "ISO_IR 100": "ISO-8859-1", "ISO_IR 101": "ISO-8859-2", "ISO_IR 109": "ISO-8859-3", "ISO_IR 110": "ISO-8859-4",
        "ISO_IR 144": "ISO-8859-5", "ISO_IR 127": "ISO-8859-6", "ISO_IR 126": "ISO-8859-7", "ISO_IR 138": "ISO-8859-8",
        "ISO_IR 148": "ISO-8859-9", "ISO_IR 203": "ISO-8859-15", "ISO_IR 13": "SHIFT_JIS", "ISO_IR 166": "TIS-620",
        "ISO_IR 192": "UTF-8", "GB18030": "GB18030", "GBK": "GBK", "ISO 2022 IR 149": "EUC-KR",
        "ISO 2022 IR 58": "ISO-2022-CN", "ISO 2022 IR 87": "ISO-2022-JP", "ISO 2022 IR 159": "ISO-2022-JP-2",
    ]

    /// - Parameter terms: the value of Specific Character Set as it came.
    static func decode(_ value: [UInt8], terms: [UInt8]) -> String {
        let all = String(decoding: terms, as: UTF8.self).split(separator: "\\", omittingEmptySubsequences: true)
            .map { $0.split(whereSeparator: { $0 == " " || $0 == "\0" }).joined(separator: " ") }
        // With code extensions the last term names the multi-byte set, and the escapes are the converter's business.
        for term in all.reversed() {
            let plain = term.hasPrefix("ISO 2022 IR ") ? "ISO_IR " + term.dropFirst(12) : term
            if let name = names[term] ?? names[plain], let text = convert(value, from: name) { return text }
        }
        // Latin-1 maps every byte: better a wrong letter than no name.
        return convert(value, from: "ISO-8859-1") ?? ""
    }

    private static func convert(_ value: [UInt8], from name: String) -> String? {
        guard let converter = iconv_open("UTF-8", name), converter != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(converter) }
        var input = value.map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: value.count * 4)
        var left = input.count
        var room = output.count
        let result = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var from = source.baseAddress
                var to = target.baseAddress
                return iconv(converter, &from, &left, &to, &room)
            }
        }
        guard result != Int.max, left == 0 else { return nil }
        return String(decoding: output.prefix(output.count - room).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
