import CDCMTK

extension DataSet {
    /// Value representations whose backslash is text, not a separator (PS3.5 section 6.2).
    private static let singleTexts: Set<String> = ["ST", "LT", "UT", "UR"]

    /// First value without its padding; nil when absent or empty.
    public func string(_ tag: Tag) -> String? {
        guard let first = strings(tag).first, !first.isEmpty else { return nil }
        return first
    }

    /// All values without their padding; empty values between others are kept as "".
    public func strings(_ tag: Tag) -> [String] {
        var pointer: UnsafeMutablePointer<CChar>?
        guard apatite_item_text(item, tag.packed, &pointer).code == APATITE_OK, let pointer else { return [] }
        defer { apatite_free(pointer) }
        let text = String(cString: pointer)
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return [trimmed(Substring(text))] }
        if Self.singleTexts.contains(valueRepresentation(tag)) { return [trimmed(Substring(text))] }
        return text.split(separator: "\\", omittingEmptySubsequences: false).map(trimmed)
    }

    /// First value as a UID; nil when absent or empty.
    public func uid(_ tag: Tag) -> UID? { string(tag).map(UID.init(rawValue:)) }

    /// First value as a whole number; nil when absent, empty or not one.
    public func integer(_ tag: Tag) -> Int? { integers(tag).first }

    /// All values as whole numbers; empty when one of them is not.
    public func integers(_ tag: Tag) -> [Int] {
        let numbers = doubles(tag)
        let whole = numbers.compactMap { Int(exactly: $0) }
        return whole.count == numbers.count ? whole : []
    }

    /// First value as a number; nil when absent, empty or not one. Not-a-number and infinity are none either.
    public func double(_ tag: Tag) -> Double? { doubles(tag).first }

    /// All values as numbers; empty when one of them is not a finite number.
    public func doubles(_ tag: Tag) -> [Double] {
        var count = 0
        guard apatite_item_numbers(item, tag.packed, nil, 0, &count).code == APATITE_OK, count > 0 else { return [] }
        var values = [Double](repeating: 0, count: count)
        var read = 0
        guard apatite_item_numbers(item, tag.packed, &values, count, &read).code == APATITE_OK, read == count,
            values.allSatisfy(\.isFinite)
        else { return [] }
        return values
    }

    /// Bytes of a binary value (OB, OW, OF, OD, OL, UN), little endian; nil when absent or of another representation.
    public func bytes(_ tag: Tag) -> [UInt8]? {
        var pointer: UnsafePointer<UInt8>?
        var count = 0
        guard apatite_item_bytes(item, tag.packed, &pointer, &count).code == APATITE_OK, let pointer else { return nil }
        return Array(UnsafeBufferPointer(start: pointer, count: count))
    }

    /// Items of a sequence, as views that keep this data set alive; empty when absent.
    public func items(_ tag: Tag) -> [DataSet] {
        (0..<apatite_item_sequence_count(item, tag.packed)).compactMap { index in
            apatite_item_sequence_item(item, tag.packed, index).map { DataSet(storage: storage, item: $0) }
        }
    }

    /// The element's value representation, "" when absent.
    public func valueRepresentation(_ tag: Tag) -> String {
        var letters: (CChar, CChar, CChar) = (0, 0, 0)
        return withUnsafeMutablePointer(to: &letters) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 3) { characters in
                apatite_item_value_representation(item, tag.packed, characters)
                return String(cString: characters)
            }
        }
    }

    private func trimmed(_ text: Substring) -> String {
        var rest = text
        while let last = rest.last, last == " " || last == "\0" { rest.removeLast() }
        while let first = rest.first, first == " " { rest.removeFirst() }
        return String(rest)
    }
}
