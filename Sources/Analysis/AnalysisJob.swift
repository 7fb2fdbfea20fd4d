import DualEnergyCT
public import Foundation
public import Report
import StudyAssembly

/// One analysis to be done: what the worker reads as JSON from its standard input.
///
/// A job names everything the result depends on, so that the same job gives the same objects byte for byte.
public struct AnalysisJob: Codable, Sendable, Equatable {
    /// Files, or folders that are searched with all their folders, in any order.
    public var inputs: [String]
    /// Where the results are written; made when absent.
    public var outputFolder: String
    /// When the study was closed: the content date and time of every result.
    public var closedAt: Date
    /// What closed the study; the report says so.
    public var closingSignal: ClosingSignal
    /// 1 for the first report of a study.
    public var revision: Int
    /// The report this one replaces; nil for revision 1.
    public var predecessor: PredecessorReport?
    /// Folder of earlier results to compare with; nil for none.
    public var prior: String?
    /// Folders of earlier results of the same patient, newest first: the first of the same part and side of the body is
    /// compared with, unless `prior` names one.
    public var priorCandidates: [String] = []
    /// Why the archive could not be asked for more of them; the report says so.
    public var priorSearchFailure: PriorSearchFailure?
    /// A segmentation that a reader reviewed: its deposits are measured in place of our own.
    public var contours: String?
    /// A segmentation that a reader reviewed for an earlier report of the study: measured again as long as it fits the images.
    public var keptContours: String?
    /// Our own segmentation under the same SOP Instance UID: contours that are the same were reviewed by nobody.
    public var ownSegmentation: String?
    public var language: ReportLanguage
    /// Material maps to write, by the names that `MaterialMap` has in the configuration: "ha", "vmi:70" ...
    public var maps: [String]
    /// Whether name, ID and birth date of the patient stand on the pictures' pixels.
    public var identityOnPictures: Bool
    /// Series Number of the first result, a multiple of 1000; another thousand is taken where the study has its numbers.
    public var firstSeriesNumber = 9000
    /// Hexadecimal SHA-256 of the configuration that has an influence on results.
    public var configurationDigest: String
    /// Serial number of this installation, written as Device Serial Number.
    public var installationSerial: String
    /// Which studies are for us; nil means every dual-energy study.
    public var eligibility: Eligibility?
    /// The site's rod calibrations: the one of the study's scanner and settings is used.
    public var calibrations: [CalibrationFile]
    public var limits: AnalysisLimits

    public init(
        inputs: [String], outputFolder: String, closedAt: Date, closingSignal: ClosingSignal, revision: Int = 1,
        predecessor: PredecessorReport? = nil, language: ReportLanguage = .english,
        prior: String? = nil, maps: [String] = ["ha"], identityOnPictures: Bool = false,
        configurationDigest: String = "none", installationSerial: String = "unnamed", eligibility: Eligibility? = nil,
        calibrations: [CalibrationFile] = [], limits: AnalysisLimits = AnalysisLimits()
    ) {
        self.inputs = inputs
        self.outputFolder = outputFolder
        self.closedAt = closedAt
        self.closingSignal = closingSignal
        self.revision = revision
        self.predecessor = predecessor
        self.language = language
        self.maps = maps
        self.identityOnPictures = identityOnPictures
        self.prior = prior
        self.configurationDigest = configurationDigest
        self.installationSerial = installationSerial
        self.eligibility = eligibility
        self.calibrations = calibrations
        self.limits = limits
    }

    /// The job as the worker reads it.
    public func json() throws -> Data { try AnalysisJSON.encoder().encode(self) }

    /// - Throws: `DecodingError` when a field is missing or of another type.
    public init(json: Data) throws { self = try AnalysisJSON.decoder().decode(AnalysisJob.self, from: json) }
}

/// What closed a study.
public enum ClosingSignal: String, Codable, Sendable, CaseIterable {
    /// No image for the configured time, no association open.
    case quietPeriod
    /// The scanner's MPPS was completed and all it names is here.
    case performedProcedureStep
    /// An operator released or re-analysed the study.
    case operatorRequest
    /// A person named a folder on the command line.
    case commandLine
    /// A reader sent a reviewed segmentation.
    case reviewedContours
}

/// Language of the report's texts; coded meanings are always English.
public enum ReportLanguage: String, Codable, Sendable, CaseIterable {
    case english = "en"
    case french = "fr"
    /// Everything that is read in both, English first: impressions, plain text, pictures, page.
    case both
}

/// The structured report that a revision replaces, in the same study.
public struct PredecessorReport: Codable, Sendable, Equatable {
    public var sopClassUID: String
    public var sopInstanceUID: String
    public var seriesInstanceUID: String
    /// Its `findings.json`, so that the revision can say what changed; nil or absent when it is gone.
    public var findings: String?

    public init(sopClassUID: String, sopInstanceUID: String, seriesInstanceUID: String, findings: String? = nil) {
        self.findings = findings
        self.sopClassUID = sopClassUID
        self.sopInstanceUID = sopInstanceUID
        self.seriesInstanceUID = seriesInstanceUID
    }
}

/// The site's rule for which dual-energy studies are analysed. A study passes when one of the lists names it.
public struct Eligibility: Codable, Sendable, Equatable {
    /// Raw values of `BodyRegion`: "hand", "wrist" ...
    public var regions: [String]
    /// Parts of protocol, study or series descriptions, compared without regard to case.
    public var protocols: [String]
    /// Code Values of the requested or performed procedure.
    public var procedureCodes: [String]

    public init(regions: [String], protocols: [String] = [], procedureCodes: [String] = []) {
        self.regions = regions
        self.protocols = protocols
        self.procedureCodes = procedureCodes
    }

    /// Whether the rule chooses an examination.
    func chooses(_ examination: Examination) -> Bool {
        let descriptions = examination.descriptions.map { $0.lowercased() }
        return regions.contains(examination.region.rawValue)
            || protocols.contains { part in
                !part.isEmpty && descriptions.contains { $0.contains(part.lowercased()) }
            } || procedureCodes.contains { examination.procedureCodes.contains($0) }
    }
}

/// What one job may use. A study that needs more is set aside with that reason.
public struct AnalysisLimits: Codable, Sendable, Equatable {
    /// Address space of the worker in bytes; 0 sets no limit.
    public var memoryBytes: UInt64
    /// Processor time of the worker in seconds; 0 sets no limit.
    public var processorSeconds: UInt64
    /// Most files that are looked at.
    public var maximumInstances: Int
    /// Most voxels of one energy's volume.
    public var maximumVoxels: Int

    public init(
        memoryBytes: UInt64 = 12 << 30, processorSeconds: UInt64 = 1800, maximumInstances: Int = 20_000,
        maximumVoxels: Int = 1 << 30
    ) {
        self.memoryBytes = memoryBytes
        self.processorSeconds = processorSeconds
        self.maximumInstances = maximumInstances
        self.maximumVoxels = maximumVoxels
    }
}
