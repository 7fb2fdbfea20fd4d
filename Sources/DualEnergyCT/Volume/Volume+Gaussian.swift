extension Volume where Element == Float {
    /// The volume convolved with a normalised isotropic Gaussian of the given standard deviation in mm.
    ///
    /// The kernel is cut at three standard deviations. At the borders of the grid it is normalised by the weights that
    /// lie inside, so a constant stays a constant.
    public func gaussianSmoothed(sigmaMm: Double) -> Volume<Float> {
        var result = map { $0 }
        result.smooth(sigmaMm: sigmaMm)
        return result
    }

    /// With another standard deviation along the slices.
    package func gaussianSmoothed(inPlaneMm: Double, axialMm: Double) -> Volume<Float> {
        var result = map { $0 }
        result.smooth(inPlaneMm: inPlaneMm, axialMm: axialMm)
        return result
    }

    /// `gaussianSmoothed` in place, with two slices of scratch along the slice axis' kernel.
    package mutating func smooth(sigmaMm: Double) { smooth(inPlaneMm: sigmaMm, axialMm: sigmaMm) }

    /// Adds another volume of the same grid, times a factor.
    package mutating func add(_ other: Volume<Float>, times factor: Float) {
        update { $1 += factor * other.voxels[$0] }
    }

    private mutating func smooth(inPlaneMm: Double, axialMm: Double) {
        let g = geometry
        guard g.voxelCount > 0, inPlaneMm > 0, axialMm > 0 else { return }
        let alongRows = GaussianKernel(sigmaMm: inPlaneMm, spacingMm: g.columnSpacingMm)
        let alongColumns = GaussianKernel(sigmaMm: inPlaneMm, spacingMm: g.rowSpacingMm)
        let alongSlices = GaussianKernel(sigmaMm: axialMm, spacingMm: g.sliceSpacingMm)
        let area = g.columns * g.rows
        voxels.withUnsafeMutableBufferPointer { data in
            let data = data
            concurrently(g.slices, voxels: g.voxelCount) { slices in
                var plane = [Float](repeating: 0, count: area)
                var extents = [Range<Int>](repeating: 0..<0, count: g.rows)
                plane.withUnsafeMutableBufferPointer { scratch in
                    for k in slices {
                        let slice = UnsafeMutableBufferPointer(rebasing: data[(k * area)..<((k + 1) * area)])
                        for j in 0..<g.rows { extents[j] = slice.extent(of: (j * g.columns)..<((j + 1) * g.columns)) }
                        let spread = alongColumns.convolveLines(slice, extents, into: scratch, lineLength: g.columns)
                        alongRows.convolveEachLine(scratch, spread, into: slice, lineLength: g.columns)
                    }
                }
            }
            alongSlices.convolveLinesInPlace(data, lines: g.slices, lineLength: area)
        }
    }
}

extension Volume where Element == Int16 {
    /// The CT numbers as single-precision values.
    package var asFloat: Volume<Float> { map { Float($0) } }
}

/// The weights of a one-dimensional Gaussian on a grid.
private struct GaussianKernel {
    /// Weights for the distances 0, 1, ... in voxels; they sum to one over both sides.
    let weights: [Float]
    var radius: Int { weights.count - 1 }

    init(sigmaMm: Double, spacingMm: Double) {
        let sigma = sigmaMm / max(spacingMm, 1e-6)
        let radius = min(max(Int((3 * sigma).rounded(.up)), 0), 512)
        // Each weight is the mean of the Gaussian over its voxel (Simpson's rule): sampling at the centre alone gives
        // too narrow a kernel once sigma falls below half a voxel.
        func density(_ x: Double) -> Double { exponential(-x * x / (2 * sigma * sigma)) }
        var values = (0...radius).map { step in
            let x = Double(step)
            return (density(x - 0.5) + 4 * density(x) + density(x + 0.5)) / 6
        }
        let sum = values[0] + 2 * values.dropFirst().reduce(0, +)
        values = values.map { $0 / sum }
        weights = values.map { Float($0) }
    }

    /// Reciprocal of the sum of weights that fall inside a line of `count` voxels, for the voxel at `index`.
    private func normalisation(at index: Int, of count: Int) -> Float {
        var sum: Float = 0
        for offset in -radius...radius where index + offset >= 0 && index + offset < count {
            sum += weights[abs(offset)]
        }
        return sum > 0 ? 1 / sum : 1
    }

    /// Convolves across lines: output line n is the weighted sum of the input lines around n.
    ///
    /// - Parameter extents: the part of each line outside of which it is 0.
    /// - Returns: the same of the output.
    func convolveLines(
        _ input: UnsafeMutableBufferPointer<Float>, _ extents: [Range<Int>],
        into output: UnsafeMutableBufferPointer<Float>, lineLength: Int
    ) -> [Range<Int>] {
        var sum = WeightedSum(capacity: 2 * radius + 1)
        let lines = extents.count
        return (0..<lines).map { line in
            let scale = normalisation(at: line, of: lines)
            sum.clear()
            var extent = 0..<0
            for offset in max(-radius, -line)...min(radius, lines - 1 - line) where !extents[line + offset].isEmpty {
                let own = extents[line + offset]
                extent =
                    extent.isEmpty
                    ? own : min(extent.lowerBound, own.lowerBound)..<max(extent.upperBound, own.upperBound)
                sum.add(input.baseAddress! + (line + offset) * lineLength, weight: weights[abs(offset)] * scale)
            }
            sum.write(to: output.baseAddress! + line * lineLength, extent, of: lineLength)
            return extent
        }
    }

