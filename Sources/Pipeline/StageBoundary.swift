internal import Configuration
public import Ledger

/// What an error becomes where stages meet: exactly one of these. The table in `docs/operating.md` is this switch in
/// words.
///
/// Two rooms that know no Pipeline decide on their own ground, by the same four words: the Inbox on the one object that
/// it answers (`InstanceStore`), the Outbox on the one delivery that it attempted (`RetryPolicy`).
public enum StageVerdict: Sendable, Equatable {
    /// The sender is told and keeps its object.
    case refuse
    /// The study is set aside with the reason; the others go on.
    case setAside(StudyReason)
    /// Tried again by itself. A counted attempt is one of those after which the study is set aside.
    case retry(isCounted: Bool)
    /// The service ends with this exit status.
    case halt(exitStatus: Int32)
}

/// Where an error comes out of a stage.
public enum StageError: Sendable {
    /// The service cannot start.
    case start(any Error)
    /// The ledger or the disk failed under a running service.
    case storage(any Error)
    /// A worker ended without an outcome, the `attempt`-th of `limit`.
    case worker(WorkerFailure, attempt: Int, limit: Int)

    /// A stable word for the study's history.
    var code: String {
        switch self {
        case .start: "start"
        case .storage: "storage"
        case .worker(let failure, _, _): failure.reason.code
        }
    }

    /// For the log: without patient data.
    var reason: String {
        switch self {
        case .start(let error), .storage(let error): "\(error)"
        case .worker(let failure, _, _): failure.reason.message
        }
    }

    public var verdict: StageVerdict {
        switch self {
        // sysexits.h: a restart mends neither the configuration (78) nor a ledger that a newer version has changed.
        case .start(let error as LedgerError): .halt(exitStatus: error.code == .tooNew ? 78 : 70)
        case .start(let error): .halt(exitStatus: error is ConfigurationError ? 78 : 70)
        // No study is to blame for a full disk or a locked ledger.
        case .storage: .retry(isCounted: false)
        case .worker(let failure, _, _) where failure.isOutsideTheStudy: .retry(isCounted: false)
        case .worker(let failure, let attempt, let limit):
            attempt < limit ? .retry(isCounted: true) : .setAside(failure.reason)
        }
    }
}
