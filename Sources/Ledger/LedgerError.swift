/// What can go wrong with the ledger; the message says what happened and how to mend it.
public struct LedgerError: Error, Sendable, CustomStringConvertible {
    /// A stable name for programs; more may be added.
    public struct Code: Hashable, Sendable, RawRepresentable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The file was written by a newer Apatite.
        public static let tooNew = Code(rawValue: "tooNew")
        /// The file is missing, is not a ledger, or cannot be opened.
        public static let cannotOpen = Code(rawValue: "cannotOpen")
        /// The row that was asked for is not there, or not in a state that allows what was asked.
        public static let noSuchRow = Code(rawValue: "noSuchRow")
    }

    public var code: Code
    public var message: String
    public var cause: (any Error)?

    public init(code: Code, message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String {
        guard let cause else { return message }
        return "\(message) (\(cause))"
    }
}
