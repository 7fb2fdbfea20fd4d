/// The solution in water and hydroxyapatite, and what any energy would see of it.
///
/// Attenuation by the photoelectric effect and by scattering spans two dimensions, so that two materials stand for all
/// (R. E. Alvarez, A. Macovski, Phys Med Biol 21 (1976) 733). Both amounts are free: fat has a little less water than
/// its volume and less mineral than none.
package struct WaterMineralForm: Sendable {
    /// Water-like density relative to water.
    package let water: LinearForm
    /// Hydroxyapatite in mg/cm3 added to that water.
    package let mineral: LinearForm

    package init(_ response: PairResponse) {
        // Mineral added to water, not displacing it: the displaced water comes back as a 1000 HU share of volume.
        let displaced = 1 / Material.hydroxyapatite.densityGPerCm3
        let kLow = response.low.hydroxyapatite + displaced
        let kHigh = response.high.hydroxyapatite + displaced
        let slope = 1 / (kLow - kHigh)
        mineral = LinearForm(low: slope, high: -slope, constant: 0)
        water = LinearForm(low: 0.001, high: 0, constant: 1) + (-0.001 * kLow) * mineral
    }

    /// CT number in HU at one photon energy in keV.
    package func ctNumber(atKiloelectronvolts energy: Double) -> LinearForm {
        ctNumber(mineralOverWater: Self.mineralOverWater(atKiloelectronvolts: energy))
    }

    /// Mass attenuation of hydroxyapatite over that of water.
    static func mineralOverWater(atKiloelectronvolts energy: Double) -> Double {
        Material.hydroxyapatite.massAttenuation(at: energy) / Material.water.massAttenuation(at: energy)
    }

    func ctNumber(mineralOverWater: Double) -> LinearForm {
        1000 * water + mineralOverWater * mineral + LinearForm(low: 0, high: 0, constant: -1000)
    }

    /// Electrons in a volume relative to water's.
    package var electronDensity: LinearForm {
        water + (0.001 * Material.hydroxyapatite.electronsPerGram / Material.water.electronsPerGram) * mineral
    }

    /// Electron density times the power of the effective atomic number, relative to that of water.
    ///
    /// In the power law `Z^n` is the mean of `z^n` over all electrons, so it adds up over the two materials.
    package var atomicNumberPower: LinearForm {
        let electrons = 0.001 * Material.hydroxyapatite.electronsPerGram / Material.water.electronsPerGram
        return water
            + (electrons * Material.hydroxyapatite.atomicNumberPower / Material.water.atomicNumberPower) * mineral
    }
}

/// The solution in fat, soft tissue and hydroxyapatite whose volumes sum to one.
struct ThreeMaterialForm {
    /// Hydroxyapatite in mg/cm3.
    let mineral: LinearForm
    let fat: LinearForm
    let soft: LinearForm
    /// Volume fraction of fat and soft tissue together.
    let tissueShare: LinearForm
    /// What they read together, the mean of both energies, times their share.
    let tissueCTNumber: LinearForm

    init(_ response: PairResponse) {
        let (low, high) = (response.low, response.high)
        // HU = muscle + f (fat - muscle) + v (mineral - muscle), v the volume fraction of mineral.
        let density = 1000 * Material.hydroxyapatite.densityGPerCm3
        let (mineralLow, mineralHigh) = (
            low.hydroxyapatite * density - low.muscleHU, high.hydroxyapatite * density - high.muscleHU
        )
        let (fatLow, fatHigh) = (low.adiposeHU - low.muscleHU, high.adiposeHU - high.muscleHU)
        let determinant = mineralLow * fatHigh - mineralHigh * fatLow
        func form(_ a: Double, _ b: Double) -> LinearForm {
            LinearForm(
                low: a / determinant, high: b / determinant,
                constant: -(a * low.muscleHU + b * high.muscleHU) / determinant)
        }
        let mineralShare = form(fatHigh, -fatLow)
        mineral = density * mineralShare
        fat = form(-mineralHigh, mineralLow)
        tissueShare = LinearForm(low: 0, high: 0, constant: 1) + -1 * mineralShare
        soft = tissueShare + -1 * fat
        tissueCTNumber = 0.5 * (low.muscleHU + high.muscleHU) * soft + 0.5 * (low.adiposeHU + high.adiposeHU) * fat
    }
}

/// The constrained maximum-likelihood estimate of hydroxyapatite on a tissue that varies along the line to fat.
///
/// With x, y the excesses over the tissue and q the variance of its fat fraction, the weights of both are `a + q b` and
/// `c + q d`, the density is the weighted excess over the weighted slopes, and its variance `(g + q h) / (e + q f)`: the
/// noise covariance is `N + q t t'` with t the CT numbers from muscle to fat, inverted in closed form.
struct ConstrainedForm {
    let coefficients: SIMD16<Double>

    init(_ response: PairResponse, noise: NoiseCovariance) {
        let (kLow, kHigh) = (response.low.hydroxyapatite, response.high.hydroxyapatite)
        let fatLow = response.low.adiposeHU - response.low.muscleHU
        let fatHigh = response.high.adiposeHU - response.high.muscleHU
        let across = kLow * fatHigh - kHigh * fatLow
        let (a, b) = (kLow * noise.high - kHigh * noise.both, fatHigh * across)
        let (c, d) = (kHigh * noise.low - kLow * noise.both, -fatLow * across)
        let alone = noise.low * noise.high - noise.both * noise.both
        let withFat =
            noise.low * fatHigh * fatHigh + noise.high * fatLow * fatLow - 2 * noise.both * fatLow * fatHigh
        coefficients = SIMD16(
            a, b, c, d, kLow, kHigh, a * kLow + c * kHigh, b * kLow + d * kHigh, alone, withFat, 0, 0, 0, 0, 0, 0)
    }
}
