import DICOM
import Foundation
import Glibc

/// The associations that are open now, shared by their threads and the acceptor's.
final class OpenAssociations: @unchecked Sendable {
    // Everything is under the condition's lock.
    private struct Entry {
        /// While the association request is awaited: the connected socket and when to give it up.
        var negotiation: (descriptor: Int32, deadline: Date)?
        var interrupter: Interrupter?
        var studies: Set<String> = []
    }

    private let condition = NSCondition()
    private var entries: [UInt64: Entry] = [:]
    private var nextTicket: UInt64 = 0
    private var isStopping = false

    private func locked<Result>(_ body: () -> Result) -> Result {
        condition.lock()
        defer { condition.unlock() }
        return body()
    }

    var count: Int { locked { entries.count } }

    var studies: Set<String> { locked { entries.values.reduce(into: []) { $0.formUnion($1.studies) } } }

    func begin(deadline: Date, _ descriptor: Int32) -> UInt64 {
        locked {
            nextTicket += 1
            // A duplicate: the connection's own number may be closed and reused by the time the deadline passes.
            entries[nextTicket] = Entry(negotiation: (fcntl(descriptor, F_DUPFD_CLOEXEC, 3), deadline))
            return nextTicket
        }
    }

    /// The request was read: from now on the association's own timers apply.
    func negotiated(_ ticket: UInt64, _ interrupter: Interrupter) {
        locked {
            endNegotiation(ticket)
            entries[ticket]?.interrupter = interrupter
            if isStopping { interrupter.interrupt() }
        }
    }

    func add(study: String, to ticket: UInt64) {
        locked { _ = entries[ticket]?.studies.insert(study) }
    }

    func end(_ ticket: UInt64) {
        locked {
            endNegotiation(ticket)
            entries[ticket] = nil
            condition.broadcast()
        }
    }

    /// Shuts down connections whose peer has not sent a whole association request in time, however slowly it drips.
    func interruptOverdue(now: Date = Date()) {
        locked {
            for entry in entries.values {
                if let negotiation = entry.negotiation, negotiation.deadline < now {
                    shutdown(negotiation.descriptor, Int32(SHUT_RDWR))
                }
            }
        }
    }

    func interruptAll() {
        locked {
            isStopping = true
            for entry in entries.values {
                entry.interrupter?.interrupt()
                if let negotiation = entry.negotiation { shutdown(negotiation.descriptor, Int32(SHUT_RDWR)) }
            }
        }
    }

    func waitUntilEmpty(seconds: TimeInterval) -> Bool {
        let limit = Date().addingTimeInterval(seconds)
        condition.lock()
        defer { condition.unlock() }
        while !entries.isEmpty {
            if !condition.wait(until: limit) { return entries.isEmpty }
        }
        return true
    }

    private func endNegotiation(_ ticket: UInt64) {
        if let negotiation = entries[ticket]?.negotiation { close(negotiation.descriptor) }
        entries[ticket]?.negotiation = nil
    }
}
