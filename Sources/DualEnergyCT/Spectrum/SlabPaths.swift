import Glibc

/// The paths of the rays through each place of one slab: the means over the directions of the water and the mineral on
/// them, less what dense mineral does not do to itself (`OwnMineral`).
struct SlabPaths {
    private let section: SlabSection
    /// The section on places twice as wide: where paths come from is smooth, what mineral does to itself is not.
    private let wide: SlabSection
    /// For each wide place the sums over the directions of the water and the mineral on the ray.
    private var sums: [SIMD2<Float>]
    private let own: OwnMineral

    /// What lies 60 mm from a rod of 9 mm sees it in two of them at least.
    private static let directions = 48
    private static let bodyFill: Float = 0.05

    /// - Parameter section: on places of a quarter of a cell.
    init(_ section: SlabSection, tables: (low: ResponseTable, high: ResponseTable)) {
        self.section = section
        wide = section.merged()
        sums = [SIMD2<Float>](repeating: .zero, count: wide.fill.count)
        guard wide.fill.contains(where: { $0 > Self.bodyFill }) else {
            own = OwnMineral(density: [], columns: 0, columnMm: 1, rowMm: 1)
            return
        }
        func response(_ path: RayPath) -> PairResponse {
            PairResponse(low: tables.low.response(path), high: tables.high.response(path))
        }
        // How much mineral the images show depends on the paths: a first round with the beams behind a disc of the same
        // area, a second with what that found.
        let behindDisc = response(RayPath(waterCm: wide.meanChordCm, mineralGPerCm2: 0))
        var contents = [SIMD2<Float>](repeating: .zero, count: wide.fill.count)
        for n in contents.indices where wide.fill[n] > Self.bodyFill { contents[n] = wide.content(n, behindDisc) }
        sums = Self.project(contents, of: wide)
        for n in contents.indices where abs(contents[n].y) > 0.02 {
            contents[n] = wide.content(n, response(Self.path(sums[n])))
        }
        sums = Self.project(contents, of: wide)
        var density = [Float](repeating: 0, count: section.fill.count)
        for n in contents.indices where contents[n].y > 0.25 * OwnMineral.leastGPerCm3 {
            let here = response(Self.path(sums[n]))
            for place in wide.parts(n) {
                let mineral = section.content(place, here).y
                if mineral > OwnMineral.leastGPerCm3 { density[place] = mineral }
            }
        }
        own = OwnMineral(
            density: density, columns: section.columns, columnMm: section.columnMm, rowMm: section.rowMm)
    }

    /// The cells of four by four places, row by row: the share that is no air, and the path.
    func cells() -> [(fill: Double, path: RayPath)] {
        var result: [(fill: Double, path: RayPath)] = []
        for row in stride(from: 0, to: wide.rows, by: 2) {
            for column in stride(from: 0, to: wide.columns, by: 2) {
                let start = row * wide.columns + column
                let places = [start, start + 1, start + wide.columns, start + wide.columns + 1]
                result.append((Double(places.reduce(0) { $0 + wide.fill[$1] }) / 4, path(over: places)))
            }
        }
        return result
    }

    /// What counts at each place of dense mineral: the place, row by row, and its path in g/cm2.
    func dense() -> [(place: Int, mineralGPerCm2: Float)] {
        guard !own.isEmpty else { return [] }
        return own.density.indices.filter { own.density[$0] > 0 }.map { place in
            let (column, row) = (place % section.columns, place / section.columns)
            let mean = Self.path(sums[row / 2 * wide.columns + column / 2])
            return (place, Float(mean.mineralGPerCm2) - own.excess[place])
        }
    }

    private func path(over places: [Int]) -> RayPath {
        let inside = places.filter { wide.fill[$0] > Self.bodyFill }
        var path = RayPath(waterCm: 0, mineralGPerCm2: 0)
        var weights = 0.0
        for n in inside {
            let mean = Self.path(sums[n])
            path.waterCm += mean.waterCm / Double(inside.count)
            // The mineral's path counts where mineral is.
            path.mineralGPerCm2 += 0.001 * mean.mineralGPerCm2
            weights += 0.001
            guard !own.isEmpty else { continue }
            for place in wide.parts(n) where own.density[place] > 0 {
                let density = Double(own.density[place])
                path.mineralGPerCm2 += density * (mean.mineralGPerCm2 - Double(own.excess[place]))
                weights += density
            }
        }
        if weights > 0 { path.mineralGPerCm2 /= weights }
        return path
    }

    private static func path(_ sum: SIMD2<Float>) -> RayPath {
        let mean = sum / Float(directions)
        return RayPath(waterCm: Double(mean.x), mineralGPerCm2: Double(mean.y))
    }

    /// Sums over the directions of the lines of water (relative to water, in cm) and mineral (in g/cm2) through each place.
    private static func project(_ contents: [SIMD2<Float>], of section: SlabSection) -> [SIMD2<Float>] {
        var sums = [SIMD2<Float>](repeating: .zero, count: contents.count)
        let occupied = (0..<section.rows).map { row in
            let inside = (0..<section.columns).filter { section.fill[row * section.columns + $0] > bodyFill }
            return (inside.first ?? 0)..<((inside.last ?? -1) + 1)
        }
        let rays = ParallelRays(columns: section.columns, rows: section.rows, section.columnMm, section.rowMm)
        var line = [SIMD2<Float>](repeating: .zero, count: rays.bins)
        for direction in 0..<directions {
            let view = rays.view(direction, of: directions)
            for n in line.indices { line[n] = .zero }
            for row in 0..<section.rows {
                for column in occupied[row] {
                    let (bin, share) = view.bin(column, row)
                    let value = rays.cmOfPlace * contents[row * section.columns + column]
                    line[bin] += (1 - share) * value
                    line[bin + 1] += share * value
                }
            }
            for row in 0..<section.rows {
                for column in occupied[row] {
                    let (bin, share) = view.bin(column, row)
                    sums[row * section.columns + column] += (1 - share) * line[bin] + share * line[bin + 1]
                }
            }
        }
        return sums
    }
}

/// Parallel rays through a plane of places, as wide as a place.
struct ParallelRays {
    let bins: Int
    let binMm: Double
    /// What a place adds to the bin that it fills, in cm for 1.
    let cmOfPlace: Float
    private let size: SIMD2<Double>
    private let count: SIMD2<Double>

    init(columns: Int, rows: Int, _ columnMm: Double, _ rowMm: Double) {
        size = SIMD2(columnMm, rowMm)
        count = SIMD2(Double(columns), Double(rows))
        binMm = min(columnMm, rowMm)
        bins = 2 * Int(0.5 * (count * size).sum() / binMm) + 4
        cmOfPlace = Float(columnMm * rowMm / binMm / 10)
    }

    struct View {
        fileprivate let step: SIMD2<Float>
        fileprivate let first: Float

        /// Where between two bins the middle of a place lies.
        func bin(_ column: Int, _ row: Int) -> (bin: Int, share: Float) {
            let t = first + Float(column) * step.x + Float(row) * step.y
            let bin = Int(t)
            return (bin, t - Float(bin))
        }
    }

    func view(_ direction: Int, of directions: Int) -> View {
        let angle = Double.pi * (Double(direction) + 0.25) / Double(directions)
        let step = SIMD2(cos(angle), sin(angle)) * size / binMm
        let first = Double(bins) / 2 - 0.5 * ((count - 1) * step).sum()
        return View(step: SIMD2<Float>(step), first: Float(first))
    }
}
