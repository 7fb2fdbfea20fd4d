/// The storage commitment SCU: asks a peer to take responsibility for what it was sent, and reads its answer, which
/// comes on the same association or, later, on one that the peer opens.
///
/// Reference: PS3.4 annex J
public enum StorageCommitment {
    /// An object that is to be committed to.
    public struct Reference: Sendable, Hashable {
        public var sopClassUID: UID
        public var sopInstanceUID: UID

        public init(sopClassUID: UID, sopInstanceUID: UID) {
            self.sopClassUID = sopClassUID
            self.sopInstanceUID = sopInstanceUID
        }
    }

    /// What a peer reports of one request.
    public struct Report: Sendable, Equatable {
        public var transactionUID: UID
        public var committed: Set<UID>
        /// Failure Reason (0008,1197) by SOP Instance UID; 0110H where the peer gives none.
        public var failed: [UID: Int]

        /// - Throws: `malformed` without a transaction UID.
        public init(_ dataSet: DataSet) throws(DICOMError) {
            guard let transaction = dataSet.uid(.transactionUID) else {
                throw DICOMError(.malformed, "a storage commitment report without Transaction UID")
            }
            transactionUID = transaction
            committed = Set(dataSet.items(.referencedSOPSequence).compactMap { $0.uid(.referencedSOPInstanceUID) })
            failed = [:]
            for item in dataSet.items(.failedSOPSequence) {
                guard let instance = item.uid(.referencedSOPInstanceUID) else { continue }
                failed[instance] = item.integer(.failureReason) ?? 0x0110
            }
            // Named as both: the failure counts.
            committed.subtract(failed.keys)
        }
    }

    /// What became of a request.
    public enum Outcome: Sendable {
        /// No presentation context was accepted.
        case notOffered
        case refused(DIMSEStatus)
        /// Accepted; the answer is still to come, on an association of the peer's.
        case asked
    }

    /// Asks over an association of its own, and stays on it for a while for an answer that comes at once. Blocks.
    ///
    /// - Parameters:
    ///   - references: at least one.
    ///   - waitSeconds: how long to stay; `isAnswered` ends it when the answer came elsewhere.
    ///   - received: called for a report that comes on this association.
    /// - Throws: what ended the association before the request was answered.
    public static func ask(
        _ peer: Association.Peer, transactionUID: UID, references: [Reference], waitSeconds: Int,
        started: (Interrupter) -> Void = { _ in }, isAnswered: () -> Bool = { false },
        received: (Report) -> DIMSEStatus
    ) throws(DICOMError) -> Outcome {
        let sopClass = SOPClass.storageCommitmentPushModel
        let association = try Association.request(
            peer,
            proposals: [
                Association.Proposal(
                    abstractSyntax: sopClass,
                    transferSyntaxes: [
                        TransferSyntax.explicitLittleEndian.uid, TransferSyntax.implicitLittleEndian.uid,
                    ])
            ])
        started(association.interrupter)
        guard association.presentationContexts.contains(where: { $0.acceptedTransferSyntax != nil }) else {
            try? association.release()
            return .notOffered
        }
        do throws(DICOMError) {
            try association.send(
                .action(sopInstance: SOPClass.storageCommitmentPushModelInstance, type: 1), sopClass: sopClass,
                dataSet: request(transactionUID, references), messageID: 1)
            var status: DIMSEStatus?
            while status == nil {
                switch try association.nextRequest(seconds: peer.answerSeconds) {
                case .answer(let response):
                    if response.hasDataSet {
                        _ = try association.receiveDataSet(
                            context: response.presentationContext, seconds: peer.answerSeconds)
                    }
                    status = response.status
                // Some report before they have answered the request.
                case .eventReport(let event): try take(event, on: association, seconds: peer.answerSeconds, received)
                default: throw DICOMError(.protocolViolation, "an unexpected request on our association")
                }
            }
            if let status, status != .success {
                try? association.release()
                return .refused(status)
            }
        } catch {
            association.abort()
            throw error
        }
        linger(association, peer, waitSeconds: waitSeconds, isAnswered: isAnswered, received)
        return .asked
    }

    /// Receives a report's data set and answers it; `received` says how.
    public static func take(
        _ event: Association.Answerable, on association: Association, seconds: Int, _ received: (Report) -> DIMSEStatus
    ) throws(DICOMError) {
        var status = DIMSEStatus.invalidArgumentValue
        if event.hasDataSet {
            let data = try association.receiveDataSet(context: event.presentationContext, seconds: seconds)
            if event.sopClassUID == SOPClass.storageCommitmentPushModel, let report = try? Report(data) {
                status = received(report)
            }
        }
        try association.answer(event, status)
    }

    private static func linger(
        _ association: Association, _ peer: Association.Peer, waitSeconds: Int, isAnswered: () -> Bool,
        _ received: (Report) -> DIMSEStatus
    ) {
        do {
            var hasReport = false
            for _ in 0..<waitSeconds * 10 where !hasReport {
                if isAnswered() { break }
                guard association.isReadable(milliseconds: 100) else { continue }
                switch try association.nextRequest(seconds: peer.answerSeconds) {
                case .eventReport(let event):
                    try take(event, on: association, seconds: peer.answerSeconds, received)
                    hasReport = true
                case .release: return try association.acknowledgeRelease()
                default: return association.abort()
                }
            }
            try association.release()
        } catch {
            // The request was taken: the answer comes on another association, or the time for it passes.
            association.abort()
        }
    }

    private static func request(_ transactionUID: UID, _ references: [Reference]) -> DataSet {
        let data = DataSet()
        data.set(.transactionUID, transactionUID)
        for reference in references {
            let item = data.appendItem(.referencedSOPSequence)
            item.set(.referencedSOPClassUID, reference.sopClassUID)
            item.set(.referencedSOPInstanceUID, reference.sopInstanceUID)
        }
        return data
    }
}
