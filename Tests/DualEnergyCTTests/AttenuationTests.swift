import DualEnergyCT
import Testing

/// Mass attenuation coefficients in cm2/g as printed by NIST (Hubbell and Seltzer, NISTIR 5632, tables 3 and 4).
private struct Published: Sendable, CustomTestStringConvertible {
    let material: Material
    let values: [(kiloelectronvolts: Double, massAttenuation: Double)]
    var testDescription: String { material.name }

    static let all = [
        Published(
            material: .water,
            values: [
                (20, 0.8096), (30, 0.3756), (40, 0.2683), (60, 0.2059), (80, 0.1837), (100, 0.1707), (150, 0.1505),
            ]
        ),
        Published(
            material: .aluminium,
            values: [(20, 3.441), (30, 1.128), (40, 0.5685), (60, 0.2778), (80, 0.2018), (100, 0.1704), (150, 0.1378)]
        ),
        Published(
            material: .corticalBone,
            values: [(20, 4.001), (30, 1.331), (40, 0.6655), (60, 0.3148), (80, 0.2229), (100, 0.1855), (150, 0.1480)]
        ),
        Published(
            material: .adipose,
            values: [
                (20, 0.5677), (30, 0.3063), (40, 0.2396), (60, 0.1974), (80, 0.1800), (100, 0.1688), (150, 0.1500),
            ]
        ),
        Published(
            material: .muscle,
            values: [
                (20, 0.8205), (30, 0.3783), (40, 0.2685), (60, 0.2048), (80, 0.1823), (100, 0.1693), (150, 0.1492),
            ]
        ),
        Published(material: .tin, values: [(40, 19.42), (60, 6.564), (100, 1.676), (150, 0.6091)]),
        Published(material: .iodine, values: [(30, 8.561), (40, 22.10), (60, 7.579), (100, 1.942)]),
    ]
}

struct AttenuationTests {
    @Test(arguments: Published.all)
    private func attenuationAgreesWithThePrintedNISTTableWithinOnePercent(_ published: Published) {
        for (energy, expected) in published.values {
            let found = published.material.massAttenuation(at: energy)
            #expect(abs(found / expected - 1) < 0.01, "\(energy) keV: \(found) instead of \(expected)")
        }
    }

    @Test(arguments: [
        // Edge in keV and the printed values on both sides.
        (Material.tin, 29.20, 7.76, 43.60), (.iodine, 33.17, 6.553, 35.82), (.tungsten, 69.53, 2.552, 11.23),
    ])
    func attenuationJumpsAtTheKEdgeAndNowhereElse(
        _ material: Material, _ edge: Double, _ below: Double, _ above: Double
    ) {
        #expect(abs(material.massAttenuation(at: edge - 0.02) / below - 1) < 0.02)
        #expect(abs(material.massAttenuation(at: edge + 0.02) / above - 1) < 0.02)
        // Away from the edge the coefficient only falls.
        for energy in stride(from: edge + 0.1, to: 150, by: 0.25) {
            #expect(material.massAttenuation(at: energy) > material.massAttenuation(at: energy + 0.25))
        }
    }

    @Test
    func hydroxyapatiteIsThirtyNinePointNinePercentCalciumByMass() {
        // 10 x 40.078 of 1004.6: where only calcium differs, attenuation differs by that share.
        let withCalcium = Material.hydroxyapatite.massAttenuation(at: 20)
        let parts =
            Material(name: "calcium", densityGPerCm3: 1.55, massFractions: [20: 1]).massAttenuation(at: 20) * 0.3989
        let phosphorus = Material(name: "P", densityGPerCm3: 1, massFractions: [15: 1]).massAttenuation(at: 20) * 0.1850
        let oxygen = Material(name: "O", densityGPerCm3: 1, massFractions: [8: 1]).massAttenuation(at: 20) * 0.4141
        let hydrogen = Material(name: "H", densityGPerCm3: 1, massFractions: [1: 1]).massAttenuation(at: 20) * 0.0020
        #expect(abs(withCalcium / (parts + phosphorus + oxygen + hydrogen) - 1) < 0.002)
    }
}
