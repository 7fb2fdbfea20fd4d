/// What was measured about a scan, and what follows for its report.
package struct TrustAssessment: Sendable {
    package var noise: NoiseEstimate?
    package var motion = EnergyMotion.none
    package var metalVolumeMm3 = 0.0
    /// Dual-energy ratio of the patient's bone over the model's; nil when there is too little bone.
    package var boneRatio: Double?
    /// Relative standard deviation of that ratio where rods have fixed the beam; nil without rods.
    package var boneRatioDeviation: Double?
    /// Standard deviations by which the rods' slopes differ from the model table's; 0 without rods.
    package var rodContradiction = 0.0
    /// Standard deviations by which bone's line lies outside of what any filtration in use explains.
    package var boneContradiction = 0.0
    package var calciumRatio = 0.0
    package var typicalPathCm = 0.0
    package var sliceThicknessMm = 0.0
    package var coverageMm = 0.0
    package var calibration = Trust.Calibration.table
    /// The header names another side than the images show.
    package var contradictsSide = false
    /// Volume of the deposits over that of the imaged bone; nil where there is too little bone.
    package var depositsOverBone: Double?
    /// Digits whose tip lies inside of the scan, and all that were seen; nil without a hand.
    package var digits: (complete: Int, seen: Int)?

    package init() {}

    package func verdict(_ limits: TrustLimits) -> Trust {
        var reasons: [Trust.Reason] = []
        var status = Trust.Status.analysable
        func note(_ kind: Trust.Reason.Kind, _ measured: Double, _ limit: Double, _ unit: String, refuses: Bool) {
            reasons.append(Trust.Reason(kind: kind, measured: measured, limit: limit, unit: unit))
            if refuses { status = .notAnalysable } else if status == .analysable { status = .limited }
        }
        func compare(
            _ kind: Trust.Reason.Kind, _ measured: Double, _ limit: (limited: Double, refused: Double), _ unit: String
        ) {
            if measured > limit.refused {
                note(kind, measured, limit.refused, unit, refuses: true)
            } else if measured > limit.limited {
                note(kind, measured, limit.limited, unit, refuses: false)
            }
        }
        if let noise {
            compare(.noise, noise.voxel.low.squareRoot(), limits.noiseHU, "HU")
        } else {
            note(.coverage, 0, 1, "soft tissue", refuses: true)
        }
        compare(.motion, motion.residualMm, limits.motionMm, "mm")
        compare(.coverage, 100 * motion.uncoveredShare, limits.uncoveredPercent, "%")
        compare(.metal, metalVolumeMm3, limits.metalMm3, "mm3")
        if let boneRatio, !limits.boneRatio.contains(boneRatio) {
            let limit = boneRatio < 1 ? limits.boneRatio.lowerBound : limits.boneRatio.upperBound
            note(.ratioOutsideBand, boneRatio, limit, "", refuses: true)
        }
        let deviations = limits.calibrationDeviations
        // With rods nothing about the beam is left open, so that bone has to agree within what bone itself varies.
        if let boneRatio, let boneRatioDeviation, limits.boneRatio.contains(boneRatio),
            abs(boneRatio - 1) > deviations * boneRatioDeviation
        {
            let limit = 1 + (boneRatio < 1 ? -deviations : deviations) * boneRatioDeviation
            note(.calibration, boneRatio, limit, "bone", refuses: false)
        }
        for (measured, unit) in [(boneContradiction, "spectra"), (rodContradiction, "table")]
        where measured > deviations {
            note(.calibration, measured, deviations, unit, refuses: false)
        }
        if typicalPathCm > limits.pathCm { note(.beamHardening, typicalPathCm, limits.pathCm, "cm", refuses: false) }
        if sliceThicknessMm > limits.sliceThicknessMm {
            note(.kernel, sliceThicknessMm, limits.sliceThicknessMm, "mm", refuses: false)
        }
        if contradictsSide { note(.side, 0, 0, "header", refuses: false) }
        if let depositsOverBone, 100 * depositsOverBone > limits.depositsOverBonePercent {
            note(.bone, 100 * depositsOverBone, limits.depositsOverBonePercent, "%", refuses: false)
        }
        if let digits, digits.complete < digits.seen {
            note(.coverage, Double(digits.complete), Double(digits.seen), "digits", refuses: false)
        }
        if noise != nil, coverageMm < limits.coverageMm {
            note(.coverage, coverageMm, limits.coverageMm, "mm", refuses: false)
        }
        var trust = Trust(
            status: status, reasons: reasons, noiseLowHU: noise?.voxel.low.squareRoot() ?? 0,
            noiseHighHU: noise?.voxel.high.squareRoot() ?? 0, misregistrationMm: motion.residualMm,
            metalVolumeMm3: metalVolumeMm3, calciumRatio: calciumRatio, calibration: calibration,
            correctedMotionMm: motion.correctedMm, correctedParts: motion.partsMoved)
        trust.coveredPercent = 100 * (1 - motion.uncoveredShare)
        return trust
    }
}
