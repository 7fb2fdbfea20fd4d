/// `findings.json`: all numbers of an analysis for a program to read. `docs/findings.md` describes every field.
///
/// Names are the report's concepts with the unit as suffix. What was not measured is absent, never 0.
public struct FindingsDocument: Codable, Sendable, Equatable {
    /// Rises when a field changes its meaning or goes; not when one is added.
    public static let schema = 1

    public var schema = FindingsDocument.schema
    public var status: AnalysisOutcome.Status
    public var reasons: [AnalysisReason]
    public var algorithmVersion: String
    public var studyInstanceUID: String?
    public var acquisition: Acquisition?
    /// "reviewed" when deposits were measured on contours that a reader reviewed; nil on our own.
    public var contours: String?
    /// Why contours that a reader sent, or that an earlier report rested on, were not measured; nil without such.
    public var contoursNotUsed: String?
    public var trust: Trust?
    public var totals: Totals?
    public var urate: Urate?
    /// In the order of their numbers, largest volume first unless a prior numbered them; absent unless findings were reported.
    public var deposits: [Deposit]?
    public var exclusions: [Exclusion]?
    /// Absent where sides and digits were not told apart.
    public var regions: [Region]?
    /// Absent where it was not looked for.
    public var otherMineral: [OtherMineral]?
    /// Absent where bones were not assessed.
    public var boneFlags: [BoneFlag]?
    public var boneDensity: [BoneDensity]?
    public var radiographicScores: [RadiographicScore]?
    public var detectionLimits: [DetectionLimit]?
    /// Absent without a prior examination.
    public var comparison: Comparison?

    public struct Interval: Codable, Sendable, Equatable {
        public var value: Double
        public var low: Double
        public var high: Double
    }

    public struct Point: Codable, Sendable, Equatable {
        public var xMm: Double
        public var yMm: Double
        public var zMm: Double
    }

    public struct Acquisition: Codable, Sendable, Equatable {
        public var region: String
        public var laterality: String
        public var kernel: String
        public var contrastAgent: String
        public var low: Energy
        public var high: Energy
        public var columns: Int
        public var rows: Int
        public var slices: Int
        public var columnSpacingMm: Double
        public var rowSpacingMm: Double
        public var sliceSpacingMm: Double
        public var sliceThicknessMm: Double
        public var boneRatio: Double?
        public var expectedBoneRatio: Double?
    }

    public struct Energy: Codable, Sendable, Equatable {
        public var seriesInstanceUID: String
        public var seriesNumber: Int?
        public var tubeVoltageKV: Double?
        public var tinFilterMm: Double?
        public var monoenergeticKeV: Double?
        public var airHU: Double?
        public var imageNumbers: String?
    }

    public struct Trust: Codable, Sendable, Equatable {
        public var status: String
        public var reasons: [Limit]
        public var noiseLowHU: Double?
        public var noiseHighHU: Double?
        public var misregistrationMm: Double?
        public var correctedMotionMm: Double?
        public var correctedParts: Int?
        public var coveredPercent: Double?
        public var metalVolumeMm3: Double?
        public var calciumRatio: Double?
        public var calibration: String
        /// Of the rods that were used.
        public var calibrationName: String?
        public var calibrationDigest: String?
    }

    public struct Limit: Codable, Sendable, Equatable {
        public var kind: String
        public var measured: Double?
        public var limit: Double?
        public var unit: String
    }

    public struct Totals: Codable, Sendable, Equatable {
        public var count: Int
        public var volumeMm3: Interval?
        public var hydroxyapatiteMassMg: Interval?
        public var smallestDetectableVolumeMm3: Double?
        /// Of the whole examination only.
        public var smallestDetectableMassChangePercent: Double?
        public var smallestDetectableVolumeChangePercent: Double?
    }

    public struct Urate: Codable, Sendable, Equatable {
        public var verdict: String
        public var volumeMm3: Double?
        public var smallestDetectableVolumeMm3: Double?
    }

    public struct Deposit: Codable, Sendable, Equatable {
        public var number: Int
        public var material: String
        public var volumeMm3: Interval?
        public var hydroxyapatiteMassMg: Interval?
        public var meanDensityMgPerCm3: Interval?
        public var peakDensityMgPerCm3: Double?
        public var peakDensityDeviationMgPerCm3: Double?
        public var largestDiameterMm: Double?
        public var distanceToSkinMm: Double?
        public var distanceToBoneMm: Double?
        public var dualEnergyRatio: Interval?
        public var centre: Point?
        public var centreSlice: Int
        public var voxelCount: Int
        public var identity: String?
        public var hydroxyapatiteMassRepeatabilityMg: Double?
        public var smallestDetectableMassChangePercent: Double?
        public var smallestDetectableVolumeChangePercent: Double?
        public var name: String?
        public var trackingUID: String?
        public var place: Place?
        public var morphology: String?
        public var distanceToJointMm: Double?
        /// Present when true.
        public var mayBeVessel: Bool?
        public var change: Change?
    }

    public struct Exclusion: Codable, Sendable, Equatable {
        public var cause: String
        public var count: Int
        public var volumeMm3: Double?
    }
}
