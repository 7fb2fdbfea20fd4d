/// Where trust in a scan ends: one pair of limits for each thing measured.
///
/// Beyond the first limit the study is `limited`, beyond the second `notAnalysable`.
public struct TrustLimits: Sendable, Equatable {
    /// Standard deviation at low energy in HU. At 45 HU 100 mg/cm3 (about 200 HU) still stand out of 1 mm3 by five
    /// standard deviations; at 90 HU a deposit of 2 mm no longer does, and a negative report would mean little.
    public var noiseHU: (limited: Double, refused: Double) = (45, 90)
    /// Displacement between the images in mm. From a quarter of the usual 0.5 mm voxels the edges of bone begin to
    /// imitate urate and calcium; 0.8 mm is more than the width of the blur, and nothing near bone is what it seems.
    public var motionMm: (limited: Double, refused: Double) = (0.4, 0.8)
    /// Volume of metal with its blooming in mm3: a ring or a screw, and a plate or a prosthesis.
    public var metalMm3: (limited: Double, refused: Double) = (30, 20_000)
    /// The dual-energy ratio of the patient's bone over that of the model. Inherent filtration moves it by -8 % to
    /// +21 %, demineralised bone with much marrow by a few percent more; two images of one energy read 0.4 to 0.7.
    public var boneRatio: ClosedRange<Double> = 0.82...1.27
    /// Standard deviations by which two sources of calibration may differ: rods and the patient's bone, rods and the
    /// model table, and without rods bone and what filtrations in use explain. Each deviation is what both sources say
    /// of themselves, so that agreeing ones pass this once in some hundred studies.
    public var calibrationDeviations = 3.0
    /// Least bone, in mm3, that such a ratio is taken from.
    public var boneRatioMinimumMm3 = 200.0
    /// Volume of the deposits in percent of that of the imaged bone. In systemic sclerosis a hand holds 0.7 cm3 on
    /// average, standard deviation 1.9 (CT of 15 patients), beside 40 to 60 cm3 of bone: one that holds more than this may as
    /// well hold a bone that was not told from deposits, a metacarpal measures 3 cm3 and more.
    public var depositsOverBonePercent = 5.0
    /// Median water-equivalent path in cm up to which the model's tables hold.
    public var pathCm = 42.0
    /// Thickness of the reconstructed slices in mm: a deposit of 3 mm must lie in more than one.
    public var sliceThicknessMm = 2.0
    /// Length of the scanned body part in mm along the slices.
    public var coverageMm = 20.0

    /// Share of the body in percent that lies outside the field of the second image. What only one image shows cannot
    /// be told apart, and reads as anything.
    public var uncoveredPercent: (limited: Double, refused: Double) = (0.05, 0.5)

    public init() {}

    public static func == (a: Self, b: Self) -> Bool {
        a.noiseHU == b.noiseHU && a.motionMm == b.motionMm && a.metalMm3 == b.metalMm3 && a.boneRatio == b.boneRatio
            && a.calibrationDeviations == b.calibrationDeviations && a.boneRatioMinimumMm3 == b.boneRatioMinimumMm3
            && a.depositsOverBonePercent == b.depositsOverBonePercent && a.pathCm == b.pathCm
            && a.sliceThicknessMm == b.sliceThicknessMm && a.coverageMm == b.coverageMm
            && a.uncoveredPercent == b.uncoveredPercent
    }
}
