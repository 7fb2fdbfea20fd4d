import CDCMTK

/// Setting replaces what is there.
///
/// Precondition of all setters: the tag is in the dictionary or its value representation is named; numbers fit the
/// representation and are finite; an attribute tag (AT) is written `(gggg,eeee)`. Breaking it is a mistake of the
/// caller and ends the process with a clear message. No text breaks it, whatever its characters; numbers read by
/// `integers(_:)` and `doubles(_:)` may be set under the tag they were read from when that tag's representation in the
/// dictionary holds them. What came by wire and is only passed on goes through `copy(_:from:)`, which never ends the
/// process.
extension DataSet {
    public func set(_ tag: Tag, _ value: String, vr: String? = nil) {
        require(apatite_item_set_text(item, tag.packed, vr, value), tag)
    }

    public func set(_ tag: Tag, _ values: [String], vr: String? = nil) {
        set(tag, values.joined(separator: "\\"), vr: vr)
    }

    public func set(_ tag: Tag, _ value: UID) { set(tag, value.rawValue) }

    public func set(_ tag: Tag, integers values: [Int], vr: String? = nil) {
        if isText(tag, vr: vr) {
            set(tag, values.map(String.init), vr: vr)
        } else {
            require(apatite_item_set_numbers(item, tag.packed, vr, values.map(Double.init), values.count), tag)
        }
    }

    public func set(_ tag: Tag, integer value: Int, vr: String? = nil) { set(tag, integers: [value], vr: vr) }

    /// Sets numbers; a decimal string (DS) gets the shortest text of at most 16 characters.
    public func set(_ tag: Tag, doubles values: [Double], vr: String? = nil) {
        if isText(tag, vr: vr) {
            set(tag, values.map(Self.decimalString), vr: vr)
        } else {
            require(apatite_item_set_numbers(item, tag.packed, vr, values, values.count), tag)
        }
    }

    public func set(_ tag: Tag, double value: Double, vr: String? = nil) { set(tag, doubles: [value], vr: vr) }

    /// Sets a binary value from its little-endian bytes. Pixel Data is OW unless `vr` says OB.
    public func setBytes(_ tag: Tag, _ bytes: [UInt8], vr: String? = nil) {
        require(apatite_item_set_bytes(item, tag.packed, vr, bytes, bytes.count), tag)
    }

    /// Sets an element without a value (type 2).
    public func setEmpty(_ tag: Tag) { require(apatite_item_set_empty(item, tag.packed), tag) }

    /// Appends an item to a sequence, which is made when absent.
    @discardableResult
    public func appendItem(_ sequence: Tag) -> DataSet {
        var appended: OpaquePointer?
        require(apatite_item_append(item, sequence.packed, &appended), sequence)
        guard let appended else { preconditionFailure("no item was appended to \(sequence)") }
        return DataSet(storage: storage, item: appended)
    }

    /// The text of a decimal string: at most 16 characters, a point as separator, as exact as that allows.
    ///
    /// Reference: PS3.5 section 6.2, DS
    public static func decimalString(_ value: Double) -> String {
        precondition(value.isFinite, "a decimal string is a finite number")
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        let shortest = "\(value)"
        if shortest.utf8.count <= 16 { return shortest }
        for digits in stride(from: 16, through: 1, by: -1) {
            let text = significant(value, digits: digits)
            if text.utf8.count <= 16 { return text }
        }
        return "0"
    }

    private func isText(_ tag: Tag, vr: String?) -> Bool {
        switch vr ?? Self.dictionaryRepresentation(tag) {
        case "US", "SS", "UL", "SL", "FL", "FD", "xs", "UV", "SV", "AT": false
        default: true
        }
    }

    private static func dictionaryRepresentation(_ tag: Tag) -> String {
        String(cString: apatite_dictionary_representation(tag.packed))
    }

    private func require(_ status: apatite_status, _ tag: Tag) {
        precondition(status.code == APATITE_OK, "\(tag): \(DICOMError(status).message)")
    }
}

/// `value` with so many significant digits, written as `d.ddde±x` only when shorter forms do not fit.
private func significant(_ value: Double, digits: Int) -> String {
    var buffer = [CChar](repeating: 0, count: 40)
    apatite_format_number(value, Int32(digits), &buffer, buffer.count)
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
