/// How far a scanner's slopes have moved since a calibration, relative to it.
public struct SlopeChange: Sendable, Equatable {
    public var low: Double
    public var high: Double
    /// Standard uncertainties: noise of both scans. The rods are the same, so that their tolerance drops out.
    public var lowUncertainty: Double
    public var highUncertainty: Double

    public init(low: Double, high: Double, lowUncertainty: Double, highUncertainty: Double) {
        self.low = low
        self.high = high
        self.lowUncertainty = lowUncertainty
        self.highUncertainty = highUncertainty
    }
}

extension RodScan {
    /// The rods measured again: the slopes of this scan against those that a calibration gives it.
    ///
    /// The phantom may lie elsewhere or be another one: what its rays pass is accounted for.
    public func change(since calibration: RodCalibration) -> SlopeChange {
        let low = line(.low, calibration.filtration, description.mineral)
        let high = line(.high, calibration.filtration, description.mineral)
        let stored = calibration.relativeCovariance
        return SlopeChange(
            low: low.factor / calibration.lowFactor - 1, high: high.factor / calibration.highFactor - 1,
            lowUncertainty: (low.variance + max(0, stored.low - stored.both)).squareRoot(),
            highUncertainty: (high.variance + max(0, stored.high - stored.both)).squareRoot())
    }
}

/// A series of constancy checks: where one slope stands and where it is going.
public struct ConstancyTrend: Sendable, Equatable {
    public struct Point: Sendable, Equatable {
        /// Days from the calibration.
        public var day: Double
        /// Relative change of the slope, with its standard uncertainty.
        public var change: Double
        public var uncertainty: Double

        public init(day: Double, change: Double, uncertainty: Double) {
            self.day = day
            self.change = change
            self.uncertainty = uncertainty
        }
    }

    public enum Verdict: Sendable, Equatable {
        case constant
        /// Beyond the limit now, by more than the noise of the measurement explains.
        case drifted
        /// On its way to pass the limit in this many days.
        case drifting(daysLeft: Double)
    }

    /// Relative change that is too much.
    public var limit: Double
    /// How far ahead is looked, in days: the next checks come by then.
    public var horizonDays = 90.0

    public init(limit: Double) { self.limit = limit }

    /// What a slope moves from one day to the next on a scanner that is calibrated daily, beside the measured noise.
    private static let daily = 0.002
    /// Fewer checks are no trend.
    private static let fewestPoints = 4

    /// - Parameter points: all checks in any order, the newest being the one of the largest day.
    public func verdict(_ points: [Point]) -> Verdict {
        guard let newest = points.max(by: { $0.day < $1.day }) else { return .constant }
        // Two deviations: one check in twenty at the very limit is called wrongly, and then repeated.
        if abs(newest.change) > limit, abs(newest.change) > 2 * newest.uncertainty { return .drifted }
        guard points.count >= Self.fewestPoints, let line = line(points) else { return .constant }
        let now = line.value(newest.day)
        guard abs(line.slope) > 3 * line.slopeUncertainty, now * line.slope > 0,
            abs(line.value(newest.day + horizonDays)) > limit
        else { return .constant }
        return .drifting(daysLeft: max(0, (limit - abs(now)) / abs(line.slope)))
    }

    private struct Line {
        var slope: Double
        var slopeUncertainty: Double
        var middle: (day: Double, change: Double)
        func value(_ day: Double) -> Double { middle.change + slope * (day - middle.day) }
    }

    private func line(_ points: [Point]) -> Line? {
        let weights = points.map { 1 / ($0.uncertainty * $0.uncertainty + Self.daily * Self.daily) }
        let sum = weights.reduce(0, +)
        func mean(_ value: (Point) -> Double) -> Double {
            zip(points, weights).reduce(0) { $0 + $1.1 * value($1.0) } / sum
        }
        let day = mean(\.day)
        let change = mean(\.change)
        let spread = zip(points, weights).reduce(0) { $0 + $1.1 * ($1.0.day - day) * ($1.0.day - day) }
        guard spread > 0 else { return nil }
        let product = zip(points, weights).reduce(0) { $0 + $1.1 * ($1.0.day - day) * ($1.0.change - change) }
        return Line(slope: product / spread, slopeUncertainty: (1 / spread).squareRoot(), middle: (day, change))
    }
}
