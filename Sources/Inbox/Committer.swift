import Foundation

/// Commits the objects of one association on a thread of its own, so that the next one is received while the previous
/// one is synced. One after the other: verdicts come in the order of the objects.
///
/// A sender that awaits each answer gains nothing by it; one that pipelines gets the syncs' time for free.
final class Committer: @unchecked Sendable {
    // Everything is under the condition's lock.
    private let condition = NSCondition()
    private var waiting: [() -> Verdict] = []
    private var verdicts: [Verdict] = []
    private var isEnding = false
    private var hasThread = false

    /// Hands a commit over; its verdict comes by `next`.
    func submit(_ commit: @escaping () -> Verdict) {
        condition.lock()
        defer { condition.unlock() }
        waiting.append(commit)
        if !hasThread {
            hasThread = true
            Thread.detachNewThread { [self] in
                Thread.current.name = "committer"
                run()
            }
        }
        condition.broadcast()
    }

    /// Whether a verdict is there.
    var isReady: Bool {
        condition.lock()
        defer { condition.unlock() }
        return !verdicts.isEmpty
    }

    /// The oldest verdict that was not fetched; waits for it. Only when one is under way.
    func next() -> Verdict {
        condition.lock()
        defer { condition.unlock() }
        while verdicts.isEmpty { condition.wait() }
        return verdicts.removeFirst()
    }

    /// Returns when everything handed over is committed and the thread has ended.
    func end() {
        condition.lock()
        defer { condition.unlock() }
        isEnding = true
        condition.broadcast()
        while hasThread { condition.wait() }
    }

    private func run() {
        condition.lock()
        defer { condition.unlock() }
        while true {
            while waiting.isEmpty, !isEnding { condition.wait() }
            guard !waiting.isEmpty else { break }
            let commit = waiting.removeFirst()
            condition.unlock()
            let verdict = commit()
            condition.lock()
            verdicts.append(verdict)
            condition.broadcast()
        }
        hasThread = false
        condition.broadcast()
    }
}
