/// What the soft tissue around each place reads at both energies, without the mineral in it, on a coarse grid.
///
/// The baseline decides the bias of every constrained estimate: on a muscle baseline 100 mg/cm3 in fat read 25. It is
/// the smoothed image itself where that is soft tissue, so tendon, skin, a phantom's water and shading are followed as
/// well as fat. Under mineral it runs on from the tissue around, and is the less certain the further away that is.
package struct TissueField: Sendable {
    /// Tissue's CT numbers in HU and the variance of its fat fraction, at the centres of cells.
    package private(set) var low: Volume<Float>
    package private(set) var high: Volume<Float>
    package private(set) var fatVariance: Volume<Float>
    /// Voxels of a cell along columns, rows and slices.
    package let voxelsPerCell: (column: Int, row: Int, slice: Int)

    private static let cellMm = 1.6
    /// Standard deviation in mm of the neighbourhood that counts as local, and of the one beyond where that is empty.
    private static let scaleMm = 1.6
    private static let wideScaleMm = 4.0
    private static let wideShare: Float = 0.05
    /// Standard deviation of the fat fraction inside one tissue.
    private static let leastFatDeviation: Float = 0.06
    /// Below this a voxel is air or its edge, in HU.
    private static let airHU: Int16 = -300
    /// Denser than this on muscle, or in the free solution, a place may hold mineral, in mg/cm3.
    private static let mineralOnMuscle = 55.0
    private static let mineralFree = 40.0
    /// How far a voxel's tissue reaches, in mm: beyond, nothing changes it.
    static let reachMm = 3 * (scaleMm + wideScaleMm) + 3 * cellMm

    init(low image: Volume<Int16>, high other: Volume<Int16>, paths: PathMap, noise: NoiseCovariance) {
        let g = image.geometry
        func voxels(_ spacing: Double) -> Int { max(1, Int((Self.cellMm / spacing).rounded())) }
        // Cells along slices divide the path map's slabs: a part of a scan then has the same cells as the whole.
        let wanted = voxels(g.sliceSpacingMm)
        let slab = paths.voxelsPerCell.slice
        let along = (1...slab).filter { slab % $0 == 0 }.min { abs($0 - wanted) < abs($1 - wanted) } ?? 1
        voxelsPerCell = (voxels(g.columnSpacingMm), voxels(g.rowSpacingMm), along)
        let means = CellMeans(image, other, voxelsPerCell: voxelsPerCell, airHU: Self.airHU)
        low = means.low
        high = means.high
        fatVariance = Volume(geometry: means.low.geometry, repeating: 0)
        smooth(means, paths: paths, noise: noise)
    }

    /// At the cell that holds a voxel.
    func value(_ i: Int, _ j: Int, _ k: Int) -> (low: Double, high: Double, fatVariance: Double) {
        let (a, b, c) = (i / voxelsPerCell.column, j / voxelsPerCell.row, k / voxelsPerCell.slice)
        return (Double(low[a, b, c]), Double(high[a, b, c]), Double(fatVariance[a, b, c]))
    }

    private mutating func smooth(_ means: CellMeans, paths: PathMap, noise: NoiseCovariance) {
        let tissue = Self.tissue(means, paths: paths, per: voxelsPerCell)
        var weight = Volume<Float>(geometry: low.geometry, repeating: 0)
        var square = weight
        let line = FatLine(paths.typical, noise: noise)
        for n in weight.voxels.indices {
            if tissue.voxels[n] != 0 {
                weight.voxels[n] = 1
                let fat = line.fraction(low.voxels[n], high.voxels[n])
                square.voxels[n] = fat * fat
            } else {
                low.voxels[n] = 0
                high.voxels[n] = 0
            }
        }
        for field in [\TissueField.low, \.high] as [WritableKeyPath<TissueField, Volume<Float>>] {
            self[keyPath: field].spread(Self.scaleMm, Self.wideScaleMm, Self.wideShare)
        }
        square.spread(Self.scaleMm, Self.wideScaleMm, Self.wideShare)
        var support = weight
        support.smooth(sigmaMm: Self.scaleMm)
        weight.spread(Self.scaleMm, Self.wideScaleMm, Self.wideShare)
        let least = Self.leastFatDeviation * Self.leastFatDeviation
        let (muscleLow, muscleHigh) = (Float(paths.typical.low.muscleHU), Float(paths.typical.high.muscleHU))
        for n in weight.voxels.indices {
            let total = weight.voxels[n]
            guard total > 1e-6 else {
                (low.voxels[n], high.voxels[n], fatVariance.voxels[n]) = (muscleLow, muscleHigh, 0.25)
                continue
            }
            low.voxels[n] /= total
            high.voxels[n] /= total
            let fat = line.fraction(low.voxels[n], high.voxels[n])
            let matrix = Float(DepositMatrix(around: Double(fat)).fatDeviation)
            let scatter = max(square.voxels[n] / total - fat * fat, least)
            fatVariance.voxels[n] = scatter + (1 - min(1, support.voxels[n])) * matrix * matrix
        }
    }

    /// 1 where a cell is soft tissue and no neighbour holds mineral or air.
    private static func tissue(
        _ means: CellMeans, paths: PathMap, per: (column: Int, row: Int, slice: Int)
    ) -> Volume<UInt8> {
        let g = means.low.geometry
        var blocked = Volume<UInt8>(geometry: g, repeating: 0)
        let weights = ConstrainedForm(paths.typical, noise: NoiseCovariance(low: 1, high: 1)).coefficients
        blocked.update { n, isBlocked in
            let (i, j, k) = g.coordinates(n)
            if means.hasAir.voxels[n] != 0 {
                isBlocked = 1
                return
            }
            let response = paths.response(
                i * per.column + per.column / 2, j * per.row + per.row / 2, k * per.slice + per.slice / 2)
            let (x, y) = (Double(means.low.voxels[n]), Double(means.high.voxels[n]))
            let onMuscle =
                (weights[0] * (x - response.low.muscleHU) + weights[2] * (y - response.high.muscleHU)) / weights[6]
            let free = MaterialDecomposition(response: response).threeMaterials(lowHU: x, highHU: y).mgPerCm3
            if onMuscle > mineralOnMuscle || free > mineralFree { isBlocked = 1 }
        }
        let near = blocked.dilated(byMm: 1.01 * max(g.columnSpacingMm, g.rowSpacingMm))
        return Volume(geometry: g, voxels: near.voxels.map { $0 == 0 ? 1 : 0 })
    }
}

extension Volume where Element == Float {
    /// A narrow Gaussian and a share of a wide one after it.
    fileprivate mutating func spread(_ narrowMm: Double, _ wideMm: Double, _ share: Float) {
        smooth(sigmaMm: narrowMm)
        add(gaussianSmoothed(sigmaMm: wideMm), times: share)
    }
}

/// The place of tissue on the line from muscle to fat.
private struct FatLine {
    private let low, high, constant: Float

    init(_ response: PairResponse, noise: NoiseCovariance) {
        let fatLow = response.low.adiposeHU - response.low.muscleHU
        let fatHigh = response.high.adiposeHU - response.high.muscleHU
        let weights = noise.solve(fatLow, fatHigh)
        let norm = weights.0 * fatLow + weights.1 * fatHigh
        (low, high) = (Float(weights.0 / norm), Float(weights.1 / norm))
        constant = -Float((weights.0 * response.low.muscleHU + weights.1 * response.high.muscleHU) / norm)
    }

    func fraction(_ x: Float, _ y: Float) -> Float { low * x + high * y + constant }
}

/// Means of both images over cells of a coarse grid.
private struct CellMeans {
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
