/// Tells hydroxyapatite from urate by the pooled dual-energy ratio.
public struct MaterialRatio: Sendable, Equatable {
    /// The ratios that pure minerals have.
    public var hydroxyapatite: Double
    public var urate: Double
    /// Between them: the direction that has the same distance to both, in standard deviations of the images' noise.
    public var boundary: Double

    public init(response: PairResponse, noise: NoiseCovariance) {
        hydroxyapatite = response.calciumRatio
        urate = response.urateRatio
        // With axes scaled by the noise, the bisector of both directions.
        let scale = (noise.low / max(noise.high, 1e-9)).squareRoot()
        func direction(_ ratio: Double) -> (Double, Double) {
            let (x, y) = (ratio / scale, 1.0)
            let length = (x * x + y * y).squareRoot()
            return (x / length, y / length)
        }
        let (a, b) = (direction(hydroxyapatite), direction(urate))
        boundary = scale * (a.0 + b.0) / (a.1 + b.1)
    }

    /// The class whose side of the boundary holds the whole interval; indeterminate when it holds the boundary.
    ///
    /// Urate must also have a ratio near its own: tendon and streaks lie below it.
    public func classify(_ ratio: Estimate) -> MaterialClass {
        if ratio.low > boundary { return .hydroxyapatite }
        if ratio.high < boundary, ratio.high > Self.leastUrateRatio { return .urate }
        return .indeterminate
    }

    /// Below this nothing is urate: tendon reads 0.85 to 0.93, urate 1.01 to 1.06 at any pair.
    static let leastUrateRatio = 0.95
}
