public import DualEnergyCT

/// A phantom with rods of hydroxyapatite: what a scanner is calibrated with.
public struct RodPhantom: Sendable, Equatable {
    /// What body and rods are made of beside the mineral.
    public enum Base: String, Sendable, CaseIterable {
        case water, resin, polyethylene, acrylic
    }

    public struct Rod: Codable, Sendable, Equatable {
        /// Hydroxyapatite in mg/cm3.
        public var mgPerCm3: Double
        /// Place of the axis in the first slice, in mm from the body's.
        public var xMm: Double
        public var yMm: Double
        public var diameterMm: Double

        public init(mgPerCm3: Double, xMm: Double, yMm: Double, diameterMm: Double) {
            self.mgPerCm3 = mgPerCm3
            self.xMm = xMm
            self.yMm = yMm
            self.diameterMm = diameterMm
        }
    }

    /// Width and height of the body in mm.
    public var widthMm: Double
    public var heightMm: Double
    /// Where the body's axis lies, in mm from the scanner's.
    public var eccentricityMm = (x: 0.0, y: 0.0)
    public var base = Base.water
    /// Of the body where it differs from that of the rods.
    public var bodyBase: Base?
    public var rods: [Rod]
    /// Run of the rods' axes in x and y for each mm along z.
    public var tilt = (x: 0.0, y: 0.0)
    /// Also inserts of air, muscle and monosodium urate.
    public var hasOtherInserts = false
    public var hasTable = true

    /// Rods on a ring at 0.55 of the half axes, the densest beside the faintest.
    public init(
        diameterMm: Double, heightMm: Double? = nil, densitiesMgPerCm3: [Double], rodDiameterMm: Double,
        firstAngleDegrees: Double = 0
    ) {
        widthMm = diameterMm
        self.heightMm = heightMm ?? diameterMm
        let height = self.heightMm
        rods = densitiesMgPerCm3.enumerated().map { index, density in
            let angle = (firstAngleDegrees / 360 + Double(index) / Double(densitiesMgPerCm3.count)) * 2 * .pi
            return Rod(
                mgPerCm3: density, xMm: 0.275 * diameterMm * cosine(angle), yMm: 0.275 * height * sine(angle),
                diameterMm: rodDiameterMm)
        }
    }

    public static func == (a: Self, b: Self) -> Bool {
        a.widthMm == b.widthMm && a.heightMm == b.heightMm && a.eccentricityMm == b.eccentricityMm && a.base == b.base
            && a.bodyBase == b.bodyBase && a.rods == b.rods && a.tilt == b.tilt
            && a.hasOtherInserts == b.hasOtherInserts && a.hasTable == b.hasTable
    }

    /// Makes the images of both energies in HU, on one grid.
    ///
    /// The noise of `scan` is that in the middle of this phantom: a scanner gives a large body more dose.
    public func simulate(
        pair: SpectrumPair, scan: ScanParameters, seed: UInt64
    ) -> (low: Volume<Int16>, high: Volume<Int16>) {
        let frame = ScanFrame(object: object, scan: scan, lowestZ: 0, patientZ: 0, mirrored: false)
        var images = ProjectedImages(object: object, frame: frame, pair: pair, seed: seed)
        images.noiseReferenceCm = Float((widthMm * heightMm).squareRoot() / 10)
        return images.make()
    }

    private var object: RodBody {
        let slope = SIMD2(Float(tilt.x), Float(tilt.y))
        let centre = SIMD2(Float(eccentricityMm.x), Float(eccentricityMm.y))
        var painted = rods.map { rod in
            RodBody.Rod(
                foot: centre + SIMD2(Float(rod.xMm), Float(rod.yMm)), slope: slope, radius: Float(rod.diameterMm / 2),
                mixture: Mixture.mineral(.hydroxyapatite, mgPerCm3: rod.mgPerCm3, in: base.mixture))
        }
        if hasOtherInserts {
            let inner = Float(0.11 * min(widthMm, heightMm))
            let others: [(Float, Float, Mixture)] = [
                (inner, 0, Mixture(.air)), (-inner, 0, Mixture(.muscle)),
                (0, inner, Mixture([(.monosodiumUrate, 0.4), (.muscle, 0.6)])),
            ]
            painted += others.map { x, y, mixture in
                RodBody.Rod(foot: centre + SIMD2(x, y), slope: slope, radius: 0.35 * inner, mixture: mixture)
            }
        }
        return RodBody(
            half: SIMD2(Float(widthMm / 2), Float(heightMm / 2)), centre: centre,
            body: (bodyBase ?? base).mixture, rods: painted, hasTable: hasTable)
    }
}

extension RodPhantom.Base {
    var mixture: Mixture {
        switch self {
        case .water: Mixture(.water)
        case .resin: Mixture(.resin)
        case .polyethylene: Mixture(.polyethylene)
        case .acrylic: Mixture(.acrylic)
        }
    }
}
