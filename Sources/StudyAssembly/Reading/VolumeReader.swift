import DICOM
import DualEnergyCT

/// Decodes the slices of one energy into CT numbers.
struct VolumeReader {
    /// Value of what lies outside the reconstructed field: air.
    static let outsideHU: Int16 = -1024

    /// - Parameters:
    ///   - slices: one for each slice of the grid, in its order.
    ///   - progress: called after each slice.
    static func read(
        _ slices: [ImageHeader], geometry: GridGeometry, name: String, progress: () -> Void
    ) throws(SetAside) -> Volume<Int16> {
        let frameCount = geometry.rows * geometry.columns
        var voxels: [Int16] = []
        voxels.reserveCapacity(geometry.voxelCount)
        var open: (path: String, dataSet: DataSet)?
        for (index, slice) in slices.enumerated() {
            let frame: PixelFrame
            do {
                if open?.path != slice.path { open = (slice.path, try DataSet(contentsOf: slice.path)) }
                guard let dataSet = open?.dataSet else { preconditionFailure("a file was opened above") }
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
            append(frame, of: slice, to: &voxels)
            progress()
        }
        return Volume(geometry: geometry, voxels: voxels)
    }

    /// CT number = slope * stored + intercept, padding as air, within what the scale of CT numbers can hold.
    ///
    /// Reference: PS3.3 C.11.1, C.7.5.1.1.2
    private static func append(_ frame: PixelFrame, of header: ImageHeader, to voxels: inout [Int16]) {
        let padding = header.paddingValue.map { value in
            let limit = header.paddingRangeLimit ?? value
            return min(value, limit)...max(value, limit)
        }
        let slope = header.rescaleSlope
        let intercept = header.rescaleIntercept
        for stored in frame.values {
            if let padding, padding.contains(Int(stored)) {
                voxels.append(outsideHU)
                continue
            }
            let value = (slope * Double(stored) + intercept).rounded()
            voxels.append(Int16(min(max(value, Double(outsideHU)), 32767)))
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
