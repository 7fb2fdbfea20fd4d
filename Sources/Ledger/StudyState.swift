public import Foundation

/// Where a study stands. The last four are the fates of `analysis`.
public enum StudyState: String, Sendable, CaseIterable, Codable {
    /// Images come, or the quiet time runs.
    case receiving
    /// Closed, waits for its turn.
    case queued
    case analysing
    /// Quiet, but not whole: waits for the rest until the limit.
    case incomplete
    case reported
    case notAnalysable
    case leftAlone
    case setAside
}

/// What closed a study; the report says so. The names are those of the worker's job.
public enum StudyClosingSignal: String, Sendable, CaseIterable, Codable {
    case quietPeriod, performedProcedureStep, operatorRequest
    /// A reader sent a reviewed segmentation of a study that has a report.
    case reviewedContours
}

/// What the decision "is this study complete?" is made of.
public struct CompletionFacts: Sendable, Equatable {
    public var study: Int64
    public var state: StudyState
    public var stateSince: Date
    public var firstReceivedAt: Date
    /// Nil when nothing came that could be analysed.
    public var lastImageAt: Date?
    /// Images that came since the study was last closed.
    public var newImages: Int
    /// Associations on which objects of this study came and that are still open.
    public var openAssociations: Int
    /// End of the last association that was closed.
    public var lastAssociationClosedAt: Date?
    public var hasTwoPatients: Bool
    /// Segmentations that a reader may have reviewed and that nothing was measured on yet.
    public var waitingReviews: Int

    public init(
        study: Int64, state: StudyState, stateSince: Date, firstReceivedAt: Date, lastImageAt: Date?, newImages: Int,
        openAssociations: Int, lastAssociationClosedAt: Date?, hasTwoPatients: Bool,
        waitingReviews: Int = 0
    ) {
        self.waitingReviews = waitingReviews
        self.study = study
        self.state = state
        self.stateSince = stateSince
        self.firstReceivedAt = firstReceivedAt
        self.lastImageAt = lastImageAt
        self.newImages = newImages
        self.openAssociations = openAssociations
        self.lastAssociationClosedAt = lastAssociationClosedAt
        self.hasTwoPatients = hasTwoPatients
    }
}

/// Why a study has its fate, in words and with a stable code.
public struct StudyReason: Sendable, Equatable, Codable {
    public var code: String
    public var message: String
    public var remedy: String

    public init(code: String, message: String, remedy: String) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }
}
