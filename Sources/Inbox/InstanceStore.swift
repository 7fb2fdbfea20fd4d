import DICOM
import Foundation
import Glibc
import Ledger
import Logging

/// Who sent an object.
struct Arrival {
    let callingAETitle: String
    let calledAETitle: String
    let associationRow: Int64?
}

/// How one C-STORE is answered.
struct Verdict {
    let status: DIMSEStatus
    /// Error Comment, ASCII, at most 64 characters.
    var comment = ""
    /// Study Instance UID of what was stored.
    var study: String?
}

/// The folder of received objects and the promise that goes with it: file, folder and row are on the disk before
/// Success.
///
/// A file is named by the digest of its data set, so that the same content has one file whoever sends it, and nothing that
/// came by wire reaches a path.
final class InstanceStore: Sendable {
    let settings: InboxSettings
    let ledger: Ledger
    let logger: Logger
    /// Digests being committed, so that one association's clean-up never removes what another just promised.
    private let committing = DigestLock()

    var received: String { settings.stateFolder + "/received" }
    var incoming: String { received + "/incoming" }

    init(settings: InboxSettings, ledger: Ledger, logger: Logger) throws {
        self.settings = settings
        self.ledger = ledger
        self.logger = logger
        // 256 folders made beforehand, so that no C-STORE makes one and has to sync its parent.
        try FileManager.default.createDirectory(
            atPath: incoming, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        for prefix in 0..<256 {
            let path = received + "/" + hexadecimal([UInt8(prefix)])
            if mkdir(path, 0o750) != 0, errno != EEXIST { throw DICOMError.system("cannot make \(path)") }
        }
        try syncFolder(received)
        try syncFolder(settings.stateFolder)
    }

    /// Path of an object relative to the state folder.
    static func relativePath(digest: String) -> String { "received/\(digest.prefix(2))/\(digest.dropFirst(2)).dcm" }

    /// What came of receiving one data set.
    enum Reception {
        /// It is in a file, as it came, and not yet durable.
        case received(IncomingFile, headerCount: Int, Association.ReceivedData, syntax: UID, Arrival)
        /// It was read off the wire and dropped.
        case dropped(reason: String, comment: String)
    }

    /// Receives one object into a temporary file.
    ///
    /// - Throws: only what ends the association; everything else is the object's status.
    func receive(
        _ request: Association.Answerable, on association: Association, syntax: UID, arrival: Arrival
    ) throws(DICOMError) -> Reception {
        guard hasRoom() else {
            _ = try association.receiveData(into: nil, seconds: settings.messageSeconds)
            return .dropped(reason: "the disk is below its floor", comment: "disk full: try again later")
        }
        let header = MetaHeader.bytes(
            sopClassUID: request.sopClassUID, sopInstanceUID: request.sopInstanceUID, transferSyntaxUID: syntax,
            sourceAETitle: arrival.callingAETitle, receivingAETitle: arrival.calledAETitle)
        guard let file = IncomingFile(folder: incoming, header: header) else {
            let reason = String(cString: strerror(errno))
            _ = try association.receiveData(into: nil, seconds: settings.messageSeconds)
            return .dropped(reason: reason, comment: "cannot store: try again later")
        }
        do throws(DICOMError) {
            let data = try association.receiveData(into: file.descriptor, seconds: settings.messageSeconds)
            crashPoint("mid-association")
            return .received(file, headerCount: header.count, data, syntax: syntax, arrival)
        } catch {
            file.discard()
            throw error
        }
    }

    /// Makes what was received durable, or removes it, and says how it is answered.
    func settle(_ reception: Reception, of request: Association.Answerable, logger: Logger) -> Verdict {
        let refuse = { (status: DIMSEStatus, reason: String, comment: String) in
            logger.error(
                "object refused",
                metadata: ["status": "\(status)", "reason": "\(reason)", "sop_class": "\(request.sopClassUID)"])
            return Verdict(status: status, comment: comment)
        }
        switch reception {
        case .dropped(let reason, let comment): return refuse(.outOfResources, reason, comment)
        case .received(let file, let headerCount, let data, let syntax, let arrival):
            defer { file.discard() }
            guard data.writeError == 0 else {
                return refuse(
                    .outOfResources, String(cString: strerror(data.writeError)), "cannot store: try again later")
            }
            let instance: InstanceHeader
            do {
                instance = try InstanceHeader(descriptor: file.descriptor, offset: headerCount, syntax: syntax)
            } catch {
                return refuse(.cannotUnderstand, error.message, "identifiers cannot be read")
            }
            guard instance.sopInstanceUID == request.sopInstanceUID.rawValue,
                instance.sopClassUID == request.sopClassUID.rawValue
            else {
                return refuse(
                    .dataSetDoesNotMatch, "command and data set disagree", "UIDs of command and data set differ")
            }
            do {
                let outcome = try commit(
                    file, instance, digest: hexadecimal(data.sha256), byteCount: Int(data.byteCount), syntax: syntax,
                    arrival: arrival)
                if case .conflict(let row) = outcome {
                    logger.warning(
                        "same SOP Instance UID with other content: both are kept", metadata: ["conflict_row": "\(row)"])
                }
                crashPoint("after-row-before-answer")
                return Verdict(status: .success, study: instance.studyInstanceUID)
            } catch {
                return refuse(.outOfResources, "\(error)", "cannot store: try again later")
            }
        }
    }

    /// File synced, named, folder synced, row committed: in this order.
    func commit(
        _ file: IncomingFile, _ instance: InstanceHeader, digest: String, byteCount: Int, syntax: UID, arrival: Arrival
    ) throws -> RecordOutcome {
        try file.sync()
        let relative = Self.relativePath(digest: digest)
        let final = settings.stateFolder + "/" + relative
        return try committing.withLock(on: digest) {
            // An existing file has the same content, by its name: it is never written again.
            let isNew = try file.name(final)
            crashPoint("after-file-before-row")
            do {
                try syncFolder((final as NSString).deletingLastPathComponent)
                return try ledger.record(
                    instance.arrival(
                        digest: digest, byteCount: byteCount, path: relative, syntax: syntax, from: arrival,
                        at: Date()))
            } catch {
                // Nothing stays under a final name without a row. Should the row be there in spite of the error, the
                // sender's next attempt puts the same file there again.
                if isNew { unlink(final) }
                throw error
            }
        }
    }

    /// Whether the disk has more than the floor left.
    private func hasRoom() -> Bool {
        var information = statvfs()
        guard statvfs(received, &information) == 0 else { return false }
        return UInt64(information.f_bavail) * UInt64(information.f_frsize) > settings.diskFloorBytes
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

func syncFolder(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DICOMError.system("cannot open a folder") }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw DICOMError.system("cannot sync a folder") }
}

extension DICOMError {
    static func system(_ what: String) -> DICOMError {
        DICOMError(.inputOutput, "\(what): \(String(cString: strerror(errno)))")
    }
}
