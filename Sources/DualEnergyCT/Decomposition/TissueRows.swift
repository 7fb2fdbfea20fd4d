/// The tissue field along rows of voxels, interpolated between cells.
struct TissueRows {
    /// CT numbers at low and at high energy and variance of the fat fraction: a row of each, one after another.
    private(set) var values: [Float]
    private let field: TissueField
    private let columns: Int
    /// For each column the first of its two cells and the second one's share.
    private let cells: [Int32]
    private let shares: [Float]
    /// The lines of cells under the voxels at hand, stretched to the columns: three rows for each line.
    private var lines: [Float] = []
    private var rows = 0..<0
    private var slices = 0..<0

    init(_ field: TissueField, columns: Int) {
        self.field = field
        self.columns = columns
        values = [Float](repeating: 0, count: 3 * columns)
        let count = field.low.geometry.columns
        let places = (0..<columns).map {
            Self.neighbours(Double($0) + 0.5, per: field.voxelsPerCell.column, count: count)
        }
        cells = places.map { Int32($0.first) }
        shares = places.map(\.share)
    }

    /// The neighbouring cells of a place along one axis, in voxels from the first one's edge, and the second's share.
    private static func neighbours(
        _ place: Double, per: Int, count: Int
    ) -> (first: Int, second: Int, share: Float) {
        let position = min(max(place / Double(per) - 0.5, 0), Double(count - 1))
        let first = min(Int(position), max(0, count - 2))
        return (first, min(first + 1, count - 1), Float(position - Double(first)))
    }

    private func along(rowPair pair: Int) -> (first: Int, second: Int, share: Float) {
        Self.neighbours(Double(2 * pair + 1), per: field.voxelsPerCell.row, count: field.low.geometry.rows)
    }

    private func along(slicePair pair: Int) -> (first: Int, second: Int, share: Float) {
        Self.neighbours(Double(2 * pair + 1), per: field.voxelsPerCell.slice, count: field.low.geometry.slices)
    }

    /// Stretches the lines of cells that a box of voxels needs.
    mutating func enter(slices box: Range<Int>, rows band: Range<Int>) {
        rows = along(rowPair: band.lowerBound / 2).first..<(along(rowPair: (band.upperBound - 1) / 2).second + 1)
        slices = along(slicePair: box.lowerBound / 2).first..<(along(slicePair: (box.upperBound - 1) / 2).second + 1)
        let needed = rows.count * slices.count * 3 * columns
        if lines.count < needed { lines = [Float](repeating: 0, count: needed) }
        var start = 0
        for k in slices {
            for j in rows {
                for part in 0..<3 {
                    stretch(part, from: field.low.geometry.index(0, j, k), to: start)
                    start += columns
                }
            }
        }
    }

    private mutating func stretch(_ part: Int, from first: Int, to start: Int) {
        let source = part == 0 ? field.low : part == 1 ? field.high : field.fatVariance
        Self.stretch(
            source.voxels, from: first, last: source.geometry.columns - 1, cells, shares, into: &lines, at: start)
    }

    private static func stretch(
        _ values: [Float], from first: Int, last: Int, _ cells: [Int32], _ shares: [Float], into lines: inout [Float],
        at start: Int
    ) {
        let (source, cells, shares) = (values.span, cells.span, shares.span)
        var output = lines.mutableSpan
        for i in 0..<shares.count {
            let n = Int(cells[i])
            let a = source[first + n]
            output[start + i] = a + shares[i] * (source[first + min(n + 1, last)] - a)
        }
    }

    /// Interpolates for the voxels of two rows and two slices.
    mutating func set(rowPair: Int, slicePair: Int) {
        let (y, z) = (along(rowPair: rowPair), along(slicePair: slicePair))
        let count = 3 * columns
        func line(_ k: Int, _ j: Int) -> Range<Int> {
            let start = ((k - slices.lowerBound) * rows.count + j - rows.lowerBound) * count
            return start..<(start + count)
        }
        let weights = SIMD4<Float>(
            (1 - z.share) * (1 - y.share), z.share * (1 - y.share), (1 - z.share) * y.share, z.share * y.share)
        Self.blend(
            lines, line(z.first, y.first), line(z.second, y.first), line(z.first, y.second),
            line(z.second, y.second), weights, into: &values)
    }

    private static func blend(
        _ lines: [Float], _ a: Range<Int>, _ b: Range<Int>, _ c: Range<Int>, _ d: Range<Int>, _ weights: SIMD4<Float>,
        into values: inout [Float]
    ) {
        let lines = lines.span
        var output = values.mutableSpan
        MapKernels.blend(
            lines.extracting(a), lines.extracting(b), lines.extracting(c), lines.extracting(d), weights, into: &output)
    }
}
