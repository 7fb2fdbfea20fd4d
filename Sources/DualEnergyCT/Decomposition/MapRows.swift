import CMemory

/// Evaluates maps with the coefficients of the place at hand, two rows of two slices at a time.
///
/// Local responses are the same for a box of voxels (`enter`); the tissue around is the same for two rows and two
/// slices, a small part of the distance over which it is smooth. What is left for each voxel are linear forms.
///
/// The memory bus is the limit. All maps of a block are written one after another: a row of one map and then of the
/// next took half as long again, for each change of stream costs the processor its foresight. Where all maps are 0 in
/// air, only runs of blocks with tissue are evaluated: most of a scan is air.
struct MapRows {
    /// Those that are linear first, in the order of `counts`.
    let rules: [MapRule]
    let maps: [UnsafeMutablePointer<Float>]
    let counts: MapKernels.Counts
    let low: UnsafePointer<Int16>
    let high: UnsafePointer<Int16>
    /// Of the images, with which the maps begin.
    let firstVoxel: Int
    let columns: Int
    /// Of eight columns, the last one perhaps of fewer.
    let blocks: Int
    let wholeBlocks: Int
    /// The linear forms of all linear maps, three coefficients each, block by block.
    var forms: [Lanes]
    /// What the other maps follow from, and what forms are prepared from with the tissue: for each map, block by block.
    var coefficients: [[Lanes]]
    /// Blocks to evaluate.
    var runs: [Range<Int>] = []
    private let rows: Int
    private let paths: PathMap
    private let noise: NoiseCovariance
    private let needsTissue: Bool
    private let skipsAir: Bool
    private var tissue: TissueRows
    private var box = (slice: 0, row: 0)
    /// Whether the coefficients of a column of cells are those of the box.
    private var isEntered: [Bool]

    /// - Parameters:
    ///   - maps: each with room for the voxels to evaluate.
    ///   - low, high: the images of the mapper's pair.
    ///   - firstVoxel: of the images, with which the maps begin.
    init(
        _ mapper: MaterialMapper, _ maps: [(rule: MapRule, values: UnsafeMutablePointer<Float>)],
        low: UnsafePointer<Int16>, high: UnsafePointer<Int16>, firstVoxel: Int
    ) {
        let linear = maps.filter(\.rule.isLinear)
        let constant = linear.filter(\.rule.isConstant)
        let masked = constant + linear.filter { !$0.rule.isConstant && $0.rule.airShare == 0 }
        let ordered = masked + linear.filter { $0.rule.airShare != 0 } + maps.filter { !$0.rule.isLinear }
        counts = MapKernels.Counts(constant: constant.count, masked: masked.count, linear: linear.count)
        (rules, self.maps) = (ordered.map(\.rule), ordered.map(\.values))
        (self.low, self.high, self.firstVoxel) = (low, high, firstVoxel)
        (columns, rows) = (mapper.geometry.columns, mapper.geometry.rows)
        let blocks = (columns + Lanes.scalarCount - 1) / Lanes.scalarCount
        (self.blocks, wholeBlocks) = (blocks, columns / Lanes.scalarCount)
        (paths, noise) = (mapper.paths, mapper.noiseOfMaps)
        tissue = TissueRows(mapper.tissue, blocks: blocks)
        needsTissue = rules.contains(where: \.needsTissue)
        skipsAir = rules.allSatisfy { $0.airShare == 0 }
        let step = paths.voxelsPerCell.column
        isEntered = [Bool](repeating: false, count: (columns + step - 1) / step)
        forms = [Lanes](repeating: Lanes(), count: blocks * 3 * linear.count)
        coefficients = rules.map { [Lanes](repeating: Lanes(), count: blocks * $0.coefficientCount) }
    }

    /// Goes to voxels that share their responses along rows and slices.
    mutating func enter(slices: Range<Int>, rows: Range<Int>) {
        box = (slices.lowerBound, rows.lowerBound)
        for n in isEntered.indices { isEntered[n] = false }
    }

    /// Evaluates at most two rows of two slices that share their tissue, in the box.
    mutating func evaluate(slices: Range<Int>, rows: Range<Int>) {
        func line(_ slice: Int, _ row: Int) -> Int { (slice * self.rows + row) * columns }
        let (lastSlice, lastRow) = (slices.upperBound - 1, rows.upperBound - 1)
        findTissue(
            line(slices.lowerBound, rows.lowerBound), line(slices.lowerBound, lastRow),
            line(lastSlice, rows.lowerBound), line(lastSlice, lastRow))
        for slice in slices { readAhead(line(slice, rows.upperBound), lines: min(2, self.rows - rows.upperBound)) }
        for run in runs { takeCoefficients(run) }
        if needsTissue && !runs.isEmpty {
            tissue.set(rowPair: rows.lowerBound / 2, slicePair: slices.lowerBound / 2, runs)
            for n in 0..<counts.linear where rules[n].needsTissue { prepare(n) }
        }
        for slice in slices {
            for row in rows { evaluate(line: line(slice, row)) }
        }
    }

