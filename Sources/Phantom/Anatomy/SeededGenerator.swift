/// SplitMix64: the same seed gives the same numbers on every machine and in every version.
///
/// Reference: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
struct SeededGenerator: Sendable {
    private var state: UInt64

    init(seed: UInt64, stream: UInt64 = 0) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 ^ (stream &* 0xD1B5_4A32_D192_ED03 &+ 0x632B_E59B_D9B4_E019)
        _ = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func uniform() -> Float { Float(next() >> 40) * (1 / 16_777_216) }

    mutating func uniform(_ range: ClosedRange<Float>) -> Float {
        range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
    }

    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

    /// A number near the standard normal distribution: the sum of eight 16 bit uniforms, exact in mean and variance,
    /// with tails cut at 4.9. Fast, and needs no logarithm.
    mutating func normal() -> Float {
        let a = next()
        let b = next()
        let pairs = (a & 0x0000_FFFF_0000_FFFF) &+ ((a >> 16) & 0x0000_FFFF_0000_FFFF)
        let more = (b & 0x0000_FFFF_0000_FFFF) &+ ((b >> 16) & 0x0000_FFFF_0000_FFFF)
        let both = pairs &+ more
        let sum = (both & 0xFFFF_FFFF) &+ (both >> 32)
        // Eight uniforms on 0...65535: mean 262140, variance 8 (65536^2 - 1) / 12.
        return (Float(sum) - 262_140) * (1 / 53_510.28)
    }

    mutating func direction() -> SIMD3<Float> {
        while true {
            let v = SIMD3(uniform(-1...1), uniform(-1...1), uniform(-1...1))
            let length2 = (v * v).sum()
            if length2 > 0.01, length2 < 1 { return v / length2.squareRoot() }
        }
    }
}
