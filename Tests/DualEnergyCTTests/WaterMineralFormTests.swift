import DualEnergyCT
import Testing

/// What the two-material solution says of materials whose composition is known.
struct WaterMineralFormTests {
    /// CT number of a small insert behind 5 cm of water.
    private static func ctNumber(_ material: Material, _ beam: BeamQuality) -> Double {
        let spectrum = DetectedSpectrum(beam)
        var (signal, reference) = (0.0, 0.0)
        for (energy, weight) in zip(spectrum.energies, spectrum.weights) {
            let behind = weight / exponential(5 * Material.water.linearAttenuation(at: energy))
            signal += behind * material.linearAttenuation(at: energy)
            reference += behind * Material.water.linearAttenuation(at: energy)
        }
        return 1000 * (signal / reference - 1)
    }

    private static let pairs: [(BeamQuality, BeamQuality)] = [
        (.tube(kilovolts: 80, tinMm: 0), .tube(kilovolts: 150, tinMm: 0.6)),
        (.tube(kilovolts: 80, tinMm: 0), .tube(kilovolts: 140, tinMm: 0)),
        (.tube(kilovolts: 100, tinMm: 0), .tube(kilovolts: 140, tinMm: 0.4)),
    ]
    private static let tissues: [Material] = [
        .water, .adipose, .muscle, .skin, .tendon, .redMarrow, .yellowMarrow, .corticalBone,
    ]

    private static func form(_ low: BeamQuality, _ high: BeamQuality) -> WaterMineralForm {
        WaterMineralForm(
            PairResponse(low: ResponseTable(low).response(waterCm: 5), high: ResponseTable(high).response(waterCm: 5)))
    }

    /// Residuals: up to 0.15 % of the electron density (yellow marrow), as published methods have.
    @Test(arguments: pairs.indices, tissues.indices)
    func theElectronDensityOfTissuesFollowsTheirComposition(_ pair: Int, _ tissue: Int) {
        let (material, (low, high)) = (Self.tissues[tissue], Self.pairs[pair])
        let expected = material.densityGPerCm3 * material.electronsPerGram / Material.water.electronsPerGram
        let found = Self.form(low, high).electronDensity(
            Self.ctNumber(material, low), Self.ctNumber(material, high))
        #expect(abs(found / expected - 1) < 0.002, "\(material): \(found), not \(expected)")
    }

    /// Residuals: up to 0.02.
    @Test(arguments: pairs.indices, tissues.indices)
    func theEffectiveAtomicNumberOfTissuesFollowsTheirComposition(_ pair: Int, _ tissue: Int) {
        let (material, (low, high)) = (Self.tissues[tissue], Self.pairs[pair])
        let form = Self.form(low, high)
        let (x, y) = (Self.ctNumber(material, low), Self.ctNumber(material, high))
        let relative = form.atomicNumberPower(x, y) / form.electronDensity(x, y)
        let found = power(relative * Material.water.atomicNumberPower, 1 / Material.atomicNumberExponent)
        #expect(abs(found - material.effectiveAtomicNumber) < 0.04, "\(material): \(found)")
        #expect((7.4...7.5).contains(Material.water.effectiveAtomicNumber))
    }

    /// Residuals: up to 0.4 HU.
    @Test(arguments: pairs.indices, tissues.indices)
    func monoenergeticImagesOfThePairReadWhatOnePhotonEnergyWould(_ pair: Int, _ tissue: Int) {
        let (material, (low, high)) = (Self.tissues[tissue], Self.pairs[pair])
        let form = Self.form(low, high)
        let (x, y) = (Self.ctNumber(material, low), Self.ctNumber(material, high))
        for energy in [40.0, 50, 70, 100, 140] {
            let attenuation = material.linearAttenuation(at: energy) / Material.water.linearAttenuation(at: energy)
            let found = form.ctNumber(atKiloelectronvolts: energy)(x, y)
            #expect(abs(found - 1000 * (attenuation - 1)) < 1, "\(material) at \(energy) keV: \(found)")
        }
    }

    @Test
    func theTableOfAtomicNumbersIsThePowerLaw() {
        let powers = SIMD8<Float>(0.1, 0.5, 1, 3, 7, 12, 25, 40)
        let values = AtomicNumber.fromPower(powers)
        for lane in 0..<powers.scalarCount {
            let (found, relative) = (values[lane], Double(powers[lane]))
            let expected = power(relative * Material.water.atomicNumberPower, 1 / Material.atomicNumberExponent)
            #expect(abs(Double(found) - expected) < 0.003, "\(found), not \(expected)")
        }
    }
}
