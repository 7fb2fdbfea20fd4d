internal import Foundation
internal import Ledger
internal import Logging
internal import ServiceLifecycle

/// Closes studies: looks at the ledger when it rings and when a time comes that a study waits for.
struct CompletionService: Service {
    let ledger: Ledger
    let completion: StudyCompletion
    let heartbeat: Heartbeat
    let logger: Logger

    /// A study may have been changed by `apatitectl`, whose process cannot ring: look at least this often.
    private static let longestWait = Duration.seconds(1)
    /// A scanner rings with each image: looking more often than this only costs.
    private static let shortestWait = Duration.milliseconds(250)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let seen = ledger.arrivals.rings
                let wait = look(at: Date())
                heartbeat.beat()
                try? await Task.sleep(for: Self.shortestWait)
                await ledger.arrivals.wait(after: seen, timeout: wait)
            }
        }
    }

    /// - Returns: how long nothing is to be done unless the ledger rings.
    private func look(at now: Date) -> Duration {
        var wait = Self.longestWait
        do {
            try ledger.ringForOtherProcesses()
            for facts in try ledger.completionFacts() {
                let action = completion.action(for: facts, at: now)
                if case .wait(let until) = action {
                    wait = min(wait, max(.zero, .seconds(until.timeIntervalSince(now))))
                }
                try perform(action, on: facts, at: now)
            }
        } catch {
            logger.error("the ledger cannot be used, trying again", metadata: ["error": "\(error)"])
        }
        return wait
    }

    private func perform(_ action: StudyCompletion.Action, on facts: CompletionFacts, at now: Date) throws {
        let study = facts.study
        switch action {
        case .nothing, .wait:
            return
        case .close:
            try ledger.close(study: study, signal: .quietPeriod, at: now)
            logger.info("study closed after its quiet period", metadata: ["study": "\(study)"])
        case .withdraw:
            try ledger.withdraw(study: study, at: now)
            logger.info("study opened again: more images came", metadata: ["study": "\(study)"])
        case .giveUp:
            try ledger.giveUp(study: study, at: now)
            logger.warning(
                "study set aside: the rest of it did not come (apatitectl show \(study))",
                metadata: ["study": "\(study)"])
        case .measureReview:
            try ledger.measureReview(study: study, at: now)
            logger.info("a segmentation of a reported study is looked at", metadata: ["study": "\(study)"])
        case .settle(let fate, let reason):
            try ledger.settle(study: study, as: fate, reasons: [reason], newImages: facts.newImages, at: now)
            let level: Logger.Level = fate == .setAside ? .warning : .info
            logger.log(
                level: level, "study \(fate.rawValue): \(reason.message)",
                metadata: ["study": "\(study)", "reason": "\(reason.code)"])
        }
    }
}
