import CDCMTK

/// One decoded frame: stored values, rescale not applied.
public struct PixelFrame: Sendable {
    public let rows: Int
    public let columns: Int
    /// Row by row, `rows * columns` of them.
    public let values: [Int32]
}

extension DataSet {
    /// Decodes one frame of the pixel data. Every size is checked against the length of the data and the limit before
    /// any memory is taken.
    ///
    /// - Parameters:
    ///   - index: from 0.
    ///   - maximumBytes: largest frame, in bytes as stored.
    /// - Throws: `malformed` when the sizes contradict each other or the data is damaged, `limitExceeded`,
    ///   `unsupported` (JPEG 2000, colour).
    public func decodeFrame(_ index: Int = 0, maximumBytes: Int = 64 << 20) throws(DICOMError) -> PixelFrame {
        var layout = apatite_frame_layout()
        try check(apatite_frame_check(storage.file, UInt64(max(0, maximumBytes)), &layout))
        guard index >= 0, index < Int(layout.frames) else {
            throw DICOMError(.invalidValue, "frame \(index) of \(layout.frames)")
        }
        let count = Int(layout.rows) * Int(layout.columns)
        var status = apatite_status()
        let values = [Int32](unsafeUninitializedCapacity: count) { buffer, initialized in
            status = apatite_frame_decode(storage.file, UInt32(index), &layout, buffer.baseAddress, count)
            initialized = status.code == APATITE_OK ? count : 0
        }
        try check(status)
        return PixelFrame(rows: Int(layout.rows), columns: Int(layout.columns), values: values)
    }

    /// Number of frames as Number of Frames says it, 1 when absent.
    public var numberOfFrames: Int { max(1, integer(.numberOfFrames) ?? 1) }
}
