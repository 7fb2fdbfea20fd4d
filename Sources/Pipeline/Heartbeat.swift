internal import Synchronization

/// The sign of life that the watchdog asks for.
public final class Heartbeat: Sendable {
    private let last = Mutex(ContinuousClock.now)

    public init() {}

    func beat() { last.withLock { $0 = .now } }

    /// Time since the Pipeline last looked at its work; normally below two seconds.
    public var age: Duration { last.withLock { ContinuousClock.now - $0 } }
}