    /// Convolves along each line.
    ///
    /// - Parameter extents: the part of each line outside of which it is 0.
    func convolveEachLine(
        _ input: UnsafeMutableBufferPointer<Float>, _ extents: [Range<Int>],
        into output: UnsafeMutableBufferPointer<Float>, lineLength: Int
    ) {
        let scales = (0..<lineLength).map { normalisation(at: $0, of: lineLength) }
        // Zeros on both sides: every voxel has all its neighbours.
        var padded = [Float](repeating: 0, count: lineLength + 2 * radius)
        padded.withUnsafeMutableBufferPointer { padded in
            let first = padded.baseAddress!
            var sum = WeightedSum(capacity: 2 * radius + 1)
            for offset in -radius...radius { sum.add(first + radius + offset, weight: weights[abs(offset)]) }
            for (line, extent) in extents.enumerated() {
                let target = output.baseAddress! + line * lineLength
                guard !extent.isEmpty else {
                    target.update(repeating: 0, count: lineLength)
                    continue
                }
                (first + radius).update(from: input.baseAddress! + line * lineLength, count: lineLength)
                let reached = max(0, extent.lowerBound - radius)..<min(lineLength, extent.upperBound + radius)
                sum.write(to: target, reached, of: lineLength)
                for x in reached { target[x] *= scales[x] }
            }
        }
    }

    /// `convolveLines` on one buffer: a ring keeps the input lines that are still needed.
    func convolveLinesInPlace(_ data: UnsafeMutableBufferPointer<Float>, lines: Int, lineLength: Int) {
        // Blocks of a line keep the ring in the cache of a core.
        let block = 256
        concurrently((lineLength + block - 1) / block, voxels: lines * lineLength) { blocks in
            var scratch = [Float](repeating: 0, count: (radius + 2) * block)
            scratch.withUnsafeMutableBufferPointer { scratch in
                for number in blocks {
                    let start = number * block
                    convolveBlock(
                        data.baseAddress! + start, lines: lines, lineLength: lineLength, block: block,
                        length: min(block, lineLength - start), scratch: scratch)
                }
            }
        }
    }

    private func convolveBlock(
        _ data: UnsafeMutablePointer<Float>, lines: Int, lineLength: Int, block: Int, length: Int,
        scratch: UnsafeMutableBufferPointer<Float>
    ) {
        let depth = radius + 1
        let ring = scratch.baseAddress!
        let accumulator = ring + depth * block
        // A line of zeros adds nothing.
        let counts = (0..<lines).map { line in
            let own = UnsafeMutableBufferPointer(start: data + line * lineLength, count: length)
            return !own.extent(of: 0..<length).isEmpty
        }
        var sum = WeightedSum(capacity: 2 * radius + 1)
        for line in 0..<lines {
            let own = data + line * lineLength
            if counts[line] { (ring + (line % depth) * block).update(from: own, count: length) }
            let scale = normalisation(at: line, of: lines)
            sum.clear()
            for offset in max(-radius, -line)...min(radius, lines - 1 - line) where counts[line + offset] {
                sum.add(
                    offset <= 0
                        ? UnsafePointer(ring + ((line + offset) % depth) * block)
                        : UnsafePointer(data + (line + offset) * lineLength),
                    weight: weights[abs(offset)] * scale)
            }
            if sum.isEmpty { continue }
            sum.write(to: accumulator, 0..<length, of: length)
            own.update(from: accumulator, count: length)
        }
    }
}

extension UnsafeMutableBufferPointer<Float> {
    /// From the first to the last value of a range that is not 0, counted from the range's start; empty without any.
    fileprivate func extent(of range: Range<Int>) -> Range<Int> {
        guard let first = range.first(where: { self[$0] != 0 }), let last = range.last(where: { self[$0] != 0 }) else {
            return 0..<0
        }
        return (first - range.lowerBound)..<(last + 1 - range.lowerBound)
    }
}

/// The sum of lines, each with a weight: sixteen voxels at a time, which stay in registers over all lines.
private struct WeightedSum {
    private var lines: [UnsafePointer<Float>] = []
    private var weights: [Float] = []

    init(capacity: Int) {
        lines.reserveCapacity(capacity)
        weights.reserveCapacity(capacity)
    }

    mutating func clear() {
        lines.removeAll(keepingCapacity: true)
        weights.removeAll(keepingCapacity: true)
    }

    mutating func add(_ line: UnsafePointer<Float>, weight: Float) {
        lines.append(line)
        weights.append(weight)
    }

    var isEmpty: Bool { lines.isEmpty }

    /// Writes the sum in a part of a line of `count` values, and 0 in the rest of it.
    func write(to target: UnsafeMutablePointer<Float>, _ part: Range<Int>, of count: Int) {
        target.update(repeating: 0, count: part.lowerBound)
        (target + part.upperBound).update(repeating: 0, count: count - part.upperBound)
        let (width, count) = (16, part.upperBound)
        lines.withUnsafeBufferPointer { lines in
            weights.withUnsafeBufferPointer { weights in
                var x = part.lowerBound
                while x + width <= count {
                    var sum = SIMD16<Float>.zero
                    for n in 0..<lines.count {
                        let values = UnsafeRawPointer(lines[n] + x).loadUnaligned(as: SIMD16<Float>.self)
                        sum += weights[n] * values
                    }
                    UnsafeMutableRawPointer(target + x).storeBytes(of: sum, as: SIMD16<Float>.self)
                    x += width
                }
                while x < count {
                    var sum: Float = 0
                    for n in 0..<lines.count { sum += weights[n] * lines[n][x] }
                    target[x] = sum
                    x += 1
                }
            }
        }
    }
}
