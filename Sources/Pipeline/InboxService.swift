internal import Dispatch
internal import Foundation
internal import Inbox
internal import ServiceLifecycle

/// The Inbox as a service: accepts from its start until the service stops.
struct InboxService: Service {
    let inbox: Inbox

    func run() async throws {
        inbox.start()
        try? await gracefulShutdown()
        // DCMTK's threads end here; that blocks, so not on the cooperative pool.
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                inbox.stop()
                continuation.resume()
            }
        }
    }
}
