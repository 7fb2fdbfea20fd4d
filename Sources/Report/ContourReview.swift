public import DICOM

/// The segmentation whose contours a report was measured on, because a reader reviewed them.
public struct ContourReview: Sendable, Equatable {
    public var segmentation: DocumentReference
    /// Of the segmentation, where an editor put it into a study of its own; nil for the study of the images.
    public var studyInstanceUID: UID?
    /// Content Creator's Name (0070,0084) as DICOM writes it; nil when the segmentation names nobody.
    public var readerName: String?
    /// SHA-256 of the contours in hexadecimal: an editor may keep the name of an object that it changes.
    public var digest: String
    /// They were reviewed for an earlier revision of the report, before other images came.
    public var isKept = false

    public init(segmentation: DocumentReference, readerName: String?, digest: String = "") {
        self.digest = digest
        self.segmentation = segmentation
        self.readerName = readerName
    }
}

/// A reader's contours that a report does not rest on, although somebody expects it.
public struct UnusedContours: Sendable, Equatable {
    public enum Origin: String, Sendable {
        /// They came for this report.
        case sent
        /// An earlier revision rested on them.
        case kept
    }
    public var origin: Origin
    public var obstacle: ContourObstacle

    public init(_ origin: Origin, _ obstacle: ContourObstacle) {
        self.origin = origin
        self.obstacle = obstacle
    }
}

/// Why contours cannot be measured; the raw value is the reason's code in outcomes and in the ledger.
public enum ContourObstacle: String, Sendable, CaseIterable {
    case unreadable = "contoursUnreadable"
    case tooLarge = "contoursTooLarge"
    case otherClass = "contoursOfOtherClass"
    case fractional = "contoursFractional"
    case otherStudy = "contoursOfOtherStudy"
    case otherPatient = "contoursOfOtherPatient"
    case otherFrame = "contoursOfOtherFrame"
    case otherImages = "contoursOfOtherImages"
    case withoutDeposit = "contoursWithoutDeposit"
    case overlap = "contoursOverlap"
    case otherGrid = "contoursOnOtherGrid"
    case notAnalysable = "contoursNotAnalysable"
}
