import CDCMTK
import Glibc

/// The requestor's side.
extension Association {
    /// What is proposed: one abstract syntax with its transfer syntaxes.
    public struct Proposal: Sendable, Hashable {
        public let abstractSyntax: UID
        public let transferSyntaxes: [UID]
        /// We would be the provider: the peer sends us what it gets for us.
        public let asProvider: Bool

        public init(abstractSyntax: UID, transferSyntaxes: [UID], asProvider: Bool = false) {
            self.abstractSyntax = abstractSyntax
            self.transferSyntaxes = transferSyntaxes
            self.asProvider = asProvider
        }
    }

    /// Whom to call, as whom, and how long to wait.
    public struct Peer: Sendable, Hashable, Codable {
        public var host: String
        public var port: UInt16
        public var calledAETitle: String
        public var callingAETitle: String
        /// For the connection and the negotiation, seconds.
        public var associationSeconds: Int
        /// For an answer to a message, seconds.
        public var answerSeconds: Int
        public var maximumPDU: UInt32

        public init(
            host: String, port: UInt16, calledAETitle: String, callingAETitle: String, associationSeconds: Int = 15,
            answerSeconds: Int = 60, maximumPDU: UInt32 = 131_072
        ) {
            self.host = host
            self.port = port
            self.calledAETitle = calledAETitle
            self.callingAETitle = callingAETitle
            self.associationSeconds = associationSeconds
            self.answerSeconds = answerSeconds
            self.maximumPDU = maximumPDU
        }
    }

    /// Connects and negotiates.
    ///
    /// - Throws: `unreachable`, `associationRejected` with a `Rejection` as cause's description, `timedOut`.
    public static func request(_ peer: Peer, proposals: [Proposal]) throws(DICOMError) -> Association {
        precondition((1...128).contains(proposals.count), "an association has 1 to 128 presentation contexts")
        var handle: OpaquePointer?
        var rejection = apatite_rejection()
        let status = withProposals(proposals) { pointer, count in
            apatite_association_request(
                peer.host, peer.port, peer.callingAETitle, peer.calledAETitle, peer.maximumPDU,
                Int32(peer.associationSeconds), pointer, count, &handle, &rejection)
        }
        if status.code == APATITE_REJECTED {
            let reason = Rejection(result: rejection.result, source: rejection.source, reason: rejection.reason)
            throw DICOMError(.associationRejected, "\(peer.calledAETitle) \(reason)", cause: reason)
        }
        try check(status)
        guard let handle else { throw DICOMError(.other, "no association") }
        return Association(handle: handle)
    }

    /// C-ECHO.
    public func echo(seconds: Int) throws(DICOMError) -> DIMSEStatus {
        guard let context = presentationContexts.first(where: { $0.abstractSyntax == SOPClass.verification }),
            context.acceptedTransferSyntax != nil
        else { return .sopClassNotSupported }
        var request = Association.message(
            APATITE_REQUEST_ECHO, context: context.identifier, id: 1, sopClass: SOPClass.verification, sopInstance: nil)
        try check(apatite_association_send_echo(handle, &request))
        return try receiveAnswer(seconds: seconds).status
    }

    /// An answer to a request under way.
    public struct Answer: Sendable {
        public let messageID: UInt16
        public let status: DIMSEStatus
        /// The peer's Error Comment; may hold anything, so it is for the ledger and never for a log.
        public let comment: String
    }

