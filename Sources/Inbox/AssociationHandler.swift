import DICOM
import Foundation
import Ledger
import Logging

/// One association from its first byte to its last, on a thread of its own.
struct AssociationHandler {
    let inbox: Inbox
    let open: OpenAssociations
    let ticket: UInt64
    /// Numeric address.
    let peer: String

    private var settings: InboxSettings { inbox.settings }

    /// Objects received and not yet answered, at most: what a fast network may bring before the disk has it.
    private static let receivedAhead = 4

    func run(_ descriptor: Int32, isOverLimit: Bool) {
        var logger = inbox.logger
        logger[metadataKey: "peer"] = "\(peer)"
        do {
            let association = try Association.receive(
                socket: descriptor, maximumPDU: settings.maximumPDU, artimSeconds: settings.artimSeconds)
            open.negotiated(ticket, association.interrupter)
            logger[metadataKey: "calling_ae"] = "\(association.callingAETitle)"
            if let rejection = rejection(of: association, isOverLimit: isOverLimit) {
                logger.warning("association rejected", metadata: ["reason": "\(rejection)"])
                try association.reject(rejection)
                return
            }
            let accepted = abstractSyntaxes(for: association)
            try association.accept(abstractSyntaxes: accepted, transferSyntaxes: settings.transferSyntaxes)
            logNegotiation(association, accepted, logger)
            try serve(association, logger)
        } catch {
            logger.warning("association ended early", metadata: ["error": "\(error)"])
        }
    }

    private func rejection(of association: Association, isOverLimit: Bool) -> Rejection? {
        if isOverLimit { return .localLimitExceeded }
        if association.calledAETitle != settings.aeTitle { return .calledAETitleNotRecognized }
        return isSource(association) || isCommitmentPeer(association) ? nil : .callingAETitleNotRecognized
    }

    private func isSource(_ association: Association) -> Bool {
        guard !settings.sources.isEmpty else { return true }
        guard let host = settings.sources[association.callingAETitle] else { return false }
        return host == nil || host == peer
    }

    private func isCommitmentPeer(_ association: Association) -> Bool {
        settings.takeReport != nil && settings.commitmentPeers.contains(association.callingAETitle)
    }

    /// Whoever is asked for commitment may call to report; what is no source may do nothing else.
    private func abstractSyntaxes(for association: Association) -> Set<UID> {
        var accepted = isSource(association) ? settings.sopClasses : [SOPClass.verification]
        if isCommitmentPeer(association) { accepted.insert(SOPClass.storageCommitmentPushModel) }
        return accepted
    }

    /// Once an association, the whole negotiation: what a scanner was refused is the first question at a site.
    private func logNegotiation(_ association: Association, _ accepted: Set<UID>, _ logger: Logger) {
        let summary = NegotiationSummary(
            association.presentationContexts, accepted: accepted.union([SOPClass.verification]))
        logger.info(
            "association accepted",
            metadata: [
                "implementation": "\(association.peerImplementation)", "accepted": "\(summary.accepted)",
                "refused": "\(summary.refused)",
            ])
    }

    private func serve(_ association: Association, _ logger: Logger) throws {
        let row = try inbox.ledger.associationOpened(
            callingAETitle: association.callingAETitle, calledAETitle: association.calledAETitle, peer: peer,
            at: Date())
        var ending = Ledger.AssociationEnding.aborted
        defer {
            inbox.recordEnd(of: row, ending, at: Date())
        }
        let committer = Committer()
        // What was received is committed whatever becomes of the association.
        defer { committer.end() }
        var stored = 0
        /// Received and not yet answered, in order.
        var unanswered: [Association.Answerable] = []
        func answerOldest() throws(DICOMError) {
            let verdict = committer.next()
            if let study = verdict.study { open.add(study: study, to: ticket) }
            try association.answer(unanswered.removeFirst(), verdict.status, comment: verdict.comment)
            if verdict.status == .success { stored += 1 }
        }
        let syntaxes = association.presentationContexts.reduce(into: [UInt8: UID]()) {
            $0[$1.identifier] = $1.acceptedTransferSyntax
        }
        let arrival = Arrival(
            callingAETitle: association.callingAETitle, calledAETitle: association.calledAETitle, associationRow: row)
        do {
            while true {
                // Whoever sends ahead is received ahead; nobody waits for an answer that is ready.
                while !unanswered.isEmpty,
                    committer.isReady || unanswered.count >= Self.receivedAhead
                        || !association.isReadable(milliseconds: 0)
                {
                    try answerOldest()
                }
                switch try association.nextRequest(seconds: settings.idleSeconds) {
                case .echo(let request):
                    while !unanswered.isEmpty { try answerOldest() }
                    try association.answer(request, .success)
                case .store(let request):
                    guard let syntax = syntaxes[request.presentationContext] else {
                        throw DICOMError(.protocolViolation, "a message on a refused presentation context")
                    }
                    let reception = try inbox.store.receive(
                        request, on: association, syntax: syntax, arrival: arrival)
                    unanswered.append(request)
                    committer.submit { inbox.store.settle(reception, of: request, logger: logger) }
                case .eventReport(let event):
                    while !unanswered.isEmpty { try answerOldest() }
                    guard let take = settings.takeReport, isCommitmentPeer(association) else {
                        throw DICOMError(.protocolViolation, "an event report that nobody asked for")
                    }
                    try StorageCommitment.take(event, on: association, seconds: settings.messageSeconds, take)
                case .answer: throw DICOMError(.protocolViolation, "an answer to no request")
                case .release:
                    while !unanswered.isEmpty { try answerOldest() }
                    ending = .released
                    logger.info("association released", metadata: ["stored": "\(stored)"])
                    return try association.acknowledgeRelease()
                }
            }
        } catch let error as DICOMError {
            if error.code == .timedOut { ending = .timedOut }
            association.abort()
            logger.warning(
                "association aborted", metadata: ["stored": "\(stored)", "error": "\(error.message)"])
        }
    }
}
