/// The tissue field along one row of voxels, interpolated between cells.
struct TissueRows {
    private(set) var low: [Float]
    private(set) var high: [Float]
    private(set) var fatVariance: [Float]
    private let field: TissueField
    private let columns: Int
    /// Lines of cells stretched to the columns of the image, by line of cells: all three fields one after another.
    private var stretched: [Int: [Float]] = [:]
    private var between: [[Float]]

    init(_ field: TissueField, columns: Int) {
        self.field = field
        self.columns = columns
        low = [Float](repeating: 0, count: columns)
        high = low
        fatVariance = low
        between = [low, low]
    }

    /// The neighbouring cells of a voxel along one axis and the second one's share.
    private static func neighbours(_ voxel: Int, per: Int, count: Int) -> (first: Int, second: Int, share: Float) {
        let position = min(max((Float(voxel) + 0.5) / Float(per) - 0.5, 0), Float(count - 1))
        let first = min(Int(position), count - 1)
        return (first, min(first + 1, count - 1), position - Float(first))
    }

    mutating func set(row: Int, slice: Int) {
        let g = field.low.geometry
        let z = Self.neighbours(slice, per: field.voxelsPerCell.slice, count: g.slices)
        let y = Self.neighbours(row, per: field.voxelsPerCell.row, count: g.rows)
        for k in [z.first, z.second] {
            for j in [y.first, y.second] { stretch(line: k * g.rows + j) }
        }
        func line(_ k: Int, _ j: Int) -> [Float] { stretched[k * g.rows + j] ?? [] }
        let corners = [
            line(z.first, y.first), line(z.second, y.first), line(z.first, y.second), line(z.second, y.second),
        ]
        for part in 0..<3 {
            let range = (part * columns)..<((part + 1) * columns)
            Self.mix(corners[0], corners[1], range, z.share, &between[0])
            Self.mix(corners[2], corners[3], range, z.share, &between[1])
            let whole = 0..<columns
            switch part {
            case 0: Self.mix(between[0], between[1], whole, y.share, &low)
            case 1: Self.mix(between[0], between[1], whole, y.share, &high)
            default: Self.mix(between[0], between[1], whole, y.share, &fatVariance)
            }
        }
    }

    private static func mix(_ x: [Float], _ y: [Float], _ range: Range<Int>, _ share: Float, _ output: inout [Float]) {
        var span = output.mutableSpan
        MapKernels.interpolate(x.span.extracting(range), y.span.extracting(range), share: share, into: &span)
    }

    private mutating func stretch(line: Int) {
        guard stretched[line] == nil else { return }
        let g = field.low.geometry
        var values: [Float] = []
        values.reserveCapacity(3 * columns)
        for source in [field.low, field.high, field.fatVariance] {
            for i in 0..<columns {
                let x = Self.neighbours(i, per: field.voxelsPerCell.column, count: g.columns)
                let a = source.voxels[line * g.columns + x.first]
                values.append(a + x.share * (source.voxels[line * g.columns + x.second] - a))
            }
        }
        stretched[line] = values
    }
}
