public import DualEnergyCT

/// A hand with known deposits: the same parameters and the same seed always give the same hand, images and files.
public struct HandPhantom: Sendable {
    public let parameters: HandParameters
    public let scan: ScanParameters
    public let seed: UInt64
    let anatomy: HandAnatomy
    let frame: ScanFrame

    public init(_ parameters: HandParameters = HandParameters(), scan: ScanParameters = ScanParameters(), seed: UInt64)
    {
        self.parameters = parameters
        self.scan = scan
        self.seed = seed
        anatomy = HandAnatomy(parameters, seed: seed)
        let top = (Double(anatomy.tipZ) + scan.distalMarginMm - scan.startMm).rounded()
        frame = ScanFrame(
            object: anatomy, scan: scan, lowestZ: top - Double(scan.slices - 1) * scan.sliceSpacingMm, patientZ: 420,
            mirrored: parameters.side == .left)
    }

    /// The grid of the images, in patient coordinates.
    public var geometry: GridGeometry { frame.geometry }

    /// Makes the images of both energies in HU, on one grid.
    public func simulate(
        mode: SimulationMode, pair: SpectrumPair
    ) -> (low: Volume<Int16>, high: Volume<Int16>) {
        switch mode {
        case .projection: ProjectedImages(object: anatomy, frame: frame, pair: pair, seed: seed).make()
        case .quick: QuickImages(object: anatomy, frame: frame, pair: pair, seed: seed).make()
        }
    }
}
