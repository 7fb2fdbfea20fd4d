/// Relative standard uncertainty of the slopes, HU per mg/cm3: a part that both images share and one that each has of
/// its own. The three numbers hold any covariance of the two.
public struct CalibrationUncertainty: Sendable, Equatable {
    /// What moves both slopes together, above all the unknown inherent filtration.
    public var commonLow: Double
    public var commonHigh: Double
    /// Independent of each other: spectrum model, water correction, scatter, reconstruction.
    public var independent: Double

    public init(commonLow: Double, commonHigh: Double, independent: Double) {
        self.commonLow = commonLow
        self.commonHigh = commonHigh
        self.independent = independent
    }

    /// With the covariance of the relative errors of both slopes: its smaller eigenvalue is what each has of its own.
    init(relative covariance: NoiseCovariance) {
        let half = (covariance.low - covariance.high) / 2
        let radius = (half * half + covariance.both * covariance.both).squareRoot()
        let smaller = max(0, (covariance.low + covariance.high) / 2 - radius)
        independent = smaller.squareRoot()
        commonLow = max(0, covariance.low - smaller).squareRoot()
        commonHigh = (covariance.both < 0 ? -1 : 1) * max(0, covariance.high - smaller).squareRoot()
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
            relative: modelCovariance(low, high).adding(1, along: common(low), common(high))
                .adding(imageDeviation, along: 1, 1))
    }

    /// Water correction, scatter and reconstruction, which no spectrum knows of, move both images alike.
    static let imageDeviation = 0.01

    /// What the spectrum model itself leaves of the two slopes behind filters that are known.
    static func modelCovariance(_ low: BeamQuality, _ high: BeamQuality) -> NoiseCovariance {
        let (a, b) = (independent(low), independent(high))
        return NoiseCovariance(low: a * a, high: b * b)
    }

    /// Models of one spectrum part behind the same filters: this one and SpekPy's three, from 70 to 140 kV behind 3 to
    /// 9 mm Al, 0 to 0.9 mm Ti and 4 to 30 cm of water, by 1.5 % of the slope (root mean square; at most 2.7 %), and by
    /// 0.7 % behind tin, which leaves them little to differ in. The ideal detectors of the model stand for layers and
    /// counters less well than for one scintillator.
    private static func independent(_ beam: BeamQuality) -> Double {
        switch beam {
        case .tube(_, let tinMm): tinMm > 0.2 ? 0.007 : 0.015
        case .monoenergetic: 0.01
        case .detectorLayer: 0.03
        case .photonCounting: 0.05
        }
    }

    /// Covariance of the two values that a quantity has by its slopes.
    package func covariance(low: Double, high: Double) -> NoiseCovariance {
        NoiseCovariance(low: independent * independent * low * low, high: independent * independent * high * high)
            .adding(1, along: commonLow * low, commonHigh * high)
    }
}
