/// Relative standard uncertainty of the slopes, HU per mg/cm3.
public struct CalibrationUncertainty: Sendable, Equatable {
    /// Caused by the unknown inherent filtration, common to both images.
    public var commonLow: Double
    public var commonHigh: Double
    /// Independent of each other: water correction, scatter, reconstruction.
    public var independent: Double

    public init(commonLow: Double, commonHigh: Double, independent: Double) {
        self.commonLow = commonLow
        self.commonHigh = commonHigh
        self.independent = independent
    }

    /// Of the model table: what the filtrations in use do to the slopes of these beams.
    public static func table(low: BeamQuality, high: BeamQuality) -> CalibrationUncertainty {
        table(
            low: low, high: high, aluminiumMm: FiltrationPrior.meanMm, deviationMm: FiltrationPrior.deviationMm,
            path: RayPath(waterCm: 5, mineralGPerCm2: 0))
    }

    /// Of the model behind a filtration that is known so well.
    static func table(
        low: BeamQuality, high: BeamQuality, aluminiumMm: Double, deviationMm: Double, path: RayPath
    ) -> CalibrationUncertainty {
        func common(_ beam: BeamQuality) -> Double {
            // An image at one energy knows no filters; how well the scanner calculates it is its maker's affair.
            guard beam.tubeKilovolts != nil else { return 0.01 }
            func slope(_ mm: Double) -> Double {
                let spectrum = DetectedSpectrum(beam, filtration: .effective(aluminiumMm: max(1, mm)))
                return HardeningModel(spectrum, materials: [.hydroxyapatite]).hounsfield(
                    waterCm: path.waterCm, mineralGPerCm2: path.mineralGPerCm2)[0]
            }
            return 0.5 * naturalLogarithm(slope(aluminiumMm - deviationMm) / slope(aluminiumMm + deviationMm))
        }
        return CalibrationUncertainty(
            commonLow: common(low), commonHigh: common(high),
            independent: max(Self.independent(low), Self.independent(high)))
    }

    /// Two models of one spectrum part by up to 2.5 % in the slope behind the same filters (this one and SpekPy's). The
    /// ideal detectors of the model stand for layers and counters less well than for one scintillator.
    private static func independent(_ beam: BeamQuality) -> Double {
        switch beam {
        case .tube: 0.025
        case .monoenergetic: 0.01
        case .detectorLayer: 0.03
        case .photonCounting: 0.05
        }
    }

    /// What is left of the spectrum model's own error where bone has fixed the filtration: the filtration that explains
    /// bone makes up for part of it.
    static let independentWithBone = 0.015

    /// Covariance of the two values that a quantity has by its slopes.
    func covariance(low: Double, high: Double) -> NoiseCovariance {
        NoiseCovariance(low: independent * independent * low * low, high: independent * independent * high * high)
            .adding(1, along: commonLow * low, commonHigh * high)
    }
}
