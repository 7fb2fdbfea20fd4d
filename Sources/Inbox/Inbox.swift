public import DICOM
import Foundation
public import Ledger
public import Logging
import Synchronization

/// The Storage SCP: takes what a scanner sends and answers Success once it is durable here.
///
/// DCMTK blocks, so each association has a thread of its own. What arrived is a row in the ledger; nothing is handed on
/// in memory.
///
/// Reference: PS3.4 annex B
public final class Inbox: Sendable {
    public let settings: InboxSettings
    let store: InstanceStore
    let ledger: Ledger
    let logger: Logger
    private let socket: ListeningSocket
    private let open = OpenAssociations()
    private let isStopping = Atomic(false)
    private let acceptorEnded = DispatchSemaphore(value: 0)
    private let hasStarted = Atomic(false)

    /// Prepares the state folder and takes up what a stopped service left there; nothing is accepted before `start`.
    ///
    /// - Throws: when the folder cannot be made or the ledger cannot be written.
    public init(settings: InboxSettings, socket: ListeningSocket, ledger: Ledger, logger: Logger) throws {
        self.settings = settings
        self.socket = socket
        self.ledger = ledger
        self.logger = logger
        store = try InstanceStore(settings: settings, ledger: ledger, logger: logger)
        try ledger.closeInterruptedAssociations(at: Date())
        try store.recover()
    }

    /// The TCP port that is listened on.
    public var port: UInt16 { socket.port }

    /// Associations open now.
    public var openAssociationCount: Int { open.count }

    /// Study Instance UIDs with an image that came on an association that is still open: such a study is not complete.
    public var studiesWithOpenAssociation: Set<String> { open.studies }

    /// Starts to accept, on a thread of its own.
    public func start() {
        guard !hasStarted.exchange(true, ordering: .relaxed) else { return }
        Thread.detachNewThread { [self] in
            Thread.current.name = "inbox"
            logger.info("listening", metadata: ["port": "\(port)", "ae_title": "\(settings.aeTitle)"])
            while !isStopping.load(ordering: .relaxed) {
                open.interruptOverdue()
                guard let (descriptor, address) = socket.accept(milliseconds: 200) else { continue }
                accepted(descriptor, from: address)
            }
            acceptorEnded.signal()
        }
    }

    /// Stops accepting, gives open associations time to end by themselves, then aborts them. Returns when all their
    /// threads have ended. Blocks: not for the cooperative pool.
    public func stop(gracePeriod: Double = 2) {
        guard !isStopping.exchange(true, ordering: .relaxed), hasStarted.load(ordering: .relaxed) else { return }
        acceptorEnded.wait()
        if !open.waitUntilEmpty(seconds: gracePeriod) {
            open.interruptAll()
            _ = open.waitUntilEmpty(seconds: 10)
        }
    }

    /// Records the end of an association, however long the ledger is busy: one that stayed open there would hold its
    /// study open for ever. What a stop cuts short is recorded at the next start, as interrupted.
    func recordEnd(of row: Int64, _ ending: Ledger.AssociationEnding, at date: Date) {
        while true {
            do {
                return try ledger.associationClosed(row, ending: ending, at: date)
            } catch {
                logger.error(
                    "the end of an association cannot be recorded, trying again", metadata: ["error": "\(error)"])
                if isStopping.load(ordering: .relaxed) { return }
                Thread.sleep(forTimeInterval: 1)
            }
        }
    }

    private func accepted(_ descriptor: Int32, from address: String) {
        let isOverLimit = open.count >= settings.maximumAssociations
        // A little above the limit associations are read and rejected; a flood beyond is closed without a word.
        guard open.count < settings.maximumAssociations + 16 else {
            logger.warning("connection dropped: far over the limit", metadata: ["peer": "\(address)"])
            close(descriptor)
            return
        }
        let ticket = open.begin(deadline: Date().addingTimeInterval(Double(settings.artimSeconds) + 1), descriptor)
        Thread.detachNewThread { [self] in
            Thread.current.name = "association"
            AssociationHandler(inbox: self, open: open, ticket: ticket, peer: address)
                .run(descriptor, isOverLimit: isOverLimit)
            open.end(ticket)
        }
    }
}
