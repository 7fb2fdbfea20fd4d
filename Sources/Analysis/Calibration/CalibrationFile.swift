public import DualEnergyCT

/// A rod calibration as it is stored: what was measured, with what, when, and for which scans it holds.
///
/// `docs/calibration.md` describes each field. The names are the JSON's.
public struct CalibrationFile: Codable, Sendable, Equatable {
    public var schema = 1
    /// What the site calls it.
    public var name: String
    /// Of the phantom's scan, YYYYMMDD.
    public var studyDate: String
    /// Days from that date on which it holds.
    public var validDays: Int
    public var scanner: Scanner
    public var settings: Settings
    public var phantom: Phantom
    public var result: Result
    public var rods: [RodEntry]
    public var algorithmVersion: String
    /// Hexadecimal SHA-256 of everything above.
    public var digest = ""

    /// Which scanner: the serial number where the header has one, else the station's name.
    public struct Scanner: Codable, Sendable, Equatable {
        public var manufacturer: String
        public var model: String
        public var stationName: String
        public var deviceSerialNumber: String
    }

    /// How it scanned and reconstructed.
    public struct Settings: Codable, Sendable, Equatable {
        public var low: Beam
        public var high: Beam
        public var kernel: String
        /// Filter Type (0018,1160): names a scanner's added filters, mostly without saying what they are.
        public var filterType: String
        public var sliceThicknessMm: Double
    }

    public struct Beam: Codable, Sendable, Equatable {
        public var tubeVoltageKV: Double?
        public var tinFilterMm: Double?
        public var monoenergeticKeV: Double?
    }

    public struct Phantom: Codable, Sendable, Equatable {
        public var base: String
        public var densitiesMgPerCm3: [Double]
        public var relativeTolerance: Double
        public var baseLowHU: Double
        public var baseHighHU: Double
        /// Mean water-equivalent path through the rods.
        public var pathCm: Double
    }

    public struct Result: Codable, Sendable, Equatable {
        /// HU per mg/cm3 behind `phantom.pathCm` of water.
        public var lowSlope: Double
        public var highSlope: Double
        public var effectiveAluminiumMm: Double
        public var anodeAngleDegrees: Double
        public var lowFactor: Double
        public var highFactor: Double
        public var lowRelativeVariance: Double
        public var highRelativeVariance: Double
        public var relativeCovariance: Double
    }

    public struct RodEntry: Codable, Sendable, Equatable {
        public var densityMgPerCm3: Double
        public var diameterMm: Double
        public var lowHU: Double
        public var highHU: Double
        public var lowResidualMgPerCm3: Double
        public var highResidualMgPerCm3: Double
    }
}

extension CalibrationFile.Beam {
    /// Nil for a beam that no rods have been tried with: detector layers and photon-counting windows.
    init?(_ beam: BeamQuality) {
        switch beam {
        case .tube(let kilovolts, let tinMm): self.init(tubeVoltageKV: kilovolts, tinFilterMm: tinMm)
        case .monoenergetic(let energy): self.init(monoenergeticKeV: energy)
        case .detectorLayer, .photonCounting: return nil
        }
    }

    var quality: BeamQuality? {
        if let monoenergeticKeV, tubeVoltageKV == nil { return .monoenergetic(kiloelectronvolts: monoenergeticKeV) }
        guard let tubeVoltageKV, monoenergeticKeV == nil else { return nil }
        return .tube(kilovolts: tubeVoltageKV, tinMm: tinFilterMm ?? 0)
    }
}

extension CalibrationFile {
    /// What the core works with.
    ///
    /// - Throws: `CalibrationFailure` for a beam that is none; a file that was read has none such.
    public func calibration() throws(CalibrationFailure) -> RodCalibration {
        guard let low = settings.low.quality, let high = settings.high.quality else {
            throw CalibrationFailure("The calibration names no tube voltage and no energy.", "Calibrate again.")
        }
        return RodCalibration(
            lowBeam: low, highBeam: high,
            filtration: Filtration(
                aluminiumMm: result.effectiveAluminiumMm, titaniumMm: 0, anodeAngleDegrees: result.anodeAngleDegrees),
            lowFactor: result.lowFactor, highFactor: result.highFactor,
            relativeCovariance: NoiseCovariance(
                low: result.lowRelativeVariance, high: result.highRelativeVariance, both: result.relativeCovariance),
            pathCm: phantom.pathCm, lowSlope: result.lowSlope, highSlope: result.highSlope)
    }

    public var description: RodDescription {
        RodDescription(
            densitiesMgPerCm3: phantom.densitiesMgPerCm3, base: RodBase(rawValue: phantom.base) ?? .water,
            relativeTolerance: phantom.relativeTolerance)
    }
}

/// Why there is no calibration, and what to do.
public struct CalibrationFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public var message: String
    public var remedy: String

    public init(_ message: String, _ remedy: String) {
        self.message = message
        self.remedy = remedy
    }

    public var description: String { "\(message) \(remedy)" }
}
