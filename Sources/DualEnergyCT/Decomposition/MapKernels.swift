/// The point-wise steps from CT numbers to maps, a row of voxels at a time.
///
/// All buffers of a row lie in the first-level cache, so a step is one simple loop that vectorises, and only the images
/// and the maps themselves cross the memory bus. Coefficients come as one row of values for each coefficient, one row
/// after another.
enum MapKernels {
    /// Below this mean of both images a voxel is air, in HU.
    static let airHU: Float = -500

    static func convert(_ input: Span<Int16>, into output: inout MutableSpan<Float>) {
        let count = output.count
        precondition(input.count == count)
        for i in 0..<count { output[i] = Float(input[i]) }
    }

    /// `a x + b y + c`.
    static func linear(
        _ x: Span<Float>, _ y: Span<Float>, _ coefficients: Span<Float>, into output: inout MutableSpan<Float>
    ) {
        let count = output.count
        let a = coefficients.extracting(0..<count)
        let b = coefficients.extracting(count..<(2 * count))
        let c = coefficients.extracting((2 * count)..<(3 * count))
        precondition(x.count == count && y.count == count)
        for i in 0..<count { output[i] = a[i] * x[i] + b[i] * y[i] + c[i] }
    }

    /// `linear` where there is no air, and 0 in air.
    static func linearInTissue(
        _ x: Span<Float>, _ y: Span<Float>, _ coefficients: Span<Float>, into output: inout MutableSpan<Float>
    ) {
        let count = output.count
        let a = coefficients.extracting(0..<count)
        let b = coefficients.extracting(count..<(2 * count))
        let c = coefficients.extracting((2 * count)..<(3 * count))
        precondition(x.count == count && y.count == count)
        for i in 0..<count {
            let value = a[i] * x[i] + b[i] * y[i] + c[i]
            output[i] = x[i] + y[i] < 2 * airHU ? 0 : value
        }
    }

    /// `values` where there is no air, and 0 in air.
    static func copyInTissue(
        _ x: Span<Float>, _ y: Span<Float>, _ values: Span<Float>, into output: inout MutableSpan<Float>
    ) {
        let count = output.count
        precondition(x.count == count && y.count == count && values.count == count)
        for i in 0..<count {
            // Read before the choice: a read within it would keep the loop from being vectorised.
            let value = values[i]
            output[i] = x[i] + y[i] < 2 * airHU ? 0 : value
        }
    }

    /// One linear form over another, the divisor at least `least`: the coefficients of both, one after the other.
    static func quotient(
        _ x: Span<Float>, _ y: Span<Float>, _ coefficients: Span<Float>, least: Float,
        into output: inout MutableSpan<Float>
    ) {
        let count = output.count
        let a = coefficients.extracting(0..<count)
        let b = coefficients.extracting(count..<(2 * count))
        let c = coefficients.extracting((2 * count)..<(3 * count))
        let d = coefficients.extracting((3 * count)..<(4 * count))
        let e = coefficients.extracting((4 * count)..<(5 * count))
        let f = coefficients.extracting((5 * count)..<(6 * count))
        precondition(x.count == count && y.count == count)
        for i in 0..<count {
            let divisor = d[i] * x[i] + e[i] * y[i] + f[i]
            output[i] = (a[i] * x[i] + b[i] * y[i] + c[i]) / (divisor > least ? divisor : least)
        }
    }

    /// The constrained estimate as a linear form of the CT numbers: three rows of coefficients.
    ///
    /// It depends on the tissue and on the local response, not on the voxels: `ConstrainedForm`.
    static func constrained(
        tissue: Span<Float>, _ coefficients: Span<Float>, count: Int, into output: inout MutableSpan<Float>
    ) {
        let low = tissue.extracting(0..<count)
        let high = tissue.extracting(count..<(2 * count))
        let variance = tissue.extracting((2 * count)..<(3 * count))
        let a = coefficients.extracting(0..<count)
        let b = coefficients.extracting(count..<(2 * count))
        let c = coefficients.extracting((2 * count)..<(3 * count))
        let d = coefficients.extracting((3 * count)..<(4 * count))
        let mineralLow = coefficients.extracting((4 * count)..<(5 * count))
        let mineralHigh = coefficients.extracting((5 * count)..<(6 * count))
        precondition(output.count == 3 * count)
        let displaced = Float(-1 / (1000 * Material.hydroxyapatite.densityGPerCm3))
        for i in 0..<count {
            let (x, y, q) = (low[i], high[i], variance[i])
            let (ofLow, ofHigh) = (a[i] + q * b[i], c[i] + q * d[i])
            let scale = 1 / (ofLow * (mineralLow[i] + displaced * x) + ofHigh * (mineralHigh[i] + displaced * y))
            output[i] = ofLow * scale
            output[count + i] = ofHigh * scale
            output[2 * count + i] = -scale * (ofLow * x + ofHigh * y)
        }
    }

