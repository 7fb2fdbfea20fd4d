/// An image between its voxels: the cubic B-spline that passes through all of them.
///
/// The weights of a place sum to one, so sums over a region, and with them mass, keep their value. Of the noise, the
/// long waves that decide the noise of such sums pass unchanged; of a voxel's own variance, at worst, half way between
/// voxels along all axes, some 45 % pass if the noise is white, and more the coarser its grain.
///
/// Unser, "Splines: a perfect fit for signal and image processing", IEEE Signal Processing Magazine 16 (1999).
package struct CubicSpline: Sendable {
    private var coefficients: Volume<Float>

    package init(_ image: Volume<Int16>) {
        coefficients = image.asFloat
        let g = image.geometry
        let area = g.columns * g.rows
        coefficients.voxels.withUnsafeMutableBufferPointer { data in
            for line in 0..<(g.rows * g.slices) {
                Self.filter(data, start: line * g.columns, width: 1, widthStride: 1, count: g.columns, stride: 1)
            }
            for k in 0..<g.slices {
                Self.filter(
                    data, start: k * area, width: g.columns, widthStride: 1, count: g.rows, stride: g.columns)
            }
            Self.filter(data, start: 0, width: area, widthStride: 1, count: g.slices, stride: area)
        }
    }

    /// The recursion both ways along `width` neighbouring lines, mirrored at the ends.
    private static func filter(
        _ v: UnsafeMutableBufferPointer<Float>, start: Int, width: Int, widthStride: Int, count: Int, stride: Int
    ) {
        guard count > 1 else { return }
        let pole: Float = -0.267_949_19
        let gain: Float = 6
        let first = UnsafeMutableBufferPointer<Float>.allocate(capacity: width)
        first.initialize(repeating: 0)
        defer { first.deallocate() }
        var power: Float = 1
        for n in 0..<min(count, 14) {
            for w in 0..<width { first[w] += power * v[start + n * stride + w] }
            power *= pole
        }
        for w in 0..<width { v[start + w] = first[w] }
        for n in 1..<count {
            let at = start + n * stride
            for w in 0..<width { v[at + w] += pole * v[at - stride + w] }
        }
        let last = start + (count - 1) * stride
        let end = pole / (pole * pole - 1)
        for w in 0..<width { v[last + w] = end * (v[last + w] + pole * v[last - stride + w]) }
        for n in (0..<(count - 1)).reversed() {
            let at = start + n * stride
            for w in 0..<width { v[at + w] = pole * (v[at + stride + w] - v[at + w]) }
        }
        for n in 0..<count { for w in 0..<width { v[start + n * stride + w] *= gain } }
    }

    /// The image at a place in voxels; its border voxel's value beyond the border.
    @inline(__always)
    func value(_ c: UnsafeBufferPointer<Float>, _ p: GridPoint) -> Float {
        let g = coefficients.geometry
        let x = min(max(p.x, 1), Double(g.columns) - 2.001)
        let y = min(max(p.y, 1), Double(g.rows) - 2.001)
        let z = min(max(p.z, 1), Double(g.slices) - 2.001)
        let (i, j, k) = (Int(x), Int(y), Int(z))
        let (a, b, d) = (
            Self.weights(Float(x - Double(i))), Self.weights(Float(y - Double(j))), Self.weights(Float(z - Double(k)))
        )
        let corner = (((k - 1) * g.rows) + j - 1) * g.columns + i - 1
        let area = g.columns * g.rows
        var sum: Float = 0
        for r in 0..<4 {
            var plane = SIMD4<Float>.zero
            for q in 0..<4 {
                let n = corner + r * area + q * g.columns
                plane += b[q] * SIMD4(c[n], c[n + 1], c[n + 2], c[n + 3])
            }
            sum += d[r] * (a * plane).sum()
        }
        return sum
    }

    private static func weights(_ t: Float) -> SIMD4<Float> {
        let u = 1 - t
        return SIMD4(
            u * u * u, 4 - 6 * t * t + 3 * t * t * t, 4 - 6 * u * u + 3 * u * u * u, t * t * t) * (1 / 6)
    }

    /// Least voxels along an axis.
    static let fewestVoxels = 4

    /// Calls `body` with the coefficients, for many values.
    func withCoefficients<Result>(_ body: (UnsafeBufferPointer<Float>) -> Result) -> Result {
        coefficients.voxels.withUnsafeBufferPointer(body)
    }
}
