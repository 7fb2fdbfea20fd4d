extension Volume {
    /// The box of the voxels that `isIn` chooses with some voxels around it, cut at the grid; nil when there are none.
    ///
    /// - Parameter margins: voxels along columns, rows and slices.
    package func box(margins: SIMD3<Int>, where isIn: (Element) -> Bool) -> VoxelBox? {
        let g = geometry
        var (low, high) = (SIMD3<Int>(repeating: .max), SIMD3<Int>(repeating: -1))
        for k in 0..<g.slices {
            for j in 0..<g.rows {
                let row = g.index(0, j, k)
                for i in 0..<g.columns where isIn(voxels[row + i]) {
                    low = pointwiseMin(low, SIMD3(i, j, k))
                    high = pointwiseMax(high, SIMD3(i, j, k))
                }
            }
        }
        guard high.x >= 0 else { return nil }
        func range(_ axis: Int, _ count: Int) -> Range<Int> {
            max(0, low[axis] - margins[axis])..<min(count, high[axis] + margins[axis] + 1)
        }
        return VoxelBox(columns: range(0, g.columns), rows: range(1, g.rows), slices: range(2, g.slices))
    }
}
