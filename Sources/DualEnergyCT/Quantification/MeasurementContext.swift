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
