/// The ramp filter with a Hann window for lines of two real signals at once, by the fast Fourier transform.
struct RampFilter: Sendable {
    let bins: Int
    let size: Int
    /// Response to an impulse at `size` equal steps of frequency; includes the step of the sum.
    private let response: [Float]
    private let twiddles: [SIMD2<Float>]
    private let reversed: [Int]

    /// - Parameters:
    ///   - spacingCm: Distance between rays.
    ///   - cutoffPerCm: Frequency at which the Hann window reaches zero.
    init(bins: Int, spacingCm: Double, cutoffPerCm: Double) {
        self.bins = bins
        var size = 1
        while size < 2 * bins { size *= 2 }
        self.size = size
        let n = size
        let twiddles = (0..<n / 2).map { k -> SIMD2<Float> in
            let angle = -2 * Double.pi * Double(k) / Double(n)
            return SIMD2(Float(cosine(angle)), Float(sine(angle)))
        }
        self.twiddles = twiddles
        var reversed = [Int](repeating: 0, count: n)
        for i in 1..<n { reversed[i] = reversed[i >> 1] >> 1 | (i & 1 == 1 ? n >> 1 : 0) }
        self.reversed = reversed
        // The band-limited ramp in space (Kak and Slaney 1988, equation 3.29), so that the mean is right.
        var kernel = [SIMD2<Float>](repeating: .zero, count: n)
        kernel[0].x = Float(1 / (4 * spacingCm * spacingCm))
        for k in stride(from: 1, to: n / 2, by: 2) {
            let value = Float(-1 / (Double.pi * Double.pi * Double(k * k) * spacingCm * spacingCm))
            kernel[k].x = value
            kernel[n - k].x = value
        }
        var spectrum = kernel
        spectrum.withUnsafeMutableBufferPointer {
            Self.transform($0, twiddles: twiddles, reversed: reversed, inverse: false)
        }
        response = spectrum.enumerated().map { index, value in
            let frequency = Double(min(index, n - index)) / (Double(n) * spacingCm)
            let window = frequency < cutoffPerCm ? 0.5 * (1 + cosine(.pi * frequency / cutoffPerCm)) : 0
            return value.x * Float(spacingCm * window)
        }
    }

    /// Filters a line in place; `line` has `size` places of which the first `bins` hold the data.
    func apply(_ line: UnsafeMutableBufferPointer<SIMD2<Float>>) {
        for i in bins..<size { line[i] = .zero }
        Self.transform(line, twiddles: twiddles, reversed: reversed, inverse: false)
        for i in 0..<size { line[i] *= response[i] }
        Self.transform(line, twiddles: twiddles, reversed: reversed, inverse: true)
    }

    /// Variance of the filtered line for white noise of variance 1, and covariance of neighbours.
    var noisePower: (variance: Float, neighbour: Float) {
        var line = [SIMD2<Float>](repeating: .zero, count: size)
        line[bins / 2].x = 1
        line.withUnsafeMutableBufferPointer { apply($0) }
        var variance: Float = 0
        var neighbour: Float = 0
        for i in 1..<bins {
            variance += line[i].x * line[i].x
            neighbour += line[i].x * line[i - 1].x
        }
        return (variance, neighbour)
    }

    private static func transform(
        _ data: UnsafeMutableBufferPointer<SIMD2<Float>>, twiddles: [SIMD2<Float>], reversed: [Int], inverse: Bool
    ) {
        let n = data.count
        for i in 0..<n where reversed[i] > i { data.swapAt(i, reversed[i]) }
        twiddles.withUnsafeBufferPointer { twiddles in
            let sign: Float = inverse ? -1 : 1
            var half = 1
            while half < n {
                let stride = n / (2 * half)
                for start in Swift.stride(from: 0, to: n, by: 2 * half) {
                    for k in 0..<half {
                        let w = twiddles[k * stride]
                        let b = data[start + half + k]
                        let turned = SIMD2(w.x * b.x - sign * w.y * b.y, w.x * b.y + sign * w.y * b.x)
                        let a = data[start + k]
                        data[start + k] = a + turned
                        data[start + half + k] = a - turned
                    }
                }
                half *= 2
            }
        }
        if inverse {
            let scale = 1 / Float(n)
            for i in 0..<n { data[i] *= scale }
        }
    }
}
