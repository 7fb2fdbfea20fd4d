/// What every deposit of a study is measured with.
package struct MeasurementContext: Sendable {
    /// Raw CT numbers, cropped to the body. Numbers are never taken from filtered images.
    package var low: Volume<Int16>
    package var high: Volume<Int16>
    package var segmentation: SegmentationResult
    package var paths: PathMap
    package var noise: NoiseEstimate
    package var pointSpreadSigmaMm: Double
    package var calibration: CalibrationUncertainty

    package init(
        low: Volume<Int16>, high: Volume<Int16>, segmentation: SegmentationResult, paths: PathMap,
        noise: NoiseEstimate, pointSpreadSigmaMm: Double, calibration: CalibrationUncertainty
    ) {
        self.low = low
        self.high = high
        self.segmentation = segmentation
        self.paths = paths
        self.noise = noise
        self.pointSpreadSigmaMm = pointSpreadSigmaMm
        self.calibration = calibration
    }

    /// Standard deviation of the fat fraction by which a deposit's matrix differs from the tissue around it.
    ///
    /// Dense fibrous deposits in fat read a third too heavy when their matrix is taken for fat; this lets the two
    /// energies correct that where they can, and puts it into the interval where they cannot. In muscle a deposit has
    /// little fat to gain.
    package static func matrixFatDeviation(around fatFraction: Double) -> Double {
        0.1 + 0.25 * min(max(fatFraction, 0), 1)
    }
}
