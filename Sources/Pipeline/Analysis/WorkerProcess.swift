internal import CProcess
package import Foundation

/// How a worker process ended.
package enum WorkerEnd: Sendable, Equatable {
    case exited(status: Int32, output: Data)
    case killed(signal: Int32)
    /// It took longer than it may and was killed.
    case timedOut
    /// The service stops; the worker was killed.
    case cancelled
    case notStarted(reason: String)
}

/// Runs one worker in a process group of its own, on a thread of its own.
///
/// The thread lives as long as the worker: the worker asks the kernel to end it with its parent, and to the kernel the
/// parent is the thread that started it.
package final class WorkerProcess: Sendable {
    private let executable: String
    private let folder: String
    private let wallSeconds: Double
    private let cancelled: CancelPipe

    /// - Parameter folder: where `job.json` (its standard input) is and `worker.log` (its standard error) is written.
    /// - Throws: `CocoaError`/POSIX error when no pipe can be made.
    package init(executable: String, folder: String, wallSeconds: Double) throws {
        self.executable = executable
        self.folder = folder
        self.wallSeconds = wallSeconds
        cancelled = try CancelPipe()
    }

    /// - Parameter started: called with the worker's process ID as soon as it runs.
    package func run(started: @escaping @Sendable (Int32) -> Void = { _ in }) async -> WorkerEnd {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let thread = Thread { continuation.resume(returning: self.runBlocking(started)) }
                thread.name = "worker"
                thread.start()
            }
        } onCancel: {
            cancelled.signal()
        }
    }

    private func runBlocking(_ started: (Int32) -> Void) -> WorkerEnd {
        var ends: [Int32] = [-1, -1]
        guard apatite_pipe(&ends, 0) == 0 else { return .notStarted(reason: String(cString: strerror(errno))) }
        defer { close(ends[0]) }
        var pid: pid_t = 0
        let failure = spawn(&pid, output: ends[1])
        close(ends[1])
        guard failure == 0 else { return .notStarted(reason: String(cString: strerror(failure))) }
        Self.step(back: pid)
        started(pid)
        return supervise(pid, output: ends[0])
    }

    private func spawn(_ pid: inout pid_t, output: Int32) -> Int32 {
        let input = open(folder + "/job.json", O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { return errno }
        defer { close(input) }
        let log = open(folder + "/worker.log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard log >= 0 else { return errno }
        defer { close(log) }
        var environment: [UnsafeMutablePointer<CChar>?] = Self.environment().map { strdup($0) } + [nil]
        defer { for text in environment { free(text) } }
        return apatite_spawn(executable, &environment, input, output, log, &pid)
    }

    /// Nothing of the service's own sockets and tokens; what finding libraries and dictionaries needs.
    private static func environment() -> [String] {
        let ours = ProcessInfo.processInfo.environment
        let kept = ["PATH", "LD_LIBRARY_PATH", "DCMDICTPATH", "TZ"].compactMap { name in
            ours[name].map { "\(name)=\($0)" }
        }
        return kept + ["LANG=C.UTF-8"]
    }

    /// Receiving comes first: a worker gets what processor time is left, and is the one to go when memory is short.
    private static func step(back pid: pid_t) {
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(pid), 10)
        if let file = fopen("/proc/\(pid)/oom_score_adj", "w") {
            fputs("800", file)
            fclose(file)
        }
    }

    private func supervise(_ pid: pid_t, output: Int32) -> WorkerEnd {
        let deadline = ContinuousClock.now + .seconds(wallSeconds)
        var collected = Data()
        var isOpen = true
        var status: Int32 = 0
        while true {
            if waitpid(pid, &status, WNOHANG) == pid {
                // Nothing of its group may outlive it, and hold the pipe open.
                kill(-pid, SIGKILL)
                if isOpen { Self.drain(output, into: &collected) }
                return Self.end(status, collected)
            }
            if cancelled.isSignalled || ContinuousClock.now >= deadline || collected.count > Self.outputLimit {
                kill(-pid, SIGKILL)
                while waitpid(pid, &status, 0) == -1, errno == EINTR {}
                return cancelled.isSignalled ? .cancelled : .timedOut
            }
            var watched = [
                pollfd(fd: cancelled.readEnd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen ? output : -1, events: Int16(POLLIN), revents: 0),
            ]
            // An end that comes without a last byte is noticed within this time.
            poll(&watched, 2, isOpen ? 100 : 5)
            if watched[1].revents != 0 { isOpen = Self.readSome(output, into: &collected) }
        }
    }

    /// An outcome is a few kilobytes.
    private static let outputLimit = 16 << 20

    private static func end(_ status: Int32, _ output: Data) -> WorkerEnd {
        let signal = status & 0x7F
        return signal == 0 ? .exited(status: (status >> 8) & 0xFF, output: output) : .killed(signal: signal)
    }

    private static func readSome(_ descriptor: Int32, into data: inout Data) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 { data.append(contentsOf: buffer[..<count]) }
        return count > 0 || (count < 0 && errno == EINTR)
    }

    private static func drain(_ descriptor: Int32, into data: inout Data) {
        while data.count <= outputLimit, readSome(descriptor, into: &data) {}
    }
}

/// Wakes a thread that waits in `poll`.
private final class CancelPipe: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard apatite_pipe(&ends, 1) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func signal() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    var isSignalled: Bool {
        var watched = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, 0) > 0
    }
}
