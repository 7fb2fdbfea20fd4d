/// Makes maps of a pair of images, slab by slab: any body part and any phantom, no segmentation.
///
/// Slopes follow the water and the mineral on the rays through each place (`PathMap`), the tissue under mineral is the
/// smoothed image around it (`TissueField`), the noise is measured in the images. A mapper is made once for a pair; its
/// slabs may be asked for from several threads at once.
public struct MaterialMapper: Sendable {
    public let geometry: GridGeometry
    /// The noise of the images; with no voxels behind it where they hold too little soft tissue to measure it.
    public let noise: NoiseEstimate
    let pair: DualEnergyPair
    package let paths: PathMap
    package let tissue: TissueField

    /// Where noise cannot be measured: a quiet body scan.
    private static let assumedNoise = NoiseEstimate(
        voxel: NoiseCovariance(low: 225, high: 225), correlationVoxels: 4, voxelCount: 0)

    public init(pair: DualEnergyPair, options: DecompositionOptions) {
        self.init(pair: pair, options: options, noise: NoiseSample.measure(pair) ?? Self.assumedNoise)
    }

    init(pair: DualEnergyPair, options: DecompositionOptions, noise: NoiseEstimate) {
        self.pair = pair
        self.noise = noise
        geometry = pair.low.geometry
        if let rods = options.calibration, rods.applies(to: pair) {
            paths = rods.pathMap(of: pair.low)
        } else {
            paths = PathMap(
                image: pair.low, low: ResponseTable(pair.lowBeam, filtration: options.filtration),
                high: ResponseTable(pair.highBeam, filtration: options.filtration))
        }
        tissue = TissueField(low: pair.low, high: pair.high, paths: paths, noise: noise.voxel)
    }

    /// The maps of some slices: mg/cm3, HU, fractions from 0 to 1, electrons relative to water, atomic number.
    ///
    /// Each map has the voxels of its slices, columns fastest, then rows, then slices.
    /// - Precondition: the slices lie in the pair.
    public func slab(_ slices: Range<Int>, _ maps: [MaterialMap]) -> [MaterialMap: [Float]] {
        let count = slices.count * geometry.rows * geometry.columns
        var buffers = maps.map { _ in [Float](repeating: 0, count: count) }
        write(slices, maps, into: &buffers)
        return Dictionary(zip(maps, buffers)) { first, _ in first }
    }

    /// As `slab`, into buffers of the caller, one a map: for whole volumes, where fresh memory costs more than the work.
    /// - Precondition: as many buffers as maps, each with as many values as the slices have voxels.
    public func write(_ slices: Range<Int>, _ maps: [MaterialMap], into buffers: inout [[Float]]) {
        precondition(slices.lowerBound >= 0 && slices.upperBound <= geometry.slices, "slices of the pair")
        precondition(buffers.count == maps.count, "one buffer a map")
        let rules = maps.map(MapRule.init)
        let perSlab = paths.voxelsPerCell.slice
        let area = geometry.rows * geometry.columns
        for first in stride(from: slices.lowerBound / perSlab * perSlab, to: slices.upperBound, by: perSlab) {
            let part = max(first, slices.lowerBound)..<min(first + perSlab, slices.upperBound)
            for band in stride(from: 0, to: geometry.rows, by: paths.voxelsPerCell.row) {
                let rows = band..<min(band + paths.voxelsPerCell.row, geometry.rows)
                var work = MapBand(self, rules, slice: part.lowerBound, row: band)
                for slice in part {
                    for row in rows {
                        let start = (slice - slices.lowerBound) * area + row * geometry.columns
                        work.evaluate(slice: slice, row: row, into: &buffers, at: start)
                    }
                }
            }
        }
    }
}

/// The rows of a map that share their local responses.
private struct MapBand {
    private let mapper: MaterialMapper
    private let rules: [MapRule]
    private let coefficients: [[Float]]
    private let needsTissue: Bool
    private var tissue: TissueRows
    private var low: [Float]
    private var high: [Float]
    private var excessLow: [Float]
    private var excessHigh: [Float]

    init(_ mapper: MaterialMapper, _ rules: [MapRule], slice: Int, row: Int) {
        self.mapper = mapper
        self.rules = rules
        let columns = mapper.geometry.columns
        low = [Float](repeating: 0, count: columns)
        high = low
        excessLow = low
        excessHigh = low
        tissue = TissueRows(mapper.tissue, columns: columns)
        needsTissue = rules.contains { $0.isOnTissue }
        let step = mapper.paths.voxelsPerCell.column
        var rows = rules.map { [Float](repeating: 0, count: $0.coefficientCount * columns) }
        for start in stride(from: 0, to: columns, by: step) {
            let response = mapper.paths.response(start, row, slice)
            for (n, rule) in rules.enumerated() {
                for (m, value) in rule.coefficients(response, noise: mapper.noise.voxel).enumerated() {
                    for i in start..<min(start + step, columns) { rows[n][m * columns + i] = Float(value) }
                }
            }
        }
        coefficients = rows
    }

    mutating func evaluate(slice: Int, row: Int, into buffers: inout [[Float]], at start: Int) {
        let columns = mapper.geometry.columns
        let line = mapper.geometry.index(0, row, slice)..<(mapper.geometry.index(0, row, slice) + columns)
        Self.convert(mapper.pair.low.voxels, line, into: &low)
        Self.convert(mapper.pair.high.voxels, line, into: &high)
        if needsTissue {
            tissue.set(row: row, slice: slice)
            Self.subtract(low, tissue.low, into: &excessLow)
            Self.subtract(high, tissue.high, into: &excessHigh)
        }
        for (n, rule) in rules.enumerated() {
            buffers[n].withUnsafeMutableBufferPointer { all in
                let line = UnsafeMutableBufferPointer(rebasing: all[start..<(start + columns)])
                var output = line.mutableSpan
                evaluate(rule, coefficients[n], into: &output)
            }
        }
    }

    private func evaluate(_ rule: MapRule, _ values: [Float], into output: inout MutableSpan<Float>) {
        let coefficients = values.span
        switch rule.form {
        case .linear:
            if rule.isOnTissue {
                MapKernels.linear(excessLow.span, excessHigh.span, coefficients, into: &output)
            } else {
                MapKernels.linear(low.span, high.span, coefficients, into: &output)
            }
        case .quotient:
            MapKernels.quotient(low.span, high.span, coefficients, least: 0.1, into: &output)
        case .atomicNumber:
            MapKernels.quotient(low.span, high.span, coefficients, least: 0.05, into: &output)
            AtomicNumber.fromPower(&output)
        case .constrained(deviation: false):
            MapKernels.constrained(
                low.span, high.span, tissueLow: tissue.low.span, tissueHigh: tissue.high.span,
                fatVariance: tissue.fatVariance.span, coefficients, into: &output)
        case .constrained(deviation: true):
            MapKernels.constrainedDeviation(fatVariance: tissue.fatVariance.span, coefficients, into: &output)
        }
        switch rule.air {
        case .asComputed: break
        case .zero: MapKernels.fillAir(low.span, high.span, withMean: false, in: &output)
        case .meanOfBoth: MapKernels.fillAir(low.span, high.span, withMean: true, in: &output)
        }
    }

    private static func convert(_ image: [Int16], _ line: Range<Int>, into row: inout [Float]) {
        var output = row.mutableSpan
        MapKernels.convert(image.span.extracting(line), into: &output)
    }

    private static func subtract(_ x: [Float], _ y: [Float], into row: inout [Float]) {
        var output = row.mutableSpan
        MapKernels.subtract(x.span, y.span, into: &output)
    }
}
