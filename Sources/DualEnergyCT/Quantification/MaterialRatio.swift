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

    /// The class of a pooled excess of x HU at low and y HU at high energy: on which side of the boundary it lies, at
    /// 97.5 % one-sided; indeterminate when that is open.
    ///
    /// Where y is clear of 0 this is the ratio's interval (`FiellerInterval`) against the boundary. In fat it need not be:
    /// a deposit's matrix may be fat or fibrous, which takes y to 0 within its uncertainty and hardly moves the excess
    /// across the boundary, since the way from muscle to fat has nearly the boundary's ratio. Calcium is told there by its
    /// distance from the boundary, not by a ratio that has no bounds.
    ///
    /// Urate must also have a ratio near its own: tendon and streaks lie below it.
    public func classify(x: Double, y: Double, covariance: NoiseCovariance) -> MaterialClass {
        let quantile = 1.96
        let distance = x - boundary * y
        let deviation = covariance.quadratic(1, -boundary).squareRoot()
        if distance > quantile * deviation { return x > 0 && y > 0 ? .hydroxyapatite : .indeterminate }
        let ratio = FiellerInterval.ratio(x: x, y: y, covariance: covariance, quantile: quantile)
        if ratio.high < boundary, ratio.high > Self.leastUrateRatio { return .urate }
        return .indeterminate
    }

    /// Below this nothing is urate: tendon reads 0.85 to 0.93, urate 1.01 to 1.06 at any pair.
    static let leastUrateRatio = 0.95
}
