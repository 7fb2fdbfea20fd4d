public import DICOM
import Foundation
public import Ledger
public import Logging
import Synchronization

/// The Storage SCU: brings every result to every destination, in a queue of its own for each, until it is there or
/// cannot ever be.
///
/// The rows are the queue: what is due is read from the ledger, what came of it is written there.
public final class Outbox: Sendable {
    /// Where results go.
    public struct Destination: Sendable {
        /// As the ledger names it.
        public var name: String
        public var peer: Association.Peer
        public var retry: RetryPolicy
        /// Asks it to commit to what it was sent; nil where nothing is asked.
        public var commitment: CommitmentPolicy?
        /// Seconds on the line after a request for commitment, for an answer that comes at once.
        public var commitmentWaitSeconds = 5

        public init(
            name: String, peer: Association.Peer, retry: RetryPolicy = RetryPolicy(),
            commitment: CommitmentPolicy? = nil
        ) {
            self.name = name
            self.peer = peer
            self.retry = retry
            self.commitment = commitment
        }
    }

    private let destinations: [Destination]
    private let stateFolder: String
    let ledger: Ledger
    let logger: Logger
    private let current = Mutex<[String: Interrupter]>([:])
    private let isStopping = Atomic(false)

    /// - Parameter stateFolder: what the paths in the ledger are relative to.
    public init(destinations: [Destination], stateFolder: String, ledger: Ledger, logger: Logger) {
        self.destinations = destinations
        self.stateFolder = stateFolder
        self.ledger = ledger
        self.logger = logger
    }

