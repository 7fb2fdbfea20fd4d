public import DICOM

/// What the Inbox needs to know of the site's configuration.
public struct InboxSettings: Sendable {
    /// Our AE Title; another one in a request is rejected.
    public var aeTitle: String
    /// Who may call, with the numeric address it must come from (nil for any); empty for everybody.
    public var sources: [String: String?] = [:]
    /// AE Titles that may also call to report on storage commitment, and for nothing else unless they are sources.
    public var commitmentPeers: Set<String> = []
    /// Takes such a report and says how it is answered; nil refuses the presentation context.
    public var takeReport: (@Sendable (StorageCommitment.Report) -> DIMSEStatus)?
    /// The state folder; `received/` is made in it.
    public var stateFolder: String
    /// Associations at a time.
    public var maximumAssociations = 20
    /// Bytes of the disk that stay free: below it C-STORE answers A700.
    public var diskFloorBytes: UInt64 = 2 << 30
    /// What a peer may send in one PDU, bytes.
    public var maximumPDU: UInt32 = 131_072
    /// Until the association request is there.
    public var artimSeconds = 10
    /// Between two messages of a peer. Scanners keep an association open between two reconstructions.
    public var idleSeconds = 300
    /// Between two fragments of one message.
    public var messageSeconds = 30
    /// What is accepted; the conformance statement lists the same.
    public var sopClasses: Set<UID> = Set(SOPClass.stored.map(\.uid)).union([SOPClass.verification])
    /// In the order of preference.
    public var transferSyntaxes: [TransferSyntax] = TransferSyntax.allCases

    public init(aeTitle: String, stateFolder: String) {
        self.aeTitle = aeTitle
        self.stateFolder = stateFolder
    }
}
