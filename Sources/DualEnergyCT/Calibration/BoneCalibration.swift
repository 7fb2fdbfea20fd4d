/// The patient's own bone as a source of calibration: it fixes one number, effective filtration.
///
/// Bone's density is unknown, so it gives no HU per mg/cm3. The direction of its line in the plane of both images does
/// not depend on density; it depends on the beams, of which filtration is what is not known, and a little on what bone
/// is made of. The filtration that explains the line gives both slopes through the model. Where filtration hardly moves
/// the line (no tin) the prior stays, and its width with it.
package struct BoneCalibration: Sendable, Equatable {
    /// Inherent filtration in mm, all of it taken for aluminium, and its standard deviation.
    package var aluminiumMm: Double
    package var deviationMm: Double
    /// Relative uncertainty of the slopes that is left.
    package var uncertainty: CalibrationUncertainty
    /// How much narrower bone made the filtration: 0 for nothing learnt.
    package var gain: Double
    /// Deviations by which the line lies outside of what any filtration in use explains; 0 inside.
    package var contradiction: Double

    package var filtration: Filtration { .effective(aluminiumMm: aluminiumMm) }

    /// The fit over a grid of filtrations.
    ///
    /// - Returns: nil for images at one energy each, which no filtration changes.
    package static func fit(_ line: BoneLine, low: BeamQuality, high: BeamQuality) -> BoneCalibration? {
        guard low.tubeKilovolts != nil || high.tubeKilovolts != nil else { return nil }
        let prior = FiltrationPrior.self
        var points: [(mm: Double, weight: Double, misfit: Double)] = []
        var smallest = Double.infinity
        for mm in prior.gridMm {
            let misfit = Self.misfit(line, low: low, high: high, aluminiumMm: mm)
            let z = (mm - prior.meanMm) / prior.deviationMm
            points.append((mm, misfit + z * z, misfit))
            smallest = min(smallest, misfit + z * z)
        }
        var (sum, first, second) = (0.0, 0.0, 0.0)
        for point in points {
            let weight = exponential(-0.5 * (point.weight - smallest))
            sum += weight
            first += weight * point.mm
            second += weight * point.mm * point.mm
        }
        let mean = first / sum
        let deviation = max(0.1, max(0, second / sum - mean * mean).squareRoot())
        let inUse = points.filter { prior.inUseMm.contains($0.mm) }.map(\.misfit).min() ?? 0
        let gain = max(0, 1 - deviation / prior.deviationMm)
        var uncertainty = CalibrationUncertainty.table(
            low: low, high: high, aluminiumMm: mean, deviationMm: deviation, path: line.path)
        if low.tubeKilovolts != nil, high.tubeKilovolts != nil {
            uncertainty.independent += gain * (CalibrationUncertainty.independentWithBone - uncertainty.independent)
        }
        return BoneCalibration(
            aluminiumMm: mean, deviationMm: deviation, uncertainty: uncertainty,
            gain: gain, contradiction: inUse.squareRoot())
    }

    /// Squared distance, in standard deviations, of a line from the model's behind a filtration.
    static func misfit(_ line: BoneLine, low: BeamQuality, high: BeamQuality, aluminiumMm: Double) -> Double {
        let filtration = Filtration.effective(aluminiumMm: aluminiumMm)
        return misfit(
            line,
            model: BoneModel(
                low: BoneModel.hardening(low, filtration: filtration),
                high: BoneModel.hardening(high, filtration: filtration), path: line.path))
    }

    private static func misfit(_ line: BoneLine, model: BoneModel) -> Double {
        let expected = model.line()
        let slope = line.slope / expected.slope - 1
        let intercept = line.interceptHU - expected.interceptHU
        var (ss, si, ii) = (line.relativeDeviation * line.relativeDeviation, 0.0, 0.0)
        ss += BoneModel.modelDeviation * BoneModel.modelDeviation
        // A scale that is off by so much in either image moves the intercept only.
        ii += BoneModel.scaleDeviationHU * BoneModel.scaleDeviationHU * (1 + expected.slope * expected.slope)
        for (s, i) in model.variations() {
            ss += s * s
            si += s * i
            ii += i * i
        }
        let determinant = ss * ii - si * si
        return (ii * slope * slope - 2 * si * slope * intercept + ss * intercept * intercept) / determinant
    }
}

/// What is known of a scanner's inherent filtration without measuring: 3 to 9 mm Al with 0 to 0.9 mm Ti, of which
/// 1 mm hardens as 6.5 mm of aluminium do.
enum FiltrationPrior {
    static let meanMm = 9.0
    static let deviationMm = 2.6
    static let gridMm = Array(stride(from: 1.5, through: 19.5, by: 0.5))
    static let inUseMm = 3.0...15.0
}

extension Filtration {
    /// Filters that harden as this thickness of aluminium alone, in mm.
    package static func effective(aluminiumMm: Double) -> Filtration {
        Filtration(aluminiumMm: aluminiumMm, titaniumMm: 0, anodeAngleDegrees: standard.anodeAngleDegrees)
    }
}
