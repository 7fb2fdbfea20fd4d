import DICOM

/// The segmentation whose contours a report was measured on, because a reader reviewed them.
public struct ContourReview: Sendable, Equatable {
    public var segmentation: DocumentReference
    /// Content Creator's Name (0070,0084) as DICOM writes it; nil when the segmentation names nobody.
    public var readerName: String?
    /// SHA-256 of the contours in hexadecimal: an editor may keep the name of an object that it changes.
    public var digest: String

    public init(segmentation: DocumentReference, readerName: String?, digest: String = "") {
        self.digest = digest
        self.segmentation = segmentation
        self.readerName = readerName
    }
}
