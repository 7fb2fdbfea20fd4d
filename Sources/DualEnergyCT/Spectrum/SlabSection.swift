/// One slab of both images on a coarse grid.
struct SlabSection {
    private(set) var columns: Int
    private(set) var rows: Int
    private(set) var columnMm: Double
    private(set) var rowMm: Double
    /// Share of each place that is no air, and the sum of that part's CT numbers over the place's voxels, in HU.
    private(set) var fill: [Float]
    private var low: [Float]
    private var high: [Float]

    private static let airHU: Int16 = -500

    /// - Parameter per: voxels of a place along columns and rows.
    init(
        _ images: (low: Volume<Int16>, high: Volume<Int16>), slices: Range<Int>, places: (columns: Int, rows: Int),
        per: (column: Int, row: Int)
    ) {
        let g = images.low.geometry
        (columns, rows) = places
        columnMm = Double(per.column) * g.columnSpacingMm
        rowMm = Double(per.row) * g.rowSpacingMm
        fill = [Float](repeating: 0, count: columns * rows)
        low = fill
        high = fill
        let (lowVoxels, highVoxels) = (images.low.voxels, images.high.voxels)
        let share = 1 / Float(per.column * per.row * slices.count)
        var line = [SIMD4<Int32>](repeating: .zero, count: columns)
        for j in 0..<rows {
            for n in line.indices { line[n] = .zero }
            for k in slices {
                for row in ((j * per.row)..<((j + 1) * per.row)).clamped(to: 0..<g.rows) {
                    let start = g.index(0, row, k)
                    let range = start..<(start + g.columns)
                    Self.add(
                        lowVoxels.span.extracting(range), highVoxels.span.extracting(range), per: per.column,
                        to: &line)
                }
            }
            for i in 0..<columns {
                fill[j * columns + i] = share * Float(line[i].z)
                low[j * columns + i] = share * Float(line[i].x)
                high[j * columns + i] = share * Float(line[i].y)
            }
        }
    }

    private static func add(_ x: Span<Int16>, _ y: Span<Int16>, per: Int, to line: inout [SIMD4<Int32>]) {
        var sums = line.mutableSpan
        for place in 0..<sums.count {
            var sum = SIMD4<Int32>.zero
            for i in ((place * per)..<((place + 1) * per)).clamped(to: 0..<x.count) where x[i] > airHU {
                sum &+= SIMD4(Int32(x[i]), Int32(y[i]), 1, 0)
            }
            sums[place] &+= sum
        }
    }

    /// The same on places twice as wide and high.
    func merged() -> SlabSection {
        var result = self
        (result.columns, result.rows) = (columns / 2, rows / 2)
        (result.columnMm, result.rowMm) = (2 * columnMm, 2 * rowMm)
        func mean(_ values: [Float]) -> [Float] {
            (0..<(result.columns * result.rows)).map { n in
                let first = 2 * (n / result.columns) * columns + 2 * (n % result.columns)
                return 0.25
                    * (values[first] + values[first + 1] + values[first + columns] + values[first + columns + 1])
            }
        }
        (result.fill, result.low, result.high) = (mean(fill), mean(low), mean(high))
        return result
    }

    /// The places of the section before `merged` that make up one of this.
    func parts(_ n: Int) -> [Int] {
        let first = 4 * (n / columns) * columns + 2 * (n % columns)
        return [first, first + 1, first + 2 * columns, first + 2 * columns + 1]
    }

    /// The mean over a disc's points of the chords through them is 0.85 of its diameter: of the disc of the same area.
    var meanChordCm: Double {
        let areaCm2 = Double(fill.reduce(0, +)) * columnMm * rowMm / 100
        return 0.85 * 2 * (areaCm2 / .pi).squareRoot()
    }

    /// Water relative to water and mineral in g/cm3 that a place stands for under a response.
    func content(_ n: Int, _ response: PairResponse) -> SIMD2<Float> {
        // Mineral added to water, not displacing it: the displaced water comes back as a 1000 HU share of volume.
        let displaced = 1 / Material.hydroxyapatite.densityGPerCm3
        let (kLow, kHigh) = (response.low.hydroxyapatite + displaced, response.high.hydroxyapatite + displaced)
        // Images of nearly one energy tell no mineral from water.
        let apart = max(kLow - kHigh, 0.1 * kLow)
        let mineral = (low[n] - high[n]) / Float(apart)
        return SIMD2(fill[n] + (low[n] - Float(kLow) * mineral) / 1000, mineral / 1000)
    }
}
