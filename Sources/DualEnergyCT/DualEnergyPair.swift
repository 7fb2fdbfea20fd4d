/// Two images of one anatomy at two energies on one grid: what the core analyses.
public struct DualEnergyPair: Sendable {
    /// CT numbers in HU of the image with the lower effective energy.
    public var low: Volume<Int16>
    /// CT numbers in HU of the other image, on the same grid.
    public var high: Volume<Int16>
    public var lowBeam: BeamQuality
    public var highBeam: BeamQuality
    /// Thickness of the reconstructed slices in mm; the distance between slices is the grid's.
    public var sliceThicknessMm: Double
    public var region: BodyRegion
    public var laterality: Laterality

    /// - Precondition: both volumes have the same geometry.
    public init(
        low: Volume<Int16>, high: Volume<Int16>, lowBeam: BeamQuality, highBeam: BeamQuality,
        sliceThicknessMm: Double, region: BodyRegion = .other, laterality: Laterality = .unknown
    ) {
        precondition(low.geometry == high.geometry, "both images of a pair lie on one grid")
        self.low = low
        self.high = high
        self.lowBeam = lowBeam
        self.highBeam = highBeam
        self.sliceThicknessMm = sliceThicknessMm
        self.region = region
        self.laterality = laterality
    }
}

/// The part of the body that was scanned, as the header says.
public enum BodyRegion: String, Sendable, CaseIterable {
    case hand, wrist, forearm, elbow, shoulder, foot, ankle, knee, pelvis, thigh, other
}

/// The side that was scanned, as the header says.
public enum Laterality: String, Sendable, CaseIterable {
    case right, left, both, unknown
}
