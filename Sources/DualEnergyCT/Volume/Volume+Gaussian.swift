extension Volume where Element == Float {
    /// The volume convolved with a normalised isotropic Gaussian of the given standard deviation in mm.
    ///
    /// The kernel is cut at three standard deviations. At the borders of the grid it is normalised by the weights that
    /// lie inside, so a constant stays a constant.
    public func gaussianSmoothed(sigmaMm: Double) -> Volume<Float> {
        var result = self
        result.smooth(sigmaMm: sigmaMm)
        return result
    }

    /// With another standard deviation along the slices.
    package func gaussianSmoothed(inPlaneMm: Double, axialMm: Double) -> Volume<Float> {
        var result = self
        result.smooth(inPlaneMm: inPlaneMm, axialMm: axialMm)
        return result
    }

    /// `gaussianSmoothed` in place, with two slices of scratch along the slice axis' kernel.
    package mutating func smooth(sigmaMm: Double) { smooth(inPlaneMm: sigmaMm, axialMm: sigmaMm) }

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
                plane.withUnsafeMutableBufferPointer { scratch in
                    for k in slices {
                        let slice = UnsafeMutableBufferPointer(rebasing: data[(k * area)..<((k + 1) * area)])
                        alongColumns.convolveLines(slice, into: scratch, lines: g.rows, lineLength: g.columns)
                        alongRows.convolveEachLine(scratch, into: slice, lines: g.rows, lineLength: g.columns)
                    }
                }
            }
            alongSlices.convolveLinesInPlace(data, lines: g.slices, lineLength: area)
        }
    }
}

extension Volume where Element == Int16 {
    /// The CT numbers as single-precision values.
    package var asFloat: Volume<Float> { Volume<Float>(geometry: geometry, voxels: voxels.map { Float($0) }) }
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
    func convolveLines(
        _ input: UnsafeMutableBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>, lines: Int,
        lineLength: Int
    ) {
        for line in 0..<lines {
            let scale = normalisation(at: line, of: lines)
            let target = output.baseAddress! + line * lineLength
            for x in 0..<lineLength { target[x] = 0 }
            for offset in -radius...radius where line + offset >= 0 && line + offset < lines {
                let source = input.baseAddress! + (line + offset) * lineLength
                let weight = weights[abs(offset)] * scale
                for x in 0..<lineLength { target[x] += weight * source[x] }
            }
        }
    }

    /// Convolves along each line.
    func convolveEachLine(
        _ input: UnsafeMutableBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>, lines: Int,
        lineLength: Int
    ) {
        let scales = (0..<lineLength).map { normalisation(at: $0, of: lineLength) }
        for line in 0..<lines {
            let source = input.baseAddress! + line * lineLength
            let target = output.baseAddress! + line * lineLength
            for x in 0..<lineLength { target[x] = 0 }
            for offset in -radius...radius {
                let weight = weights[abs(offset)]
                let lower = max(0, -offset)
                let upper = min(lineLength, lineLength - offset)
                if lower >= upper { continue }
                for x in lower..<upper { target[x] += weight * source[x + offset] }
            }
            for x in 0..<lineLength { target[x] *= scales[x] }
        }
    }

    /// `convolveLines` on one buffer: a ring keeps the input lines that are still needed.
    func convolveLinesInPlace(_ data: UnsafeMutableBufferPointer<Float>, lines: Int, lineLength: Int) {
        // Blocks of a line bound the ring's memory whatever the volume.
        let block = 16384
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
        for line in 0..<lines {
            let own = data + line * lineLength
            let kept = ring + (line % depth) * block
            for x in 0..<length { kept[x] = own[x] }
            let scale = normalisation(at: line, of: lines)
            for x in 0..<length { accumulator[x] = 0 }
            for offset in -radius...radius where line + offset >= 0 && line + offset < lines {
                let weight = weights[abs(offset)] * scale
                let source =
                    offset <= 0
                    ? UnsafePointer(ring + ((line + offset) % depth) * block)
                    : UnsafePointer(data + (line + offset) * lineLength)
                for x in 0..<length { accumulator[x] += weight * source[x] }
            }
            for x in 0..<length { own[x] = accumulator[x] }
        }
    }
}
