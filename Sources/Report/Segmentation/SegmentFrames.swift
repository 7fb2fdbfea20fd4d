package import DualEnergyCT

/// The voxels of each label, slice by slice: what the frames of a binary segmentation hold.
package struct SegmentFrames: Sendable {
    /// Pixels of one slice, in rising order, under (label, slice).
    private var pixels: [Key: [UInt32]] = [:]
    private let pixelsPerFrame: Int

    private struct Key: Hashable {
        var label: UInt16
        var slice: Int
    }

    /// - Parameters:
    ///   - labels: of the voxels of a box.
    ///   - grid: of the whole frames.
    package init(labels: Volume<UInt16>, in grid: GridGeometry, at box: VoxelBox) {
        pixelsPerFrame = grid.columns * grid.rows
        labels.voxels.withUnsafeBufferPointer { voxels in
            for (place, k) in box.slices.enumerated() {
                var found: [UInt16: [UInt32]] = [:]
                for (row, j) in box.rows.enumerated() {
                    let start = labels.geometry.index(0, row, place)
                    let target = j * grid.columns + box.columns.lowerBound
                    for i in 0..<box.columns.count where voxels[start + i] != SegmentLabel.none {
                        found[voxels[start + i], default: []].append(UInt32(target + i))
                    }
                }
                for (label, indices) in found { pixels[Key(label: label, slice: k)] = indices }
            }
        }
    }

    package var labels: Set<UInt16> { Set(pixels.keys.map(\.label)) }

    /// Slices in which a label occurs, ascending.
    package func slices(of label: UInt16) -> [Int] {
        pixels.keys.filter { $0.label == label }.map(\.slice).sorted()
    }

    /// Frames one after the other, one bit a pixel, the first pixel in the lowest bit; a frame need not begin at a
    /// byte. Padded to an even length.
    ///
    /// Reference: PS3.5 section 8.1.1 and annex D.
    package func packed(_ frames: [(label: UInt16, slice: Int)]) -> [UInt8] {
        let byteCount = (frames.count * pixelsPerFrame + 7) / 8
        var bytes = [UInt8](repeating: 0, count: byteCount + byteCount % 2)
        for (index, frame) in frames.enumerated() {
            let offset = index * pixelsPerFrame
            for pixel in pixels[Key(label: frame.label, slice: frame.slice)] ?? [] {
                let bit = offset + Int(pixel)
                bytes[bit >> 3] |= 1 << UInt8(bit & 7)
            }
        }
        return bytes
    }
}
