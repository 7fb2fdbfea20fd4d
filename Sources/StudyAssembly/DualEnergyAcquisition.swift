public import DualEnergyCT

/// A validated dual-energy acquisition: what the analysis and the report start from.
public struct DualEnergyAcquisition: Sendable {
    /// The images, or the part of them that was asked for; all slices in any case.
    public var pair: DualEnergyPair
    /// The grid of the images as they came.
    public var grid: GridGeometry
    /// The part of `grid` that the pair shows.
    public var box: VoxelBox
    /// Slice k of the grid is `low.slices[k]` and `high.slices[k]`.
    public var low: AcquiredSeries
    public var high: AcquiredSeries
    /// Convolution kernel of both series, as the header says.
    public var kernel: String
    /// Contrast/bolus agent the header names; empty for none.
    public var contrastAgent: String
    /// What the images themselves said about the claimed beams.
    public var agreement: PhysicsAgreement
    /// Series Numbers of the study, of whatever is in it but Apatite's own results.
    public var seriesNumbers: Set<Int> = []

    public init(
        pair: DualEnergyPair, low: AcquiredSeries, high: AcquiredSeries, kernel: String, contrastAgent: String,
        agreement: PhysicsAgreement
    ) {
        self.pair = pair
        grid = pair.low.geometry
        box = grid.box
        self.low = low
        self.high = high
        self.kernel = kernel
        self.contrastAgent = contrastAgent
        self.agreement = agreement
    }
}

/// One energy's series.
public struct AcquiredSeries: Sendable {
    public var seriesInstanceUID: String
    public var seriesNumber: Int?
    public var beam: BeamQuality
    /// In the order of the grid's slices.
    public var slices: [ImageHeader]

    public init(seriesInstanceUID: String, seriesNumber: Int?, beam: BeamQuality, slices: [ImageHeader]) {
        self.seriesInstanceUID = seriesInstanceUID
        self.seriesNumber = seriesNumber
        self.beam = beam
        self.slices = slices
    }
}
