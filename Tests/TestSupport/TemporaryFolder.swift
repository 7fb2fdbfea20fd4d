public import Foundation

/// A folder for one test, below one folder of the whole run that goes when the run ends.
///
/// It does not go with its owner: an optimised build releases a value after its last use, which may be long before the
/// test has read what lies in the folder. With APATITE_KEEP_RESULTS set to a folder, all stays there, to be looked at.
public struct TemporaryFolder: Sendable {
    public let path: String
    public var url: URL { URL(fileURLWithPath: path) }

    private static let root: String = {
        let environment = ProcessInfo.processInfo.environment
        if let kept = environment["APATITE_KEEP_RESULTS"] { return kept }
        atexit { try? FileManager.default.removeItem(atPath: TemporaryFolder.root) }
        return NSTemporaryDirectory() + "apatite-tests-\(ProcessInfo.processInfo.processIdentifier)"
    }()

    public init(_ name: String = "test") throws {
        path = "\(Self.root)/\(name)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

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
