public import Foundation

/// One object that came by wire and is a synced file under its final name: what the Inbox asks the ledger to record.
public struct ReceivedInstance: Sendable, Equatable {
    public var sopClassUID: String
    public var sopInstanceUID: String
    public var seriesInstanceUID: String
    public var studyInstanceUID: String
    public var transferSyntaxUID: String
    public var callingAETitle: String
    public var calledAETitle: String
    /// Hexadecimal SHA-256 of the data set as received.
    public var sha256: String
    public var byteCount: Int
    /// Relative to the state folder.
    public var path: String
    public var receivedAt: Date
    /// The row that `Ledger.associationOpened` gave; nil when the object did not come by an association.
    public var associationID: Int64?
    public var header: HeaderAttributes

    public init(
        sopClassUID: String, sopInstanceUID: String, seriesInstanceUID: String, studyInstanceUID: String,
        transferSyntaxUID: String, callingAETitle: String, calledAETitle: String, sha256: String, byteCount: Int,
        path: String, receivedAt: Date, associationID: Int64? = nil, header: HeaderAttributes = HeaderAttributes()
    ) {
        self.sopClassUID = sopClassUID
        self.sopInstanceUID = sopInstanceUID
        self.seriesInstanceUID = seriesInstanceUID
        self.studyInstanceUID = studyInstanceUID
        self.transferSyntaxUID = transferSyntaxUID
        self.callingAETitle = callingAETitle
        self.calledAETitle = calledAETitle
        self.sha256 = sha256
        self.byteCount = byteCount
        self.path = path
        self.receivedAt = receivedAt
        self.associationID = associationID
        self.header = header
    }
}

/// What the header says beside the UIDs; empty where it is silent. Kept for the operator, never logged.
public struct HeaderAttributes: Sendable, Equatable {
    public var patientID = ""
    /// Issuer of Patient ID (0010,0021).
    public var issuerOfPatientID = ""
    public var patientName = ""
    public var patientBirthDate = ""
    public var accessionNumber = ""
    public var studyDescription = ""
    public var studyDate = ""
    public var modality = ""
    public var seriesDescription = ""
    public var bodyPartExamined = ""
    public var protocolName = ""
    /// Code Value of the first item of Procedure Code Sequence.
    public var procedureCode = ""
    /// Series Instance UIDs in Referenced Series Sequence (0008,1115), as far as they were looked for.
    public var referencedSeries: [String] = []
    /// Manufacturer (0008,0070): our own results carry `HeaderAttributes.ownManufacturer`.
    public var manufacturer = ""

    /// The Manufacturer that every result of ours carries.
    public static let ownManufacturer = "Apatite project"

    public init() {}
}

/// What became of an arrival.
public enum RecordOutcome: Sendable, Equatable {
    /// Not seen before; committed with full sync. The value is the row in `instance`.
    case new(Int64)
    /// The same SOP Instance UID with the same content is here already; nothing was changed.
    case duplicate
    /// The same SOP Instance UID with other content is here; both are kept. The value is the row in `conflict`.
    case conflict(Int64)
}
