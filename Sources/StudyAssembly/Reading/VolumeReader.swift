import DICOM
import DualEnergyCT

/// Decodes the slices of one energy into CT numbers.
struct VolumeReader {
    /// Value of what lies outside the reconstructed field: air.
    static let outsideHU: Int16 = -1024
    private static let slicesAtOnce = 64

    /// One for each slice of the grid, in its order.
    private let slices: [ImageHeader]
    private let geometry: GridGeometry
    private let name: String

    init(_ stack: SliceStack, geometry: GridGeometry) {
        slices = stack.headers
        self.geometry = geometry
        name = stack.name
    }

    /// The CT numbers of a box that holds all slices.
    ///
    /// - Parameter progress: called after each slice.
    func read(_ box: VoxelBox, progress: () -> Void) throws(SetAside) -> Volume<Int16> {
        let part = geometry.cropped(to: box)
        var failure: SetAside?
        let voxels = [Int16](unsafeUninitializedCapacity: part.voxelCount) { buffer, initialized in
            guard let start = buffer.baseAddress else { return }
            nonisolated(unsafe) let first = start
            do throws(SetAside) {
                try forEachFrame(of: Array(box.slices), progress: progress) { k, frame in
                    for (row, j) in box.rows.enumerated() {
                        frame.write(row: j, box.columns, to: first + part.index(0, row, k))
                    }
                }
                initialized = part.voxelCount
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return Volume(geometry: part, voxels: voxels)
    }

    /// Adds what is denser than air to a mask of every few columns, rows and slices of the grid.
    func addTissue(to mask: inout Volume<UInt8>, _ strides: OutlineStrides) throws(SetAside) {
        let g = mask.geometry
        let places = (0..<g.slices).map { $0 * strides.slices }
        try mask.voxels.withUnsafeMutableBufferPointer { voxels throws(SetAside) in
            guard let start = voxels.baseAddress else { return }
            nonisolated(unsafe) let first = start
            try forEachFrame(of: places, progress: {}) { k, frame in
                for j in 0..<g.rows {
                    let target = first + g.index(0, j, k / strides.slices)
                    for i in 0..<g.columns
                    where frame.value(i * strides.columns, j * strides.rows) > BodyBox.thresholdHU {
                        target[i] = 1
                    }
                }
            }
        }
    }

    // MARK: - Frames

    private typealias OpenFile = (path: String, dataSet: DataSet)

    /// Decodes slices and hands each to `use`, on all cores.
    private func forEachFrame(
        of indices: [Int], progress: () -> Void, _ use: (Int, FrameValues) -> Void
    ) throws(SetAside) {
        if slices.first?.path == slices.last?.path {
            var file: OpenFile?
            for index in indices {
                use(index, try frame(index, in: &file))
                progress()
            }
            return
        }
        for start in stride(from: 0, to: indices.count, by: Self.slicesAtOnce) {
            let batch = indices[start..<min(start + Self.slicesAtOnce, indices.count)]
            var failures = [SetAside?](repeating: nil, count: batch.count)
            failures.withUnsafeMutableBufferPointer { failures in
                let failures = failures
                concurrently(batch.count, voxels: batch.count * geometry.rows * geometry.columns) { range in
                    for n in range {
                        var file: OpenFile?
                        let index = batch[batch.startIndex + n]
                        do throws(SetAside) {
                            use(index, try frame(index, in: &file))
                        } catch {
                            failures[n] = error
                        }
                    }
                }
            }
            // The first in the order of the slices, whichever came first.
            if let failure = failures.lazy.compactMap({ $0 }).first { throw failure }
            for _ in batch { progress() }
        }
    }

    private func frame(_ index: Int, in file: inout OpenFile?) throws(SetAside) -> FrameValues {
        let slice = slices[index]
        let frameCount = geometry.rows * geometry.columns
        let frame: PixelFrame
        do {
            if file?.path != slice.path { file = (slice.path, try DataSet(contentsOf: slice.path)) }
            guard let dataSet = file?.dataSet else { preconditionFailure("a file was opened above") }
            frame = try dataSet.decodeFrame(slice.frame ?? 0, maximumBytes: frameCount * 4)
        } catch {
            throw SetAside([Self.reason(for: error, slice: index, of: slices.count, name: name)])
        }
        guard frame.values.count == frameCount, frame.columns == geometry.columns else {
            throw SetAside(
                .contradictoryGeometry,
                "Slice \(index + 1) of \(name) decodes to another size than its header says.",
                remedy: "Send \(name) again.")
        }
        return FrameValues(frame, slice)
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

/// How many columns, rows and slices of a grid lie between the voxels that its outline is drawn from.
struct OutlineStrides {
    let columns = 2
    let rows = 2
    let slices: Int

    /// Slices at most this far apart, in mm: a finger that lies across the slices is in several of them.
    private static let slicesMm = 2.0

    init(_ geometry: GridGeometry) {
        slices = max(1, Int(Self.slicesMm / geometry.sliceSpacingMm))
    }
}

/// A decoded frame in CT numbers: slope * stored + intercept, padding as air, within what the scale of CT numbers holds.
///
/// Reference: PS3.3 C.11.1, C.7.5.1.1.2
private struct FrameValues {
    private let frame: PixelFrame
    private let slope: Double
    private let intercept: Double
    private let wholeIntercept: Int32?
    private let padding: ClosedRange<Int>?

    init(_ frame: PixelFrame, _ header: ImageHeader) {
        self.frame = frame
        slope = header.rescaleSlope
        intercept = header.rescaleIntercept
        // As most scanners write it: whole CT numbers.
        wholeIntercept = slope == 1 ? Int32(exactly: intercept) : nil
        padding = header.paddingValue.map { value in
            let limit = header.paddingRangeLimit ?? value
            return min(value, limit)...max(value, limit)
        }
    }

    func value(_ i: Int, _ j: Int) -> Int16 {
        let stored = frame.values[j * frame.columns + i]
        return padding?.contains(Int(stored)) == true ? VolumeReader.outsideHU : scaled(stored)
    }

    func write(row j: Int, _ columns: Range<Int>, to target: UnsafeMutablePointer<Int16>) {
        frame.values.withUnsafeBufferPointer { values in
            let start = j * frame.columns + columns.lowerBound
            if let wholeIntercept {
                let least = Int(VolumeReader.outsideHU)
                for n in 0..<columns.count {
                    let value = Int(values[start + n]) + Int(wholeIntercept)
                    (target + n).initialize(to: Int16(truncatingIfNeeded: min(max(value, least), 32767)))
                }
            } else {
                for n in 0..<columns.count { (target + n).initialize(to: scaled(values[start + n])) }
            }
            guard let padding else { return }
            for n in 0..<columns.count where padding.contains(Int(values[start + n])) {
                target[n] = VolumeReader.outsideHU
            }
        }
    }

    @inline(__always)
    private func scaled(_ stored: Int32) -> Int16 {
        let value = (slope * Double(stored) + intercept).rounded()
        return Int16(min(max(value, Double(VolumeReader.outsideHU)), 32767))
    }
}