    /// Sends a C-STORE-RQ without waiting for the answer. The file's data set goes out bit for bit when the context has
    /// its transfer syntax, and converted when both are uncompressed.
    public func sendStore(
        _ instance: StoredInstance, context: PresentationContext, messageID: UInt16
    ) throws(DICOMError) {
        var request = Association.message(
            APATITE_REQUEST_STORE, context: context.identifier, id: messageID, sopClass: instance.sopClassUID,
            sopInstance: instance.sopInstanceUID)
        guard context.acceptedTransferSyntax == instance.transferSyntaxUID else {
            return try check(apatite_association_send_store_converted(handle, &request, instance.path))
        }
        let descriptor = open(instance.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw DICOMError(.inputOutput, "the file cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let offset = try MetaHeader.dataSetOffset(descriptor: descriptor)
        try check(apatite_association_send_store(handle, &request, descriptor, UInt64(offset)))
    }

    /// A request that carries a data set and whose answers `nextRequest` brings.
    public enum Operation: Sendable {
        /// N-ACTION with its Action Type ID.
        case action(sopInstance: UID, type: UInt16)
        case find
        case get
        /// C-MOVE to an AE Title.
        case move(destination: String)
    }

    /// Sends N-ACTION-RQ, C-FIND-RQ, C-GET-RQ or C-MOVE-RQ.
    /// - Parameter sopClass: the abstract syntax of the context it goes out on.
    /// - Throws: `unsupported` when no context of the class was accepted.
    public func send(
        _ operation: Operation, sopClass: UID, dataSet: DataSet, messageID: UInt16
    ) throws(DICOMError) {
        guard
            let context = presentationContexts.first(where: {
                $0.abstractSyntax == sopClass && $0.acceptedTransferSyntax != nil
            })
        else { throw DICOMError(.unsupported, "the peer does not offer \(sopClass)") }
        var request: apatite_request
        switch operation {
        case .action(let instance, let type):
            request = Association.message(
                APATITE_REQUEST_ACTION, context: context.identifier, id: messageID, sopClass: sopClass,
                sopInstance: instance)
            request.type = type
        case .find:
            request = Association.message(
                APATITE_REQUEST_FIND, context: context.identifier, id: messageID, sopClass: sopClass, sopInstance: nil)
        case .get:
            request = Association.message(
                APATITE_REQUEST_GET, context: context.identifier, id: messageID, sopClass: sopClass, sopInstance: nil)
        case .move(let destination):
            request = Association.message(
                APATITE_REQUEST_MOVE, context: context.identifier, id: messageID, sopClass: sopClass, sopInstance: nil)
            Association.copy(destination, to: &request.destination)
        }
        try check(apatite_association_send_request(handle, &request, dataSet.storage.file))
    }

    public func receiveAnswer(seconds: Int) throws(DICOMError) -> Answer {
        var message: UInt16 = 0
        var status: UInt16 = 0
        var comment = [CChar](repeating: 0, count: 68)
        try check(apatite_association_receive_answer(handle, Int32(seconds), &message, &status, &comment))
        return Answer(messageID: message, status: DIMSEStatus(rawValue: status), comment: text(of: comment))
    }

    /// A-RELEASE.
    public func release() throws(DICOMError) { try check(apatite_association_release(handle)) }

    private static func message(
        _ kind: apatite_request_kind, context: UInt8, id: UInt16, sopClass: UID, sopInstance: UID?
    ) -> apatite_request {
        var request = apatite_request()
        request.kind = kind
        request.context = context
        request.message = id
        copy(sopClass.rawValue, to: &request.sop_class)
        if let sopInstance { copy(sopInstance.rawValue, to: &request.sop_instance) }
        return request
    }

    private static func copy<Characters>(_ text: String, to characters: inout Characters) {
        withUnsafeMutableBytes(of: &characters) { $0.copyBytes(from: text.utf8.prefix($0.count - 1)) }
    }

    private static func withProposals(
        _ proposals: [Proposal], _ body: (UnsafePointer<apatite_proposal>?, Int) -> apatite_status
    ) -> apatite_status {
        var texts: [UnsafeMutablePointer<CChar>?] = []
        var lists: [UnsafeMutablePointer<UnsafePointer<CChar>?>] = []
        defer {
            for text in texts { free(text) }
            for list in lists { list.deallocate() }
        }
        func duplicate(_ uid: UID) -> UnsafePointer<CChar>? {
            let copy = strdup(uid.rawValue)
            texts.append(copy)
            return UnsafePointer(copy)
        }
        let shim = proposals.map { proposal in
            let list = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: proposal.transferSyntaxes.count)
            lists.append(list)
            for (index, syntax) in proposal.transferSyntaxes.enumerated() {
                (list + index).initialize(to: duplicate(syntax))
            }
            return apatite_proposal(
                abstract_syntax: duplicate(proposal.abstractSyntax), transfer_syntaxes: UnsafePointer(list),
                transfer_syntax_count: UInt32(proposal.transferSyntaxes.count), as_provider: proposal.asProvider)
        }
        return shim.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
    }
}

extension Rejection: Error {}
