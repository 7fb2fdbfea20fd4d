#if CRASH_POINTS
    import Glibc

    /// Kills the process here when `APATITE_CRASH_AT` names this point: what a power cut or the kernel's
    /// out-of-memory killer would do, at the worst moment. Only test builds contain it.
    package func crashPoint(_ name: StaticString) {
        guard let wanted = getenv("APATITE_CRASH_AT"), String(cString: wanted) == name.description else { return }
        kill(getpid(), SIGKILL)
    }
#else
    /// Nothing: crash points exist only in test builds.
    @inlinable
    package func crashPoint(_ name: StaticString) {}
#endif
