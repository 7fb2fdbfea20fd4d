/// The smallest deposits that a scan would have shown in nine cases of ten, from its own noise and sharpness and the
/// thresholds that the segmentation used on it.
///
/// A ball is the form that shows least for its volume's surface; what the blur leaves of it must pass every rule that a
/// candidate has to pass.
public struct DetectionLimit: Sendable, Equatable {
    /// Smallest calcium deposit of 100 mg/cm3 in mm3, wherever it lies.
    public var hydroxyapatiteMm3: Double { max(fat.calciumMm3, lean.calciumMm3, bone.calciumMm3) }
    /// Smallest urate deposit, 40 % urate by volume in muscle, in mm3, away from bone.
    public var urateMm3: Double { max(fat.urateMm3, lean.urateMm3) }

    /// The limits in one kind of surroundings, in mm3.
    public struct Limits: Sendable, Equatable {
        public var calciumMm3: Double
        public var urateMm3: Double
    }
    /// In fat; in muscle and at tendons; standing on bone.
    public let fat: Limits
    public let lean: Limits
    public let bone: Limits

    /// The density for which the limit is stated, in mg/cm3.
    static let referenceMgPerCm3 = 100.0
    /// Share of urate by volume for which it is stated.
    static let urateShare = 0.4
    /// One-sided normal quantile of nine in ten.
    static let quantile = 1.2816
    /// The same for the mean of a deposit's voxels, which the voxels themselves were chosen by: nearly 98 in a hundred.
    static let pooledQuantile = 2.0
    /// On bone only what stands this high above it counts, in mm: below, the blur of cortex is taken off.
    static let clearOfBoneMm = 1.0
    /// Share of a resting ball's radius that is not sunk into the bone.
    static let restingShare = 0.8
    /// Voxels of the grid fall on a small ball as they do: its visible volume must exceed what is asked by this.
    static let gridMargin = 1.3
    /// The local tissue is measured around the deposit, and partly in it.
    static let baselineShare = 0.9
    /// A deposit that is not seen as mineral before the tissue is measured passes for tissue that varies: its core must
    /// exceed those thresholds over this radius in mm.
    static let coreMm = 0.4

    package init(context: MeasurementContext, floors: SegmentationFloors, minimumDepositMm3: Double) {
        let model = DepositVisibility(context: context, minimumDepositMm3: minimumDepositMm3)
        func limits(_ floor: Double, isFat: Bool, onBone: Bool) -> Limits {
            Limits(
                calciumMm3: Self.smallest {
                    model.showsCalcium(radiusMm: $0, floor: floor, inFat: isFat, onBone: onBone)
                },
                urateMm3: Self.smallest { model.showsUrate(radiusMm: $0, inFat: isFat, onBone: onBone) })
        }
        fat = limits(floors.fat, isFat: true, onBone: false)
        lean = limits(floors.lean, isFat: false, onBone: false)
        bone = limits(floors.bone, isFat: false, onBone: true)
    }

    /// Volume of the smallest ball that shows, in mm3.
    private static func smallest(_ shows: (Double) -> Bool) -> Double {
        var (low, high) = (0.2, 20.0)
        for _ in 0..<40 {
            let middle = (low + high) / 2
            if shows(middle) { high = middle } else { low = middle }
        }
        return 4 / 3 * .pi * high * high * high
    }
}

/// What the images show of a ball, against the rules of the segmentation.
private struct DepositVisibility {
    private let response: PairResponse
    private let noise: NoiseEstimate
    private let voxelMm3: Double
    private let minimumMm3: Double
    /// Blur of the images, of the segmentation's fields and of the search for urate, each as an isotropic Gaussian's
    /// standard deviation in mm.
    private let sigmaMm: Double
    private let fieldSigmaMm: Double
    private let freeSigmaMm: Double
    private let urateSigmaMm: Double
    private let ratio: MaterialRatio
    private let urateFloors: (low: Double, high: Double)
    private let urateMarginMm: Double

