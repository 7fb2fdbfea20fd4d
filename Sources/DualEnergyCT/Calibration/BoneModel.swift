/// What line bone must lie on behind a filtration: cortex, more or less of its collagen, and marrow.
package struct BoneModel {
    /// Volume share of collagen by which cortical bone differs from ICRU 44's, and its standard deviation.
    ///
    /// The report's 1.92 g/cm3 hold more matrix than apatite, collagen and water of the same elements take up in
    /// volume, by 0.12 of collagen: the truth is looked for between the two, and bones differ as much.
    static let collagenShare = -0.06
    static let collagenDeviation = 0.08
    /// Fat fraction of what cortex is mixed with, marrow and the tissue at its surface: fat in the adult hand, never all.
    static let fatFraction = 0.6
    static let fatDeviation = 0.25
    /// Deviation in HU of the scanner's own scale, water against air, of one image against the other.
    static let scaleDeviationHU = 8.0

    private static let materials: [Material] = [
        .corticalBone, .collagen, .redMarrow, .yellowMarrow, .muscle, .adipose, .hydroxyapatite,
    ]

    private let low: [Double]
    private let high: [Double]

    init(low: HardeningModel, high: HardeningModel, path: RayPath) {
        self.low = low.hounsfield(waterCm: path.waterCm, mineralGPerCm2: path.mineralGPerCm2)
        self.high = high.hounsfield(waterCm: path.waterCm, mineralGPerCm2: path.mineralGPerCm2)
    }

    static func behind(
        _ path: RayPath, low: BeamQuality, high: BeamQuality, aluminiumMm: Double
    ) -> BoneModel {
        let filtration = Filtration.effective(aluminiumMm: aluminiumMm)
        return BoneModel(
            low: hardening(low, filtration: filtration), high: hardening(high, filtration: filtration), path: path)
    }

    static func hardening(_ beam: BeamQuality, filtration: Filtration) -> HardeningModel {
        HardeningModel(DetectedSpectrum(beam, filtration: filtration), materials: materials)
    }

    /// The line of bone for two beams behind a filtration and a path.
    package static func line(
        low: BeamQuality, high: BeamQuality, filtration: Filtration, path: RayPath
    ) -> (slope: Double, interceptHU: Double) {
        BoneModel(
            low: hardening(low, filtration: filtration), high: hardening(high, filtration: filtration), path: path
        ).line()
    }

    /// Slope and intercept of the line through cortex and what it is mixed with.
    func line(
        collagenShare: Double = collagenShare, fatFraction: Double = fatFraction
    ) -> (slope: Double, interceptHU: Double) {
        func cortex(_ hu: [Double]) -> Double { hu[0] + collagenShare * hu[1] }
        // Half marrow, half what lies on the bone.
        func soft(_ hu: [Double]) -> Double {
            (1 - fatFraction) * (hu[2] + hu[4]) / 2 + fatFraction * (hu[3] + hu[5]) / 2
        }
        let slope = (cortex(low) - soft(low)) / (cortex(high) - soft(high))
        return (slope, soft(low) - slope * soft(high))
    }

    /// Logarithms of the slopes of hydroxyapatite at both energies, up to a constant.
    var mineral: (low: Double, high: Double) { (naturalLogarithm(low[6]), naturalLogarithm(high[6])) }

    /// Covariance of the line of a bone about this one: relative slope (`low`), intercept in HU (`high`), both. What bones
    /// are made of, the scanner's scale, and how well the line was measured; no error of the spectra.
    func covariance(of line: BoneLine) -> NoiseCovariance {
        let slope = self.line().slope
        // A scale that is off by so much in either image moves the intercept only.
        let scale = Self.scaleDeviationHU * Self.scaleDeviationHU * (1 + slope * slope)
        let measured = NoiseCovariance(low: line.relativeDeviation * line.relativeDeviation, high: scale)
        return variations().reduce(measured) { $0.adding(1, along: $1.slope, $1.interceptHU) }
    }

    /// What one standard deviation of each property of bone does to its line: relative change of the slope, change of
    /// the intercept in HU.
    func variations() -> [(slope: Double, interceptHU: Double)] {
        let expected = line()
        return [
            line(fatFraction: Self.fatFraction + Self.fatDeviation),
            line(collagenShare: Self.collagenShare + Self.collagenDeviation),
        ].map { ($0.slope / expected.slope - 1, $0.interceptHU - expected.interceptHU) }
    }
}
