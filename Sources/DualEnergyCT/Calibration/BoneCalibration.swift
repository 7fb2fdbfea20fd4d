/// The patient's own bone as a source of calibration: it fixes one number, the direction of its line.
///
/// Bone's density is unknown, so it gives no HU per mg/cm3. The direction of its line in the plane of both images does
/// not depend on density; it depends on the beams, and a little on what bone is made of. Of the beams two things are not
/// known: filtration, and how far the model of the spectra is off behind it. Both turn the line by the ratio of the two
/// slopes of hydroxyapatite. What is learnt is shared out by how likely each is: behind tin filtration moves the ratio
/// much and the model little; without tin filtration hardly moves it, and bone tells of the ratio, not of the slopes.
package struct BoneCalibration: Sendable, Equatable {
    /// Inherent filtration in mm, all of it taken for aluminium, and its standard deviation.
    package var aluminiumMm: Double
    package var deviationMm: Double
    /// Slope of each image over the model's behind that filtration.
    package var lowFactor: Double
    package var highFactor: Double
    /// Relative uncertainty of the slopes that is left.
    package var uncertainty: CalibrationUncertainty
    /// How much narrower bone made the filtration: 0 for nothing learnt.
    package var gain: Double
    /// Deviations by which the line lies outside of what any filtration in use explains; 0 inside.
    package var contradiction: Double

    package var filtration: Filtration { .effective(aluminiumMm: aluminiumMm) }

    /// The responses of a body by this calibration.
    package func applied(to paths: PathMap, low: BeamQuality, high: BeamQuality) -> PathMap {
        paths.behind(
            low: ResponseTable(low, filtration: filtration), high: ResponseTable(high, filtration: filtration)
        ).scaled(low: lowFactor, high: highFactor)
    }

    /// The fit over a grid of filtrations.
    ///
    /// - Parameter path: of the rays behind which the slopes and their uncertainty are wanted. Those through bone have
    ///   passed mineral, which hardens as filters do: behind them filtration moves the slopes less than elsewhere.
    /// - Returns: nil for images at one energy each, which no filtration changes.
    package static func fit(
        _ line: BoneLine, low: BeamQuality, high: BeamQuality, behind path: RayPath
    ) -> BoneCalibration? {
        guard low.tubeKilovolts != nil || high.tubeKilovolts != nil else { return nil }
        let prior = FiltrationPrior.self
        let points = prior.gridMm.map { BoneExplanation(line, low: low, high: high, aluminiumMm: $0, behind: path) }
        let costs = points.map { point in
            let z = (point.aluminiumMm - prior.meanMm) / prior.deviationMm
            return point.misfit + z * z
        }
        let least = costs.min() ?? 0
        let weights = costs.map { exponential(-0.5 * ($0 - least)) }
        let sum = weights.reduce(0, +)
        func mean(_ value: (BoneExplanation) -> Double) -> Double {
            zip(weights, points).reduce(0) { $0 + $1.0 * value($1.1) } / sum
        }
        let aluminium = mean(\.aluminiumMm)
        let deviation = max(0.1, mean { ($0.aluminiumMm - aluminium) * ($0.aluminiumMm - aluminium) }.squareRoot())
        let (meanLow, meanHigh) = (mean(\.slopes.low), mean(\.slopes.high))
        var covariance = NoiseCovariance(low: 0, high: 0)
        for (weight, point) in zip(weights, points) {
            covariance =
                covariance + (weight / sum)
                * point.covariance.adding(1, along: point.slopes.low - meanLow, point.slopes.high - meanHigh)
        }
        covariance = covariance.adding(CalibrationUncertainty.imageDeviation, along: 1, 1)
        let model = BoneModel.behind(path, low: low, high: high, aluminiumMm: aluminium).mineral
        let inUse = points.filter { prior.inUseMm.contains($0.aluminiumMm) }.map(\.misfit).min() ?? 0
        return BoneCalibration(
            aluminiumMm: aluminium, deviationMm: deviation, lowFactor: exponential(meanLow - model.low),
            highFactor: exponential(meanHigh - model.high), uncertainty: CalibrationUncertainty(relative: covariance),
            gain: max(0, 1 - deviation / prior.deviationMm), contradiction: inUse.squareRoot())
    }
}

/// A line of bone explained by a filtration and by errors of the spectrum model behind it.
private struct BoneExplanation {
    let aluminiumMm: Double
    /// Squared distance, in standard deviations, of the line from the model's.
    let misfit: Double
    /// Logarithms of the slopes of hydroxyapatite that are likeliest, up to a constant, and their covariance.
    let slopes: (low: Double, high: Double)
    let covariance: NoiseCovariance

    init(_ line: BoneLine, low: BeamQuality, high: BeamQuality, aluminiumMm: Double, behind path: RayPath) {
        self.aluminiumMm = aluminiumMm
        let model = BoneModel.behind(line.path, low: low, high: high, aluminiumMm: aluminiumMm)
        let mineral = BoneModel.behind(path, low: low, high: high, aluminiumMm: aluminiumMm).mineral
        let expected = model.line()
        let slope = line.slope / expected.slope - 1
        let intercept = line.interceptHU - expected.interceptHU
        // An error of the model's slope at low energy turns the line as much, one at high energy the other way.
        let prior = CalibrationUncertainty.modelCovariance(low, high)
        var spread = model.covariance(of: line)
        spread.low += prior.low + prior.high
        let weights = spread.solve(slope, intercept)
        misfit = max(0, weights.0 * slope + weights.1 * intercept)
        // What is known of the errors once the line is: a normal vector given another that it is a part of.
        slopes = (mineral.low + prior.low * weights.0, mineral.high - prior.high * weights.0)
        let information = spread.solve(1, 0).0
        covariance = NoiseCovariance(
            low: prior.low - information * prior.low * prior.low,
            high: prior.high - information * prior.high * prior.high, both: information * prior.low * prior.high)
    }
}

/// What is known of a scanner's inherent filtration without measuring: 3 to 9 mm Al with 0 to 0.9 mm Ti, evenly, of which
/// 1 mm hardens as 8.2 mm of aluminium do (80 and 140 kV behind 5 and 8 cm of water, within 0.2 mm).
enum FiltrationPrior {
    static let meanMm = 9.7
    static let deviationMm = 2.75
    static let gridMm = Array(stride(from: 1.5, through: 21, by: 0.5))
    static let inUseMm = 3.0...16.5
}

extension Filtration {
    /// Filters that harden as this thickness of aluminium alone, in mm.
    package static func effective(aluminiumMm: Double) -> Filtration {
        Filtration(aluminiumMm: aluminiumMm, titaniumMm: 0, anodeAngleDegrees: standard.anodeAngleDegrees)
    }
}
