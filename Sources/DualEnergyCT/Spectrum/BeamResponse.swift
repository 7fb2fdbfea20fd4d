/// What materials read in one image, behind a given amount of water and mineral.
public struct BeamResponse: Sendable, Equatable {
    /// HU per mg/cm3 of hydroxyapatite that displaces water.
    public var hydroxyapatite: Double
    /// HU per mg/cm3 of monosodium urate monohydrate that displaces water.
    public var urate: Double
    /// HU per mg/cm3 of iodine that displaces water.
    public var iodine: Double
    // CT numbers of the tissues in HU.
    public var adiposeHU: Double
    public var muscleHU: Double
    public var skinHU: Double
    public var tendonHU: Double
    public var corticalBoneHU: Double

    /// HU per mg/cm3 of hydroxyapatite that displaces a tissue with the given CT number.
    ///
    /// A volume fraction of c/3160 of the tissue gives way to mineral, so the slope grows as the tissue gets lighter.
    public func hydroxyapatite(inTissueAt tissueHU: Double) -> Double {
        hydroxyapatite - tissueHU / (1000 * Material.hydroxyapatite.densityGPerCm3)
    }

    static func interpolated(_ a: BeamResponse, _ b: BeamResponse, _ t: Double) -> BeamResponse {
        func mix(_ x: Double, _ y: Double) -> Double { x + t * (y - x) }
        return BeamResponse(
            hydroxyapatite: mix(a.hydroxyapatite, b.hydroxyapatite), urate: mix(a.urate, b.urate),
            iodine: mix(a.iodine, b.iodine), adiposeHU: mix(a.adiposeHU, b.adiposeHU),
            muscleHU: mix(a.muscleHU, b.muscleHU), skinHU: mix(a.skinHU, b.skinHU),
            tendonHU: mix(a.tendonHU, b.tendonHU), corticalBoneHU: mix(a.corticalBoneHU, b.corticalBoneHU))
    }
}

/// The responses of both images of a pair at one place.
public struct PairResponse: Sendable, Equatable {
    public var low: BeamResponse
    public var high: BeamResponse

    public init(low: BeamResponse, high: BeamResponse) {
        self.low = low
        self.high = high
    }

    /// HU(low) over HU(high) of hydroxyapatite.
    public var calciumRatio: Double { low.hydroxyapatite / high.hydroxyapatite }
    /// HU(low) over HU(high) of monosodium urate.
    public var urateRatio: Double { low.urate / high.urate }
    /// HU(low) over HU(high) of iodine.
    public var iodineRatio: Double { low.iodine / high.iodine }
}
