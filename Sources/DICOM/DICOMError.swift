import CDCMTK

/// What went wrong with a data set, a file, an association or a message, in words that hold no patient data.
public struct DICOMError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure, by which a caller decides.
    public enum Code: String, Sendable, Codable {
        /// The operating system refused to read or write.
        case inputOutput
        /// Not a DICOM file.
        case notDICOM
        /// The file or element ends early or contradicts itself.
        case malformed
        /// A size named in the data exceeds what is allowed or what the file can hold.
        case limitExceeded
        /// A valid encoding that is not supported here.
        case unsupported
        /// A value that cannot be written.
        case invalidValue
        /// The peer refused the association.
        case associationRejected
        /// The association ended: an abort or a closed connection.
        case associationAborted
        /// A time limit passed.
        case timedOut
        /// The peer could not be reached.
        case unreachable
        /// The peer broke the protocol.
        case protocolViolation
        /// The operation was called off by this side.
        case cancelled
        /// None of the others.
        case other
    }

    public let code: Code
    /// What happened and what to do.
    public let message: String
    public let cause: (any Error)?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String {
        cause.map { "\(message) (\($0))" } ?? message
    }
}

extension DICOMError {
    init(_ status: apatite_status) {
        let code: Code =
            switch status.code {
            case APATITE_IO: .inputOutput
            case APATITE_NOT_DICOM: .notDICOM
            case APATITE_MALFORMED: .malformed
            case APATITE_LIMIT: .limitExceeded
            case APATITE_UNSUPPORTED: .unsupported
            case APATITE_INVALID: .invalidValue
            case APATITE_REJECTED: .associationRejected
            case APATITE_ABORTED: .associationAborted
            case APATITE_TIMEOUT: .timedOut
            case APATITE_UNREACHABLE: .unreachable
            case APATITE_PROTOCOL: .protocolViolation
            default: .other
            }
        let text = withUnsafeBytes(of: status.text) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        self.init(code, text)
    }
}

/// Throws unless the shim's call succeeded.
func check(_ status: apatite_status) throws(DICOMError) {
    if status.code != APATITE_OK { throw DICOMError(status) }
}
