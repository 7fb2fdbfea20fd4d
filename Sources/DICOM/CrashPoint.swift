#if CRASH_POINTS
    import Glibc
    import Synchronization

    /// Passes of the named point so far.
    private let passes = Atomic<Int>(0)

    /// Kills the process here when `APATITE_CRASH_AT` names this point, at the pass after a colon
    /// (`after-file-before-row:7`) or at the first: what a power cut or the kernel's out-of-memory killer would do, at
    /// the worst moment. Only test builds contain it.
    package func crashPoint(_ name: StaticString) {
        guard let wanted = getenv("APATITE_CRASH_AT") else { return }
        let parts = String(cString: wanted).split(separator: ":")
        guard let point = parts.first, point == name.description else { return }
        let pass = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
        if passes.add(1, ordering: .relaxed).newValue == pass { kill(getpid(), SIGKILL) }
    }
#else
    /// Nothing: crash points exist only in test builds.
    @inlinable
    package func crashPoint(_ name: StaticString) {}
#endif
