internal import Configuration
internal import DICOM
internal import Foundation
internal import Inbox
internal import Ledger
internal import Logging
internal import Outbox

/// The two ends that speak DICOM, in the configuration's words.
extension Pipeline {
    func inboxService() throws -> InboxService {
        let service = configuration.service
        var settings = InboxSettings(aeTitle: service.aeTitle, stateFolder: service.stateFolder)
        settings.sources = configuration.sources.reduce(into: [:]) { $0.updateValue($1.host, forKey: $1.aeTitle) }
        settings.commitmentPeers = Set(configuration.destinations.filter(\.commitment).map(\.aeTitle))
        settings.takeReport = { [ledger, logger] in ledger.commitments.take($0, at: Date(), logger) }
        settings.maximumAssociations = configuration.limits.associations
        settings.diskFloorBytes = UInt64(configuration.limits.diskFloorMegabytes) << 20
        return InboxService(inbox: try Inbox(settings: settings, socket: socket(), ledger: ledger, logger: logger))
    }

    private func socket() throws -> ListeningSocket {
        if let passed = passedSockets.first {
            if passedSockets.count > 1 {
                logger.warning("the service manager passed several sockets: only the first is used")
            }
            return ListeningSocket(passed: passed)
        }
        return try ListeningSocket(
            port: UInt16(configuration.service.port), loopbackOnly: configuration.service.loopbackOnly)
    }

    func outboxService() -> OutboxService {
        let destinations = configuration.destinations.map { destination in
            Outbox.Destination(
                name: destination.name,
                peer: Association.Peer(
                    host: destination.host, port: UInt16(destination.port), calledAETitle: destination.aeTitle,
                    callingAETitle: destination.callingAETitle ?? configuration.service.aeTitle,
                    associationSeconds: max(1, Int(destination.timeoutSeconds)),
                    answerSeconds: max(1, Int(destination.timeoutSeconds))),
                retry: RetryPolicy(first: destination.retryFirstSeconds, longest: destination.retryLimitSeconds),
                commitment: destination.commitment ? commitmentPolicy(destination) : nil)
        }
        return OutboxService(
            outbox: Outbox(
                destinations: destinations, stateFolder: configuration.service.stateFolder, ledger: ledger,
                logger: logger))
    }

    private func commitmentPolicy(_ destination: ApatiteConfiguration.Destination) -> CommitmentPolicy {
        CommitmentPolicy(
            answerSeconds: destination.commitmentAnswerMinutes * 60,
            pauseSeconds: min(300, destination.retryLimitSeconds, 30 * destination.retryFirstSeconds))
    }
}
