/// The tissue field along a row of voxels, interpolated between cells.
struct TissueRows {
    private(set) var values: [TissueLanes]
    private let field: TissueField
    /// For each block of columns the first of the cells that it lies between, and the shares of all of them.
    private let first: [Int]
    private let shares: [Lanes]
    private let cellsPerBlock: Int
    /// A line of cells between four of the field: CT numbers at low and at high energy and the variance.
    private var line: [Float]

    init(_ field: TissueField, blocks: Int) {
        self.field = field
        values = [TissueLanes](repeating: TissueLanes(), count: blocks)
        let (per, count) = (field.voxelsPerCell.column, field.low.geometry.columns)
        let lanes = Lanes.scalarCount
        let places = (0..<(lanes * blocks)).map { Self.neighbours(Double($0) + 0.5, per: per, count: count) }
        // The second cell of a block's last column counts only where it has a share.
        let cellsPerBlock =
            (0..<blocks).map { block in
                let last = places[lanes * block + lanes - 1]
                return (last.share > 0 ? last.second : last.first) - places[lanes * block].first + 1
            }.max() ?? 1
        self.cellsPerBlock = cellsPerBlock
        let first = (0..<blocks).map { min(places[lanes * $0].first, count - cellsPerBlock) }
        var shares = [Lanes](repeating: Lanes(), count: blocks * cellsPerBlock)
        for (column, place) in places.enumerated() {
            let (block, lane) = column.quotientAndRemainder(dividingBy: lanes)
            let start = block * cellsPerBlock - first[block]
            shares[start + place.first][lane] += 1 - place.share
            if place.share > 0 { shares[start + place.second][lane] += place.share }
        }
        (self.first, self.shares) = (first, shares)
        line = [Float](repeating: 0, count: 3 * count)
    }

    /// The neighbouring cells of a place along one axis, in voxels from the first one's edge, and the second's share.
    private static func neighbours(
        _ place: Double, per: Int, count: Int
    ) -> (first: Int, second: Int, share: Float) {
        let position = min(max(place / Double(per) - 0.5, 0), Double(count - 1))
        let first = min(Int(position), max(0, count - 2))
        return (first, min(first + 1, count - 1), Float(position - Double(first)))
    }

    /// Interpolates for the voxels of two rows and two slices, in some blocks of columns.
    mutating func set(rowPair: Int, slicePair: Int, _ runs: [Range<Int>]) {
        let g = field.low.geometry
        let y = Self.neighbours(Double(2 * rowPair + 1), per: field.voxelsPerCell.row, count: g.rows)
        let z = Self.neighbours(Double(2 * slicePair + 1), per: field.voxelsPerCell.slice, count: g.slices)
        let weights = SIMD4<Float>(
            (1 - z.share) * (1 - y.share), z.share * (1 - y.share), (1 - z.share) * y.share, z.share * y.share)
        let starts = SIMD4(
            g.index(0, y.first, z.first), g.index(0, y.first, z.second), g.index(0, y.second, z.first),
            g.index(0, y.second, z.second))
        Self.blend(field.low.voxels, starts, weights, into: &line, at: 0, g.columns)
        Self.blend(field.high.voxels, starts, weights, into: &line, at: g.columns, g.columns)
        Self.blend(field.fatVariance.voxels, starts, weights, into: &line, at: 2 * g.columns, g.columns)
        for run in runs { stretch(run) }
    }

    /// The mean of four lines of cells with the given weights.
    private static func blend(
        _ cells: [Float], _ starts: SIMD4<Int>, _ weights: SIMD4<Float>, into line: inout [Float], at start: Int,
        _ count: Int
    ) {
        let cells = cells.span
        let a = cells.extracting(starts.x..<(starts.x + count))
        let b = cells.extracting(starts.y..<(starts.y + count))
        let c = cells.extracting(starts.z..<(starts.z + count))
        let d = cells.extracting(starts.w..<(starts.w + count))
        line.withUnsafeMutableBufferPointer { line in
            let line = UnsafeMutableBufferPointer(rebasing: line[start..<(start + count)])
            for i in 0..<count {
                line[i] = weights.x * a[i] + weights.y * b[i] + weights.z * c[i] + weights.w * d[i]
            }
        }
    }

    /// Spreads the line of cells over the columns.
    private mutating func stretch(_ run: Range<Int>) {
        let (count, cells) = (cellsPerBlock, line.count / 3)
        values.withUnsafeMutableBufferPointer { values in
            line.withUnsafeBufferPointer { line in
                shares.withUnsafeBufferPointer { shares in
                    for block in run {
                        var sum = TissueLanes()
                        for n in 0..<count {
                            let (share, cell) = (shares[block &* count &+ n], first[block] &+ n)
                            sum.low += share * line[cell]
                            sum.high += share * line[cell &+ cells]
                            sum.fatVariance += share * line[cell &+ 2 &* cells]
                        }
                        values[block] = sum
                    }
                }
            }
        }
    }
}
