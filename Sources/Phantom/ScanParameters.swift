/// How the phantom is scanned and reconstructed.
public struct ScanParameters: Sendable, Equatable {
    public var columns = 512
    public var rows = 512
    /// Distance between pixel centres in mm, both ways.
    public var pixelSpacingMm = 0.4
    public var slices = 320
    /// Distance between slice centres in mm.
    public var sliceSpacingMm = 0.6
    /// Full width at half maximum of the slice sensitivity profile in mm.
    public var sliceThicknessMm = 0.75
    /// Air beyond the longest fingertip in mm; the scan starts there and runs towards the forearm.
    public var distalMarginMm = 5.0
    /// Moves the start of the scan towards the forearm, in mm: short scans of a part of the hand.
    public var startMm = 0.0
    /// Standard deviation of the noise in a few centimetres of tissue, in HU.
    public var noiseLowHU = 11.0
    public var noiseHighHU = 10.0

    /// Where the window of the reconstruction kernel ends in projected images, in line pairs a cm.
    public var kernelCutoffPerCm = 10.0

    /// Water behind which quick images take the CT numbers of all materials, in cm: one depth for the whole hand. 5 cm
    /// is a palm with wrist; a scan of fingers alone has 1.5 to 2, and slopes some 6 % steeper.
    public var quickWaterCm = 5.0

    public init() {}
}

/// How images are made from the shapes.
public enum SimulationMode: String, Sendable, CaseIterable {
    /// Polyenergetic projections with noise, water correction, filtered back-projection.
    case projection
    /// CT numbers straight from the material behind some water (`quickWaterCm`), blurred, with correlated noise.
    case quick
}
