public import Foundation

/// How one analysis ended: what the worker writes as JSON to its standard output.
public struct AnalysisOutcome: Codable, Sendable, Equatable {
    public enum Status: String, Codable, Sendable, CaseIterable {
        /// A report of findings was written.
        case reported
        /// A report was written that claims neither presence nor absence.
        case notAnalysable
        /// Not dual energy, or not for us: nothing was written but `findings.json`.
        case leftAlone
        /// Identity, pairing or geometry cannot be trusted: nothing was written but `findings.json`.
        case setAside
    }

    public var status: Status
    /// Why, for every status but `reported`; in order of weight. Without patient data.
    public var reasons: [AnalysisReason]
    /// The DICOM objects to deliver, in the order in which they are to be sent.
    public var artefacts: [AnalysisArtefact]
    /// `findings.json` in the output folder.
    public var findings: String
    /// The report as plain text in the output folder; nil when no report was written.
    public var textReport: String?
    /// The study that was analysed; nil when no file could be read or several studies were given.
    public var studyInstanceUID: String?
    /// Hexadecimal SHA-256 over the SOP Instance UIDs that were analysed: a late image that leaves it as it was
    /// makes no revision. Nil unless a report was written.
    public var acquisitionDigest: String?
    /// A later image could mend the reason, as for a missing slice: worth waiting for.
    public var mayBeIncomplete: Bool
    /// Folder of the earlier results that these were compared with; nil without a prior.
    public var prior: String?
    /// What became of the contours that a reader reviewed; nil when the job named none.
    public var contours: ContourFate?
    /// Hexadecimal SHA-256 of the contours that were measured.
    public var contoursDigest: String?

    public init(
        status: Status, reasons: [AnalysisReason] = [], artefacts: [AnalysisArtefact] = [], findings: String,
        textReport: String? = nil, studyInstanceUID: String? = nil, acquisitionDigest: String? = nil,
        mayBeIncomplete: Bool = false, prior: String? = nil
    ) {
        self.prior = prior
        self.status = status
        self.reasons = reasons
        self.artefacts = artefacts
        self.findings = findings
        self.textReport = textReport
        self.studyInstanceUID = studyInstanceUID
        self.acquisitionDigest = acquisitionDigest
        self.mayBeIncomplete = mayBeIncomplete
    }

    /// 0 a report was written, 3 left alone, 4 set aside.
    public var exitStatus: Int32 {
        switch status {
        case .reported, .notAnalysable: 0
        case .leftAlone: 3
        case .setAside: 4
        }
    }

    /// The outcome as the worker writes it.
    public func json() throws -> Data { try AnalysisJSON.encoder().encode(self) }

    /// - Throws: `DecodingError` when a field is missing or of another type.
    public init(json: Data) throws { self = try AnalysisJSON.decoder().decode(AnalysisOutcome.self, from: json) }
}

/// What became of contours that were to be measured.
public enum ContourFate: String, Codable, Sendable, CaseIterable {
    case measured
    /// They cannot be measured on these images: the reasons say why, and what to do.
    case refused
    /// They are our own as we wrote them.
    case unchanged
}

/// Why a study has the fate it has.
public struct AnalysisReason: Codable, Sendable, Equatable {
    /// A stable name: "missingSlices", "singleEnergy" ...
    public var code: String
    /// What is the matter, with numbers and without patient data.
    public var message: String
    /// What a person can do; empty when there is nothing to do.
    public var remedy: String

    public init(code: String, message: String, remedy: String) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }
}

/// One DICOM object that an analysis made.
public struct AnalysisArtefact: Codable, Sendable, Equatable {
    /// What it is: "sr", "seg", "summary", "maps:ha" ...; open, so that whoever delivers needs no list of them all.
    public struct Kind: RawRepresentable, Hashable, Codable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        public static let structuredReport = Kind(rawValue: "sr")
        /// The same report in another class, for an archive that refuses the first: one of the two is delivered.
        public static let enhancedStructuredReport = Kind(rawValue: "srEnhanced")
        public static let segmentation = Kind(rawValue: "seg")
        public static let summary = Kind(rawValue: "summary")
    }
    public var kind: Kind
    public var sopClassUID: String
    public var sopInstanceUID: String
    public var seriesInstanceUID: String
    public var transferSyntaxUID: String
    /// The file, absolute.
    public var path: String

    public init(
        kind: Kind, sopClassUID: String, sopInstanceUID: String, seriesInstanceUID: String, transferSyntaxUID: String,
        path: String
    ) {
        self.kind = kind
        self.sopClassUID = sopClassUID
        self.sopInstanceUID = sopInstanceUID
        self.seriesInstanceUID = seriesInstanceUID
        self.transferSyntaxUID = transferSyntaxUID
        self.path = path
    }
}

/// The one JSON form that both sides of the worker's pipes use: dates as ISO 8601, keys sorted.
package enum AnalysisJSON {
    package static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    package static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}
