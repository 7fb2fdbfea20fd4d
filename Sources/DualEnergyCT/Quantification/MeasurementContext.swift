/// What every deposit of a study is measured with.
package struct MeasurementContext: Sendable {
    /// Raw CT numbers, cropped to the body. Numbers are never taken from filtered images.
    package var low: Volume<Int16>
    package var high: Volume<Int16>
    package var segmentation: SegmentationResult
    package var paths: PathMap
    package var noise: NoiseEstimate
    /// Standard deviation of the blur in mm, in plane and along the slices.
    package var pointSpreadSigmaMm: Double
    package var axialSigmaMm: Double
    package var calibration: CalibrationUncertainty
    /// What the skin of this body reads, by depth.
    let skin: SkinProfile

    package init(
        low: Volume<Int16>, high: Volume<Int16>, segmentation: SegmentationResult, paths: PathMap,
        noise: NoiseEstimate, pointSpreadSigmaMm: Double, axialSigmaMm: Double? = nil,
        calibration: CalibrationUncertainty
    ) {
        self.low = low
        self.high = high
        self.segmentation = segmentation
        self.paths = paths
        self.noise = noise
        self.pointSpreadSigmaMm = pointSpreadSigmaMm
        self.axialSigmaMm = axialSigmaMm ?? pointSpreadSigmaMm
        skin = SkinProfile(low: low, high: high, segmentation: segmentation, paths: paths)
        self.calibration = calibration
    }

    /// A field of the images' grid as the scanner would blur it.
    func blurred(_ field: Volume<Float>) -> Volume<Float> {
        field.gaussianSmoothed(inPlaneMm: pointSpreadSigmaMm, axialMm: axialSigmaMm)
    }
}

/// Relative standard uncertainty of the slopes, HU per mg/cm3.
public struct CalibrationUncertainty: Sendable, Equatable {
    /// Caused by the unknown inherent filtration, common to both images.
    public var commonLow: Double
    public var commonHigh: Double
    /// Independent of each other: water correction, scatter, reconstruction.
    public var independent: Double

    public init(commonLow: Double, commonHigh: Double, independent: Double) {
        self.commonLow = commonLow
        self.commonHigh = commonHigh
        self.independent = independent
    }

    /// Of the model table. Over 3 to 9 mm Al and 0 to 0.9 mm Ti the slope of an open 80 kV beam moves by 30 % from end
    /// to end, that of a beam with 0.6 mm tin by 4 %; a uniform distribution's deviation is the range over 3.5.
    public static func table(low: BeamQuality, high: BeamQuality) -> CalibrationUncertainty {
        func common(_ beam: BeamQuality) -> Double {
            beam.tubeKilovolts == nil ? 0.01 : 0.085 / (1 + 10 * beam.tinMm)
        }
        return CalibrationUncertainty(commonLow: common(low), commonHigh: common(high), independent: 0.01)
    }

    /// The patient's own bone fixes the one unknown, effective filtration, as well as it moves the dual-energy ratio.
    ///
    /// Bone's density is unknown, so only its ratio says anything: `boneRatio` is what was measured over what the model
    /// expects of cortex, known within `deviation` (composition, marrow, hardening). Where filtration hardly moves the
    /// ratio (no tin) this changes nothing.
    /// - Returns: the factors by which both slopes change, and what remains uncertain.
    func refined(
        boneRatio: Double, deviation: Double = 0.03
    ) -> (low: Double, high: Double, remaining: CalibrationUncertainty, gain: Double) {
        let lever = commonLow - commonHigh
        let variance = lever * lever + deviation * deviation
        let shift = naturalLogarithm(boneRatio) * lever / variance
        let share = deviation / variance.squareRoot()
        let remaining = CalibrationUncertainty(
            commonLow: share * commonLow, commonHigh: share * commonHigh, independent: independent)
        return (exponential(shift * commonLow), exponential(shift * commonHigh), remaining, 1 - share)
    }

    /// Covariance of the two values that a quantity has by its slopes.
    func covariance(low: Double, high: Double) -> NoiseCovariance {
        NoiseCovariance(low: independent * independent * low * low, high: independent * independent * high * high)
            .adding(1, along: commonLow * low, commonHigh * high)
    }
}
