/// The part of a grid that holds the body.
package enum BodyBox {
    /// Half way between air and fat.
    package static let thresholdHU: Int16 = -350
    /// Air that stays around the body, in mm: the skin's edge and what is measured on it.
    static let marginMm = 4.0

    /// The box around the largest dense component and those of at least a fiftieth of its size; nil without a body.
    ///
    /// Found on every second voxel: a table's shell is thinner than that, a finger is not.
    package static func find(in image: Volume<Int16>) -> VoxelBox? {
        let g = image.geometry
        let coarse = GridGeometry(
            columns: (g.columns + 1) / 2, rows: (g.rows + 1) / 2, slices: (g.slices + 1) / 2,
            columnSpacingMm: 2 * g.columnSpacingMm, rowSpacingMm: 2 * g.rowSpacingMm,
            sliceSpacingMm: 2 * g.sliceSpacingMm)
        var mask = Volume<UInt8>(geometry: coarse, repeating: 0)
        image.voxels.withUnsafeBufferPointer { voxels in
            for k in 0..<coarse.slices {
                for j in 0..<coarse.rows {
                    let from = g.index(0, 2 * j, 2 * k)
                    let to = coarse.index(0, j, k)
                    for i in 0..<coarse.columns where voxels[from + 2 * i] > thresholdHU { mask.voxels[to + i] = 1 }
                }
            }
        }
        return around(mask, strides: (2, 2, 2), of: g, leastShare: 50, marginMm: marginMm)
    }

    /// The box on a grid around the components of a mask that was sampled on every few voxels of it; nil without any.
    ///
    /// - Parameters:
    ///   - strides: columns, rows and slices of the grid from one voxel of the mask to the next.
    ///   - leastShare: a component that is this many times smaller than the largest does not count.
    package static func around(
        _ mask: Volume<UInt8>, strides: (columns: Int, rows: Int, slices: Int), of g: GridGeometry, leastShare: Int,
        marginMm: Double
    ) -> VoxelBox? {
        let components = ConnectedComponents(of: mask, connectivity: .faces).components
        guard let largest = components.map(\.voxelCount).max() else { return nil }
        let kept = components.filter { $0.voxelCount * leastShare >= largest }.map(\.box)
        func range(
            _ path: KeyPath<VoxelBox, Range<Int>>, _ stride: Int, _ spacing: Double, _ count: Int
        ) -> Range<Int> {
            let margin = Int(marginMm / spacing) + 2
            let first = kept.map { $0[keyPath: path].lowerBound }.min() ?? 0
            let last = kept.map { $0[keyPath: path].upperBound }.max() ?? 0
            return max(0, stride * first - margin)..<min(count, stride * last + margin)
        }
        return VoxelBox(
            columns: range(\.columns, strides.columns, g.columnSpacingMm, g.columns),
            rows: range(\.rows, strides.rows, g.rowSpacingMm, g.rows),
            slices: range(\.slices, strides.slices, g.sliceSpacingMm, g.slices))
    }
}
