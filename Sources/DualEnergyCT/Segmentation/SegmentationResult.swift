/// What a voxel belongs to. Deposits here are candidates: their material is decided from their pooled ratio.
public enum TissueLabel {
    public static let none: UInt8 = 0
    /// Marrow, cortex and what stands so little above it that it is taken for cortex.
    public static let bone: UInt8 = 1
    public static let metal: UInt8 = 2
    /// Nail, skin, streaks and specks: see `SegmentationResult.exclusions`.
    public static let excluded: UInt8 = 3
    /// `SegmentationResult.componentIndex` says which.
    public static let deposit: UInt8 = 4
}

/// The segmentation of a pair of images, on the grid of the input.
public struct SegmentationResult: Sendable {
    /// Values of `TissueLabel`.
    public var labels: Volume<UInt8>
    /// 0, or the number of the deposit candidate from 1, in order of falling volume.
    public var componentIndex: Volume<UInt16>
    public var componentCount: Int
    /// 1 inside the skin, else 0.
    public var body: Volume<UInt8>
    /// Distance in mm (not squared) from each voxel to the nearest air outside the body; 0 outside the body.
    public var distanceToSkinMm: Volume<Float>
    /// Fraction of fat (0 muscle, 1 fat; tendon and skin fall a little below 0) of the tissue without mineral around
    /// each voxel, a smooth field that runs on under bone and deposits.
    public var localFatFraction: Volume<Float>
    /// Mineral that was looked at and is not a deposit, one entry a cause.
    public var exclusions: [Exclusion]

    public init(
        labels: Volume<UInt8>, componentIndex: Volume<UInt16>, componentCount: Int, body: Volume<UInt8>,
        distanceToSkinMm: Volume<Float>, localFatFraction: Volume<Float>, exclusions: [Exclusion]
    ) {
        self.labels = labels
        self.componentIndex = componentIndex
        self.componentCount = componentCount
        self.body = body
        self.distanceToSkinMm = distanceToSkinMm
        self.localFatFraction = localFatFraction
        self.exclusions = exclusions
    }
}
