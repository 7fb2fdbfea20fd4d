/// What a scan of rods with known hydroxyapatite says of a scanner: its slopes, in HU per mg/cm3, at two energies.
///
/// Rods fix the slope at one path through one phantom. The effective filtration that explains it carries it to other
/// paths, through the size dependence of the model table; the factors are what filtration cannot explain.
public struct RodCalibration: Sendable, Equatable {
    public var lowBeam: BeamQuality
    public var highBeam: BeamQuality
    /// The inherent filtration that hardens as the scanner's does, all of it taken for aluminium.
    public var filtration: Filtration
    /// Measured slope over the one that the model gives behind this filtration.
    public var lowFactor: Double
    public var highFactor: Double
    /// Covariance of the relative errors of both slopes at the phantom's path: noise of the scan, tolerance of the rods.
    public var relativeCovariance: NoiseCovariance
    /// Mean water-equivalent path of the rays through the rods, in cm.
    public var pathCm: Double
    /// Measured slopes in HU per mg/cm3 of hydroxyapatite that displaces water, behind `pathCm` of water.
    public var lowSlope: Double
    public var highSlope: Double

    public init(
        lowBeam: BeamQuality, highBeam: BeamQuality, filtration: Filtration, lowFactor: Double, highFactor: Double,
        relativeCovariance: NoiseCovariance, pathCm: Double, lowSlope: Double, highSlope: Double
    ) {
        self.lowBeam = lowBeam
        self.highBeam = highBeam
        self.filtration = filtration
        self.lowFactor = lowFactor
        self.highFactor = highFactor
        self.relativeCovariance = relativeCovariance
        self.pathCm = pathCm
        self.lowSlope = lowSlope
        self.highSlope = highSlope
    }
}

extension RodCalibration {
    /// Whether it was made with the beams of these images.
    public func applies(to pair: DualEnergyPair) -> Bool {
        lowBeam.isSame(as: pair.lowBeam) && highBeam.isSame(as: pair.highBeam)
    }

    /// The local response of a pair, by the rods.
    ///
    /// - Parameter images: at low and at high energy; air outside the body counts as nothing.
    public func pathMap(of images: (low: Volume<Int16>, high: Volume<Int16>)) -> PathMap {
        PathMap(
            of: images,
            tables: (
                ResponseTable(lowBeam, filtration: filtration), ResponseTable(highBeam, filtration: filtration)
            )
        ).scaled(low: lowFactor, high: highFactor)
    }

    /// What remains uncertain of the slopes behind a path: the rods' own part, and that of the way from the phantom's
    /// path to this one.
    public func uncertainty(pathCm: Double) -> CalibrationUncertainty {
        // Two models of one scanner (ours, and GE's XCIST with another tube and a bowtie) disagree by 2 % on how far
        // the slope of an open 80 kV beam falls from 6 to 30 cm, which is a factor of e to the power 1.6. Tin leaves
        // little to harden.
        let steps = abs(naturalLogarithm(max(pathCm, 1) / max(self.pathCm, 1)))
        func way(_ beam: BeamQuality) -> Double {
            beam.tubeKilovolts == nil ? 0.003 * steps : 0.012 * steps / (1 + 10 * beam.tinMm)
        }
        let shared = max(0, relativeCovariance.both)
        let own = max(relativeCovariance.low, relativeCovariance.high) - shared
        let common = { (beam: BeamQuality) in (shared + way(beam) * way(beam)).squareRoot() }
        return CalibrationUncertainty(
            commonLow: common(lowBeam), commonHigh: common(highBeam), independent: max(0, own).squareRoot())
    }
}

extension BeamQuality {
    /// Within what headers round: half a kilovolt, a twentieth of a millimetre, half a kiloelectronvolt.
    public func isSame(as other: BeamQuality) -> Bool {
        switch (self, other) {
        case (.tube(let a, let tinA), .tube(let b, let tinB)): abs(a - b) <= 0.5 && abs(tinA - tinB) <= 0.05
        case (.monoenergetic(let a), .monoenergetic(let b)): abs(a - b) <= 0.5
        default: self == other
        }
    }
}
