public import DICOM
public import Foundation
public import Ledger
public import Logging

/// Storage commitment: what was delivered is asked for, and what the answer says is acted on.
extension Outbox {
    /// Everything that is to be done now for one destination; blocks.
    func commit(to destination: Destination, _ policy: CommitmentPolicy) {
        do {
            let queue = ledger.commitments
            try queue.expire(destination: destination.name, at: Date())
            try settle(destination, policy)
            let due = try queue.due(at: Date(), destination: destination.name)
            if !due.isEmpty { try ask(for: due, destination, policy) }
            // The answer may have come while we were on the line.
            try settle(destination, policy)
        } catch {
            logger.error("storage commitment cannot be recorded, trying again", metadata: ["error": "\(error)"])
        }
    }

    private func ask(for items: [CommitmentItem], _ destination: Destination, _ policy: CommitmentPolicy) throws {
        let transaction = UID.derived(from: (0..<16).map { _ in UInt8.random(in: 0...255) })
        let now = Date()
        try ledger.commitments.begin(
            transactionUID: transaction.rawValue, items: items, destination: destination.name, at: now,
            answerBy: now.addingTimeInterval(policy.answerSeconds))
        crashPoint("before-commitment-request")
        let (event, counts) = request(transaction, items, destination)
        let metadata: Logger.Metadata = ["destination": "\(destination.name)", "objects": "\(items.count)"]
        guard let event else {
            return logger.info("storage commitment asked for", metadata: metadata)
        }
        let most = items.map(\.requests).max() ?? 0
        let decision = policy.decision(after: event, requests: most + 1, sends: 1, now: Date())
        try ledger.commitments.end(
            transactionUID: transaction.rawValue, decision: decision, counts: counts, at: Date())
        logger.warning(
            "storage commitment was not asked for", metadata: metadata.merging(["reason": "\(event)"]) { $1 })
    }

    /// - Returns: nil when the request was taken.
    private func request(_ transaction: UID, _ items: [CommitmentItem], _ destination: Destination)
        -> (event: CommitmentPolicy.Event?, counts: Bool)
    {
        let references = items.map {
            StorageCommitment.Reference(
                sopClassUID: UID(rawValue: $0.sopClassUID), sopInstanceUID: UID(rawValue: $0.sopInstanceUID))
        }
        defer { forget(destination) }
        do {
            let outcome = try StorageCommitment.ask(
                destination.peer, transactionUID: transaction, references: references,
                waitSeconds: destination.commitmentWaitSeconds,
                started: { remember($0, destination) },
                isAnswered: { isStopped || (try? ledger.commitments.isAnswered(transaction.rawValue)) != false },
                received: { ledger.commitments.take($0, at: Date(), logger) })
            switch outcome {
            case .asked: return (nil, true)
            case .notOffered: return (.notOffered, false)
            case .refused(let status): return (.requestRefused(status), true)
            }
        } catch {
            return (.associationFailed(error.message), false)
        }
    }

    private func settle(_ destination: Destination, _ policy: CommitmentPolicy) throws {
        var committed = 0
        for result in try ledger.commitments.unsettled(destination: destination.name) {
            let event: CommitmentPolicy.Event =
                switch result.outcome {
                case .committed: .committed
                case .failed(let reason): .failed(reason: reason)
                case .notMentioned: .notMentioned
                case .noAnswer: .noAnswer
                }
            let item = result.item
            let decision = policy.decision(after: event, requests: item.requests, sends: item.sends, now: Date())
            try ledger.commitments.settle(result, decision, at: Date())
            if decision == .committed {
                committed += 1
                continue
            }
            logger.warning(
                "storage was not committed",
                metadata: [
                    "destination": "\(destination.name)", "delivery": "\(item.delivery)", "study": "\(item.study)",
                    "decision": "\(decision)",
                ])
        }
        if committed > 0 {
            logger.info(
                "storage committed", metadata: ["destination": "\(destination.name)", "objects": "\(committed)"])
        }
    }
}

extension CommitmentQueue {
    /// Records a report, on whichever association it came.
    /// - Returns: the status of the N-EVENT-REPORT's answer.
    public func take(_ report: StorageCommitment.Report, at now: Date, _ logger: Logger) -> DIMSEStatus {
        let answer = CommitmentAnswer(
            transactionUID: report.transactionUID.rawValue, committed: Set(report.committed.map(\.rawValue)),
            failed: report.failed.reduce(into: [:]) { $0[$1.key.rawValue] = $1.value })
        do {
            if try record(answer, at: now) { return .success }
            logger.warning("a storage commitment report names no transaction of ours")
            return .invalidArgumentValue
        } catch {
            logger.error("a storage commitment report cannot be recorded", metadata: ["error": "\(error)"])
            return .processingFailure
        }
    }
}
