/// How much of what lies in one place, from its CT numbers at two energies.
///
/// Three solutions of the same mixture. The free ones have no bias from a wrong idea of the tissue and up to six times
/// the noise; the constrained one trusts a baseline. Dual energy decides what it is, the constrained one how much.
public struct MaterialDecomposition: Sendable {
    public var response: PairResponse

    public init(response: PairResponse) {
        self.response = response
    }

    /// Hydroxyapatite in mg/cm3 and the water-like rest as a density relative to water, both free.
    ///
    /// `HU = 1000 (water - 1) + k c` at both energies, with k the slope of mineral added to water.
    public func waterAndMineral(lowHU: Double, highHU: Double) -> (waterFraction: Double, mgPerCm3: Double) {
        // Mineral added to water, not displacing it: the displaced water comes back as a 1000 HU share of volume.
        let displaced = 1000 / (1000 * Material.hydroxyapatite.densityGPerCm3)
        let kLow = response.low.hydroxyapatite + displaced
        let kHigh = response.high.hydroxyapatite + displaced
        let mineral = (lowHU - highHU) / (kLow - kHigh)
        return (1 + (lowHU - kLow * mineral) / 1000, mineral)
    }

    /// Hydroxyapatite in mg/cm3 with the volume fractions of fat and soft tissue; the three fractions sum to one.
    ///
    /// Free: fractions may fall outside 0 to 1 where noise or another material is, which keeps averages unbiased.
    public func threeMaterials(
        lowHU: Double, highHU: Double
    ) -> (mgPerCm3: Double, fatFraction: Double, softFraction: Double) {
        let (low, high) = (response.low, response.high)
        // HU = muscle + f (fat - muscle) + v (mineral - muscle), v the volume fraction of mineral.
        let density = 1000 * Material.hydroxyapatite.densityGPerCm3
        let mineralLow = low.hydroxyapatite * density - low.muscleHU
        let mineralHigh = high.hydroxyapatite * density - high.muscleHU
        let fatLow = low.adiposeHU - low.muscleHU
        let fatHigh = high.adiposeHU - high.muscleHU
        let (dLow, dHigh) = (lowHU - low.muscleHU, highHU - high.muscleHU)
        let determinant = mineralLow * fatHigh - mineralHigh * fatLow
        let mineral = (dLow * fatHigh - dHigh * fatLow) / determinant
        let fat = (mineralLow * dHigh - mineralHigh * dLow) / determinant
        return (mineral * density, fat, 1 - mineral - fat)
    }

    /// The three-material solution moved to the nearest mixture without a negative fraction.
    public func threeMaterialsOnSimplex(
        lowHU: Double, highHU: Double
    ) -> (mgPerCm3: Double, fatFraction: Double, softFraction: Double) {
        let density = 1000 * Material.hydroxyapatite.densityGPerCm3
        let free = threeMaterials(lowHU: lowHU, highHU: highHU)
        let projected = Self.projectedOnSimplex([free.mgPerCm3 / density, free.fatFraction, free.softFraction])
        return (projected[0] * density, projected[1], projected[2])
    }

    /// The nearest point with non-negative coordinates that sum to one.
    ///
    /// Reference: the sort-based projection of Duchi et al., ICML 2008.
    static func projectedOnSimplex(_ values: [Double]) -> [Double] {
        var sum = 0.0
        var shift = 0.0
        for (index, value) in values.sorted(by: >).enumerated() {
            sum += value
            let candidate = (sum - 1) / Double(index + 1)
            if value > candidate { shift = candidate }
        }
        return values.map { max(0, $0 - shift) }
    }

    /// Hydroxyapatite in mg/cm3 on a known tissue, the maximum-likelihood estimate, with its standard deviation.
    ///
    /// The tissue may deviate from the baseline along the line from muscle to fat with `fatFractionDeviation`
    /// (a Gaussian prior): 0 trusts the baseline, a large value gives the free three-material solution.
    public func constrained(
        lowHU: Double, highHU: Double, tissueLowHU: Double, tissueHighHU: Double, noise: NoiseCovariance,
        fatFractionDeviation: Double = 0
    ) -> (mgPerCm3: Double, standardDeviation: Double) {
        let kLow = response.low.hydroxyapatite(inTissueAt: tissueLowHU)
        let kHigh = response.high.hydroxyapatite(inTissueAt: tissueHighHU)
        let covariance = noise.adding(
            fatFractionDeviation, along: (response.low.adiposeHU - response.low.muscleHU),
            (response.high.adiposeHU - response.high.muscleHU))
        let weights = covariance.solve(kLow, kHigh)
        let information = weights.0 * kLow + weights.1 * kHigh
        let value = weights.0 * (lowHU - tissueLowHU) + weights.1 * (highHU - tissueHighHU)
        return (value / information, (1 / information).squareRoot())
    }
}

/// Covariance of the two CT numbers of one quantity (a voxel, a mean, a sum).
public struct NoiseCovariance: Sendable, Equatable {
    public var low: Double
    public var high: Double
    public var both: Double

    /// Variances at low and at high energy and the covariance of both, all in squared units of the quantity.
    public init(low: Double, high: Double, both: Double = 0) {
        self.low = low
        self.high = high
        self.both = both
    }

    static func + (a: Self, b: Self) -> Self { Self(low: a.low + b.low, high: a.high + b.high, both: a.both + b.both) }
    static func * (s: Double, a: Self) -> Self { Self(low: s * a.low, high: s * a.high, both: s * a.both) }

    /// With an error common to both energies: standard deviation times the direction (low, high).
    func adding(_ deviation: Double, along low: Double, _ high: Double) -> Self {
        let variance = deviation * deviation
        return self
            + NoiseCovariance(low: variance * low * low, high: variance * high * high, both: variance * low * high)
    }

    /// The inverse of the covariance times a vector.
    func solve(_ x: Double, _ y: Double) -> (Double, Double) {
        let determinant = max(low * high - both * both, 1e-12 * max(low * high, 1e-300))
        return ((high * x - both * y) / determinant, (low * y - both * x) / determinant)
    }

    /// `(x, y) C (x, y)`.
    func quadratic(_ x: Double, _ y: Double) -> Double { low * x * x + 2 * both * x * y + high * y * y }
}
