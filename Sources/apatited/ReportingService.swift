import Foundation
import Ledger
import Pipeline
import ServiceLifecycle
import Systemd

/// Tells the service manager that we are ready, where we stand, and that we are alive.
struct ReportingService: Service {
    let ledger: Ledger
    let heartbeat: Heartbeat

    /// A Pipeline that has not looked at its work for this long hangs, and is to be restarted.
    private static let longestSilence = Duration.seconds(30)

    func run() async throws {
        ServiceManager.ready(status: line())
        let period = min(.seconds(1), (ServiceManager.watchdogPeriod ?? .seconds(4)) / 4)
        await cancelWhenGracefulShutdown {
            var shown = ""
            while !Task.isCancelled {
                try? await Task.sleep(for: period)
                let text = line()
                if text != shown { ServiceManager.status(text) }
                shown = text
                if heartbeat.age < Self.longestSilence { ServiceManager.alive() }
            }
        }
        ServiceManager.stopping(status: "stopping: what is unfinished continues at the next start")
    }

    private func line() -> String {
        guard let status = try? ledger.status() else { return "the ledger cannot be read" }
        return StatusLine.text(status)
    }
}
