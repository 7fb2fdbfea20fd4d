import Analysis
import Foundation

/// What this process gives up before it touches data that strangers made.
enum Confinement {
    /// Largest file that is written in bytes: a segmentation of the largest study is far below.
    private static let largestFile: rlim_t = 4 << 30

    /// Descriptors that the parent left open are closed, no core file can hold a patient's images, and the process does
    /// not outlive its parent.
    static func beforeAnythingIsRead() {
        closeInheritedDescriptors()
        set(RLIMIT_CORE.number, 0)
        control(1, UInt(SIGKILL))  // PR_SET_PDEATHSIG
        control(38, 1)  // PR_SET_NO_NEW_PRIVS
        // A reader that went away is an error to report, not a signal.
        signal(SIGPIPE, SIG_IGN)
        umask(0o027)
    }

    /// Standard output carries the outcome and nothing else: what a library prints goes to standard error.
    static func keepStandardOutputClean() -> FileHandle {
        let answer = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        dup2(STDERR_FILENO, STDOUT_FILENO)
        return FileHandle(fileDescriptor: answer, closeOnDealloc: false)
    }

    static func limit(to limits: AnalysisLimits) {
        if limits.memoryBytes > 0 { set(RLIMIT_AS.number, rlim_t(limits.memoryBytes)) }
        if limits.processorSeconds > 0 { set(RLIMIT_CPU.number, rlim_t(limits.processorSeconds), grace: 5) }
        set(RLIMIT_FSIZE.number, largestFile)
    }

    private static func closeInheritedDescriptors() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in names.compactMap({ Int32($0) }) where descriptor > STDERR_FILENO { close(descriptor) }
    }

    /// `prctl`, which Swift does not import because it is variadic; its arguments are passed like any others on the
    /// platforms that Swift has for Linux.
    private static func control(_ option: Int32, _ value: UInt) {
        typealias Function = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
        guard let symbol = dlsym(nil, "prctl") else { return }
        _ = unsafeBitCast(symbol, to: Function.self)(option, value, 0, 0, 0)
    }

    /// Lowers a limit for good; one that the parent set lower stays.
    /// - Parameter grace: by how much the limit that cannot be raised again lies above. At both limits at once the kernel
    ///   sends SIGKILL and not SIGXCPU, which says nothing of the cause.
    private static func set(_ resource: __rlimit_resource_t, _ value: rlim_t, grace: rlim_t = 0) {
        var current = rlimit()
        getrlimit(resource, &current)
        var limit = rlimit(rlim_cur: min(value, current.rlim_max), rlim_max: min(value + grace, current.rlim_max))
        setrlimit(resource, &limit)
    }
}

extension __rlimit_resource {
    /// As `setrlimit` takes it.
    fileprivate var number: __rlimit_resource_t { __rlimit_resource_t(rawValue) }
}
