import DICOM
import Foundation
import Glibc
import Synchronization

/// A file that is being received: under a temporary name until it is synced.
final class IncomingFile {
    private static let counter = Atomic<UInt64>(0)

    let descriptor: Int32
    private var path: String?

    /// Makes the file and writes the meta header; nil with `errno` set when the disk refuses.
    init?(folder: String, header: [UInt8]) {
        let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        let path = "\(folder)/\(getpid())-\(number).part"
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return nil }
        self.path = path
        guard write(descriptor, header, header.count) == header.count else {
            let reason = errno
            discard()
            close(descriptor)
            errno = reason == 0 ? ENOSPC : reason
            return nil
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func sync() throws {
        if fdatasync(descriptor) != 0 { throw DICOMError.system("cannot sync a file") }
    }

    /// Gives the file its final name unless that is taken; whether it did.
    func name(_ final: String) throws -> Bool {
        guard let path else { return false }
        // What is there already has the same content and may be in use: it is left alone.
        guard try renameWithoutReplacing(path, final) else { return false }
        self.path = nil
        return true
    }

    /// Removes what was not named.
    func discard() {
        if let path { unlink(path) }
        path = nil
    }
}

/// A lock for each digest: two associations may bring the same content at the same time.
final class DigestLock: @unchecked Sendable {
    private let condition = NSCondition()
    private var held: Set<String> = []

    func withLock<Result>(on digest: String, _ body: () throws -> Result) rethrows -> Result {
        condition.lock()
        while held.contains(digest) { condition.wait() }
        held.insert(digest)
        condition.unlock()
        defer {
            condition.lock()
            held.remove(digest)
            condition.broadcast()
            condition.unlock()
        }
        return try body()
    }
}
