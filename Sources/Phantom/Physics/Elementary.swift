import Glibc

/// The elementary functions of the C library, named so that callers need not import it.
func exponential(_ x: Double) -> Double { exp(x) }
func exponential(_ x: Float) -> Float { expf(x) }
func logarithm(_ x: Double) -> Double { log(x) }
func logarithm(_ x: Float) -> Float { logf(x) }
func sine(_ x: Double) -> Double { sin(x) }
func cosine(_ x: Double) -> Double { cos(x) }
func sine(degrees: Float) -> Float { sinf(degrees * .pi / 180) }
func cosine(degrees: Float) -> Float { cosf(degrees * .pi / 180) }
func cubeRoot(_ x: Double) -> Double { cbrt(x) }

/// The exponential of eight numbers to 2e-7 of itself; what lies below -87 is taken there, nothing may lie above 88.
///
/// A power of two, and the polynomial of the Cephes library (expf, Moshier) for the rest.
@inline(__always)
func exponential(_ x: SIMD8<Float>) -> SIMD8<Float> {
    let low = SIMD8<Float>(repeating: -87)
    let bounded = x.replacing(with: low, where: x .< low)
    // Adding 1.5 * 2^23 leaves the nearest integer in the low bits.
    let shifted = bounded * 1.442_695_04 + 12_582_912
    let whole = shifted - 12_582_912
    let r = bounded - whole * 0.693_359_375 + whole * 2.121_944_4e-4
    var p = r * 1.987_569_15e-4 + 1.398_199_95e-3
    p = p * r + 8.333_451_9e-3
    p = p * r + 4.166_579_6e-2
    p = p * r + 0.166_666_655
    p = p * r + 0.5
    let fraction = p * (r * r) + r + 1
    let exponent = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- 0x4B40_0000 &+ 127
    return fraction * unsafeBitCast(exponent &<< 23, to: SIMD8<Float>.self)
}
