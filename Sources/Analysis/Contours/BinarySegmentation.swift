import DICOM
import DualEnergyCT

/// The frames of a binary Segmentation on a grid of voxels.
///
/// Reference: PS3.3 C.8.20, PS3.5 section 8.1.1
struct BinarySegmentation {
    enum Misfit: Error, Equatable {
        /// Not one bit a pixel, compressed, or shorter than its frames need.
        case encoding
        /// Rows, columns, spacing, orientation or position of a frame are not the grid's.
        case grid
        /// A frame that names no segment.
        case frame
    }

    let object: DataSet

    /// Shares of a voxel by which a frame may lie beside the grid: in its plane and along the slices. Editors print
    /// positions with a few decimals.
    private static let planeTolerance = 0.05
    private static let sliceTolerance = 0.1

    /// Calls `body` with the segment and the linear index of every voxel that is set, frame by frame.
    func forEachVoxel(on grid: GridGeometry, _ body: (_ segment: Int, _ voxel: Int) -> Void) throws(Misfit) {
        let frames = object.items(.perFrameFunctionalGroupsSequence)
        guard !frames.isEmpty else { return }
        guard object.integer(.rows) == grid.rows, object.integer(.columns) == grid.columns else { throw .grid }
        let pixels = grid.columns * grid.rows
        guard object.integer(.bitsAllocated) == 1, let bytes = object.bytes(.pixelData),
            bytes.count >= (frames.count * pixels + 7) / 8
        else { throw .encoding }
        let shared = object.items(.sharedFunctionalGroupsSequence).first
        for (index, frame) in frames.enumerated() {
            func group(_ tag: Tag) -> DataSet? { frame.items(tag).first ?? shared?.items(tag).first }
            guard let segment = group(.segmentIdentificationSequence)?.integer(.referencedSegmentNumber) else {
                throw .frame
            }
            guard let slice = Self.slice(group, in: grid) else { throw .grid }
            let (first, start) = (index * pixels, slice * pixels)
            var pixel = 0
            while pixel < pixels {
                let bit = first + pixel
                // Most of a frame is empty: eight pixels at a time.
                if bit & 7 == 0, bytes[bit >> 3] == 0 {
                    pixel += 8
                    continue
                }
                if bytes[bit >> 3] & (1 << UInt8(bit & 7)) != 0 { body(segment, start + pixel) }
                pixel += 1
            }
        }
    }

    /// The slice that a frame lies on; nil for one beside the grid.
    private static func slice(_ group: (Tag) -> DataSet?, in grid: GridGeometry) -> Int? {
        let position = group(.planePositionSequence)?.doubles(.imagePositionPatient) ?? []
        let cosines = group(.planeOrientationSequence)?.doubles(.imageOrientationPatient) ?? []
        let spacing = group(.pixelMeasuresSequence)?.doubles(.pixelSpacing) ?? []
        guard position.count == 3, cosines.count == 6, spacing.count == 2,
            abs(spacing[0] - grid.rowSpacingMm) < 1e-3 * grid.rowSpacingMm,
            abs(spacing[1] - grid.columnSpacingMm) < 1e-3 * grid.columnSpacingMm,
            (PatientVector(cosines[0], cosines[1], cosines[2]) - grid.rowDirection).length < 1e-3,
            (PatientVector(cosines[3], cosines[4], cosines[5]) - grid.columnDirection).length < 1e-3
        else { return nil }
        let step = PatientVector(position[0], position[1], position[2]) - grid.origin
        let along = step.dot(grid.sliceDirection) / grid.sliceSpacingMm
        let slice = along.rounded()
        guard abs(along - slice) < sliceTolerance, slice >= 0, slice < Double(grid.slices),
            abs(step.dot(grid.rowDirection)) < planeTolerance * grid.columnSpacingMm,
            abs(step.dot(grid.columnDirection)) < planeTolerance * grid.rowSpacingMm
        else { return nil }
        return Int(slice)
    }
}
