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
    /// Relative deviation of the slope that the spectrum model itself leaves: with SpekPy's spectra behind 3 to 9 mm Al and
    /// 0 to 0.9 mm Ti, all of it known, bone of phantoms lies on a line that is 1.2 % steeper without tin and 1 % flatter
    /// with it. An error of 1 % in the ratio of 80/140 is 7 % of slope: taken for smaller it draws the filtration aside.
    static let modelDeviation = 0.012
    /// Deviation in HU of the scanner's own scale, water against air, of one image against the other.
    static let scaleDeviationHU = 8.0

    private static let materials: [Material] = [
        .corticalBone, .collagen, .redMarrow, .yellowMarrow, .muscle, .adipose,
    ]

    private let low: [Double]
    private let high: [Double]

    init(low: HardeningModel, high: HardeningModel, path: RayPath) {
        self.low = low.hounsfield(waterCm: path.waterCm, mineralGPerCm2: path.mineralGPerCm2)
        self.high = high.hounsfield(waterCm: path.waterCm, mineralGPerCm2: path.mineralGPerCm2)
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
