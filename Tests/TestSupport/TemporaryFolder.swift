import Foundation

/// A folder for one test, gone when the test ends.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("apatite-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A folder below, made.
    public func folder(_ name: String) throws -> String {
        let below = "\(path)/\(name)"
        try FileManager.default.createDirectory(atPath: below, withIntermediateDirectories: true)
        return below
    }

    /// The path of a file in it.
    public func file(_ name: String) -> String { path + "/" + name }

    /// All files below, relative to it.
    public func files(suffix: String) -> [String] {
        (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(suffix) }.sorted()
    }
}
