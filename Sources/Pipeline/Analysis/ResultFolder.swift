internal import Foundation

/// The folder of one start of one analysis: `results/study-7/analysis-12-1` below the state folder.
struct ResultFolder {
    let stateFolder: String
    /// Relative to the state folder.
    let relativePath: String

    init(stateFolder: String, study: Int64, analysis: Int64, start: Int) {
        self.stateFolder = stateFolder
        relativePath = "results/study-\(study)/analysis-\(analysis)-\(start)"
    }

    var path: String { "\(stateFolder)/\(relativePath)" }

    /// Makes the folder afresh, and removes what earlier starts of the same analysis left: none of it was recorded.
    func prepare() throws {
        let files = FileManager.default
        let parent = (path as NSString).deletingLastPathComponent
        try files.createDirectory(atPath: parent, withIntermediateDirectories: true)
        let name = (path as NSString).lastPathComponent
        let stem = name[..<(name.lastIndex(of: "-") ?? name.endIndex)] + "-"
        for other in try files.contentsOfDirectory(atPath: parent) where other.hasPrefix(stem) {
            try files.removeItem(atPath: "\(parent)/\(other)")
        }
        try files.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Path relative to the state folder of a file in this folder; nil for one elsewhere or absent.
    func relative(_ file: String) -> String? {
        let absolute = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
        let root = URL(fileURLWithPath: path).resolvingSymlinksInPath().path + "/"
        guard absolute.hasPrefix(root), FileManager.default.fileExists(atPath: absolute) else { return nil }
        return "\(relativePath)/\(absolute.dropFirst(root.count))"
    }

    /// Syncs all files, their folders, and the folders above up to the state folder: what the ledger is about to name
    /// must be there after a power cut.
    func sync() throws { try Self.sync(folder: relativePath, below: stateFolder) }

    /// - Parameter folder: relative to the state folder.
    static func sync(folder: String, below stateFolder: String) throws {
        var path = "\(stateFolder)/\(folder)"
        for inner in try FileManager.default.subpathsOfDirectory(atPath: path) { try sync("\(path)/\(inner)") }
        while path.count >= stateFolder.count, path != "/" {
            try sync(path)
            path = (path as NSString).deletingLastPathComponent
        }
    }

    private static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }
}
