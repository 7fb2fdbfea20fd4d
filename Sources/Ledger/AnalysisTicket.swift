public import Foundation

/// An analysis that is to be run: everything its job is made of.
public struct AnalysisTicket: Sendable, Equatable {
    public var id: Int64
    public var study: Int64
    public var studyInstanceUID: String
    public var revision: Int
    public var signal: StudyClosingSignal
    public var closedAt: Date
    /// How often it was begun, this time included: a number for a folder of its own.
    public var starts: Int
    /// How often its worker failed.
    public var failures: Int
    /// Calling AE Title of the study's first object.
    public var source: String
    /// Objects of two patients came under this study.
    public var hasTwoPatients: Bool
    /// Files of the study's images, relative to the state folder, in order of arrival.
    public var images: [String]
    public var series: [SeriesAttributes]
    public var predecessor: Predecessor?
    /// The contours to measure on; nil for our own.
    public var review: ReviewTicket?
    /// The contours that the report before rests on, relative to the state folder; nil where it rests on our own, or an
    /// operator withdrew it.
    public var keptContours: String?

    /// What the site's rules look at.
    public struct SeriesAttributes: Sendable, Equatable {
        public var bodyPart: String
        public var protocolName: String
        public var description: String
        public var procedureCode: String
    }

    /// The report that this one would replace.
    public struct Predecessor: Sendable, Equatable {
        public var sopClassUID: String
        public var sopInstanceUID: String
        public var seriesInstanceUID: String
        public var acquisitionDigest: String?
        /// Its file, relative to the state folder; what it rests on lies beside it.
        public var path: String

        /// Folder of its results, relative to the state folder.
        public var folder: String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "" }
    }
}

/// One object an analysis made, synced under its final name.
public struct RecordedResult: Sendable, Equatable {
    /// "sr", "seg", "summary" ...
    public var kind: String
    public var sopClassUID: String
    public var sopInstanceUID: String
    public var seriesInstanceUID: String
    public var transferSyntaxUID: String
    /// Relative to the state folder.
    public var path: String
    /// Names of the destinations it goes to.
    public var destinations: [String]
    /// SOP Instance UID of the result in whose place it goes where that one's class is not taken; its own
    /// `destinations` are empty then.
    public var alternativeOf: String?

    public init(
        kind: String, sopClassUID: String, sopInstanceUID: String, seriesInstanceUID: String,
        transferSyntaxUID: String, path: String, destinations: [String], alternativeOf: String? = nil
    ) {
        self.alternativeOf = alternativeOf
        self.kind = kind
        self.sopClassUID = sopClassUID
        self.sopInstanceUID = sopInstanceUID
        self.seriesInstanceUID = seriesInstanceUID
        self.transferSyntaxUID = transferSyntaxUID
        self.path = path
        self.destinations = destinations
    }
}

/// How an analysis ended, as it is recorded.
public struct AnalysisEnd: Sendable, Equatable {
    /// `reported`, `notAnalysable`, `leftAlone`, `incomplete` or `setAside`.
    public var fate: StudyState
    public var reasons: [StudyReason]
    public var acquisitionDigest: String?
    /// Of the reviewed contours that were measured.
    public var contoursDigest: String?
    /// Reviewed contours turned out to be our own: nobody is told.
    public var areContoursOwn = false
    /// Reviewed contours could not be measured, and the results say so.
    public var areContoursRefused = false
    public var results: [RecordedResult]
    /// What became of the search for an earlier report to compare with; nil when there was none.
    public var prior: RecordedPrior?

    public init(
        fate: StudyState, reasons: [StudyReason], acquisitionDigest: String? = nil, results: [RecordedResult] = [],
        prior: RecordedPrior? = nil
    ) {
        self.prior = prior
        self.fate = fate
        self.reasons = reasons
        self.acquisitionDigest = acquisitionDigest
        self.results = results
    }
}

/// What recording the end of an analysis came to.
public struct FinishedAnalysis: Sendable, Equatable {
    /// The fate that the study now has.
    public var fate: StudyState
    /// The report that was there stands; the results of this analysis were not recorded.
    public var isUnchanged: Bool
}
