import DICOM
import DualEnergyCT

/// Decodes the slices of one energy into CT numbers.
struct VolumeReader {
    /// Value of what lies outside the reconstructed field: air.
    static let outsideHU: Int16 = -1024
    private static let slicesAtOnce = 64

    private typealias OpenFile = (path: String, dataSet: DataSet)

    /// - Parameters:
    ///   - slices: one for each slice of the grid, in its order.
    ///   - progress: called after each slice.
    static func read(
        _ slices: [ImageHeader], geometry: GridGeometry, name: String, progress: () -> Void
    ) throws(SetAside) -> Volume<Int16> {
        let frameCount = geometry.rows * geometry.columns
        var voxels = [Int16](repeating: outsideHU, count: geometry.voxelCount)
        try voxels.withUnsafeMutableBufferPointer { voxels throws(SetAside) in
            let first = voxels.baseAddress!
            func read(_ index: Int, _ file: inout OpenFile?) throws(SetAside) {
                let target = first + index * frameCount
                try Self.read(index, of: slices, in: &file, geometry: geometry, name: name, to: target)
            }
            if slices.first?.path == slices.last?.path {
                var file: OpenFile?
                for index in slices.indices {
                    try read(index, &file)
                    progress()
                }
                return
            }
            for start in stride(from: 0, to: slices.count, by: slicesAtOnce) {
                let batch = start..<min(start + slicesAtOnce, slices.count)
                var failures = [SetAside?](repeating: nil, count: batch.count)
                failures.withUnsafeMutableBufferPointer { failures in
                    let failures = failures
                    concurrently(batch.count, voxels: batch.count * frameCount) { range in
                        for n in range {
                            var file: OpenFile?
                            do throws(SetAside) { try read(batch.lowerBound + n, &file) } catch { failures[n] = error }
                        }
                    }
                }
                // The first in the order of the slices, whichever came first.
                if let failure = failures.lazy.compactMap({ $0 }).first { throw failure }
                for _ in batch { progress() }
            }
        }
        return Volume(geometry: geometry, voxels: voxels)
    }

    private static func read(
        _ index: Int, of slices: [ImageHeader], in file: inout OpenFile?,
        geometry: GridGeometry, name: String, to target: UnsafeMutablePointer<Int16>
    ) throws(SetAside) {
        let slice = slices[index]
        let frameCount = geometry.rows * geometry.columns
        let frame: PixelFrame
        do {
            if file?.path != slice.path { file = (slice.path, try DataSet(contentsOf: slice.path)) }
            guard let dataSet = file?.dataSet else { preconditionFailure("a file was opened above") }
            frame = try dataSet.decodeFrame(slice.frame ?? 0, maximumBytes: frameCount * 4)
        } catch {
            throw SetAside([reason(for: error, slice: index, of: slices.count, name: name)])
        }
        guard frame.values.count == frameCount, frame.columns == geometry.columns else {
            throw SetAside(
                .contradictoryGeometry,
                "Slice \(index + 1) of \(name) decodes to another size than its header says.",
                remedy: "Send \(name) again.")
        }
        write(frame, of: slice, to: target)
    }

    /// CT number = slope * stored + intercept, padding as air, within what the scale of CT numbers can hold.
    ///
    /// Reference: PS3.3 C.11.1, C.7.5.1.1.2
    private static func write(_ frame: PixelFrame, of header: ImageHeader, to target: UnsafeMutablePointer<Int16>) {
        let padding = header.paddingValue.map { value in
            let limit = header.paddingRangeLimit ?? value
            return min(value, limit)...max(value, limit)
        }
        let slope = header.rescaleSlope
        let intercept = header.rescaleIntercept
        frame.values.withUnsafeBufferPointer { values in
            for n in 0..<values.count {
                let value = (slope * Double(values[n]) + intercept).rounded()
                target[n] = Int16(min(max(value, Double(outsideHU)), 32767))
            }
            guard let padding else { return }
            for n in 0..<values.count where padding.contains(Int(values[n])) { target[n] = outsideHU }
        }
    }

    private static func reason(for error: DICOMError, slice: Int, of count: Int, name: String) -> FateReason {
        let place = "Slice \(slice + 1) of \(count) of \(name)"
        let remedy = "Send \(name) again."
        switch error.code {
        case .limitExceeded:
            return FateReason(.overLimit, "\(place) would unpack to more than its header says.", remedy: remedy)
        case .unsupported:
            return FateReason(
                .undecodable, "\(place) is compressed in a way that is not supported.",
                remedy: "Send \(name) uncompressed.")
        case .inputOutput, .notDICOM:
            return FateReason(.unreadable, "\(place) can no longer be read from its file.", remedy: remedy)
        default:
            return FateReason(
                .truncatedPixelData, "\(place) has pixel data that is damaged or shorter than its header says.",
                remedy: remedy)
        }
    }
}
