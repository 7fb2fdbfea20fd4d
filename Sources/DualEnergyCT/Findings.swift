/// A value with its 95 % interval.
public struct Estimate: Sendable, Equatable {
    public var value: Double
    public var low: Double
    public var high: Double

    public init(value: Double, low: Double, high: Double) {
        self.value = value
        self.low = low
        self.high = high
    }
}

/// What the core found in one pair of images: everything the report says, in numbers.
public struct Findings: Sendable {
    public var trust: Trust
    /// In the order of their numbers: largest volume first, unless a prior examination numbered them. Empty when the study is not analysable.
    public var deposits: [Deposit]
    /// Absent when the study is not analysable: then neither presence nor absence is claimed.
    public var totals: Totals?
    /// Absent when the study is not analysable.
    public var urate: UrateStatement?
    /// Mineral that was looked at and is not reported as a deposit, with the cause.
    public var exclusions: [Exclusion]
    /// On the grid of the low-energy image; the values are those of `SegmentLabel`.
    public var labels: Volume<UInt16>
    /// Hydroxyapatite-equivalent density on the same grid in tenths of mg/cm3; nil when not analysable.
    public var hydroxyapatiteTenths: Volume<Int16>?
    /// Totals of each side and digit; empty where the anatomy was not told apart.
    public var regions: [RegionTotals] = []
    /// Calcium that is no calcinosis; empty when none was found, nil when it was not looked for.
    public var otherMineral: [OtherMineral]?
    /// nil when bones were not assessed.
    public var boneFlags: [BoneFlag]?
    public var boneDensity: [BoneDensity] = []
    /// Of each hand whose palm could be told from its back.
    public var palms: [Palm] = []
    /// One a side; empty where sides were not told apart.
    public var radiographicScores: [RadiographicScore] = []
    /// What this scan would have shown in each kind of place; nil when not analysable.
    public var detectionLimits: [DetectionLimitStatement]?
    /// nil without a prior examination.
    public var comparison: Comparison?

    public init(
        trust: Trust, deposits: [Deposit], totals: Totals?, urate: UrateStatement?, exclusions: [Exclusion],
        labels: Volume<UInt16>, hydroxyapatiteTenths: Volume<Int16>?
    ) {
        self.trust = trust
        self.deposits = deposits
        self.totals = totals
        self.urate = urate
        self.exclusions = exclusions
        self.labels = labels
        self.hydroxyapatiteTenths = hydroxyapatiteTenths
    }
}

/// The values of a label volume. Labels are disjoint.
public enum SegmentLabel {
    public static let none: UInt16 = 0
    public static let bone: UInt16 = 1
    public static let metal: UInt16 = 2
    public static let excluded: UInt16 = 3
    public static let vascular: UInt16 = 4
    public static let otherCalcification: UInt16 = 5
    /// The deposit with number n (from 1) has the label `firstDeposit + n - 1`.
    public static let firstDeposit: UInt16 = 16
}

/// What a deposit is made of, decided from its pooled dual-energy ratio.
public enum MaterialClass: String, Sendable, CaseIterable {
    case hydroxyapatite, urate, indeterminate
}

/// One connected deposit.
public struct Deposit: Sendable {
    /// From 1, in order of falling volume. A deposit that continues one of the prior examination keeps its number.
    public var number: Int
    public var material: MaterialClass
    public var volumeMm3: Estimate
    public var hydroxyapatiteMassMg: Estimate
    public var meanDensityMgPerCm3: Estimate
    /// 95th percentile of the voxel densities without partial volume, on the scale of the mean density: never below it.
    /// In a small deposit the mean of the densest tenth (at least 3 voxels) stands for it. 0 for urate.
    public var peakDensityMgPerCm3: Double
    /// Standard deviation of the peak density; 0 for urate.
    public var peakDensityDeviationMgPerCm3 = 0.0
    public var largestDiameterMm: Double
    /// From the deposit's nearest voxel to the skin surface.
    public var distanceToSkinMm: Double
    /// From surface to surface; 0 when touching; nil when no bone is in the field.
    public var distanceToBoneMm: Double?
    /// Pooled excess at low energy over pooled excess at high energy, on the local tissue.
    public var dualEnergyRatio: Estimate
    /// Density-weighted centre in patient coordinates.
    public var centre: PatientVector
    /// Slice index of the centre in the grid of the labels, from 0.
    public var centreSlice: Int
    public var voxelCount: Int
    /// nil where the anatomy was not told apart.
    public var place: DepositPlace?
    public var morphology: Morphology?
    public var distanceToJointMm: Double?
    /// Opaque identity of the lesion, kept from the prior examination's deposit that it continues.
    public var identity: String?
    /// What the prior examination's report called the lesion; nil for one without a predecessor.
    public var priorName: String?
    /// nil without a prior examination.
    public var change: DepositChange?
    /// Standard deviation of the mass by what differs between two scans of the same lesion, in mg: noise, the tissue
    /// around, the surface of bone; without the calibration, which two scans of one protocol share.
    public var massRepeatabilityMg: Double?
    /// A line of one calibre where a vessel may run: calcinosis as far as can be told.
    public var mayBeVessel = false
    /// Number of the reader's contour, from 1, that was measured; nil for a deposit that the core found.
    public var contour: Int?