    init(context: MeasurementContext, minimumDepositMm3: Double) {
        response = context.paths.typical
        noise = context.noise
        let g = context.low.geometry
        voxelMm3 = g.voxelVolumeMm3
        minimumMm3 = max(minimumDepositMm3, CandidateRules.leastVolumeMm3)
        let (plane, axial) = (context.pointSpreadSigmaMm, context.axialSigmaMm)
        func isotropic(_ own: Double) -> Double {
            cubeRoot(
                (plane * plane + own * own) * (axial * axial + own * own).squareRoot())
        }
        sigmaMm = isotropic(0)
        fieldSigmaMm = isotropic(TissueFields.smoothingMm)
        freeSigmaMm = isotropic(
            (TissueFields.smoothingMm * TissueFields.smoothingMm
                + LocalTissue.freeSmoothingMm * LocalTissue.freeSmoothingMm).squareRoot())
        urateSigmaMm = isotropic(UrateSearch.poolingMm)
        ratio = MaterialRatio(response: response, noise: noise.voxel)
        urateFloors = UrateSearch.floors(context)
        urateMarginMm = UrateSearch.marginMm(context)
    }

    func showsCalcium(radiusMm radius: Double, floor: Double, inFat: Bool, onBone: Bool) -> Bool {
        guard isMasked(radiusMm: radius, inFat: inFat) else { return false }
        let density = DetectionLimit.baselineShare * DetectionLimit.referenceMgPerCm3
        let seen = Ball(radius, fieldSigmaMm).radius(aboveShare: floor / density)
        let firm = Ball(radius, fieldSigmaMm).radius(aboveShare: Double(CandidateFinder.firmness) * floor / density)
        let centreMm = DetectionLimit.restingShare * radius
        func clear(_ radius: Double) -> Double {
            onBone ? Self.cap(radius, from: DetectionLimit.clearOfBoneMm - centreMm) : Self.volume(radius)
        }
        let volume = clear(seen)
        guard volume >= DetectionLimit.gridMargin * minimumMm3,
            clear(firm) >= DetectionLimit.gridMargin * CandidateRules.leastFirmVolumeMm3
        else { return false }
        if onBone {
            let least = min(max(0.45 * cubeRoot(volume), Double(CandidateRules.leastRiseMm)), 2.2)
            if seen + centreMm < least + 0.5 { return false }
        }
        // The pooled excess over the voxels seen, with the tissue left free.
        let mean = density * Ball(radius, sigmaMm).mean(within: seen)
        let deviation = freeDeviation(overMm3: volume)
        let asked = max((onBone ? 1.6 : 1) * CandidateRules.leastPooledDensity, 3 * deviation.assumed)
        guard mean - DetectionLimit.pooledQuantile * deviation.real >= asked else { return false }
        // The ratio's side.
        let (low, high) = (response.low.hydroxyapatite, response.high.hydroxyapatite)
        let least = 1 + CandidateRules.ratioShare * (low / high - 1)
        let spread = (noise.correlationVoxels * voxelMm3 / volume * noise.voxel.quadratic(1, -least)).squareRoot()
        return mean * (low - least * high) >= DetectionLimit.quantile * spread
    }

    /// Whether the ball's core stands out before the local tissue is known.
    private func isMasked(radiusMm radius: Double, inFat: Bool) -> Bool {
        func core(_ sigma: Double) -> Double {
            DetectionLimit.referenceMgPerCm3
                * BlurredSphere.profile(atMm: DetectionLimit.coreMm, radiusMm: radius, sigmaMm: sigma)
        }
        // Smoothing passes the noise of about this volume.
        let pooledMm3 = 8 * 5.568 * power(LocalTissue.freeSmoothingMm, 3)
        let free = LocalTissue.leastFreeDensity + DetectionLimit.quantile * freeDeviation(overMm3: pooledMm3).real
        return core(freeSigmaMm) >= free || (!inFat && core(fieldSigmaMm) >= 1.1 * LocalTissue.leastDensity)
    }

