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

    /// Hydroxyapatite that displaces a tissue with the given CT numbers and variance of its fat fraction:
    /// `ConstrainedForm`.
    static func constrained(
        _ x: Span<Float>, _ y: Span<Float>, tissueLow: Span<Float>, tissueHigh: Span<Float>, fatVariance: Span<Float>,
        _ coefficients: Span<Float>, into output: inout MutableSpan<Float>
    ) {
        let count = output.count
        let a = coefficients.extracting(0..<count)
        let b = coefficients.extracting(count..<(2 * count))
        let c = coefficients.extracting((2 * count)..<(3 * count))
        let d = coefficients.extracting((3 * count)..<(4 * count))
        let mineralLow = coefficients.extracting((4 * count)..<(5 * count))
        let mineralHigh = coefficients.extracting((5 * count)..<(6 * count))
        precondition(x.count == count && y.count == count)
        precondition(tissueLow.count == count && tissueHigh.count == count && fatVariance.count == count)
        let displaced = Float(-1 / (1000 * Material.hydroxyapatite.densityGPerCm3))
        for i in 0..<count {
            let (tissueLow, tissueHigh, q) = (tissueLow[i], tissueHigh[i], fatVariance[i])
            let (ofLow, ofHigh) = (a[i] + q * b[i], c[i] + q * d[i])
            output[i] =
                (ofLow * (x[i] - tissueLow) + ofHigh * (y[i] - tissueHigh))
                / (ofLow * (mineralLow[i] + displaced * tissueLow) + ofHigh * (mineralHigh[i] + displaced * tissueHigh))
        }
    }

    /// Standard deviation of `constrained`.
    static func constrainedDeviation(
        fatVariance: Span<Float>, _ coefficients: Span<Float>, into output: inout MutableSpan<Float>
    ) {
        let count = output.count
        let e = coefficients.extracting((6 * count)..<(7 * count))
        let f = coefficients.extracting((7 * count)..<(8 * count))
        let g = coefficients.extracting((8 * count)..<(9 * count))
        let h = coefficients.extracting((9 * count)..<(10 * count))
        precondition(fatVariance.count == count)
        for i in 0..<count {
            let q = fatVariance[i]
            output[i] = ((g[i] + q * h[i]) / (e[i] + q * f[i])).squareRoot()
        }
    }

    static func subtract(_ x: Span<Float>, _ y: Span<Float>, into output: inout MutableSpan<Float>) {
        let count = output.count
        precondition(x.count == count && y.count == count)
        for i in 0..<count { output[i] = x[i] - y[i] }
    }

    /// `x` moved towards `y` by a share: the fields between two planes or two lines of cells.
    static func interpolate(
        _ x: Span<Float>, _ y: Span<Float>, share: Float, into output: inout MutableSpan<Float>
    ) {
        let count = output.count
        precondition(x.count == count && y.count == count)
        for i in 0..<count { output[i] = x[i] + share * (y[i] - x[i]) }
    }

    /// Puts 0, or the mean of both images, where there is air.
    static func fillAir(_ x: Span<Float>, _ y: Span<Float>, withMean: Bool, in output: inout MutableSpan<Float>) {
        let count = output.count
        precondition(x.count == count && y.count == count)
        let share: Float = withMean ? 0.5 : 0
        for i in 0..<count {
            let sum = x[i] + y[i]
            output[i] = sum < 2 * airHU ? share * sum : output[i]
        }
    }
}
