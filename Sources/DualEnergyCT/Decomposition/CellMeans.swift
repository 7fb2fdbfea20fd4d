/// Means of both images over cells of a coarse grid.
struct CellMeans {
    var low: Volume<Float>
    var high: Volume<Float>
    /// 1 where a voxel of the cell is air or its edge.
    var hasAir: Volume<UInt8>

    init(
        _ image: Volume<Int16>, _ other: Volume<Int16>, voxelsPerCell per: (column: Int, row: Int, slice: Int),
        airHU: Int16
    ) {
        let g = image.geometry
        let cells = GridGeometry(
            columns: (g.columns + per.column - 1) / per.column, rows: (g.rows + per.row - 1) / per.row,
            slices: (g.slices + per.slice - 1) / per.slice, columnSpacingMm: g.columnSpacingMm * Double(per.column),
            rowSpacingMm: g.rowSpacingMm * Double(per.row), sliceSpacingMm: g.sliceSpacingMm * Double(per.slice))
        let area = cells.columns * cells.rows
        var means = [(low: Float, high: Float, hasAir: Bool)](repeating: (0, 0, false), count: cells.voxelCount)
        means.withUnsafeMutableBufferPointer { means in
            let means = means
            concurrently(cells.slices, voxels: g.voxelCount) { range in
                var sums = ColumnSums(columns: g.columns)
                for k in range {
                    let slices = (k * per.slice)..<min((k + 1) * per.slice, g.slices)
                    for j in 0..<cells.rows {
                        let rows = (j * per.row)..<min((j + 1) * per.row, g.rows)
                        sums.clear()
                        for slice in slices {
                            for row in rows {
                                let line = g.index(0, row, slice)..<(g.index(0, row, slice) + g.columns)
                                sums.add(image.voxels.span.extracting(line), other.voxels.span.extracting(line))
                            }
                        }
                        let lines = Float(slices.count * rows.count)
                        for i in 0..<cells.columns {
                            let columns = (i * per.column)..<min((i + 1) * per.column, g.columns)
                            let (x, y, least) = sums.total(columns)
                            let count = lines * Float(columns.count)
                            means[k * area + j * cells.columns + i] = (x / count, y / count, least < airHU)
                        }
                    }
                }
            }
        }
        low = Volume(geometry: cells, voxels: means.map(\.low))
        high = Volume(geometry: cells, voxels: means.map(\.high))
        hasAir = Volume(geometry: cells, voxels: means.map { $0.hasAir ? 1 : 0 })
    }

    /// Means of the cells without air about each cell.
    func aroundEachCell(sigmaMm: Double) -> (low: Volume<Float>, high: Volume<Float>) {
        var (x, y) = (low, high)
        var weight = Volume<Float>(geometry: low.geometry, repeating: 1)
        for n in weight.voxels.indices where hasAir.voxels[n] != 0 {
            (x.voxels[n], y.voxels[n], weight.voxels[n]) = (0, 0, 0)
        }
        x.smooth(sigmaMm: sigmaMm)
        y.smooth(sigmaMm: sigmaMm)
        weight.smooth(sigmaMm: sigmaMm)
        for n in weight.voxels.indices {
            let total = max(weight.voxels[n], 1e-6)
            x.voxels[n] /= total
            y.voxels[n] /= total
        }
        return (x, y)
    }
}

/// Sums over lines for each column, and the least value at low energy.
private struct ColumnSums {
    private var low: [Int32]
    private var high: [Int32]
    private var least: [Int16]

    init(columns: Int) {
        low = [Int32](repeating: 0, count: columns)
        high = low
        least = [Int16](repeating: .max, count: columns)
    }

    mutating func clear() { self = ColumnSums(columns: low.count) }

    mutating func add(_ x: Span<Int16>, _ y: Span<Int16>) {
        Self.add(x, to: &low)
        Self.add(y, to: &high)
        var minima = least.mutableSpan
        let count = minima.count
        precondition(x.count == count)
        for i in 0..<count { minima[i] = min(minima[i], x[i]) }
    }

    private static func add(_ line: Span<Int16>, to sums: inout [Int32]) {
        var sums = sums.mutableSpan
        let count = sums.count
        precondition(line.count == count)
        for i in 0..<count { sums[i] &+= Int32(line[i]) }
    }

    func total(_ columns: Range<Int>) -> (low: Float, high: Float, least: Int16) {
        var (x, y, smallest) = (Int32(0), Int32(0), Int16.max)
        for i in columns {
            x += low[i]
            y += high[i]
            smallest = min(smallest, least[i])
        }
        return (Float(x), Float(y), smallest)
    }
}
