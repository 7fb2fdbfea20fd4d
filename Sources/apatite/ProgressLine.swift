import Foundation

/// One line on standard error that is written over as work goes on; silent where nobody watches.
final class ProgressLine {
    private let isWatched = isatty(STDERR_FILENO) == 1
    private var last = -1

    func show(_ fraction: Double, _ words: String) {
        let percent = Int((fraction * 100).rounded())
        guard isWatched, percent != last else { return }
        last = percent
        FileHandle.standardError.write(Data("\r\u{1B}[K\(percent) %  \(words)".utf8))
    }

    func clear() {
        guard isWatched, last >= 0 else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
}
