public import DualEnergyCT

/// A hand with known deposits: the same parameters and the same seed always give the same hand, images and files.
public struct HandPhantom: Sendable {
    public let parameters: HandParameters
    public let scan: ScanParameters
    public let seed: UInt64
    public let visit: HandVisit
    /// How the hand moved before the high-energy image was made; nil when it lay still.
    public let motion: HandPose?
    let anatomy: HandAnatomy
    let frame: ScanFrame

    public init(
        _ parameters: HandParameters = HandParameters(), scan: ScanParameters = ScanParameters(), seed: UInt64,
        visit: HandVisit = HandVisit(), motion: HandPose? = nil
    ) {
        self.visit = visit
        self.motion = motion
        self.parameters = parameters
        self.scan = scan
        self.seed = seed
        anatomy = HandAnatomy(parameters, seed: seed).revisited(visit, seed: seed)
        let top = (Double(anatomy.tipZ) + scan.distalMarginMm - scan.startMm).rounded()
        frame = ScanFrame(
            object: anatomy, scan: scan, lowestZ: top - Double(scan.slices - 1) * scan.sliceSpacingMm, patientZ: 420,
            mirrored: parameters.side == .left
        ).moved(by: visit.pose.shiftMm)
    }

    /// The grid of the images, in patient coordinates.
    public var geometry: GridGeometry { frame.geometry }

    /// Makes the images of both energies in HU, on one grid.
    public func simulate(
        mode: SimulationMode, pair: SpectrumPair
    ) -> (low: Volume<Int16>, high: Volume<Int16>) {
        let still = images(of: anatomy, frame: frame, mode: mode, pair: pair)
        guard let motion else { return still }
        let moved = images(
            of: anatomy.posed(motion), frame: frame.moved(by: motion.shiftMm, roomMm: motion.bends.isEmpty ? 0 : 10),
            mode: mode, pair: pair)
        return (still.low, moved.high)
    }

    private func images(
        of anatomy: HandAnatomy, frame: ScanFrame, mode: SimulationMode, pair: SpectrumPair
    ) -> (low: Volume<Int16>, high: Volume<Int16>) {
        // Each examination has noise of its own.
        let noise = seed &+ UInt64(visit.number - 1) &* 1_000_003
        return switch mode {
        case .projection: ProjectedImages(object: anatomy, frame: frame, pair: pair, seed: noise).make()
        case .quick: QuickImages(object: anatomy, frame: frame, pair: pair, seed: noise).make()
        }
    }
}
