internal import Glibc
public import Logging

/// Writes each message as one line to standard error; for the journal with the priority that it takes from the line's
/// beginning (`<4>...`), for a terminal with the level as a word.
///
/// Reference: sd-daemon(3)
public struct JournalLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    public var logLevel: Logger.Level = .info
    private let isJournal: Bool

    /// For the journal when systemd connected standard error to it, for people otherwise.
    public init() { self.init(isJournal: getenv("JOURNAL_STREAM") != nil) }

    public init(isJournal: Bool) { self.isJournal = isJournal }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        let line = Self.line(level: event.level, message: "\(event.message)", metadata: all, isJournal: isJournal)
        // One write a line: lines of several threads stay whole.
        line.withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
    }

    package static func line(
        level: Logger.Level, message: String, metadata: Logger.Metadata, isJournal: Bool
    ) -> String {
        let details = metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let text = ([message] + details).joined(separator: " ")
        // A line break would begin a message of its own, with a priority of its own.
        let oneLine = String(text.map { $0.isNewline || $0 == "\0" ? " " : $0 })
        return isJournal ? "<\(priority(level))>\(oneLine)\n" : "\(level.rawValue): \(oneLine)\n"
    }

    /// syslog(3) severities.
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
