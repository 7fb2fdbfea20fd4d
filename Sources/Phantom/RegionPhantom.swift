public import DualEnergyCT

/// A limb or trunk with known deposits, calcified vessels and whatever else of calcium the region has.
public struct RegionPhantom: Sendable {
    public let parameters: RegionParameters
    public let scan: ScanParameters
    public let seed: UInt64
    let anatomy: RegionAnatomy
    let frame: ScanFrame
    /// Water in cm that attenuates about as the body: a scanner gives a large body more dose.
    private let typicalWaterCm: Double

    /// - Parameters:
    ///   - scan: its slices start at the region's lower end; columns and rows that are 0 are chosen to hold the body.
    ///   - repetition: another number is the same body with other noise and shifted by a part of a voxel.
    public init(_ parameters: RegionParameters, scan: ScanParameters, seed: UInt64, repetition: UInt64 = 0) {
        self.parameters = parameters
        self.seed = seed
        anatomy = RegionAnatomy(parameters, seed: seed)
        var scan = scan
        let lowest = Double(anatomy.field.lowerBound)
        let box = anatomy.box(z: anatomy.field)
        let width = Double(box.high.x - box.low.x)
        let height = Double(box.high.y - box.low.y)
        if scan.columns == 0 { scan.columns = Int((width + 10) / scan.pixelSpacingMm) }
        if scan.rows == 0 { scan.rows = Int((height + 10) / scan.pixelSpacingMm) }
        if scan.slices == 0 {
            scan.slices = Int((Double(anatomy.field.upperBound) - lowest) / scan.sliceSpacingMm)
        }
        typicalWaterCm = 0.085 * (width * height).squareRoot()
        scan.quickWaterCm = typicalWaterCm
        self.scan = scan
        self.repetition = repetition
        let shift = repetition == 0 ? 0 : 0.37 * scan.sliceSpacingMm
        frame = ScanFrame(
            object: anatomy, scan: scan, lowestZ: lowest + shift, patientZ: 0, mirrored: parameters.side == .left)
    }

    private let repetition: UInt64

    /// The grid of the images, in patient coordinates.
    public var geometry: GridGeometry { frame.geometry }

    /// Makes the images of both energies in HU, on one grid.
    public func simulate(mode: SimulationMode, pair: SpectrumPair) -> (low: Volume<Int16>, high: Volume<Int16>) {
        let noise = seed &+ repetition &* 1_000_003
        switch mode {
        case .projection:
            var images = ProjectedImages(object: anatomy, frame: frame, pair: pair, seed: noise)
            images.noiseReferenceCm = Float(typicalWaterCm)
            return images.make()
        case .quick: return QuickImages(object: anatomy, frame: frame, pair: pair, seed: noise).make()
        }
    }

    public func truth(mode: SimulationMode, pair: SpectrumPair) -> PhantomTruth {
        let integrator = DepositIntegrator(object: anatomy, frame: frame)
        var truth = PhantomTruth(
            seed: seed, side: parameters.region == .pelvis ? "both" : parameters.side.rawValue, pair: pair.description,
            mode: mode.rawValue, deposits: integrator.truth(of: anatomy.deposits))
        truth.region = parameters.region
        truth.otherCalcifications = anatomy.concretions.enumerated().compactMap { number, concretion in
            integrator.integrate(Tissue.other(anatomy.arteries.count + number).rawValue, within: concretion.lump).map {
                PhantomTruth.Calcification(
                    kind: concretion.kind, volumeMm3: $0.volumeMm3,
                    hydroxyapatiteMassMg: $0.volumeMm3 * concretion.lump.mgPerCm3 / 1000, centreMm: $0.centreMm)
            }
        }
        return truth
    }

    /// What fills the centre of each voxel: the values of `HandPhantom.truthLabels`.
    public func truthLabels() -> Volume<UInt8> {
        TruthLabel.volume(of: anatomy, frame: frame) { label in
            let tissue = Tissue(rawValue: label)
            guard tissue.isOtherMineral else { return TruthLabel.value(of: tissue) }
            return Int(label - Tissue.firstOther) < anatomy.arteries.count
                ? TruthLabel.vascular : TruthLabel.otherCalcification
        }
    }
}
