import Phantom
import Testing

/// CT numbers of small inserts behind 5 cm of water, computed apart from this package from NIST coefficients.
@Suite struct PhysicsTests {
    struct Expected: Sendable, CustomTestStringConvertible {
        var spectrum: TubeSpectrum
        var hydroxyapatite200: Double
        var adipose: Double
        var muscle: Double
        var cortical: Double
        var urate40: Double
        var testDescription: String { spectrum.rawValue }
    }

    static let table = [
        Expected(spectrum: .kv70, hydroxyapatite200: 499, adipose: -120, muscle: 48, cortical: 2831, urate40: 298),
        Expected(spectrum: .kv80, hydroxyapatite200: 437, adipose: -109, muscle: 46, cortical: 2500, urate40: 295),
        Expected(spectrum: .kv100, hydroxyapatite200: 363, adipose: -95, muscle: 45, cortical: 2105, urate40: 291),
        Expected(spectrum: .kv140, hydroxyapatite200: 296, adipose: -83, muscle: 44, cortical: 1743, urate40: 288),
        Expected(spectrum: .tin140, hydroxyapatite200: 209, adipose: -67, muscle: 42, cortical: 1276, urate40: 284),
        Expected(spectrum: .tin150, hydroxyapatite200: 188, adipose: -63, muscle: 41, cortical: 1163, urate40: 283),
    ]

    @Test(arguments: table) func ctNumbersAgreeWithAnIndependentComputation(_ expected: Expected) {
        func hu(_ mixture: Mixture) -> Double { expected.spectrum.effectiveHU(of: mixture, waterCm: 5) }
        let apatite = hu(.mineral(.hydroxyapatite, mgPerCm3: 200, in: Mixture(.water)))
        #expect(abs(apatite - expected.hydroxyapatite200) < 0.02 * expected.hydroxyapatite200)
        #expect(abs(hu(Mixture(.adipose)) - expected.adipose) < 3)
        #expect(abs(hu(Mixture(.muscle)) - expected.muscle) < 3)
        #expect(abs(hu(Mixture(.cortical)) - expected.cortical) < 0.02 * expected.cortical)
        let urate = hu(Mixture([(.monosodiumUrate, 0.4), (.muscle, 0.6)]))
        #expect(abs(urate - expected.urate40) < 0.04 * expected.urate40)
    }

    /// HU of 200 mg/cm3 behind 5 cm of water, from spectra that SpekPy made behind these filters themselves.
    @Test(arguments: [
        (TubeSpectrum.kv80, 3.0, 0.0, 539.0), (.kv80, 9, 0, 451), (.kv80, 9, 0.9, 398.5), (.kv140, 3, 0, 352.6),
        (.kv140, 9, 0.9, 272.2), (.tin150, 3, 0, 191.7), (.tin150, 9, 0.9, 184.9),
    ])
    func filtersCanBeChanged(
        _ spectrum: TubeSpectrum, _ aluminiumMm: Double, _ titaniumMm: Double, _ expected: Double
    ) {
        let beam = FilteredSpectrum(
            spectrum, filtration: TubeFiltration(aluminiumMm: aluminiumMm, titaniumMm: titaniumMm))
        let rod = Mixture.mineral(.hydroxyapatite, mgPerCm3: 200, in: Mixture(.water))
        #expect(abs(beam.effectiveHU(of: rod, waterCm: 5) / expected - 1) < 0.005)
    }

    @Test(arguments: TubeSpectrum.allCases) func waterIsZeroAtEverySpectrum(_ spectrum: TubeSpectrum) {
        #expect(abs(spectrum.effectiveHU(of: Mixture(.water), waterCm: 5)) < 1e-9)
    }

    @Test func fourBasisMaterialsStandForAllOthers() {
        let basis = BasisSet()
        for material in Material.allCases where material != .air && material != .iodine {
            #expect(basis.relativeError(of: Mixture(material)) < 0.01, "\(material)")
        }
    }

    @Test(arguments: [("80/Sn150", true), ("100/Sn140", true), ("150/80", false), ("80", false), ("Sn150/80", false)])
    func aPairIsTwoSpectraTheSofterFirst(_ text: String, _ isValid: Bool) {
        #expect((SpectrumPair(text) != nil) == isValid)
    }
}
