/// One SOP instance in a file: what the Inbox produces, the stages hand on and the Outbox sends.
public struct StoredInstance: Hashable, Sendable, Codable {
    public var sopClassUID: UID
    public var sopInstanceUID: UID
    public var transferSyntaxUID: UID
    /// Path of the file.
    public var path: String

    public init(sopClassUID: UID, sopInstanceUID: UID, transferSyntaxUID: UID, path: String) {
        self.sopClassUID = sopClassUID
        self.sopInstanceUID = sopInstanceUID
        self.transferSyntaxUID = transferSyntaxUID
        self.path = path
    }
}
