/// The Storage SCU: sends files over one association and says of each object what became of it.
///
/// Reference: PS3.4 annex B
public enum StorageUser {
    /// What became of one object.
    public enum Outcome: Sendable, CustomStringConvertible {
        /// The peer answered to what was sent. The comment is the peer's and is not for logs.
        case answered(DIMSEStatus, comment: String, sent: Sent)
        /// The peer takes this class not at all, or in no transfer syntax that the file can be sent in.
        case classRefused
        /// The file cannot be read or sent as it is.
        case unreadable(DICOMError)

        public var description: String {
            switch self {
            case .answered(let status, _, _): "answered \(status)"
            case .classRefused: "SOP class refused"
            case .unreadable(let error): error.message
            }
        }
    }

    /// The object that went out, which may be an alternative, and its transfer syntax on the wire.
    public struct Sent: Sendable, Hashable {
        public var instance: StoredInstance
        public var transferSyntaxUID: UID
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
    ///   - alternatives: by SOP Instance UID, the same content in another class, which goes when the peer does not take
    ///     the first: no context was accepted for it, or it is answered 0122H.
    ///   - window: requests under way before the first answer is awaited; above 1 the sender pipelines.
    ///   - started: receives what ends the association from another thread.
    ///   - finished: called for each of `instances`, in the order of the answers.
    /// - Throws: what ended the association; objects without a call of `finished` were not answered. After a time limit
    ///   the association is aborted and never used again.
    public static func send(
        _ instances: [StoredInstance], alternatives: [UID: StoredInstance] = [:], to peer: Association.Peer,
        window: Int = 1, started: (Interrupter) -> Void = { _ in }, finished: (StoredInstance, Outcome) -> Void
    ) throws(DICOMError) {
        guard !instances.isEmpty else { return }
        let others = instances.compactMap { alternatives[$0.sopInstanceUID] }
        let association = try Association.request(peer, proposals: proposals(for: instances + others))
        started(association.interrupter)
        var sender = Sender(association: association, peer: peer, alternatives: alternatives)
        do throws(DICOMError) {
            for instance in instances {
                try sender.send(instance, finished)
                while sender.underWay.count >= max(1, window) { try sender.takeAnswer(finished) }
            }
            while !sender.underWay.isEmpty { try sender.takeAnswer(finished) }
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

    /// The objects of one association on their way.
    private struct Sender {
        let association: Association
        let peer: Association.Peer
        let alternatives: [UID: StoredInstance]
        /// By message ID: what was asked for and what went out for it.
        var underWay: [UInt16: (instance: StoredInstance, sent: Sent)] = [:]
        private var nextMessage: UInt16 = 1
        private let contexts: [Association.PresentationContext]

        init(association: Association, peer: Association.Peer, alternatives: [UID: StoredInstance]) {
            self.association = association
            self.peer = peer
            self.alternatives = alternatives
            contexts = association.presentationContexts.filter { $0.acceptedTransferSyntax != nil }
        }

        mutating func send(
            _ instance: StoredInstance, _ finished: (StoredInstance, Outcome) -> Void
        ) throws(DICOMError) {
            let forms = [instance] + (alternatives[instance.sopInstanceUID].map { [$0] } ?? [])
            guard let form = forms.first(where: { context(for: $0) != nil }) else {
                return finished(instance, .classRefused)
            }
            try send(form, for: instance, finished)
        }

        private mutating func send(
            _ form: StoredInstance, for instance: StoredInstance, _ finished: (StoredInstance, Outcome) -> Void
        ) throws(DICOMError) {
            guard let context = context(for: form), let syntax = context.acceptedTransferSyntax else {
                return finished(instance, .classRefused)
            }
            do throws(DICOMError) {
                try association.sendStore(form, context: context, messageID: nextMessage)
            } catch {
                guard StorageUser.isAboutTheFile(error) else { throw error }
                return finished(instance, .unreadable(error))
            }
            underWay[nextMessage] = (instance, Sent(instance: form, transferSyntaxUID: syntax))
            nextMessage = nextMessage == .max ? 1 : nextMessage + 1
        }

        mutating func takeAnswer(_ finished: (StoredInstance, Outcome) -> Void) throws(DICOMError) {
            let answer = try association.receiveAnswer(seconds: peer.answerSeconds)
            guard let (instance, sent) = underWay.removeValue(forKey: answer.messageID) else {
                throw DICOMError(.protocolViolation, "an answer to a message that was not sent")
            }
            if answer.status == .sopClassNotSupported, sent.instance == instance,
                let alternative = alternatives[instance.sopInstanceUID], context(for: alternative) != nil
            {
                return try send(alternative, for: instance, finished)
            }
            finished(instance, .answered(answer.status, comment: answer.comment, sent: sent))
        }

        private func context(for instance: StoredInstance) -> Association.PresentationContext? {
            let ofClass = contexts.filter { $0.abstractSyntax == instance.sopClassUID }
            if let same = ofClass.first(where: { $0.acceptedTransferSyntax == instance.transferSyntaxUID }) {
                return same
            }
            guard let syntax = TransferSyntax(instance.transferSyntaxUID), plain.contains(syntax) else { return nil }
            return ofClass.first { context in plain.contains { $0.uid == context.acceptedTransferSyntax } }
        }
    }

    /// Nothing went out yet, so that the association can go on.
    private static func isAboutTheFile(_ error: DICOMError) -> Bool {
        switch error.code {
        case .inputOutput, .notDICOM, .malformed, .unsupported: true
        default: false
        }
    }
}
