/// The ratio of two uncertain quantities with its confidence interval.
///
/// Reference: E. C. Fieller, J R Stat Soc B 16 (1954) 175-185.
public enum FiellerInterval {
    /// The ratio x / y with the interval that `quantile` standard deviations span (1.96: 95 %).
    ///
    /// Where y does not differ from 0 at this level the interval is unbounded: it is then (-infinity, infinity).
    public static func ratio(x: Double, y: Double, covariance: NoiseCovariance, quantile: Double = 1.96) -> Estimate {
        let q = quantile * quantile
        // (x - r y)^2 = q Var(x - r y), solved for r.
        let a = y * y - q * covariance.high
        let b = x * y - q * covariance.both
        let c = x * x - q * covariance.low
        let discriminant = b * b - a * c
        guard a > 0, discriminant >= 0 else {
            return Estimate(value: y == 0 ? 0 : x / y, low: -.infinity, high: .infinity)
        }
        let root = discriminant.squareRoot()
        return Estimate(value: x / y, low: (b - root) / a, high: (b + root) / a)
    }
}