    /// Delivers until the task is cancelled or `stop` is called; with no destination it only waits for that.
    public func run() async {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.untilStopped() }
                for destination in destinations { group.addTask { await self.serve(destination) } }
            }
        } onCancel: {
            stop()
        }
    }

    /// Ends open associations at once. What was not answered stays in its queue.
    public func stop() {
        isStopping.store(true, ordering: .relaxed)
        current.withLock { associations in
            for interrupter in associations.values { interrupter.interrupt() }
        }
        ledger.deliveryBell.ring()
    }

    private func untilStopped() async {
        while true {
            let rings = ledger.deliveryBell.rings
            if isStopping.load(ordering: .relaxed) { return }
            await ledger.deliveryBell.wait(after: rings, timeout: .seconds(3600))
        }
    }

    private func serve(_ destination: Destination) async {
        while !isStopped {
            let rings = ledger.deliveryBell.rings
            var pause = 60.0
            do {
                let deliveries = try ledger.deliveries.due(at: Date(), destination: destination.name, limit: 100)
                if !deliveries.isEmpty {
                    await onOwnThread { self.deliver(deliveries, to: destination) }
                    let after = try ledger.deliveries.due(at: Date(), destination: destination.name, limit: 100)
                    // What could not be recorded is still due: not in a tight circle.
                    if after.first != deliveries.first || isStopped { continue }
                    pause = 5
                } else {
                    if let policy = destination.commitment {
                        await onOwnThread { self.commit(to: destination, policy) }
                    }
                    pause = try min(pause, secondsUntilNext(destination))
                }
            } catch {
                logger.error("the delivery queue cannot be read", metadata: ["error": "\(error)"])
                pause = 5
            }
            await ledger.deliveryBell.wait(after: rings, timeout: .seconds(pause))
        }
    }

    private func secondsUntilNext(_ destination: Destination) throws -> Double {
        let delivery = try ledger.deliveries.nextDue(destination: destination.name)
        let commitment = try destination.commitment.flatMap { _ in
            try ledger.commitments.nextEvent(destination: destination.name)
        }
        let next = [delivery, commitment].compactMap { $0?.timeIntervalSinceNow }.min()
        return next.map { max(0.05, $0) } ?? .infinity
    }

    var isStopped: Bool { isStopping.load(ordering: .relaxed) }

    /// An association is open: a stop ends it.
    func remember(_ interrupter: Interrupter, _ destination: Destination) {
        current.withLock { $0[destination.name] = interrupter }
        if isStopped { interrupter.interrupt() }
    }

    func forget(_ destination: Destination) { current.withLock { $0[destination.name] = nil } }

    /// DCMTK blocks: never on the cooperative pool.
    private func onOwnThread(_ body: @escaping @Sendable () -> Void) async {
        let ended = Bell()
        Thread.detachNewThread {
            body()
            ended.ring()
        }
        var patience = 20
        while ended.rings == 0, patience > 0 {
            // An association that is open ends at once when we stop. One that is still being asked for cannot be
            // interrupted, and a peer that takes the connection and says nothing must not hold up the stop.
            if isStopped { patience -= 1 }
            // In a task of its own, since the one that is cancelled would not wait.
            await Task.detached { await ended.wait(after: 0, timeout: .milliseconds(100)) }.value
        }
    }

    /// One association for what is due. Blocks.
    func deliver(_ deliveries: [Delivery], to destination: Destination) {
        var waiting = deliveries
        var event: RetryPolicy.Event?
        var isEstablished = false
        let instances = deliveries.map { instance($0.object) }
        let alternatives = deliveries.reduce(into: [:]) {
            $0[UID(rawValue: $1.object.sopInstanceUID)] = $1.alternative.map(instance)
        }
        do {
            try StorageUser.send(
                instances, alternatives: alternatives, to: destination.peer,
                started: {
                    isEstablished = true
                    remember($0, destination)
                },
                finished: { instance, outcome in
                    guard
                        let index = waiting.firstIndex(where: {
                            $0.object.sopInstanceUID == instance.sopInstanceUID.rawValue
                        })
                    else { return }
                    let delivery = waiting.remove(at: index)
                    crashPoint("mid-delivery")
                    conclude(delivery, outcome, destination)
                })
        } catch {
            if let rejection = error.cause as? Rejection {
                event = .rejected(rejection)
            } else {
                event = .associationFailed(error.message)
            }
        }
        forget(destination)
        // A stop of ours is no failure of theirs.
        guard let event, !isStopped else { return }
        // An association that ended on the way: the object under way may be the cause, and is tried again after the
        // others, which would otherwise wait behind it for ever.
        for delivery in isEstablished ? waiting.prefix(1) : waiting[...] { settle(delivery, event, destination) }
    }

    private func instance(_ object: Delivery.Object) -> StoredInstance {
        StoredInstance(
            sopClassUID: UID(rawValue: object.sopClassUID), sopInstanceUID: UID(rawValue: object.sopInstanceUID),
            transferSyntaxUID: UID(rawValue: object.transferSyntaxUID), path: stateFolder + "/" + object.path)
    }

    private func conclude(_ delivery: Delivery, _ outcome: StorageUser.Outcome, _ destination: Destination) {
        switch outcome {
        case .answered(let status, let comment, let sent):
            let acceptance = DeliveryAcceptance(
                sopInstanceUID: sent.instance.sopInstanceUID.rawValue,
                transferSyntaxUID: sent.transferSyntaxUID.rawValue, status: "\(status)", comment: comment)
            settle(delivery, .answered(status), destination, acceptance)
        case .classRefused: settle(delivery, .classRefused, destination)
        case .unreadable(let error): settle(delivery, .unreadable(error.message), destination)
        }
    }

    private func settle(
        _ delivery: Delivery, _ event: RetryPolicy.Event, _ destination: Destination,
        _ acceptance: DeliveryAcceptance? = nil
    ) {
        let now = Date()
        var metadata: Logger.Metadata = [
            "destination": "\(destination.name)", "delivery": "\(delivery.id)", "study": "\(delivery.study)",
        ]
        do {
            switch (destination.retry.action(after: event, attempts: delivery.attempts, now: now), acceptance) {
            case (.delivered, let acceptance?):
                try ledger.deliveries.markDelivered(
                    delivery.id, acceptance, asksCommitment: destination.commitment != nil, at: now)
                if acceptance.sopInstanceUID != delivery.object.sopInstanceUID { metadata["alternative"] = "true" }
                logger.info("delivered", metadata: metadata)
            case (.delivered, nil): break
            case (.retry(let date, let reason), _):
                try ledger.deliveries.markFailed(
                    delivery.id, at: now, retryAt: date, reason: reason, status: acceptance?.status)
                metadata["reason"] = "\(reason)"
                metadata["retry_in_s"] = "\(Int(date.timeIntervalSince(now).rounded()))"
                logger.warning("delivery failed", metadata: metadata)
            case (.refuse(let reason), _):
                try ledger.deliveries.markRefused(
                    delivery.id, at: now, reason: reason, status: acceptance?.status,
                    comment: acceptance?.comment ?? "")
                metadata["reason"] = "\(reason)"
                logger.error("delivery refused", metadata: metadata)
            }
        } catch {
            // The row stays due: the object is sent again, which the destination sees as a duplicate.
            metadata["error"] = "\(error)"
            logger.error("a delivery cannot be recorded", metadata: metadata)
        }
    }
}
