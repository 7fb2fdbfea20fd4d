import DICOM
import Foundation
import Inbox
import Ledger
import Logging
import Synchronization

// receive STATE_FOLDER PORT        the Inbox alone; prints its port, ends at the end of standard input
// send HOST PORT CALLED WINDOW ASSOCIATIONS FILE...
//                                  pipelines with WINDOW requests under way on each; prints "stored N seconds S"

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

/// Several associations at once share the files; the clock runs from the first request to the last answer.
func send(_ arguments: [String]) throws {
    let associations = max(1, Int(arguments[4]) ?? 1)
    let instances = try arguments.dropFirst(5).map(readInstance)
    let peer = Association.Peer(
        host: arguments[0], port: UInt16(arguments[1]) ?? 0, calledAETitle: arguments[2], callingAETitle: "SENDER")
    let window = Int(arguments[3]) ?? 1
    let stored = Atomic(0)
    let ended = DispatchSemaphore(value: 0)
    let begin = ContinuousClock.now
    for first in 0..<associations {
        let share = stride(from: first, to: instances.count, by: associations).map { instances[$0] }
        Thread.detachNewThread {
            do {
                try StorageUser.send(share, to: peer, window: window) { _, outcome in
                    if case .answered(.success, _, _) = outcome { stored.add(1, ordering: .relaxed) }
                }
            } catch {
                FileHandle.standardError.write(Data("\(error)\n".utf8))
            }
            ended.signal()
        }
    }
    for _ in 0..<associations { ended.wait() }
    let elapsed = (ContinuousClock.now - begin).components
    let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    print("stored \(stored.load(ordering: .relaxed)) seconds \(seconds)")
}

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "receive" where arguments.count == 3: try receive(arguments[1], port: UInt16(arguments[2]) ?? 0)
case "send" where arguments.count > 6: try send(Array(arguments.dropFirst()))
default:
    print("usage: ingest-tool receive FOLDER PORT | send HOST PORT AE WINDOW ASSOCIATIONS FILE...")
    exit(64)
}
