import DICOM
import Foundation
import Inbox
import Ledger
import Logging

// receive STATE_FOLDER PORT        the Inbox alone; prints its port, ends at the end of standard input
// send HOST PORT CALLED WINDOW FILE...   pipelines with WINDOW requests under way; prints "stored N seconds S"
// disk FOLDER COUNT BYTES          what the disk does with the syncs of one image; prints "stored N seconds S"

func readInstance(_ path: String) throws -> StoredInstance {
    let header = try DataSet(contentsOf: path, untilPixelData: true)
    guard let sopClass = header.uid(.sopClassUID), let instance = header.uid(.sopInstanceUID) else {
        throw DICOMError(.malformed, "\(path) has no SOP UIDs")
    }
    return StoredInstance(
        sopClassUID: sopClass, sopInstanceUID: instance, transferSyntaxUID: header.transferSyntax, path: path)
}

func receive(_ folder: String, port: UInt16) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var settings = InboxSettings(aeTitle: "APATITE", stateFolder: folder)
    settings.diskFloorBytes = 1 << 20
    var logger = Logger(label: "ingest-tool") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .warning
    let inbox = try Inbox(
        settings: settings, socket: ListeningSocket(port: port, loopbackOnly: true),
        ledger: Ledger(path: folder + "/ledger.sqlite"), logger: logger)
    inbox.start()
    FileHandle.standardOutput.write(Data("\(inbox.port)\n".utf8))

    while readLine() != nil {}
    inbox.stop()
}

func send(_ arguments: [String]) throws {
    let instances = try arguments.dropFirst(4).map(readInstance)
    let peer = Association.Peer(
        host: arguments[0], port: UInt16(arguments[1]) ?? 0, calledAETitle: arguments[2], callingAETitle: "SENDER")
    var stored = 0
    let begin = ContinuousClock.now
    try StorageUser.send(instances, to: peer, window: Int(arguments[3]) ?? 1) { _, outcome in
        if case .answered(.success, _) = outcome { stored += 1 }
    }
    report(stored, since: begin)
}

func disk(_ folder: String, count: Int, bytes: Int) throws {
    let ledger = try Ledger(path: folder + "/limit.sqlite")
    let content = [UInt8](repeating: 7, count: bytes)
    try FileManager.default.createDirectory(atPath: folder + "/limit", withIntermediateDirectories: true)
    let begin = ContinuousClock.now
    for number in 0..<count {
        let path = "\(folder)/limit/\(number)"
        let file = open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard write(file, content, bytes) == bytes, fdatasync(file) == 0, close(file) == 0,
            rename(path + ".part", path) == 0
        else { throw DICOMError(.inputOutput, "the disk refuses") }
        let directory = open(folder + "/limit", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        fsync(directory)
        close(directory)
        _ = try ledger.record(
            ReceivedInstance(
                sopClassUID: "1.2", sopInstanceUID: "2.25.\(number)", seriesInstanceUID: "2.25.1",
                studyInstanceUID: "2.25.2", transferSyntaxUID: "1.2.840.10008.1.2.1", callingAETitle: "DISK",
                calledAETitle: "DISK", sha256: "\(number)", byteCount: bytes, path: "limit/\(number)",
                receivedAt: Date()))
    }
    report(count, since: begin)
}

func report(_ stored: Int, since begin: ContinuousClock.Instant) {
    let elapsed = (ContinuousClock.now - begin).components
    print("stored \(stored) seconds \(Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)")
}

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "receive" where arguments.count == 3: try receive(arguments[1], port: UInt16(arguments[2]) ?? 0)
case "send" where arguments.count > 5: try send(Array(arguments.dropFirst()))
case "disk" where arguments.count == 4:
    try disk(arguments[1], count: Int(arguments[2]) ?? 0, bytes: Int(arguments[3]) ?? 0)
default:
    print("usage: ingest-tool receive FOLDER PORT | send HOST PORT AE WINDOW FILE... | disk FOLDER COUNT BYTES")
    exit(64)
}
