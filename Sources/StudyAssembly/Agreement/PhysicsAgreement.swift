package import DualEnergyCT

/// What two images themselves say about the beams their headers claim.
public struct PhysicsAgreement: Sendable, Equatable {
    /// Most frequent CT number of air, in HU.
    public var airLowHU: Double
    public var airHighHU: Double
    /// Part of the patient's voxels that are soft tissue in both images.
    public var softTissueFraction: Double
    /// Mean excess of dense bone over soft tissue, low over high.
    public var boneRatio: Double
    /// Ratio of cortical bone that the spectra of the claimed beams give for a limb.
    public var expectedBoneRatio: Double
    /// Correlation of both images within the patient.
    public var correlation: Double

    public init(
        airLowHU: Double, airHighHU: Double, softTissueFraction: Double, boneRatio: Double, expectedBoneRatio: Double,
        correlation: Double
    ) {
        self.airLowHU = airLowHU
        self.airHighHU = airHighHU
        self.softTissueFraction = softTissueFraction
        self.boneRatio = boneRatio
        self.expectedBoneRatio = expectedBoneRatio
        self.correlation = correlation
    }
}

extension PhysicsAgreement {
    /// Air may be off by this much in HU: half of what an intercept wrong by a table's air would make.
    static let airTolerance = 80.0
    static let smallestSoftTissueFraction = 0.1
    /// Fewest voxels of dense bone; a phalanx alone has thousands at half a millimetre.
    static let fewestBoneVoxels = 200
    static let smallestCorrelation = 0.5
    /// Bounds of (measured - 1) / (expected - 1). Filtration between 3 and 9 mm Al and a body of 5 to 30 cm move it
    /// between 0.72 and 1.36 (80/Sn150: 2.01 to 2.84 about 2.35); noise, motion and marrow widen it. An image paired
    /// with itself measures 0, a pair named the wrong way round is negative.
    static let excessBounds = 0.5...1.6

    /// Why the images contradict the headers; empty when they agree. In a test object nothing is known of tissue.
    package func objections(to pair: DualEnergyPair, isTestObject: Bool = false) -> [FateReason] {
        let claimed = "\(pair.lowBeam.name) and \(pair.highBeam.name)"
        let service = "Check which series were sent; if they are right, ask the scanner's service."
        for (name, air) in [("low", airLowHU), ("high", airHighHU)] where !(abs(air + 1000) <= Self.airTolerance) {
            return [
                FateReason(
                    .airOutsideBand,
                    air.isFinite
                        ? "Air reads \(air.brief) HU in the \(name)-energy image."
                        : "There is no air in the \(name)-energy image to check its scale with.", remedy: service)
            ]
        }
        if correlation < Self.smallestCorrelation {
            return [
                FateReason(
                    .differentAnatomy,
                    "The two images do not show the same: their correlation is \(percent(correlation)).",
                    remedy: service)
            ]
        }
        if isTestObject { return [] }
        if softTissueFraction < Self.smallestSoftTissueFraction {
            return [
                FateReason(
                    .noSoftTissue, "Only \(percent(softTissueFraction)) of the object reads like soft tissue.",
                    remedy: service)
            ]
        }
        return ratioObjection(claimed: claimed, remedy: service).map { [$0] } ?? []
    }

    private func ratioObjection(claimed: String, remedy: String) -> FateReason? {
        guard boneRatio.isFinite else {
            return FateReason(
                .noBone, "There is no bone in the images to check the energies with.", remedy: "Analyse a limb.")
        }
        let measured = "Bone has a dual-energy ratio of \(hundredths(boneRatio))"
        let excess = (boneRatio - 1) / (expectedBoneRatio - 1)
        if abs(boneRatio - 1) < 0.06 {
            return FateReason(
                .sameEnergyTwice, "\(measured): both images were made at one energy, though they claim \(claimed).",
                remedy: remedy)
        }
        if excess < 0 {
            return FateReason(
                .energiesSwapped, "\(measured): the images claim \(claimed) and are the other way round.",
                remedy: remedy)
        }
        guard !Self.excessBounds.contains(excess) else { return nil }
        return FateReason(
            .ratioOutsideBand, "\(measured), where \(claimed) give about \(hundredths(expectedBoneRatio)).",
            remedy: remedy)
    }

    private func percent(_ value: Double) -> String { "\((value * 100).brief) %" }
    private func hundredths(_ value: Double) -> String { number((value * 100).rounded() / 100) }
}