    /// Asks for the lines that come next, which are to be at hand when they are looked through for tissue.
    private func readAhead(_ first: Int, lines: Int) {
        // A line of the cache holds 32 CT numbers.
        for n in stride(from: first, to: first + lines * columns, by: 32) {
            apatite_read_ahead(low + n)
            apatite_read_ahead(high + n)
        }
    }

    /// Finds the blocks in which a CT number of either image reaches the limit of air on one of four lines.
    private mutating func findTissue(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
        runs.removeAll(keepingCapacity: true)
        guard skipsAir else {
            runs.append(0..<blocks)
            return
        }
        var start: Int?
        for n in 0..<wholeBlocks {
            let (low, high) = (low + Lanes.scalarCount &* n, high + Lanes.scalarCount &* n)
            func largest(_ line: Int) -> SIMD8<Int16> {
                pointwiseMax(Lanes.numbers(low + line), Lanes.numbers(high + line))
            }
            let all = pointwiseMax(pointwiseMax(largest(a), largest(b)), pointwiseMax(largest(c), largest(d)))
            let isTissue = all.max() >= Int16(MapKernels.airHU)
            if isTissue == (start != nil) { continue }
            if let first = start { runs.append(first..<n) }
            start = isTissue ? n : nil
        }
        if let start { runs.append(start..<wholeBlocks) }
        if wholeBlocks < blocks { runs.append(wholeBlocks..<blocks) }
    }

    /// The coefficients of the cells of some blocks, where the box has not needed them before.
    private mutating func takeCoefficients(_ run: Range<Int>) {
        let step = paths.voxelsPerCell.column
        let last = min((run.upperBound * Lanes.scalarCount - 1) / step, isEntered.count - 1)
        for cell in (run.lowerBound * Lanes.scalarCount / step)...last where !isEntered[cell] {
            isEntered[cell] = true
            let start = cell * step
            let response = paths.response(start, box.row, box.slice)
            // A cell has a multiple of four columns, perhaps half a block.
            let halves = (start / 4)..<min((start + step) / 4, 2 * blocks)
            for (n, rule) in rules.enumerated() {
                let values = SIMD16<Float>(rule.coefficients(response, noise: noise))
                if rule.isLinear && !rule.needsTissue {
                    Self.fill(&forms, values, (3 * n)..<(3 * n + 3), of: 3 * counts.linear, halves)
                } else {
                    Self.fill(&coefficients[n], values, 0..<rule.coefficientCount, of: rule.coefficientCount, halves)
                }
            }
        }
    }

    /// - Parameters:
    ///   - part: which of a block's coefficients the values are, `all` of them in a block.
    ///   - halves: of blocks.
    private static func fill(
        _ coefficients: inout [Lanes], _ values: SIMD16<Float>, _ part: Range<Int>, of all: Int, _ halves: Range<Int>
    ) {
        coefficients.withUnsafeMutableBytes { bytes in
            let output = bytes.assumingMemoryBound(to: SIMD4<Float>.self)
            withUnsafeBytes(of: values) { values in
                let values = values.assumingMemoryBound(to: Float.self)
                for half in halves {
                    let start = 2 &* ((half &>> 1) &* all &+ part.lowerBound) &+ (half & 1)
                    for m in 0..<part.count { output[start &+ 2 &* m] = SIMD4(repeating: values[m]) }
                }
            }
        }
    }

    /// Makes a linear form of the CT numbers of what depends on the tissue around.
    private mutating func prepare(_ index: Int) {
        let (form, all) = (rules[index].form, 3 * counts.linear)
        let displaced = Lanes(repeating: Float(-1 / (1000 * Material.hydroxyapatite.densityGPerCm3)))
        tissue.values.withUnsafeBufferPointer { tissue in
            coefficients[index].withUnsafeBufferPointer { own in
                forms.withUnsafeMutableBufferPointer { forms in
                    guard let own = own.baseAddress, let output = forms.baseAddress.map({ $0 + 3 * index }) else {
                        return
                    }
                    for run in runs {
                        switch form {
                        case .constrained:
                            for n in run {
                                MapKernels.constrained(
                                    tissue[n], own + 10 &* n, displaced: displaced, into: output + all &* n)
                            }
                        case .linearOnTissue:
                            for n in run { MapKernels.onTissue(tissue[n], own + 3 &* n, into: output + all &* n) }
                        case .constrainedDeviation:
                            for n in run {
                                output[all &* n &+ 2] = MapKernels.constrainedDeviation(tissue[n], own + 10 &* n)
                            }
                        case .onTissueDeviation:
                            for n in run {
                                output[all &* n &+ 2] = MapKernels.onTissueDeviation(tissue[n], own + 2 &* n)
                            }
                        case .linear, .linearDeviation, .quotient, .atomicNumber, .quotientDeviation,
                            .atomicNumberDeviation:
                            break
                        }
                    }
                }
            }
        }
    }
}
