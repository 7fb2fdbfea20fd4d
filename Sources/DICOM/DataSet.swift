import CDCMTK

/// A DICOM data set or sequence item, with Swift strings (UTF-8) both ways.
///
/// A class over a mutable object of DCMTK: not `Sendable`, one thread at a time. An item obtained by `items(_:)` or
/// `appendItem(_:)` is a view into its parent and keeps it alive, but dies when the parent's sequence is set or removed.
///
/// Reference: PS3.5 section 7
public final class DataSet {
    /// Owns the memory; shared by the data set and all its items.
    final class Storage {
        let file: OpaquePointer

        init(file: OpaquePointer) { self.file = file }

        deinit { apatite_file_free(file) }
    }

    let storage: Storage
    let item: OpaquePointer

    init(storage: Storage, item: OpaquePointer) {
        self.storage = storage
        self.item = item
    }

    convenience init(file: OpaquePointer) {
        self.init(storage: Storage(file: file), item: apatite_file_data_set(file))
    }

    /// An empty data set.
    public convenience init() {
        guard let file = apatite_file_create() else { preconditionFailure("memory is exhausted") }
        self.init(file: file)
    }

    /// Reads a DICOM file. Values above `maximumElementLength` stay in the file until they are asked for, so the file
    /// has to stay where it is while the data set is used.
    ///
    /// - Parameters:
    ///   - path: the file, with preamble and meta header.
    ///   - untilPixelData: read the headers only.
    ///   - maximumElementLength: bytes of the longest value read at once.
    ///   - maximumInflatedBytes: size that a deflated data set may reach.
    /// - Throws: `notDICOM`, `malformed`, `limitExceeded` (a decompression bomb), `unsupported`, `inputOutput`.
    public convenience init(
        contentsOf path: String, untilPixelData: Bool = false, maximumElementLength: UInt32? = nil,
        maximumInflatedBytes: UInt64 = 512 << 20
    ) throws(DICOMError) {
        var file: OpaquePointer?
        try check(
            apatite_file_read(
                path, untilPixelData ? Tag.pixelData.packed : 0, maximumElementLength ?? 65536, maximumInflatedBytes,
                &file))
        guard let file else { throw DICOMError(.other, "the file was not read") }
        self.init(file: file)
    }

    /// Transfer syntax of the file this was read from; explicit VR little endian for a new data set.
    public var transferSyntax: UID {
        let name = String(cString: apatite_file_transfer_syntax(storage.file))
        return name.isEmpty ? TransferSyntax.explicitLittleEndian.uid : UID(rawValue: name)
    }

    /// Tags of all elements of this level, in ascending order.
    public var tags: [Tag] {
        (0..<apatite_item_count(item)).map { Tag(packed: apatite_item_tag(item, $0)) }
    }

    public func contains(_ tag: Tag) -> Bool { apatite_item_contains(item, tag.packed) }

    /// Copies an element as it is, sequences with all below them; nothing when `other` has none, or a value where the
    /// dictionary has a sequence or the reverse. This is the way for what came by wire.
    public func copy(_ tag: Tag, from other: DataSet) {
        _ = apatite_item_copy(item, tag.packed, other.item)
    }

    public func copy(_ tags: [Tag], from other: DataSet) {
        for tag in tags { copy(tag, from: other) }
    }

    public func remove(_ tag: Tag) { apatite_item_remove(item, tag.packed) }

    /// Writes the whole data set, of which this may be an item, with a meta header. Equal data sets make equal files.
    /// Making it durable is the caller's.
    ///
    /// - Throws: `invalidValue` without SOP Class UID or SOP Instance UID, `unsupported`, `inputOutput`.
    public func write(
        to path: String, transferSyntax: UID = TransferSyntax.explicitLittleEndian.uid
    ) throws(DICOMError) {
        try check(apatite_file_write(storage.file, path, transferSyntax.rawValue))
    }
}
