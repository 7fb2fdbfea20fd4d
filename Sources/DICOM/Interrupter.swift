import CDCMTK
import Synchronization

/// Ends an association from outside the thread that blocks on it: a real A-ABORT, then the connection is shut down, so
/// that the thread returns at once.
public final class Interrupter: Sendable {
    private struct Handle: @unchecked Sendable {
        // The shim's interrupt function may be called from any thread as long as the association is not freed, which
        // the mutex below sees to.
        let pointer: OpaquePointer
    }

    private let handle: Mutex<Handle?>

    init(_ pointer: OpaquePointer) { handle = Mutex(Handle(pointer: pointer)) }

    public func interrupt() {
        handle.withLock { handle in
            if let handle { apatite_association_interrupt(handle.pointer) }
        }
    }

    func detach() { handle.withLock { $0 = nil } }
}
