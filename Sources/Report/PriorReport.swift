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
    public var seriesInstanceUIDs: [UID]
    /// Images of both energies that it rested on.
    public var imageCount: Int
    public var trust: Trust.Status
    /// Calcium deposits; nil when it was not analysable.
    public var depositCount: Int?
    public var volumeMm3: Double?
    public var algorithmVersion: String

    public init(
        seriesInstanceUIDs: [UID], imageCount: Int, trust: Trust.Status, depositCount: Int?, volumeMm3: Double?,
        algorithmVersion: String
    ) {
        self.seriesInstanceUIDs = seriesInstanceUIDs
        self.imageCount = imageCount
        self.trust = trust
        self.depositCount = depositCount
        self.volumeMm3 = volumeMm3
        self.algorithmVersion = algorithmVersion
    }
}
