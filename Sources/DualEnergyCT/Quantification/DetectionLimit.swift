/// The smallest deposits that a scan would have shown in nine cases of ten.
///
/// For calcium a trial: balls put into the study's own images and looked for by the segmentation itself. For urate a
/// model: what the blur leaves of a ball must pass the thresholds of the search for urate, with the scan's noise.
public struct DetectionLimit: Sendable, Equatable {
    /// The limits in one kind of surroundings, in mm3; nil where the images hold too few such places, or urate is not
    /// searched.
    public struct Limits: Sendable, Equatable {
        public var calciumMm3: Double?
        public var urateMm3: Double?
    }
    /// In fat; in muscle and at tendons; standing on bone.
    public let fat: Limits
    public let lean: Limits
    public let bone: Limits

    /// Smallest calcium deposit of 100 mg/cm3 in mm3, clear of bone. Where there was no place to try one it is the
    /// largest that would have been tried: nothing smaller is claimed to be visible.
    public var hydroxyapatiteMm3: Double {
        [fat, lean].compactMap(\.calciumMm3).max() ?? InsertedDeposits.volumesMm3.upperBound
    }
    /// Smallest urate deposit, 40 % urate by volume in muscle, in mm3, away from bone.
    public var urateMm3: Double { max(fat.urateMm3 ?? 0, lean.urateMm3 ?? 0) }

    /// The density for which the limit is stated, in mg/cm3.
    static let referenceMgPerCm3 = 100.0
    /// Share of urate by volume for which it is stated.
    static let urateShare = 0.4
    /// One-sided normal quantile of nine in ten.
    static let quantile = 1.2816
    /// Share that may be missed above the limit.
    static let missedShare = 0.1
    /// Fewer balls than this say nothing.
    static let leastTrials = 8

    /// - Parameter input: of the segmentation that found the study's own deposits.
    package init(context: MeasurementContext, input: SegmentationInput, minimumDepositMm3: Double) {
        let trials =
            InsertedDeposits(context)?.trials(input, minimumDepositMm3: minimumDepositMm3) ?? [:]
        let model = UrateVisibility(context: context)
        func limits(_ kind: InsertedDeposits.Surroundings) -> Limits {
            Limits(
                calciumMm3: Self.limit(trials[kind] ?? []),
                urateMm3: kind == .bone
                    ? nil : Self.smallest { model.showsUrate(radiusMm: $0, inFat: kind == .fat) })
        }
        fat = limits(.fat)
        lean = limits(.lean)
        bone = limits(.bone)
    }

    /// The smallest volume in mm3 of which, with all larger ones, no more than a tenth was missed.
    package static func limit(_ trials: [InsertedDeposits.Trial]) -> Double? {
        guard trials.count >= leastTrials else { return nil }
        var (missed, limit) = (0, InsertedDeposits.volumesMm3.upperBound)
        for (number, trial) in trials.sorted(by: { $0.volumeMm3 > $1.volumeMm3 }).enumerated() {
            if !trial.isFound { missed += 1 }
            if trial.isFound, Double(missed) <= missedShare * Double(number + 1) { limit = trial.volumeMm3 }
        }
        return limit
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

extension DetectionLimit {
    /// The limit of each compartment that a body region has.
    func statements(_ region: BodyRegion) -> [DetectionLimitStatement] {
        let isHand = region == .hand || region == .wrist
        let all: [(Compartment, Limits)] = [
            (.fingertipFatPad, fat), (.subcutaneous, fat), (.tendonSheath, lean), (.carpalTunnel, lean),
            (.besideMuscle, lean), (.periarticular, bone),
        ]
        return all.compactMap { compartment, limits in
            guard let calcium = limits.calciumMm3 else { return nil }
            let isOfHands = compartment == .fingertipFatPad || compartment == .carpalTunnel
            return isOfHands && !isHand
                ? nil
                : DetectionLimitStatement(compartment: compartment, calciumMm3: calcium, urateMm3: limits.urateMm3)
        }
    }
}

/// What the images show of a ball of urate, against the rules of the search for it.
private struct UrateVisibility {
    private let response: PairResponse
    private let noise: NoiseEstimate
    private let voxelMm3: Double
    /// Blur of the images and of the search for urate, each as an isotropic Gaussian's standard deviation in mm.
    private let sigmaMm: Double
    private let urateSigmaMm: Double
    private let ratio: MaterialRatio
    private let urateFloors: (low: Double, high: Double)

    init(context: MeasurementContext) {
        response = context.paths.typical
        noise = context.noise
        voxelMm3 = context.low.geometry.voxelVolumeMm3
        let (plane, axial) = (context.pointSpreadSigmaMm, context.axialSigmaMm)
        func isotropic(_ own: Double) -> Double {
            cubeRoot(
                (plane * plane + own * own) * (axial * axial + own * own).squareRoot())
        }
        sigmaMm = isotropic(0)
        urateSigmaMm = isotropic(UrateSearch.poolingMm)
        ratio = MaterialRatio(response: response, noise: noise.voxel)
        urateFloors = UrateSearch.floors(context)
    }

    func showsUrate(radiusMm radius: Double, inFat: Bool) -> Bool {
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
        let volume = Self.volume(seen)
        guard volume >= 1.1 * UrateSearch.minimumVolumeMm3 else { return false }
        let excess = (low: inside.low - response.low.muscleHU, high: inside.high - response.high.muscleHU)
        let distance = Ball(radius, sigmaMm).mean(within: seen) * (ratio.boundary * excess.high - excess.low)
        let spread = (noise.correlationVoxels * voxelMm3 / volume * noise.voxel.quadratic(1, -ratio.boundary))
            .squareRoot()
        return distance >= (1.96 + DetectionLimit.quantile) * spread
    }

    private static func volume(_ radius: Double) -> Double { 4 / 3 * .pi * radius * radius * radius }

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
