import DICOM

/// Finds the values of a few top-level elements at the beginning of a data set.
///
/// One loop without recursion and without allocation beyond the values wanted: sequences are stepped over, those of
/// undefined length by counting their delimiters.
///
/// Reference: PS3.5 sections 7.1 and 7.5
struct HeaderScanner {
    private let bytes: [UInt8]
    private let isBigEndian: Bool
    private let isExplicit: Bool
    private var values: [Tag: Range<Int>] = [:]
    private var referencedSeries: [Range<Int>] = []

    init(bytes: [UInt8], syntax: UID) {
        self.bytes = bytes
        isBigEndian = syntax == TransferSyntax.explicitBigEndian.uid
        isExplicit = syntax != TransferSyntax.implicitLittleEndian.uid
    }

    /// Longest value that is of interest, bytes.
    private static let longestValue = 1024
    /// Most series of Referenced Series Sequence that are kept.
    private static let mostSeries = 16
    private static let undefinedLength = 0xFFFF_FFFF
    private static let item = Tag(0xFFFE, 0xE000)
    private static let itemEnd = Tag(0xFFFE, 0xE00D)
    private static let sequenceEnd = Tag(0xFFFE, 0xE0DD)

    /// Whether all elements up to and with `last` were seen; false when the bytes end before or contradict themselves.
    mutating func scan(_ wanted: Set<Tag>, upTo last: Tag) -> Bool {
        var position = 0
        var previous = Tag(0, 0)
        while let element = element(at: position, explicit: isExplicit) {
            if element.tag > last { return values[last] != nil }
            // Tags ascend; anything else is not a data set, or not in this transfer syntax.
            guard position == 0 || element.tag > previous, element.tag.group != 0xFFFE else { return false }
            previous = element.tag
            var end = element.value + element.length
            if element.length == Self.undefinedLength {
                let noted = Self.noted[element.tag]
                guard let after = skip(from: element.value, explicit: isExplicit && !element.isUnknown, noted: noted)
                else { return false }
                end = after
            } else if let noted = Self.noted[element.tag], end <= bytes.count {
                find(noted, from: element.value, to: end)
            }
            guard end <= bytes.count else { return false }
            if wanted.contains(element.tag), end - element.value <= Self.longestValue, element.length >= 0 {
                values[element.tag] = element.value..<end
            }
            if element.tag == last { return true }
            position = end
        }
        return false
    }

    /// A value as text without its padding, in UTF-8; nil when absent or empty.
    func text(_ tag: Tag) -> String? {
        guard let range = values[tag] else { return nil }
        var value = bytes[range]
        while let last = value.last, last == 0x20 || last == 0 { value.removeLast() }
        while let first = value.first, first == 0x20 { value.removeFirst() }
        if value.isEmpty { return nil }
        if value.allSatisfy({ $0 < 0x80 && $0 != 0x1B }) { return String(decoding: value, as: UTF8.self) }
        return CharacterSet.decode(Array(value), terms: values[.specificCharacterSet].map { Array(bytes[$0]) } ?? [])
    }

    /// Series Instance UIDs of Referenced Series Sequence.
    var referencedSeriesUIDs: [String] {
        referencedSeries.compactMap { range in
            let text = String(decoding: bytes[range].filter { $0 != 0 && $0 != 0x20 }, as: UTF8.self)
            return UID(validating: text)?.rawValue
        }
    }

    /// Sequences that are looked into, each with the element of its items that is wanted.
    private static let noted: [Tag: Tag] = [
        .procedureCodeSequence: .codeValue, .referencedSeriesSequence: .seriesInstanceUID,
    ]

    private struct Element {
        let tag: Tag
        /// Where the value begins.
        let value: Int
        let length: Int
        let isUnknown: Bool
    }

    private func element(at position: Int, explicit: Bool) -> Element? {
        guard position + 8 <= bytes.count else { return nil }
        let tag = Tag(UInt16(number(position, 2)), UInt16(number(position + 2, 2)))
        guard explicit, tag.group != 0xFFFE else {
            return Element(tag: tag, value: position + 8, length: number(position + 4, 4), isUnknown: false)
        }
        let vr = (bytes[position + 4], bytes[position + 5])
        guard (0x41...0x5A).contains(vr.0), (0x41...0x5A).contains(vr.1) else { return nil }
        let isLong = Self.longRepresentations.contains(UInt16(vr.0) << 8 | UInt16(vr.1))
        guard isLong else {
            return Element(tag: tag, value: position + 8, length: number(position + 6, 2), isUnknown: false)
        }
        guard position + 12 <= bytes.count else { return nil }
        return Element(
            tag: tag, value: position + 12, length: number(position + 8, 4),
            isUnknown: vr.0 == UInt8(ascii: "U") && vr.1 == UInt8(ascii: "N"))
    }

    /// Representations with a 32-bit length (PS3.5 table 7.1-1).
    private static let longRepresentations: Set<UInt16> = Set(
        ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"].map { name in
            name.utf8.reduce(UInt16(0)) { $0 << 8 | UInt16($1) }
        })

    private func number(_ position: Int, _ count: Int) -> Int {
        var value = 0
        for index in 0..<count {
            value |= Int(bytes[position + index]) << (8 * (isBigEndian ? count - 1 - index : index))
        }
        return value
    }

    /// Steps over a sequence of undefined length: where the next element begins; nil when it does not end here.
    private mutating func skip(from start: Int, explicit: Bool, noted: Tag?) -> Int? {
        var position = start
        var depth = 1
        // The content of an unknown element is implicit VR whatever the data set is (PS3.5 section 6.2.2).
        var explicitUpTo = explicit ? Int.max : 0
        while depth > 0 {
            guard let element = element(at: position, explicit: explicit && depth <= explicitUpTo) else { return nil }
            position = element.value
            switch element.tag {
            case Self.itemEnd, Self.sequenceEnd:
                depth -= 1
                if explicit, depth < explicitUpTo { explicitUpTo = Int.max }
            default:
                if element.length == Self.undefinedLength {
                    depth += 1
                    if element.isUnknown, explicitUpTo == Int.max { explicitUpTo = depth - 1 }
                } else {
                    note(element, if: noted)
                    // Into the items of a sequence of interest, over everything else.
                    if noted == nil || element.tag != Self.item { position += element.length }
                }
            }
            guard position <= bytes.count else { return nil }
        }
        return position
    }

    private mutating func find(_ noted: Tag, from start: Int, to end: Int) {
        var position = start
        while position < end, let element = element(at: position, explicit: isExplicit) {
            note(element, if: noted)
            let isStep = element.tag.group == 0xFFFE
            position = element.value + (isStep || element.length == Self.undefinedLength ? 0 : element.length)
        }
    }

    /// Keeps the first Code Value, or a Series Instance UID.
    private mutating func note(_ element: Element, if noted: Tag?) {
        let end = element.value + element.length
        guard element.tag == noted, element.length <= 64, end <= bytes.count else { return }
        if element.tag == .seriesInstanceUID {
            if referencedSeries.count < Self.mostSeries { referencedSeries.append(element.value..<end) }
        } else if values[element.tag] == nil {
            values[element.tag] = element.value..<end
        }
    }
}
