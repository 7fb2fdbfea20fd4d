internal import DICOM

/// An archive during one search: what it has, and what it sends of it by the way that the site chose.
final class PriorArchive {
    private let user: QueryRetrieveUser
    private let receiver: MoveReceiver?

    /// - Throws: as `QueryRetrieveUser` and, where it is to send to a port of ours, as `MoveReceiver`.
    init(
        _ peer: Association.Peer, _ retrieval: ArchivePrior.Retrieval, sopClasses: [UID], seconds: Int,
        started: (Interrupter) -> Void
    ) throws(DICOMError) {
        switch retrieval {
        case .get:
            receiver = nil
            user = try QueryRetrieveUser(peer, retrieval: .get(sopClasses), seconds: seconds, started: started)
        case .move(let title, let port, let loopbackOnly):
            let receiver = try MoveReceiver(
                aeTitle: title, port: port, loopbackOnly: loopbackOnly, sopClasses: sopClasses, seconds: seconds)
            do throws(DICOMError) {
                user = try QueryRetrieveUser(peer, retrieval: .move, seconds: seconds, started: started)
            } catch {
                receiver.stop()
                throw error
            }
            self.receiver = receiver
        }
    }

    func find(_ level: QueryRetrieveUser.Level, _ identifier: DataSet) throws(DICOMError) -> [DataSet] {
        try user.find(level, identifier)
    }

    /// What an identifier names, into files of a folder, bit for bit as it came.
    func retrieve(
        _ level: QueryRetrieveUser.Level, _ identifier: DataSet, into folder: String
    ) throws(DICOMError) -> [StoredInstance] {
        guard let receiver else { return try user.get(level, identifier, into: folder) }
        receiver.begin(into: folder)
        try user.move(level, identifier, to: receiver.aeTitle)
        return try receiver.end()
    }

    func release() {
        user.release()
        receiver?.stop()
    }

    func abort() {
        user.abort()
        receiver?.stop()
    }
}