    /// Standard deviation of the constrained estimate.
    static func constrainedDeviation(
        tissue: Span<Float>, _ coefficients: Span<Float>, count: Int, into output: inout MutableSpan<Float>
    ) {
        let variance = tissue.extracting((2 * count)..<(3 * count))
        let e = coefficients.extracting((6 * count)..<(7 * count))
        let f = coefficients.extracting((7 * count)..<(8 * count))
        let g = coefficients.extracting((8 * count)..<(9 * count))
        let h = coefficients.extracting((9 * count)..<(10 * count))
        precondition(output.count == count)
        for i in 0..<count {
            let q = variance[i]
            output[i] = squareRoot((g[i] + q * h[i]) / (e[i] + q * f[i]))
        }
    }

    /// Standard deviation of a linear form of the excesses over a tissue: noise, and the tissue's fat fraction.
    static func onTissueDeviation(
        tissue: Span<Float>, _ coefficients: Span<Float>, count: Int, into output: inout MutableSpan<Float>
    ) {
        let variance = tissue.extracting((2 * count)..<(3 * count))
        let noise = coefficients.extracting(0..<count)
        let fat = coefficients.extracting(count..<(2 * count))
        precondition(output.count == count)
        for i in 0..<count { output[i] = squareRoot(noise[i] + variance[i] * fat[i]) }
    }

    /// Standard deviation of a quotient, to first order in the noise, over the quotient itself where `isRelative`; 0 in
    /// air. The coefficients of `quotient`, then the noise: low, high, both.
    static func quotientDeviation(
        _ x: Span<Float>, _ y: Span<Float>, _ coefficients: Span<Float>, least: Float, isRelative: Bool,
        into output: inout MutableSpan<Float>
    ) {
        let count = output.count
        let a = coefficients.extracting(0..<count)
        let b = coefficients.extracting(count..<(2 * count))
        let c = coefficients.extracting((2 * count)..<(3 * count))
        let d = coefficients.extracting((3 * count)..<(4 * count))
        let e = coefficients.extracting((4 * count)..<(5 * count))
        let f = coefficients.extracting((5 * count)..<(6 * count))
        let low = coefficients.extracting((6 * count)..<(7 * count))
        let high = coefficients.extracting((7 * count)..<(8 * count))
        let both = coefficients.extracting((8 * count)..<(9 * count))
        precondition(x.count == count && y.count == count)
        for i in 0..<count {
            let divisor = max(d[i] * x[i] + e[i] * y[i] + f[i], least)
            let value = (a[i] * x[i] + b[i] * y[i] + c[i]) / divisor
            let (ofLow, ofHigh) = ((a[i] - value * d[i]) / divisor, (b[i] - value * e[i]) / divisor)
            let variance = low[i] * ofLow * ofLow + 2 * both[i] * ofLow * ofHigh + high[i] * ofHigh * ofHigh
            let deviation = squareRoot(max(variance, 0)) / (isRelative ? max(value, least) : 1)
            output[i] = x[i] + y[i] < 2 * airHU ? 0 : deviation
        }
    }

    /// Square root of a positive number within three parts in ten million: `squareRoot()` is never vectorised.
    ///
    /// Newton's iteration for the reciprocal root, begun from half the exponent.
    @inline(__always)
    private static func squareRoot(_ x: Float) -> Float {
        var y = Float(bitPattern: 0x5F37_5A86 &- (x.bitPattern &>> 1))
        let half = 0.5 * x
        y *= 1.5 - half * y * y
        y *= 1.5 - half * y * y
        y *= 1.5 - half * y * y
        return x * y
    }

    /// A linear form of the excesses over a tissue as one of the CT numbers: only the constant changes.
    static func onTissue(
        tissue: Span<Float>, _ coefficients: Span<Float>, count: Int, into output: inout MutableSpan<Float>
    ) {
        let low = tissue.extracting(0..<count)
        let high = tissue.extracting(count..<(2 * count))
        let a = coefficients.extracting(0..<count)
        let b = coefficients.extracting(count..<(2 * count))
        precondition(output.count == 3 * count)
        for i in 0..<count {
            output[i] = a[i]
            output[count + i] = b[i]
            output[2 * count + i] = -(a[i] * low[i] + b[i] * high[i])
        }
    }

    /// The mean of four rows with the given weights: a field between four lines of cells.
    static func blend(
        _ a: Span<Float>, _ b: Span<Float>, _ c: Span<Float>, _ d: Span<Float>, _ weights: SIMD4<Float>,
        into output: inout MutableSpan<Float>
    ) {
        let count = output.count
        precondition(a.count == count && b.count == count && c.count == count && d.count == count)
        for i in 0..<count {
            output[i] = weights.x * a[i] + weights.y * b[i] + weights.z * c[i] + weights.w * d[i]
        }
    }

    /// Puts a share of the sum of both images where there is air.
    static func fillAir(_ x: Span<Float>, _ y: Span<Float>, share: Float, in output: inout MutableSpan<Float>) {
        let count = output.count
        precondition(x.count == count && y.count == count)
        for i in 0..<count {
            let (sum, value) = (x[i] + y[i], output[i])
            output[i] = sum < 2 * airHU ? share * sum : value
        }
    }
}
