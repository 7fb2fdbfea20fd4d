internal import Outbox
internal import ServiceLifecycle

/// The Outbox as a service: delivers until the service stops; what was not answered then stays in its queue.
struct OutboxService: Service {
    let outbox: Outbox

    func run() async throws {
        await cancelWhenGracefulShutdown { await outbox.run() }
    }
}
