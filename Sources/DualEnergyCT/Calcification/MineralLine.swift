/// A thin line of mineral with one calibre: what a calcified artery narrower than the blur looks like, and a thin tendon
/// sheath too.
package struct MineralLine: Sendable {
    package let lengthMm: Float
    /// Mean calibre in mm as the images show it, blur included.
    package let calibreMm: Float
    /// Variation of the cross-section along the line, as a share of its mean.
    package let variation: Float
    /// Largest distance in mm of a cross-section's middle from a smooth curve.
    package let roughnessMm: Float
    /// Middles of the cross-sections, in order.
    package let course: [SIMD3<Float>]

    private static let stepMm: Float = 2

    /// Nil for what is no line.
    package init?(_ shape: MineralShape) {
        guard shape.axes.extents.x > 2.5 * shape.axes.extents.y else { return nil }
        let slices = shape.slices(lengthMm: Self.stepMm)
        guard slices.count >= 4 else { return nil }
        let middles = slices.map { $0.reduce(SIMD3<Float>(repeating: 0), +) / Float($0.count) }
        lengthMm = zip(middles, middles.dropFirst()).reduce(Self.stepMm) { $0 + ($1.1 - $1.0).magnitude }
        calibreMm = 2 * (Float(shape.volumeMm3) / (.pi * lengthMm)).squareRoot()
        // The ends taper by their blur.
        let counts = slices.dropFirst().dropLast().map { Float($0.count) }
        let mean = counts.reduce(0, +) / Float(counts.count)
        let variance = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(counts.count)
        variation = variance.squareRoot() / max(mean, 1)
        // A line through a middle's neighbours at two steps: what a smooth curve leaves is its bend.
        var rough: Float = 0
        for n in middles.indices.dropFirst().dropLast() {
            rough = max(rough, (middles[n] - 0.5 * (middles[n - 1] + middles[n + 1])).magnitude)
        }
        roughnessMm = rough
        course = middles
    }

    /// Of one calibre, smooth, and many times longer than wide.
    package func isVesselLike(leastLengthMm: Float, mostCalibreMm: Float) -> Bool {
        lengthMm >= leastLengthMm && calibreMm <= mostCalibreMm && lengthMm > 5 * calibreMm && variation < 0.4
            && roughnessMm < 0.7
    }
}
