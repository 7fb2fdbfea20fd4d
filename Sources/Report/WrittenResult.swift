public import DICOM

/// A file that ``writeResults(findings:source:to:)`` made.
public struct WrittenResult: Sendable, Equatable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// TID 1500 as Comprehensive 3D SR: `sr.dcm`.
        case structuredReport = "sr"
        /// The same tree as Enhanced SR, for an archive that refuses the other: `sr-enhanced.dcm`.
        case enhancedStructuredReport = "srEnhanced"
        /// `seg.dcm`
        case segmentation = "seg"
        /// A page of the colour pictures as DICOM: `summary-N.dcm`.
        case summary
        /// The same for everybody else: `summary-N.png`.
        case summaryPNG
        /// `report.txt`
        case plainText
        /// What takes earlier results back: `rejection-note.dcm`. Made by ``writeRejectionNote(_:to:)``.
        case rejectionNote
        /// The report for people: `report.html`.
        case page
        /// A slice of a material map as DICOM: `maps/KIND/NNNN.dcm`.
        case map

        /// Name of the file in the folder of the results; for maps the name of their folder.
        public var fileName: String {
            switch self {
            case .structuredReport: "sr.dcm"
            case .enhancedStructuredReport: "sr-enhanced.dcm"
            case .segmentation: "seg.dcm"
            case .summary: "summary-1.dcm"
            case .summaryPNG: "summary-1.png"
            case .plainText: "report.txt"
            case .rejectionNote: "rejection-note.dcm"
            case .page: "report.html"
            case .map: "maps"
            }
        }
    }

    public var kind: Kind
    /// The file.
    public var path: String
    /// What to deliver; nil for a file that is not DICOM.
    public var instance: StoredInstance?
    public var seriesInstanceUID: UID?

    public init(kind: Kind, path: String, instance: StoredInstance?, seriesInstanceUID: UID?) {
        self.kind = kind
        self.path = path
        self.instance = instance
        self.seriesInstanceUID = seriesInstanceUID
    }
}
