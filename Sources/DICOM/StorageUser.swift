/// The Storage SCU: sends files over one association and says of each object what became of it.
///
/// Reference: PS3.4 annex B
public enum StorageUser {
    /// What became of one object.
    public enum Outcome: Sendable, CustomStringConvertible {
        /// The peer answered. The comment is the peer's and is not for logs.
        case answered(DIMSEStatus, comment: String)
        /// The peer takes this class not at all, or in no transfer syntax that the file can be sent in.
        case classRefused
        /// The file cannot be read or sent as it is.
        case unreadable(DICOMError)

        public var description: String {
            switch self {
            case .answered(let status, _): "answered \(status)"
            case .classRefused: "SOP class refused"
            case .unreadable(let error): error.message
            }
        }
    }

    /// Transfer syntaxes that can be converted into one another without a codec.
    private static let plain: [TransferSyntax] = [.explicitLittleEndian, .implicitLittleEndian]

    /// One context for each class in the files' own syntax, and for uncompressed files a second one in implicit VR, which
    /// every peer has to take.
    public static func proposals(for instances: [StoredInstance]) -> [Association.Proposal] {
        var proposals: [Association.Proposal] = []
        for instance in instances {
            var alternatives = [instance.transferSyntaxUID]
            if let syntax = TransferSyntax(instance.transferSyntaxUID), plain.contains(syntax) {
                alternatives += plain.filter { $0 != syntax }.map(\.uid)
            }
            for alternative in alternatives {
                let proposal = Association.Proposal(
                    abstractSyntax: instance.sopClassUID, transferSyntaxes: [alternative])
                if !proposals.contains(proposal) { proposals.append(proposal) }
            }
        }
        return Array(proposals.prefix(128))
    }

    /// Sends all instances over one association. Blocks: for a thread of its own.
    ///
    /// - Parameters:
    ///   - window: requests under way before the first answer is awaited; above 1 the sender pipelines.
    ///   - started: receives what ends the association from another thread.
    ///   - finished: called for each object, in the order of the answers.
    /// - Throws: what ended the association; objects without a call of `finished` were not answered. After a time limit
    ///   the association is aborted and never used again.
    public static func send(
        _ instances: [StoredInstance], to peer: Association.Peer, window: Int = 1,
        started: (Interrupter) -> Void = { _ in }, finished: (StoredInstance, Outcome) -> Void
    ) throws(DICOMError) {
        guard !instances.isEmpty else { return }
        let association = try Association.request(peer, proposals: proposals(for: instances))
        started(association.interrupter)
        let contexts = association.presentationContexts.filter { $0.acceptedTransferSyntax != nil }
        var underWay: [UInt16: StoredInstance] = [:]
        var nextMessage: UInt16 = 1
        do throws(DICOMError) {
            for instance in instances {
                guard let context = choose(contexts, for: instance) else {
                    finished(instance, .classRefused)
                    continue
                }
                do throws(DICOMError) {
                    try association.sendStore(instance, context: context, messageID: nextMessage)
                } catch {
                    guard isAboutTheFile(error) else { throw error }
                    finished(instance, .unreadable(error))
                    continue
                }
                underWay[nextMessage] = instance
                nextMessage = nextMessage == .max ? 1 : nextMessage + 1
                while underWay.count >= max(1, window) { try takeAnswer(association, peer, &underWay, finished) }
            }
            while !underWay.isEmpty { try takeAnswer(association, peer, &underWay, finished) }
        } catch {
            association.abort()
            throw error
        }
        // All answers are here: a peer that fails to release has nothing to lose.
        do { try association.release() } catch { association.abort() }
    }

    /// C-ECHO over an association of its own.
    public static func verify(_ peer: Association.Peer) throws(DICOMError) -> DIMSEStatus {
        let association = try Association.request(
            peer,
            proposals: [
                Association.Proposal(
                    abstractSyntax: SOPClass.verification,
                    transferSyntaxes: [
                        TransferSyntax.explicitLittleEndian.uid, TransferSyntax.implicitLittleEndian.uid,
                    ])
            ])
        let status = try association.echo(seconds: peer.answerSeconds)
        do { try association.release() } catch { association.abort() }
        return status
    }

    private static func choose(
        _ contexts: [Association.PresentationContext], for instance: StoredInstance
    ) -> Association.PresentationContext? {
        let ofClass = contexts.filter { $0.abstractSyntax == instance.sopClassUID }
        if let same = ofClass.first(where: { $0.acceptedTransferSyntax == instance.transferSyntaxUID }) { return same }
        guard let syntax = TransferSyntax(instance.transferSyntaxUID), plain.contains(syntax) else { return nil }
        return ofClass.first { context in plain.contains { $0.uid == context.acceptedTransferSyntax } }
    }

    /// Nothing went out yet, so that the association can go on.
    private static func isAboutTheFile(_ error: DICOMError) -> Bool {
        switch error.code {
        case .inputOutput, .notDICOM, .malformed, .unsupported: true
        default: false
        }
    }

    private static func takeAnswer(
        _ association: Association, _ peer: Association.Peer, _ underWay: inout [UInt16: StoredInstance],
        _ finished: (StoredInstance, Outcome) -> Void
    ) throws(DICOMError) {
        let answer = try association.receiveAnswer(seconds: peer.answerSeconds)
        guard let instance = underWay.removeValue(forKey: answer.messageID) else {
            throw DICOMError(.protocolViolation, "an answer to a message that was not sent")
        }
        finished(instance, .answered(answer.status, comment: answer.comment))
    }
}
