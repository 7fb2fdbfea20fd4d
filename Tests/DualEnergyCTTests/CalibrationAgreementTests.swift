import DualEnergyCT
import Testing

/// Sources of calibration that agree stay silent, and those that do not are a reason to doubt.
struct CalibrationAgreementTests {
    typealias Beams = (low: BeamQuality, high: BeamQuality)
    private static let pairs: [Beams] = [(80, 140, 0), (80, 150, 0.6), (100, 140, 0.4), (70, 150, 0.6)].map {
        (.tube(kilovolts: $0.0, tinMm: 0), .tube(kilovolts: $0.1, tinMm: $0.2))
    }

    /// What rods in 10 cm give behind a filtration, with the densities of their list wrong by a factor.
    private static func rods(
        _ beams: Beams, aluminiumMm: Double, titaniumMm: Double = 0, factors: (low: Double, high: Double) = (1, 1)
    ) -> RodCalibration {
        let filtration = Filtration(aluminiumMm: aluminiumMm, titaniumMm: titaniumMm, anodeAngleDegrees: 8)
        func slope(_ beam: BeamQuality) -> Double {
            ResponseTable(beam, filtration: filtration).response(waterCm: 10).hydroxyapatite
        }
        return RodCalibration(
            lowBeam: beams.low, highBeam: beams.high, filtration: filtration, lowFactor: factors.low,
            highFactor: factors.high, relativeCovariance: NoiseCovariance(low: 5e-5, high: 5e-5, both: 2.5e-5),
            pathCm: 10, lowSlope: factors.low * slope(beams.low), highSlope: factors.high * slope(beams.high))
    }

    @Test(arguments: pairs.indices, [(3.0, 0.0), (9, 0), (3, 0.9), (9, 0.9)])
    func rodsOfAnyTubeInUseAgreeWithTheTable(_ pair: Int, _ filter: (Double, Double)) {
        let rods = Self.rods(Self.pairs[pair], aluminiumMm: filter.0, titaniumMm: filter.1)
        #expect(rods.comparedWithTable().deviations < 3, "\(rods.comparedWithTable())")
    }

    @Test
    func rodsThatAreNotWhatTheirListSaysContradictTheTableBehindTin() {
        let compared = Self.rods(
            Self.pairs[1], aluminiumMm: 3, titaniumMm: 0.9, factors: (1.12, 1.12)
        ).comparedWithTable()
        #expect(compared.deviations > 3, "\(compared)")
        #expect(abs(compared.low - 0.12) < 1e-6 && abs(compared.high - 0.12) < 1e-6)
        var trust = TrustAssessment()
        trust.rodContradiction = compared.deviations
        let reasons = trust.verdict(TrustLimits()).reasons
        #expect(reasons.contains { $0.kind == .calibration && $0.unit == "table" })
    }

    /// The limit is three deviations of what the line, bone, the model and the rods say of themselves.
    @Test(arguments: pairs.indices)
    func boneMustAgreeWithRodsAsFarAsBothAreKnown(_ pair: Int) throws {
        let rods = Self.rods(Self.pairs[pair], aluminiumMm: 9)
        func deviation(_ own: Double, pathCm: Double) -> Double {
            BoneLine(
                slope: 2, interceptHU: 0, relativeDeviation: own, path: RayPath(waterCm: pathCm, mineralGPerCm2: 0.3),
                volumeMm3: 1000
            ).ratioDeviation(byRods: rods)
        }
        let sharp = deviation(0.002, pathCm: 10)
        #expect((0.012...0.035).contains(sharp), "\(sharp)")
        #expect(abs(deviation(0.03, pathCm: 10) - (sharp * sharp + 0.03 * 0.03).squareRoot()) < 1e-4)
        #expect(deviation(0.002, pathCm: 30) > sharp)

        var trust = TrustAssessment()
        trust.calibration = .rods
        trust.boneRatioDeviation = sharp
        func contradicts(_ ratio: Double) -> Trust.Reason? {
            trust.boneRatio = ratio
            return trust.verdict(TrustLimits()).reasons.first { $0.kind == .calibration && $0.unit == "bone" }
        }
        #expect(contradicts(1 + 2.9 * sharp) == nil)
        #expect(contradicts(1 - 2.9 * sharp) == nil)
        let high = try #require(contradicts(1 + 3.1 * sharp))
        #expect(abs(high.limit - 1 - 3 * sharp) < 1e-12)
        #expect(try #require(contradicts(1 - 3.1 * sharp)).limit < 1)
    }
}
