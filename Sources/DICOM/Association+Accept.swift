import CDCMTK

/// The acceptor's side.
extension Association {
    /// Reads the association request from a connected socket and takes the socket over, also on failure.
    ///
    /// - Parameters:
    ///   - artimSeconds: how long the peer may take to send its request.
    ///   - maximumPDU: what the peer may send in one PDU, bytes (4096 to 131072).
    /// - Throws: `timedOut`, `associationAborted`, `protocolViolation`.
    public static func receive(
        socket: Int32, maximumPDU: UInt32 = 131_072, artimSeconds: Int = 10
    ) throws(DICOMError) -> Association {
        var handle: OpaquePointer?
        try check(apatite_association_receive(socket, maximumPDU, Int32(artimSeconds), &handle))
        guard let handle else { throw DICOMError(.other, "no association") }
        return Association(handle: handle)
    }

    /// A-ASSOCIATE-AC: accepts each context whose abstract syntax is in `abstractSyntaxes`, with the first of our
    /// transfer syntaxes that the peer proposes for it; refuses the others with the reason.
    public func accept(
        abstractSyntaxes: Set<UID>, transferSyntaxes: [TransferSyntax] = TransferSyntax.allCases
    ) throws(DICOMError) {
        for context in presentationContexts {
            let isPlain = [SOPClass.verification, SOPClass.storageCommitmentPushModel].contains(context.abstractSyntax)
            let known = isPlain ? [.explicitLittleEndian, .implicitLittleEndian] : transferSyntaxes
            let chosen = known.first { context.proposedTransferSyntaxes.contains($0.uid) }
            // The provider of storage commitment calls to report, and says so by its role.
            let isReport = context.abstractSyntax == SOPClass.storageCommitmentPushModel
            if !abstractSyntaxes.contains(context.abstractSyntax) {
                try check(apatite_association_decide(handle, context.identifier, nil, 3, false))
            } else if let chosen {
                try check(apatite_association_decide(handle, context.identifier, chosen.rawValue, 0, isReport))
            } else {
                try check(apatite_association_decide(handle, context.identifier, nil, 4, false))
            }
        }
        try check(apatite_association_acknowledge(handle))
    }

    /// A-ASSOCIATE-RJ.
    public func reject(_ rejection: Rejection) throws(DICOMError) {
        try check(apatite_association_reject(handle, rejection.shim))
    }

    /// What the peer asks for.
    public enum Request {
        case echo(Answerable)
        case store(Answerable)
        case eventReport(Answerable)
        /// No request: the peer's answer to one of ours.
        case answer(Response)
        case release
    }

    /// A request that waits for its answer.
    public struct Answerable {
        var request: apatite_request

        public var sopClassUID: UID { UID(rawValue: text(of: request.sop_class)) }
        public var sopInstanceUID: UID { UID(rawValue: text(of: request.sop_instance)) }
        public var presentationContext: UInt8 { request.context }
        public var messageID: UInt16 { request.message }
        /// Event Type ID of an event report.
        public var eventType: UInt16 { request.type }
        public var hasDataSet: Bool { request.has_data_set }
    }

    /// An answer that may be one of several, and may carry a data set that has to be received before anything else.
    public struct Response: Sendable {
        public let presentationContext: UInt8
        public let messageID: UInt16
        public let status: DIMSEStatus
        public let hasDataSet: Bool
    }

    /// Waits for the next request.
    ///
    /// - Throws: `timedOut` after so many seconds without one, `associationAborted`, `protocolViolation`.
    public func nextRequest(seconds: Int) throws(DICOMError) -> Request {
        var request = apatite_request()
        try check(apatite_association_next(handle, Int32(seconds), &request))
        switch request.kind {
        case APATITE_REQUEST_ECHO: return .echo(Answerable(request: request))
        case APATITE_REQUEST_STORE: return .store(Answerable(request: request))
        case APATITE_REQUEST_EVENT_REPORT: return .eventReport(Answerable(request: request))
        case APATITE_REQUEST_ANSWER:
            return .answer(
                Response(
                    presentationContext: request.context, messageID: request.message,
                    status: DIMSEStatus(rawValue: request.type), hasDataSet: request.has_data_set))
        default: return .release
        }
    }

    /// Whether the peer has sent something more.
    public func isReadable(milliseconds: Int) -> Bool {
        apatite_association_is_readable(handle, Int32(milliseconds))
    }

    /// A data set that was received.
    public struct ReceivedData: Sendable {
        /// SHA-256 of its bytes.
        public let sha256: [UInt8]
        public let byteCount: UInt64
        /// `errno` of the first write that failed; 0 when all is in the file.
        public let writeError: Int32
    }

    /// Receives the data set of a store request bit for bit into a file; nil as descriptor drops it.
    ///
    /// - Throws: `timedOut` after so many seconds without a byte, `associationAborted`, `protocolViolation`.
    public func receiveData(into descriptor: Int32?, seconds: Int) throws(DICOMError) -> ReceivedData {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt64 = 0
        var writeError: Int32 = 0
        try check(
            apatite_association_receive_data(handle, Int32(seconds), descriptor ?? -1, &digest, &count, &writeError))
        return ReceivedData(sha256: digest, byteCount: count, writeError: writeError)
    }

    /// Receives the data set of an event report or an answer.
    ///
    /// - Parameter limit: bytes that it may have.
    /// - Throws: `limitExceeded`, `malformed`, and as `receiveData`.
    public func receiveDataSet(context: UInt8, seconds: Int, limit: Int = 4 << 20) throws(DICOMError) -> DataSet {
        var file: OpaquePointer?
        try check(apatite_association_receive_data_set(handle, context, Int32(seconds), limit, &file))
        guard let file else { throw DICOMError(.other, "no data set") }
        return DataSet(file: file)
    }

    /// Answers a request; `comment` (ASCII, at most 64 characters) explains a failure.
    public func answer(
        _ answerable: Answerable, _ status: DIMSEStatus, comment: String = ""
    ) throws(DICOMError) {
        var request = answerable.request
        try check(apatite_association_answer(handle, &request, status.rawValue, comment))
    }

    /// Answers the release and closes.
    public func acknowledgeRelease() throws(DICOMError) {
        try check(apatite_association_acknowledge_release(handle))
    }
}