    public init(
        number: Int, material: MaterialClass, volumeMm3: Estimate, hydroxyapatiteMassMg: Estimate,
        meanDensityMgPerCm3: Estimate, peakDensityMgPerCm3: Double, largestDiameterMm: Double,
        distanceToSkinMm: Double, distanceToBoneMm: Double?, dualEnergyRatio: Estimate, centre: PatientVector,
        centreSlice: Int, voxelCount: Int
    ) {
        self.number = number
        self.material = material
        self.volumeMm3 = volumeMm3
        self.hydroxyapatiteMassMg = hydroxyapatiteMassMg
        self.meanDensityMgPerCm3 = meanDensityMgPerCm3
        self.peakDensityMgPerCm3 = peakDensityMgPerCm3
        self.largestDiameterMm = largestDiameterMm
        self.distanceToSkinMm = distanceToSkinMm
        self.distanceToBoneMm = distanceToBoneMm
        self.dualEnergyRatio = dualEnergyRatio
        self.centre = centre
        self.centreSlice = centreSlice
        self.voxelCount = voxelCount
    }
}

/// Sums over the calcium deposits (class hydroxyapatite) of the study.
public struct Totals: Sendable {
    public var count: Int
    public var volumeMm3: Estimate
    public var hydroxyapatiteMassMg: Estimate
    /// The smallest deposit at 100 mg/cm3 that this scan would have shown.
    public var smallestDetectableVolumeMm3: Double

    public init(count: Int, volumeMm3: Estimate, hydroxyapatiteMassMg: Estimate, smallestDetectableVolumeMm3: Double) {
        self.count = count
        self.volumeMm3 = volumeMm3
        self.hydroxyapatiteMassMg = hydroxyapatiteMassMg
        self.smallestDetectableVolumeMm3 = smallestDetectableVolumeMm3
    }
}

/// Monosodium urate in the study.
public struct UrateStatement: Sendable {
    public enum Verdict: String, Sendable, CaseIterable { case negative, indeterminate, positive }
    public var verdict: Verdict
    /// Summed volume of the deposits of class urate.
    public var volumeMm3: Double
    /// The smallest urate deposit that this scan would have shown.
    public var smallestDetectableVolumeMm3: Double

    public init(verdict: Verdict, volumeMm3: Double, smallestDetectableVolumeMm3: Double) {
        self.verdict = verdict
        self.volumeMm3 = volumeMm3
        self.smallestDetectableVolumeMm3 = smallestDetectableVolumeMm3
    }
}

/// Mineral that was found and not reported as a deposit.
public struct Exclusion: Sendable {
    public enum Cause: String, Sendable, CaseIterable {
        case nail, skin, motion, metal, beamHardening, belowMinimumVolume
        /// Iodine, a tendon's own density, glass and the like, mineral outside of the skin (splints, pads, cables), and
        /// specks of one or two voxels.
        case contrastMedium, tendon, foreignBody, outsideSkin, speck
        /// Found, and in none of the contours that a reader reviewed.
        case leftOutByReader
    }
    public var cause: Cause
    public var count: Int
    public var volumeMm3: Double

    public init(cause: Cause, count: Int, volumeMm3: Double) {
        self.cause = cause
        self.count = count
        self.volumeMm3 = volumeMm3
    }
}

/// How far the scan can be trusted, with the measurements this rests on.
public struct Trust: Sendable {
    public enum Status: String, Sendable, CaseIterable { case analysable, limited, notAnalysable }
    /// Why the status is not `analysable`: what was measured and the limit it broke.
    public struct Reason: Sendable, Equatable {
        public enum Kind: String, Sendable, CaseIterable {
            case noise, motion, metal, beamHardening, coverage, ratioOutsideBand, iodine, kernel, calibration, side,
                bone
        }
        public var kind: Kind
        public var measured: Double
        public var limit: Double
        /// HU, mm, mm3, "" ...
        public var unit: String

        public init(kind: Kind, measured: Double, limit: Double, unit: String) {
            self.kind = kind
            self.measured = measured
            self.limit = limit
            self.unit = unit
        }
    }
    public enum Calibration: String, Sendable, CaseIterable { case rods, bone, table }

    public var status: Status
    public var reasons: [Reason]
    /// Standard deviation in soft tissue, in HU.
    public var noiseLowHU: Double
    public var noiseHighHU: Double
    /// Largest displacement of a part of the body between the two images that were analysed, in mm: what remains after
    /// correction, or what was measured where nothing was corrected.
    public var misregistrationMm: Double
    public var metalVolumeMm3: Double
    /// HU(low) over HU(high) of hydroxyapatite that was used.
    public var calciumRatio: Double
    public var calibration: Calibration
    /// Largest displacement between the images as they came that was taken out before the analysis, in mm; 0 when the
    /// images were left as they came.
    public var correctedMotionMm: Double
    /// Parts of the body that were moved otherwise than the whole; 0 when all moved alike.
    public var correctedParts: Int
    /// Share of the scanned body that both images show, in percent; nil when it was not measured.
    public var coveredPercent: Double?

    public init(
        status: Status, reasons: [Reason], noiseLowHU: Double, noiseHighHU: Double, misregistrationMm: Double,
        metalVolumeMm3: Double, calciumRatio: Double, calibration: Calibration, correctedMotionMm: Double = 0,
        correctedParts: Int = 0
    ) {
        self.correctedMotionMm = correctedMotionMm
        self.correctedParts = correctedParts
        self.status = status
        self.reasons = reasons
        self.noiseLowHU = noiseLowHU
        self.noiseHighHU = noiseHighHU
        self.misregistrationMm = misregistrationMm
        self.metalVolumeMm3 = metalVolumeMm3
        self.calciumRatio = calciumRatio
        self.calibration = calibration
    }
}
