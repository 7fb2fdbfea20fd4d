/// What the segmentation needs to know of a pair of images.
public struct SegmentationInput: Sendable {
    /// CT numbers in HU on one grid, cropped to the body with some air around it.
    public var low: Volume<Int16>
    public var high: Volume<Int16>
    /// CT number of hydroxyapatite per density, in HU per mg/cm3, at each energy.
    public var hydroxyapatiteLow: Double
    public var hydroxyapatiteHigh: Double
    /// CT numbers of muscle and of fat in HU at each energy.
    public var muscleLowHU: Double
    public var muscleHighHU: Double
    public var fatLowHU: Double
    public var fatHighHU: Double
    /// Standard deviation of a voxel in soft tissue, in HU.
    public var noiseLowHU: Double
    public var noiseHighHU: Double
    /// Thickness of the reconstructed slices in mm.
    public var sliceThicknessMm: Double
    /// Standard deviation in mm of the images' point spread function, taken as a Gaussian.
    public var pointSpreadSigmaMm: Double
    /// CT number ratio low over high of iodine; nil where contrast medium is not looked for.
    public var iodineRatio: Double?

    /// - Precondition: both volumes have the same geometry.
    public init(
        low: Volume<Int16>, high: Volume<Int16>, hydroxyapatiteLow: Double, hydroxyapatiteHigh: Double,
        muscleLowHU: Double, muscleHighHU: Double, fatLowHU: Double, fatHighHU: Double, noiseLowHU: Double,
        noiseHighHU: Double, sliceThicknessMm: Double, pointSpreadSigmaMm: Double = 0.45, iodineRatio: Double? = nil
    ) {
        precondition(low.geometry == high.geometry, "both images of a pair lie on one grid")
        self.low = low
        self.high = high
        self.hydroxyapatiteLow = hydroxyapatiteLow
        self.hydroxyapatiteHigh = hydroxyapatiteHigh
        self.muscleLowHU = muscleLowHU
        self.muscleHighHU = muscleHighHU
        self.fatLowHU = fatLowHU
        self.fatHighHU = fatHighHU
        self.noiseLowHU = noiseLowHU
        self.noiseHighHU = noiseHighHU
        self.sliceThicknessMm = sliceThicknessMm
        self.pointSpreadSigmaMm = pointSpreadSigmaMm
        self.iodineRatio = iodineRatio
    }

    /// CT number ratio low over high of pure hydroxyapatite.
    package var hydroxyapatiteRatio: Double { hydroxyapatiteLow / hydroxyapatiteHigh }
}
