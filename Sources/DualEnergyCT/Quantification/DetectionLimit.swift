/// The smallest deposits that a scan would have shown, from its own noise and sharpness.
public struct DetectionLimit: Sendable, Equatable {
    /// Smallest calcium deposit of 100 mg/cm3 in mm3.
    public var hydroxyapatiteMm3: Double
    /// Smallest urate deposit, 40 % urate by volume in muscle, in mm3.
    public var urateMm3: Double

    /// Pooled signal over noise at which a deposit counts as seen: one false alarm in three million independent places.
    static let standardDeviations = 5.0
    /// The density for which the limit is stated, in mg/cm3.
    static let referenceMgPerCm3 = 100.0
    /// What segmentation needs to see: this volume above this density.
    static let visibleMm3 = 1.0
    static let visibleMgPerCm3 = 55.0

    package init(response: PairResponse, noise: NoiseEstimate, pointSpreadSigmaMm: Double, voxelVolumeMm3: Double) {
        let weights = noise.voxel.solve(response.low.hydroxyapatite, response.high.hydroxyapatite)
        let information =
            weights.0 * response.low.hydroxyapatite + weights.1 * response.high.hydroxyapatite
        // Noise of the density averaged over 1 mm3.
        let perMm3 = (noise.correlationVoxels * voxelVolumeMm3 / information).squareRoot()
        let threshold = max(Self.visibleMgPerCm3, Self.standardDeviations * perMm3 / Self.visibleMm3.squareRoot())
        let seen = BlurredSphere.smallestVolume(
            aboveShare: threshold / Self.referenceMgPerCm3, minimumMm3: Self.visibleMm3, sigmaMm: pointSpreadSigmaMm)
        let signal = Self.standardDeviations * perMm3 / Self.referenceMgPerCm3
        hydroxyapatiteMm3 = max(seen, signal * signal)

        // Urate must be told from calcium as well: the ratio's interval has to clear the boundary.
        let ratio = MaterialRatio(response: response, noise: noise.voxel)
        let share = 0.4
        let urateLow = share * 1000 * Material.monosodiumUrate.densityGPerCm3 * response.low.urate
        let urateHigh = share * 1000 * Material.monosodiumUrate.densityGPerCm3 * response.high.urate
        let distance = abs(urateLow - ratio.boundary * urateHigh)
        let spread =
            (noise.correlationVoxels * voxelVolumeMm3 * noise.voxel.quadratic(1, -ratio.boundary)).squareRoot()
        let separated = (1.96 * spread / max(distance, 1e-9)) * (1.96 * spread / max(distance, 1e-9))
        urateMm3 = max(UrateSearch.minimumVolumeMm3, separated)
    }
}
