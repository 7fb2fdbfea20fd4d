/// How one of the two images was made: what the attenuation model needs to know of the beam and its detector.
public enum BeamQuality: Sendable, Equatable, Hashable {
    /// A tube at this voltage, 50 to 150 kV, on an energy-integrating detector; `tinMm` is the thickness of an added tin
    /// filter in mm, 0 for none.
    case tube(kilovolts: Double, tinMm: Double)
    /// A virtual monoenergetic image at this photon energy.
    case monoenergetic(kiloelectronvolts: Double)
    /// One of the two scintillators of a dual-layer detector behind one tube.
    case detectorLayer(DetectorLayer, kilovolts: Double)
    /// Photons counted one by one, those between two thresholds.
    case photonCounting(kilovolts: Double, tinMm: Double, windowKiloelectronvolts: ClosedRange<Double>)

    /// Voltage of the tube in kV; nil for an image at one energy.
    public var tubeKilovolts: Double? {
        switch self {
        case .tube(let kilovolts, _), .detectorLayer(_, let kilovolts), .photonCounting(let kilovolts, _, _):
            kilovolts
        case .monoenergetic: nil
        }
    }

    /// Thickness of an added tin filter in mm.
    public var tinMm: Double {
        switch self {
        case .tube(_, let tinMm), .photonCounting(_, let tinMm, _): tinMm
        case .monoenergetic, .detectorLayer: 0
        }
    }
}

/// The scintillators of a dual-layer detector, in the order in which photons meet them.
public enum DetectorLayer: String, Sendable, CaseIterable {
    /// Takes most of the soft photons.
    case upper
    /// Sees what the upper one lets through.
    case lower
}
