internal import Foundation

/// One service for one state folder: two would take the same studies.
final class InstallationLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `PipelineError` when another service holds the folder or it cannot be written.
    init(stateFolder: String) throws {
        let path = stateFolder + "/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw PipelineError(
                message: "\(path) cannot be written: the state folder must belong to the service "
                    + "(\(String(cString: strerror(errno)))).")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw PipelineError(
                message: "Another apatited uses \(stateFolder): stop it, or set service.state_folder to another folder."
            )
        }
    }

    deinit { close(descriptor) }
}

/// Why the service cannot start: what happened and how to mend it.
public struct PipelineError: Error, Sendable, CustomStringConvertible {
    public var message: String
    public var description: String { message }
}
