internal import DICOM
internal import Foundation
internal import Synchronization

/// Receives what an archive sends because of a C-MOVE of ours: a small Storage SCP that lives as long as one search.
///
/// What comes by it never meets the Inbox, so that an earlier study is no arrival. The archive has to know the AE Title
/// with this machine's address and the port.
///
/// Reference: PS3.4 section C.4.2
final class MoveReceiver: Sendable {
    /// What the archive is told to send to.
    let aeTitle: String
    private let socket: ListeningSocket
    private let sopClasses: Set<UID>
    private let limits: QueryRetrieveUser.Limits
    private let deadline: ContinuousClock.Instant
    private let state = Mutex(State())

    private struct State {
        var folder: String?
        var received: [StoredInstance] = []
        var bytes: UInt64 = 0
        /// Objects of the present retrieval that are in a file or on their way there.
        var count = 0
        var isStopped = false
        /// The port is free again.
        var isClosed = false
        var open: [Int: Interrupter] = [:]
        var nextKey = 0
        var failure: DICOMError?
    }

    /// Opens the port; it is closed by `stop`.
    ///
    /// - Parameters:
    ///   - port: as the archive knows it; 0 for a free one.
    ///   - sopClasses: what is taken.
    ///   - seconds: until everything has to be there.
    /// - Throws: `inputOutput` when the port is taken or not allowed.
    init(
        aeTitle: String, port: UInt16, loopbackOnly: Bool = false, sopClasses: [UID], seconds: Int,
        limits: QueryRetrieveUser.Limits = .init()
    ) throws(DICOMError) {
        socket = try ListeningSocket(port: port, loopbackOnly: loopbackOnly)
        self.aeTitle = aeTitle
        self.sopClasses = Set(sopClasses).union([SOPClass.verification])
        self.limits = limits
        deadline = .now + .seconds(seconds)
        Thread.detachNewThread { [self] in listen() }
    }

    /// The port it listens on.
    var port: UInt16 { socket.port }

    /// Ends what is still being received, and returns when the port is closed: the next search opens it again.
    func stop() {
        let open = state.withLock { state in
            state.isStopped = true
            return Array(state.open.values)
        }
        for association in open { association.interrupt() }
        for _ in 0..<100 where !state.withLock({ $0.isClosed }) { Thread.sleep(forTimeInterval: 0.01) }
    }

    /// What comes from now on goes into a folder.
    func begin(into folder: String) {
        state.withLock { state in
            (state.folder, state.received, state.bytes, state.count, state.failure) = (folder, [], 0, 0, nil)
        }
    }

    /// What came since `begin`, in the order of its arrival; whether all came is what the archive's answer says.
    /// - Throws: why nothing came.
    func end() throws(DICOMError) -> [StoredInstance] {
        let (received, failure) = state.withLock { state in
            state.folder = nil
            return (state.received, state.failure)
        }
        if let failure, received.isEmpty { throw failure }
        return received
    }

    // MARK: - Threads

    private func listen() {
        while !state.withLock({ $0.isStopped }), .now < deadline {
            // An archive may open an association for each object, or several at a time.
            guard let (descriptor, _) = socket.accept(milliseconds: 20) else { continue }
            guard state.withLock({ $0.open.count < 8 }) else {
                close(descriptor)
                continue
            }
            Thread.detachNewThread { [self] in serve(descriptor) }
        }
        close(socket.descriptor)
        state.withLock { $0.isClosed = true }
    }

    private func serve(_ descriptor: Int32) {
        do throws(DICOMError) {
            let association = try Association.receive(socket: descriptor, artimSeconds: 10)
            let key = state.withLock { state in
                state.nextKey += 1
                state.open[state.nextKey] = association.interrupter
                return state.nextKey
            }
            defer { state.withLock { state in state.open[key] = nil } }
            guard association.calledAETitle == aeTitle else {
                return try association.reject(.calledAETitleNotRecognized)
            }
            try association.accept(
                abstractSyntaxes: sopClasses, transferSyntaxes: [.explicitLittleEndian, .implicitLittleEndian])
            try answer(association)
        } catch {
            state.withLock { state in if state.folder != nil { state.failure = state.failure ?? error } }
        }
    }

    private func answer(_ association: Association) throws(DICOMError) {
        while !state.withLock({ $0.isStopped }) {
            switch try association.nextRequest(seconds: max(1, Int((deadline - .now).components.seconds))) {
            case .echo(let request): try association.answer(request, .success)
            case .store(let request):
                let place = state.withLock { state -> (folder: String, number: Int)? in
                    guard let folder = state.folder, state.count < limits.objects, state.bytes < limits.bytes else {
                        return nil
                    }
                    state.count += 1
                    return (folder, state.count)
                }
                guard let place else {
                    association.abort()
                    throw DICOMError(.limitExceeded, "the archive sends what was not asked for")
                }
                let (object, count) = try association.receiveObject(
                    request, into: place.folder, number: place.number, seconds: 30, from: association.callingAETitle,
                    to: association.calledAETitle)
                state.withLock { state in
                    state.received.append(object)
                    state.bytes += count
                }
                try association.answer(request, .success)
            case .release: return try association.acknowledgeRelease()
            case .eventReport, .answer:
                association.abort()
                throw DICOMError(.protocolViolation, "an unexpected message of an archive that sends")
            }
        }
    }
}
