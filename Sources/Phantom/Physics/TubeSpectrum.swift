/// The spectra that the phantom's scanner can use: tube voltage and, with a tin filter, its usual thickness.
public enum TubeSpectrum: String, Sendable, CaseIterable {
    case kv70 = "70"
    case kv80 = "80"
    case kv90 = "90"
    case kv100 = "100"
    case kv120 = "120"
    case kv140 = "140"
    case tin100 = "Sn100"
    case tin140 = "Sn140"
    case tin150 = "Sn150"

    /// Peak tube voltage in kV.
    public var peakKilovoltage: Int {
        switch self {
        case .kv70: 70
        case .kv80: 80
        case .kv90: 90
        case .kv100, .tin100: 100
        case .kv120: 120
        case .kv140, .tin140: 140
        case .tin150: 150
        }
    }

    /// Thickness of the tin filter in mm, 0 without one.
    public var tinMm: Double {
        switch self {
        case .tin100, .tin150: 0.6
        case .tin140: 0.4
        default: 0
        }
    }

    /// Shares of the photons at the energies of `AttenuationTable`.
    var photonShares: [Double] {
        switch self {
        case .kv70: SpectrumTable.kv70
        case .kv80: SpectrumTable.kv80
        case .kv90: SpectrumTable.kv90
        case .kv100: SpectrumTable.kv100
        case .kv120: SpectrumTable.kv120
        case .kv140: SpectrumTable.kv140
        case .tin100: SpectrumTable.sn100
        case .tin140: SpectrumTable.sn140
        case .tin150: SpectrumTable.sn150
        }
    }
}

/// What stands between anode and patient besides tin, in mm: 3 mm Al and 0.9 mm Ti unless the scanner is another.
public struct TubeFiltration: Sendable, Equatable {
    public var aluminiumMm: Double
    public var titaniumMm: Double

    public init(aluminiumMm: Double = 3, titaniumMm: Double = 0.9) {
        self.aluminiumMm = aluminiumMm
        self.titaniumMm = titaniumMm
    }
}

/// A spectrum behind its filters.
package struct FilteredSpectrum: Sendable, Equatable {
    package var spectrum: TubeSpectrum
    package var filtration = TubeFiltration()

    package init(_ spectrum: TubeSpectrum, filtration: TubeFiltration = TubeFiltration()) {
        self.spectrum = spectrum
        self.filtration = filtration
    }

    /// Photons times the energy that the scintillator absorbs of each: the signal of an energy-integrating detector.
    ///
    /// The tables are behind the standard filters: others are put in, or taken out, by their difference.
    var detectedEnergy: [Double] {
        let aluminium = (filtration.aluminiumMm - 3) / 10 * AttenuationTable.aluminiumDensityGPerCm3
        let titanium = (filtration.titaniumMm - 0.9) / 10 * AttenuationTable.titaniumDensityGPerCm3
        return spectrum.photonShares.enumerated().map { index, share in
            let depth = aluminium * AttenuationTable.aluminium[index] + titanium * AttenuationTable.titanium[index]
            return share * exponential(-depth) * SpectrumTable.scintillator[index]
                * Double(AttenuationTable.firstEnergyKeV + index)
        }
    }

    /// The CT number in HU of a small insert behind this much water.
    package func effectiveHU(of mixture: Mixture, waterCm: Double) -> Double {
        let water = Mixture(.water).linearAttenuation
        let insert = mixture.linearAttenuation
        var reference = 0.0
        var signal = 0.0
        for (e, weight) in detectedEnergy.enumerated() {
            let behind = weight * exponential(-water[e] * waterCm)
            reference += behind * water[e]
            signal += behind * insert[e]
        }
        return 1000 * (signal / reference - 1)
    }
}

extension TubeSpectrum {
    /// The CT number in HU of a small insert behind this much water, with the standard filters.
    package func effectiveHU(of mixture: Mixture, waterCm: Double) -> Double {
        FilteredSpectrum(self).effectiveHU(of: mixture, waterCm: waterCm)
    }
}

/// The two spectra of one dual-energy acquisition.
public struct SpectrumPair: Sendable, Equatable {
    public var low: TubeSpectrum
    public var high: TubeSpectrum
    public var filtration = TubeFiltration()

    public init(low: TubeSpectrum, high: TubeSpectrum) {
        self.low = low
        self.high = high
    }

    /// A pair written as `80/Sn150`; nil when it names no known spectra or the second is not the harder.
    public init?(_ text: String) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let low = TubeSpectrum(rawValue: String(parts[0])),
            let high = TubeSpectrum(rawValue: String(parts[1])), low.peakKilovoltage < high.peakKilovoltage
        else { return nil }
        self.init(low: low, high: high)
    }

    package var filteredLow: FilteredSpectrum { FilteredSpectrum(low, filtration: filtration) }
    package var filteredHigh: FilteredSpectrum { FilteredSpectrum(high, filtration: filtration) }

    public var description: String { "\(low.rawValue)/\(high.rawValue)" }
}
