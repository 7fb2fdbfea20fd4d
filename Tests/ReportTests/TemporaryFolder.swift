import Foundation

/// A folder that lives as long as its owner. With APATITE_KEEP_RESULTS set it stays, for a look at what was written.
final class TemporaryFolder {
    let path: String

    init(_ name: String) throws {
        let base = ProcessInfo.processInfo.environment["APATITE_KEEP_RESULTS"] ?? NSTemporaryDirectory()
        path = "\(base)/apatite-\(name)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        if ProcessInfo.processInfo.environment["APATITE_KEEP_RESULTS"] == nil {
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}
