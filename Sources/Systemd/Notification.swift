internal import CSystemd

/// What the service manager is told; nothing happens when there is none (`NOTIFY_SOCKET` is not set).
///
/// Reference: sd_notify(3)
public enum ServiceManager {
    /// The service takes associations now.
    public static func ready(status: String) { notify("READY=1\nSTATUS=\(status)") }

    /// Where the service stands, in words: shown by `systemctl status`.
    public static func status(_ text: String) { notify("STATUS=\(text)") }

    /// The sign of life that keeps the manager from restarting us.
    public static func alive() { notify("WATCHDOG=1") }

    public static func stopping(status: String) { notify("STOPPING=1\nSTATUS=\(status)") }

    /// How often the manager wants a sign of life; nil when it does not.
    public static var watchdogPeriod: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }

    private static func notify(_ message: String) {
        _ = sd_notify(0, message.filter { $0 != "\0" })
    }
}
