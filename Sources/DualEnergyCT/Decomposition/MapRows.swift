/// Evaluates maps row by row, with the coefficients of the place at hand.
///
/// Local responses are the same for a box of voxels (`enter`); the tissue around is taken between voxels of two rows and
/// two slices, a small part of the distance over which it is smooth. What is left for each voxel are linear forms.
struct MapRows {
    private let rules: [MapRule]
    private let forms: [MapRule.Form]
    private let lowImage: [Int16]
    private let highImage: [Int16]
    private let paths: PathMap
    private let noise: NoiseCovariance
    private let rows: Int
    private let columns: Int
    private let needsTissue: Bool
    /// One value a column for each coefficient of each map, of the responses and with the tissue.
    private var coefficients: [Float]
    private var prepared: [Float]
    /// Where those of each map begin.
    private let firstCoefficient: [Int]
    private let firstPrepared: [Int]
    private var tissue: TissueRows
    private var low: [Float]
    private var high: [Float]
    /// Pairs of rows and of slices that `prepared` is for.
    private var pair = (row: -1, slice: -1)

    init(_ mapper: MaterialMapper, _ rules: [MapRule]) {
        self.rules = rules
        forms = rules.map(\.form)
        // What every row needs is at hand: reaching it through the mapper would count references for each row.
        (lowImage, highImage) = (mapper.pair.low.voxels, mapper.pair.high.voxels)
        (paths, noise) = (mapper.paths, mapper.noise.voxel)
        let columns = mapper.geometry.columns
        self.columns = columns
        rows = mapper.geometry.rows
        low = [Float](repeating: 0, count: columns)
        high = low
        tissue = TissueRows(mapper.tissue, columns: columns)
        needsTissue = rules.contains { $0.preparedCount > 0 }
        firstCoefficient = rules.indices.map { n in columns * rules[..<n].reduce(0) { $0 + $1.coefficientCount } }
        firstPrepared = rules.indices.map { n in columns * rules[..<n].reduce(0) { $0 + $1.preparedCount } }
        coefficients = [Float](repeating: 0, count: columns * rules.reduce(0) { $0 + $1.coefficientCount })
        prepared = [Float](repeating: 0, count: columns * rules.reduce(0) { $0 + $1.preparedCount })
    }

    /// Takes the coefficients of voxels that share their responses along rows and slices.
    mutating func enter(slices: Range<Int>, rows: Range<Int>) {
        let step = paths.voxelsPerCell.column
        for start in stride(from: 0, to: columns, by: step) {
            let run = start..<min(start + step, columns)
            let response = paths.response(start, rows.lowerBound, slices.lowerBound)
            for n in rules.indices {
                let values = SIMD16<Float>(rules[n].coefficients(response, noise: noise))
                Self.fill(
                    &coefficients, from: firstCoefficient[n], values, count: rules[n].coefficientCount, run,
                    columns: columns)
            }
        }
        if needsTissue { tissue.enter(slices: slices, rows: rows) }
        pair = (-1, -1)
    }

    private static func fill(
        _ coefficients: inout [Float], from first: Int, _ values: SIMD16<Float>, count: Int, _ run: Range<Int>,
        columns: Int
    ) {
        var rows = coefficients.mutableSpan
        for m in 0..<count {
            for i in run { rows[first + m * columns + i] = values[m] }
        }
    }

    mutating func evaluate(slice: Int, row: Int, into buffers: inout [[Float]], at start: Int) {
        if needsTissue, pair != (row / 2, slice / 2) {
            pair = (row / 2, slice / 2)
            prepare()
        }
        let first = (slice * rows + row) * columns
        Self.convert(lowImage, first..<(first + columns), into: &low)
        Self.convert(highImage, first..<(first + columns), into: &high)
        evaluate(into: &buffers, at: start)
    }

    private mutating func prepare() {
        tissue.set(rowPair: pair.row, slicePair: pair.slice)
        for n in rules.indices where rules[n].preparedCount > 0 {
            let count = rules[n].coefficientCount * columns
            Self.prepare(
                forms[n], tissue.values, coefficients, firstCoefficient[n]..<(firstCoefficient[n] + count), columns,
                into: &prepared, firstPrepared[n]..<(firstPrepared[n] + rules[n].preparedCount * columns))
        }
    }

    private static func prepare(
        _ form: MapRule.Form, _ tissue: [Float], _ coefficients: [Float], _ own: Range<Int>, _ columns: Int,
        into rows: inout [Float], _ part: Range<Int>
    ) {
        let (around, own) = (tissue.span, coefficients.span.extracting(own))
        rows.withUnsafeMutableBufferPointer { all in
            let line = UnsafeMutableBufferPointer(rebasing: all[part])
            var output = line.mutableSpan
            switch form {
            case .constrained: MapKernels.constrained(tissue: around, own, count: columns, into: &output)
            case .constrainedDeviation:
                MapKernels.constrainedDeviation(tissue: around, own, count: columns, into: &output)
            case .linearOnTissue: MapKernels.onTissue(tissue: around, own, count: columns, into: &output)
            case .onTissueDeviation:
                MapKernels.onTissueDeviation(tissue: around, own, count: columns, into: &output)
            case .linear, .quotient, .atomicNumber, .linearDeviation, .quotientDeviation, .atomicNumberDeviation: break
            }
        }
    }

    private func evaluate(into buffers: inout [[Float]], at start: Int) {
        let (x, y) = (low.span, high.span)
        for n in forms.indices {
            let air = rules[n].airShare
            let own = coefficients.span.extracting(firstCoefficient[n]...)
            let ready = prepared.span.extracting(firstPrepared[n]...)
            buffers[n].withUnsafeMutableBufferPointer { all in
                let line = UnsafeMutableBufferPointer(rebasing: all[start..<(start + columns)])
                var output = line.mutableSpan
                switch forms[n] {
                case .linear where air == nil: MapKernels.linear(x, y, own, into: &output)
                case .linear: MapKernels.linearInTissue(x, y, own, into: &output)
                case .constrained, .linearOnTissue: MapKernels.linearInTissue(x, y, ready, into: &output)
                case .constrainedDeviation, .onTissueDeviation:
                    MapKernels.copyInTissue(x, y, ready.extracting(0..<columns), into: &output)
                case .linearDeviation:
                    MapKernels.copyInTissue(x, y, own.extracting(0..<columns), into: &output)
                case .quotientDeviation:
                    MapKernels.quotientDeviation(x, y, own, least: 0.1, isRelative: false, into: &output)
                case .atomicNumberDeviation:
                    MapKernels.quotientDeviation(x, y, own, least: 0.1, isRelative: true, into: &output)
                    AtomicNumber.scale(&output, x, y, own, least: 0.1)
                case .quotient, .atomicNumber:
                    MapKernels.quotient(x, y, own, least: 0.1, into: &output)
                    if case .atomicNumber = forms[n] { AtomicNumber.fromPower(&output) }
                    if let air { MapKernels.fillAir(x, y, share: air, in: &output) }
                }
            }
        }
    }

    private static func convert(_ image: [Int16], _ line: Range<Int>, into row: inout [Float]) {
        var output = row.mutableSpan
        MapKernels.convert(image.span.extracting(line), into: &output)
    }
}
