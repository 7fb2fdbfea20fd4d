public import DICOM
public import DualEnergyCT

/// The report of an earlier examination that the present one was compared with. Never of the same study: what a
/// revision replaces is its predecessor, not its prior.
public struct PriorReport: Sendable, Equatable {
    public var studyInstanceUID: UID
    /// Date of the prior examination as DICOM writes it: YYYYMMDD; "" when it is not known.
    public var examinationDate: String
    public var report: DocumentReference
    public var segmentation: DocumentReference?

    public init(
        studyInstanceUID: UID, examinationDate: String, report: DocumentReference, segmentation: DocumentReference?
    ) {
        self.studyInstanceUID = studyInstanceUID
        self.examinationDate = examinationDate
        self.report = report
        self.segmentation = segmentation
    }
}

/// What the report that a revision replaces had said, so that the revision can say what changed.
public struct PredecessorSummary: Sendable, Equatable {
    /// A series that it rested on.
    public struct Series: Sendable, Equatable {
        public var seriesInstanceUID: UID
        public var imageCount: Int
        /// nil when it is not known.
        public var imageNumbers: ImageNumbers?

        public init(seriesInstanceUID: UID, imageCount: Int, imageNumbers: ImageNumbers?) {
            self.seriesInstanceUID = seriesInstanceUID
            self.imageCount = imageCount
            self.imageNumbers = imageNumbers
        }
    }

    /// Of both energies, the lower one first.
    public var series: [Series]
    public var trust: Trust.Status
    /// Calcium deposits; nil when it was not analysable.
    public var depositCount: Int?
    public var volumeMm3: Double?
    public var hydroxyapatiteMassMg: Double?
    public var urate: UrateStatement.Verdict?
    public var algorithmVersion: String
    /// Whether it rested on contours that a reader reviewed.
    public var isReviewed = false

    public init(
        series: [Series], trust: Trust.Status, depositCount: Int?, volumeMm3: Double?, hydroxyapatiteMassMg: Double?,
        urate: UrateStatement.Verdict?, algorithmVersion: String
    ) {
        self.series = series
        self.trust = trust
        self.depositCount = depositCount
        self.volumeMm3 = volumeMm3
        self.hydroxyapatiteMassMg = hydroxyapatiteMassMg
        self.urate = urate
        self.algorithmVersion = algorithmVersion
    }
}

/// Why an archive could not be asked for an earlier report.
public enum PriorSearchFailure: String, Sendable, Codable, CaseIterable {
    /// No answer within the configured time.
    case timedOut
    /// No connection.
    case unreachable
    /// The archive refused the association, the query or the retrieval.
    case refused
    /// The study says too little of its patient or date.
    case unclearPatient
    /// The answer cannot be read or kept.
    case failed
}
