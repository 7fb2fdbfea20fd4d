internal import Analysis
internal import Configuration
internal import DICOM
internal import Foundation
internal import Ledger
internal import Logging
internal import Report
internal import ServiceLifecycle

/// Tells destinations what is no longer valid: writes a rejection note for what a revision superseded or an operator
/// withdrew, and queues it where the site wants such notes.
///
/// A note is a result like any other: its file is synced and its delivery committed before the withdrawal counts as done,
/// and what its UID derives from is recorded, so that a kill on the way makes the same note once more.
struct WithdrawalService: Service {
    let ledger: Ledger
    let configuration: ApatiteConfiguration
    let logger: Logger

    /// Until what is held back is looked at again: a report's successor that is still on its way.
    private static let pause = Duration.seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let seen = ledger.deliveryBell.rings
                var isOpen = true
                do {
                    for withdrawal in try ledger.withdrawalsToDo() { try perform(withdrawal) }
                    isOpen = try !ledger.withdrawalsToDo().isEmpty
                } catch {
                    logger.error("rejection notes cannot be written, trying again", metadata: ["error": "\(error)"])
                }
                await ledger.deliveryBell.wait(after: seen, timeout: isOpen ? Self.pause : .seconds(60))
            }
        }
    }

    private func perform(_ withdrawal: Withdrawal) throws {
        let wanting = Set(configuration.destinations.filter(\.rejectionNotes).map(\.name))
        let rejected = Dictionary(grouping: withdrawal.objects.filter { wanting.contains($0.destination) }) {
            $0.destination
        }
        // Destinations that have the same objects get the same note.
        let groups = Dictionary(grouping: rejected.keys.sorted()) { rejected[$0]?.map(\.sopInstanceUID) ?? [] }
        var notes: [(note: RecordedResult, deliveries: [Int64])] = []
        for destinations in groups.values.sorted(by: { $0[0] < $1[0] }) {
            let objects = destinations.flatMap { rejected[$0] ?? [] }
            notes.append((try write(withdrawal, objects, to: destinations), objects.map(\.delivery)))
        }
        crashPoint("after-note-before-row")
        try ledger.recordNotes(notes, withdrawal: withdrawal, at: Date())
        guard !notes.isEmpty else { return }
        logger.info(
            "rejection note queued",
            metadata: ["study": "\(withdrawal.study)", "cause": "\(withdrawal.cause.rawValue)"])
    }

    /// - Parameter objects: not empty; those of several destinations are the same.
    private func write(_ withdrawal: Withdrawal, _ objects: [Withdrawal.Object], to destinations: [String]) throws
        -> RecordedResult
    {
        let state = configuration.service.stateFolder
        let references = objects.filter { $0.destination == destinations[0] }.map {
            DocumentReference(
                sopClassUID: UID(rawValue: $0.sopClassUID), sopInstanceUID: UID(rawValue: $0.sopInstanceUID),
                seriesInstanceUID: UID(rawValue: $0.seriesInstanceUID))
        }
        let note = RejectionNote(
            rejected: references, reason: withdrawal.cause == .superseded ? .superseded : .withdrawn,
            studyFile: "\(state)/\(objects[0].path)", decidedAt: withdrawal.requestedAt,
            algorithmVersion: apatiteVersion, installationSerial: configuration.service.installationSerial,
            language: ReportLanguage(rawValue: configuration.analysis.language) ?? .english)
        // Several notes of one withdrawal name different objects.
        let name = objects.map(\.delivery).min() ?? 0
        let folder = "results/study-\(withdrawal.study)/rejection-\(withdrawal.analysis)-\(name)"
        try FileManager.default.createDirectory(atPath: "\(state)/\(folder)", withIntermediateDirectories: true)
        let path = "\(folder)/rejection-note.dcm"
        let written = try writeRejectionNote(note, to: "\(state)/\(path)")
        try ResultFolder.sync(folder: folder, below: state)
        guard let instance = written.instance, let series = written.seriesInstanceUID else {
            throw PipelineError(message: "a rejection note was written that is no DICOM object")
        }
        return RecordedResult(
            kind: written.kind.rawValue, sopClassUID: instance.sopClassUID.rawValue,
            sopInstanceUID: instance.sopInstanceUID.rawValue, seriesInstanceUID: series.rawValue,
            transferSyntaxUID: instance.transferSyntaxUID.rawValue, path: path, destinations: destinations)
    }
}