    func showsUrate(radiusMm radius: Double, inFat: Bool, onBone: Bool) -> Bool {
        let density = DetectionLimit.urateShare * 1000 * Material.monosodiumUrate.densityGPerCm3
        let inside = (
            low: response.low.muscleHU + density * response.low.urate,
            high: response.high.muscleHU + density * response.high.urate
        )
        let around =
            inFat
            ? (low: response.low.adiposeHU, high: response.high.adiposeHU)
            : (low: response.low.muscleHU, high: response.high.muscleHU)
        let share = max(
            (urateFloors.low - around.low) / max(inside.low - around.low, 1),
            (urateFloors.high - around.high) / max(inside.high - around.high, 1))
        let seen = Ball(radius, urateSigmaMm).radius(aboveShare: share)
        // On bone the part within the blur of its edge is not searched.
        let volume =
            onBone
            ? Self.cap(seen, from: urateMarginMm - DetectionLimit.restingShare * radius) : Self.volume(seen)
        guard volume >= (onBone ? 2.5 : 1.1) * UrateSearch.minimumVolumeMm3 else { return false }
        let excess = (low: inside.low - response.low.muscleHU, high: inside.high - response.high.muscleHU)
        let distance = Ball(radius, sigmaMm).mean(within: seen) * (ratio.boundary * excess.high - excess.low)
        let spread = (noise.correlationVoxels * voxelMm3 / volume * noise.voxel.quadratic(1, -ratio.boundary))
            .squareRoot()
        return distance >= (1.96 + DetectionLimit.quantile) * spread
    }

    /// Standard deviation in mg/cm3 of the mean density with the tissue left free: as the rules take it, and as the
    /// noise's correlation makes it.
    private func freeDeviation(overMm3 volume: Double) -> (assumed: Double, real: Double) {
        let fat = (
            low: response.low.adiposeHU - response.low.muscleHU, high: response.high.adiposeHU - response.high.muscleHU
        )
        let determinant = response.low.hydroxyapatite * fat.high - response.high.hydroxyapatite * fat.low
        let voxel = noise.voxel.quadratic(fat.high / determinant, -fat.low / determinant)
        let independent = NoiseCovariance(low: noise.voxel.low, high: noise.voxel.high)
            .quadratic(fat.high / determinant, -fat.low / determinant)
        return (
            (independent / max(1, volume / CandidateRules.mm3OfSample)).squareRoot(),
            (voxel * noise.correlationVoxels * voxelMm3 / volume).squareRoot()
        )
    }

    private static func volume(_ radius: Double) -> Double { 4 / 3 * .pi * radius * radius * radius }

    /// Volume of the part of a ball above a plane at a height over its centre.
    private static func cap(_ radius: Double, from height: Double) -> Double {
        let h = min(max(radius - height, 0), 2 * radius)
        return .pi * h * h * (3 * radius - h) / 3
    }

    /// A blurred ball of unit density.
    private struct Ball {
        let radiusMm: Double
        let sigmaMm: Double

        init(_ radiusMm: Double, _ sigmaMm: Double) {
            self.radiusMm = radiusMm
            self.sigmaMm = sigmaMm
        }

        private func profile(_ distance: Double) -> Double {
            BlurredSphere.profile(atMm: distance, radiusMm: radiusMm, sigmaMm: sigmaMm)
        }

        /// Radius in mm within which the ball shows more than a share of its density.
        func radius(aboveShare share: Double) -> Double {
            guard share < 0.98, profile(0) > share else { return 0 }
            var (low, high) = (0.0, radiusMm + 6 * sigmaMm)
            for _ in 0..<30 {
                let middle = (low + high) / 2
                if profile(middle) > share { low = middle } else { high = middle }
            }
            return low
        }

        /// Mean share of its density within a radius in mm.
        func mean(within radius: Double) -> Double {
            var (sum, weight) = (0.0, 0.0)
            for step in 0..<12 {
                let at = (Double(step) + 0.5) / 12 * radius
                sum += at * at * profile(at)
                weight += at * at
            }
            return weight > 0 ? sum / weight : 0
        }
    }
}
