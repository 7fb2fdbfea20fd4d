extension Volume where Element == Float {
    /// Adds `gaussianSmoothed` times a factor, for a deviation much larger than the voxels and a volume without finer
    /// detail than a third of it: on the means of blocks, linear between their centres.
    ///
    /// Blocks are at most 0.4 of the deviation wide; what averaging and interpolation blur is taken off the kernel.
    package mutating func addBroadlySmoothed(sigmaMm: Double, times factor: Float) {
        let g = geometry
        let size = SIMD3(g.columnSpacingMm, g.rowSpacingMm, g.sliceSpacingMm)
        var block = SIMD3(repeating: 1)
        for axis in 0..<3 { block[axis] = max(1, Int(0.4 * sigmaMm / size[axis])) }
        guard block != SIMD3(repeating: 1), g.voxelCount > 0 else {
            return add(gaussianSmoothed(sigmaMm: sigmaMm), times: factor)
        }
        var coarse = blockMeans(block)
        // A block of width w has the variance w2/12, a tent between centres w2/6.
        let width = max(Double(block.x) * size.x, Double(block.y) * size.y, Double(block.z) * size.z)
        coarse.smooth(sigmaMm: (sigmaMm * sigmaMm - width * width / 4).squareRoot())
        coarse.spread(block, into: &self, times: factor)
    }

    /// Means of blocks of voxels; the last of each axis may be cut.
    package func blockMeans(_ block: SIMD3<Int>) -> Volume<Float> {
        let g = geometry
        var target = g
        target.columns = (g.columns + block.x - 1) / block.x
        target.rows = (g.rows + block.y - 1) / block.y
        target.slices = (g.slices + block.z - 1) / block.z
        target.columnSpacingMm *= Double(block.x)
        target.rowSpacingMm *= Double(block.y)
        target.sliceSpacingMm *= Double(block.z)
        let area = target.columns * target.rows
        var sums = [Float](repeating: 0, count: target.voxelCount)
        sums.withUnsafeMutableBufferPointer { sums in
            let sums = sums
            let voxels = self.voxels
            concurrently(target.slices, voxels: g.voxelCount) { coarseSlices in
                for coarseSlice in coarseSlices {
                    let slices = (coarseSlice * block.z)..<min((coarseSlice + 1) * block.z, g.slices)
                    for k in slices {
                        for j in 0..<g.rows {
                            let source = g.index(0, j, k)
                            let line = coarseSlice * area + j / block.y * target.columns
                            for i in 0..<target.columns {
                                var sum = sums[line + i]
                                for x in (i * block.x)..<min((i + 1) * block.x, g.columns) { sum += voxels[source + x] }
                                sums[line + i] = sum
                            }
                        }
                    }
                    for j in 0..<target.rows {
                        let rows = min((j + 1) * block.y, g.rows) - j * block.y
                        for i in 0..<target.columns {
                            let columns = min((i + 1) * block.x, g.columns) - i * block.x
                            sums[coarseSlice * area + j * target.columns + i] /= Float(columns * rows * slices.count)
                        }
                    }
                }
            }
        }
        return Volume(geometry: target, voxels: sums)
    }

    /// Adds the values of blocks, times a factor, to the voxels inside them, linear between the blocks' centres.
    private func spread(_ block: SIMD3<Int>, into target: inout Volume<Float>, times factor: Float) {
        let (g, coarse) = (target.geometry, geometry)
        func place(_ n: Int, _ block: Int, _ count: Int) -> (first: Int, second: Int, share: Float) {
            let x = (Float(n) + 0.5) / Float(block) - 0.5
            let first = min(max(Int(x.rounded(.down)), 0), count - 1)
            return (first, min(first + 1, count - 1), min(max(x - Float(first), 0), 1))
        }
        let columns = (0..<g.columns).map { place($0, block.x, coarse.columns) }
        target.voxels.withUnsafeMutableBufferPointer { target in
            let target = target
            concurrently(g.rows * g.slices, voxels: g.voxelCount) { rows in
                var line = [Float](repeating: 0, count: coarse.columns)
                for row in rows {
                    let (y, z) = (
                        place(row % g.rows, block.y, coarse.rows), place(row / g.rows, block.z, coarse.slices)
                    )
                    for i in 0..<coarse.columns {
                        let (a, b) = (self[i, y.first, z.first], self[i, y.second, z.first])
                        let (c, d) = (self[i, y.first, z.second], self[i, y.second, z.second])
                        line[i] = (a + y.share * (b - a)) * (1 - z.share) + (c + y.share * (d - c)) * z.share
                    }
                    let own = row * g.columns
                    for i in 0..<g.columns {
                        let x = columns[i]
                        target[own + i] += factor * (line[x.first] + x.share * (line[x.second] - line[x.first]))
                    }
                }
            }
        }
    }
}
