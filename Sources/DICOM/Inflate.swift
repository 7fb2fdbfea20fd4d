import CDCMTK

/// Inflates the beginning of a deflated data set, at most `limit` bytes: enough to read identifiers, and no more memory
/// than that whatever the data claims.
///
/// - Throws: `malformed`.
public func inflatePrefix(_ packed: [UInt8], limit: Int) throws(DICOMError) -> [UInt8] {
    var status = apatite_status()
    let plain = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
        status = apatite_inflate_prefix(packed, packed.count, buffer.baseAddress, limit, &count)
    }
    try check(status)
    return plain
}
