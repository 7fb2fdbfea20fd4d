/// The Query/Retrieve SCU: asks an archive what it has (C-FIND) and has it sent, on the same association (C-GET) or to
/// another AE (C-MOVE); Study Root. Blocks: for a thread of its own. Everything ends by one deadline.
///
/// Reference: PS3.4 annex C
public final class QueryRetrieveUser {
    /// What one retrieval may bring; an archive that sends more is not believed.
    public struct Limits: Sendable {
        public var matches = 500
        public var objects = 4000
        public var bytes: UInt64 = 4 << 30

        public init() {}
    }

    /// Level of a query: which identifiers it needs and what it returns.
    public enum Level: String, Sendable {
        case study = "STUDY"
        case series = "SERIES"
    }

    /// How objects are brought.
    public enum Retrieval: Sendable {
        /// Over this association, of these SOP classes.
        case get([UID])
        /// To an AE Title that the archive knows.
        case move
    }

    private let association: Association
    private let deadline: ContinuousClock.Instant
    private let limits: Limits
    private var nextMessage: UInt16 = 1

    /// - Parameters:
    ///   - seconds: until everything that is asked by this value has to be done.
    ///   - started: receives what ends the association from another thread.
    /// - Throws: as `Association.request`; `unsupported` when the archive does not offer the query.
    public init(
        _ peer: Association.Peer, retrieval: Retrieval, seconds: Int, limits: Limits = Limits(),
        started: (Interrupter) -> Void = { _ in }
    ) throws(DICOMError) {
        let plain = [TransferSyntax.explicitLittleEndian.uid, TransferSyntax.implicitLittleEndian.uid]
        deadline = .now + .seconds(seconds)
        self.limits = limits
        var peer = peer
        peer.associationSeconds = max(1, min(peer.associationSeconds, seconds))
        let (bringing, name, classes): (UID, String, [UID]) =
            switch retrieval {
            case .get(let classes): (SOPClass.studyRootGet, "C-GET", classes)
            case .move: (SOPClass.studyRootMove, "C-MOVE", [])
            }
        association = try Association.request(
            peer,
            proposals: [SOPClass.studyRootFind, bringing].map {
                Association.Proposal(abstractSyntax: $0, transferSyntaxes: plain)
            }
                + classes.map {
                    Association.Proposal(abstractSyntax: $0, transferSyntaxes: plain, asProvider: true)
                })
        started(association.interrupter)
        for (service, name) in [(SOPClass.studyRootFind, "C-FIND"), (bringing, name)] {
            let isOffered = association.presentationContexts.contains {
                $0.abstractSyntax == service && $0.acceptedTransferSyntax != nil
            }
            guard isOffered else {
                association.abort()
                throw DICOMError(.unsupported, "\(peer.calledAETitle) does not offer \(name), Study Root")
            }
        }
    }

    /// C-FIND: the matches of an identifier, at most `limits.matches`.
    /// - Parameter identifier: keys with values to match and empty ones to return; the level is added.
    public func find(_ level: Level, _ identifier: DataSet) throws(DICOMError) -> [DataSet] {
        identifier.set(.queryRetrieveLevel, level.rawValue)
        let message = try send(.find, SOPClass.studyRootFind, identifier)
        var matches: [DataSet] = []
        while true {
            guard case .answer(let response) = try association.nextRequest(seconds: try secondsLeft()),
                response.messageID == message
            else { throw DICOMError(.protocolViolation, "no answer to a query") }
            if response.hasDataSet {
                let match = try association.receiveDataSet(
                    context: response.presentationContext, seconds: try secondsLeft(), limit: 1 << 20)
                guard matches.count < limits.matches else {
                    throw DICOMError(.limitExceeded, "the archive has more than \(limits.matches) matches")
                }
                matches.append(match)
            }
            guard response.status.isPending else {
                try Self.check(response.status, "query")
                return matches
            }
        }
    }

    /// C-GET: what an identifier names, into files `0001.dcm` ... of a folder, bit for bit as it came.
    /// - Returns: the objects in the order of their arrival.
    public func get(_ level: Level, _ identifier: DataSet, into folder: String) throws(DICOMError) -> [StoredInstance] {
        identifier.set(.queryRetrieveLevel, level.rawValue)
        let message = try send(.get, SOPClass.studyRootGet, identifier)
        var objects: [StoredInstance] = []
        var bytes: UInt64 = 0
        while true {
            switch try association.nextRequest(seconds: try secondsLeft()) {
            case .store(let request):
                guard objects.count < limits.objects, bytes < limits.bytes else {
                    throw DICOMError(.limitExceeded, "the archive sends more than was asked for")
                }
                let (object, count) = try association.receiveObject(
                    request, into: folder, number: objects.count + 1, seconds: try secondsLeft(),
                    from: association.calledAETitle, to: association.callingAETitle)
                objects.append(object)
                bytes += count
                try association.answer(request, .success)
            case .answer(let response) where response.messageID == message:
                if response.hasDataSet {
                    _ = try association.receiveDataSet(
                        context: response.presentationContext, seconds: try secondsLeft(), limit: 1 << 20)
                }
                if response.status.isPending { continue }
                try Self.check(response.status, "retrieval")
                return objects
            default: throw DICOMError(.protocolViolation, "an unexpected message in a retrieval")
            }
        }
    }

    /// C-MOVE: has what an identifier names sent to an AE; returns when the archive says that it is there.
    /// - Throws: `other` with what to do when the archive does not know the AE Title.
    public func move(_ level: Level, _ identifier: DataSet, to destination: String) throws(DICOMError) {
        identifier.set(.queryRetrieveLevel, level.rawValue)
        let message = try send(.move(destination: destination), SOPClass.studyRootMove, identifier)
        while true {
            guard case .answer(let response) = try association.nextRequest(seconds: try secondsLeft()),
                response.messageID == message
            else { throw DICOMError(.protocolViolation, "no answer to a retrieval") }
            if response.hasDataSet {
                _ = try association.receiveDataSet(
                    context: response.presentationContext, seconds: try secondsLeft(), limit: 1 << 20)
            }
            if response.status.isPending { continue }
            guard response.status != .moveDestinationUnknown else {
                throw DICOMError(
                    .other, "the archive does not know \(destination): enter it there with this machine and its port")
            }
            return try Self.check(response.status, "retrieval")
        }
    }

    public func release() { do { try association.release() } catch { association.abort() } }

    public func abort() { association.abort() }

    private func send(_ operation: Association.Operation, _ sopClass: UID, _ identifier: DataSet) throws(DICOMError)
        -> UInt16
    {
        defer { nextMessage += 1 }
        try association.send(operation, sopClass: sopClass, dataSet: identifier, messageID: nextMessage)
        return nextMessage
    }

    private func secondsLeft() throws(DICOMError) -> Int {
        let left = deadline - .now
        guard left > .zero else { throw DICOMError(.timedOut, "the archive took too long") }
        return max(1, Int(left.components.seconds))
    }

    private static func check(_ status: DIMSEStatus, _ what: String) throws(DICOMError) {
        guard status == .success || status.category == .warning else {
            throw DICOMError(.other, "the archive answered the \(what) with \(status)")
        }
    }
}

extension DIMSEStatus {
    /// More answers follow (PS3.4 tables C.4-1 and C.4-3).
    var isPending: Bool { rawValue == 0xFF00 || rawValue == 0xFF01 }
}
