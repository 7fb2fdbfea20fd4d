import Glibc

/// What stands between the anode and the patient in every beam, in mm.
public struct Filtration: Sendable, Equatable {
    public var aluminiumMm: Double
    public var titaniumMm: Double
    public var copperMm: Double
    public var anodeAngleDegrees: Double

    public init(aluminiumMm: Double, titaniumMm: Double, anodeAngleDegrees: Double, copperMm: Double = 0) {
        self.aluminiumMm = aluminiumMm
        self.titaniumMm = titaniumMm
        self.anodeAngleDegrees = anodeAngleDegrees
        self.copperMm = copperMm
    }

    /// A rotating-envelope tube of a dual-source scanner: 3 mm Al, 0.9 mm Ti, 8 degrees.
    ///
    /// Scanners differ (3 to 9 mm Al, 0 to 0.9 mm Ti are in use); `ResponseTable` says what that does to the slope.
    public static let standard = Filtration(aluminiumMm: 3, titaniumMm: 0.9, anodeAngleDegrees: 8)
}

/// The energies a detector weighs its signal by: photons before the patient times the signal of one photon.
public struct DetectedSpectrum: Sendable {
    /// Photon energies in keV, the centres of 1 keV bins.
    public let energies: [Double]
    /// Share of each bin in the unattenuated signal; they sum to one.
    public let weights: [Double]

    /// The spectrum of a beam as its detector weighs it.
    ///
    /// A monoenergetic image is one energy with the weight one. Fluorescence that escapes from the detector, cross-talk,
    /// charge sharing and scatter are left out: of photon-counting windows and of layers the model is the ideal.
    public init(_ beam: BeamQuality, filtration: Filtration = .standard) {
        switch beam {
        case .monoenergetic(let energy):
            energies = [energy]
            weights = [1]
        case .tube(let kilovolts, _), .detectorLayer(_, let kilovolts), .photonCounting(let kilovolts, _, _):
            let first = ElementTable.firstKiloelectronvolts
            let bins = (first..<max(first + 1, Int(kilovolts))).map { Double($0) + 0.5 }
            let photons = TungstenTube(
                kilovolts: kilovolts, anodeAngleDegrees: filtration.anodeAngleDegrees
            ).photons(at: bins)
            let detector = Detector(beam)
            let signal = zip(bins, photons).map { energy, count in
                let tin = beam.tinMm / 10 * Material.tin.linearAttenuation(at: energy)
                return count * exp(-filtration.opticalDepth(at: energy) - tin) * detector.signal(ofPhotonAt: energy)
            }
            let total = signal.reduce(0, +)
            energies = bins
            weights = signal.map { $0 / total }
        }
    }
}

extension Filtration {
    /// Optical depth of the filters at an energy in keV.
    fileprivate func opticalDepth(at energy: Double) -> Double {
        aluminiumMm / 10 * Material.aluminium.linearAttenuation(at: energy)
            + titaniumMm / 10 * Material.titanium.linearAttenuation(at: energy)
            + copperMm / 10 * Material.copper.linearAttenuation(at: energy)
    }
}

/// What a photon gives to the signal of each kind of detector.
private enum Detector {
    /// Signal proportional to the energy absorbed in 1.4 mm of gadolinium oxysulphide.
    case scintillator
    /// Energy absorbed in 1 mm of yttrium aluminium garnet, and in 2 mm of gadolinium oxysulphide behind it.
    case layer(DetectorLayer)
    /// One count for a photon between the thresholds that 1.6 mm of cadmium telluride stop.
    case counter(ClosedRange<Double>)

    init(_ beam: BeamQuality) {
        switch beam {
        case .tube, .monoenergetic: self = .scintillator
        case .detectorLayer(let layer, _): self = .layer(layer)
        case .photonCounting(_, _, let window): self = .counter(window)
        }
    }

    func signal(ofPhotonAt energy: Double) -> Double {
        func passed(_ cm: Double, _ material: Material) -> Double {
            exp(-cm * material.linearAttenuation(at: energy))
        }
        switch self {
        case .scintillator:
            return energy * (1 - passed(0.14, .gadoliniumOxysulphide))
        case .layer(.upper):
            return energy * (1 - passed(0.1, .yttriumAluminiumGarnet))
        case .layer(.lower):
            return energy * passed(0.1, .yttriumAluminiumGarnet) * (1 - passed(0.2, .gadoliniumOxysulphide))
        case .counter(let window):
            return window.contains(energy) ? 1 - passed(0.16, .cadmiumTelluride) : 0
        }
    }
}

extension DetectedSpectrum {
    /// Mean energy in keV and half-value layer in mm Al of the photons before the detector (fluence, air kerma).
    ///
    /// What is published about spectra is published in these terms.
    package static func beamQuality(
        kilovolts: Double, tinMm: Double, filtration: Filtration = .standard
    ) -> (meanKiloelectronvolts: Double, halfValueLayerMmAl: Double) {
        let spectrum = DetectedSpectrum(.tube(kilovolts: kilovolts, tinMm: tinMm), filtration: filtration)
        let photons = zip(spectrum.energies, spectrum.weights).map {
            $1 / Detector.scintillator.signal(ofPhotonAt: $0)
        }
        let mean = zip(spectrum.energies, photons).reduce(0) { $0 + $1.0 * $1.1 } / photons.reduce(0, +)
        let kerma = zip(spectrum.energies, photons).map { $0 * $1 * Self.airEnergyAbsorption(at: $0) }
        func transmitted(_ mm: Double) -> Double {
            zip(spectrum.energies, kerma).reduce(0) {
                $0 + $1.1 * exp(-mm / 10 * Material.aluminium.linearAttenuation(at: $1.0))
            }
        }
        var (low, high) = (0.0, 40.0)
        for _ in 0..<50 {
            let middle = (low + high) / 2
            if transmitted(middle) > transmitted(0) / 2 { low = middle } else { high = middle }
        }
        return (mean, (low + high) / 2)
    }

    /// Mass energy-absorption coefficient of dry air in cm2/g.
    ///
    /// Reference: Hubbell and Seltzer, NISTIR 5632, table 4 (air, dry), log-log interpolation.
    private static func airEnergyAbsorption(at energy: Double) -> Double {
        let table: [(Double, Double)] = [
            (10, 4.742), (15, 1.334), (20, 0.5389), (30, 0.1537), (40, 0.06833), (50, 0.04098), (60, 0.03041),
            (80, 0.02407), (100, 0.02325), (150, 0.02496), (200, 0.02672),
        ]
        let upper = table.firstIndex { $0.0 >= energy } ?? table.count - 1
        let (a, b) = (table[max(0, upper - 1)], table[max(1, upper)])
        return a.1 * pow(energy / a.0, log(b.1 / a.1) / log(b.0 / a.0))
    }
}
