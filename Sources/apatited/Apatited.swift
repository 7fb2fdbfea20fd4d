import ArgumentParser
import Configuration
import Foundation
import Ledger
import Logging
import Pipeline
import ServiceLifecycle
import Systemd
import UnixSignals

/// The daemon: reads the configuration, runs the Pipeline, tells the service manager how it goes.
@main
struct Apatited: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apatited",
        abstract: "Receives dual-energy CT studies, analyses them and sends the reports to the PACS.")

    @Option(help: "The configuration file; drop-ins are read from FILE.d/*.toml.")
    var config = ApatiteConfiguration.standardPath

    @Option(
        help: "debug, info, notice, warning or error.",
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else { throw ValidationError("no such level: \(text)") }
            return level
        })
    var logLevel: Logger.Level = .info

    func run() async throws {
        // Patient data are for the service's user and group alone, also where no unit says so.
        _ = umask(umask(0) | 0o027)
        LoggingSystem.bootstrap { _ in JournalLogHandler() }
        var logger = Logger(label: "apatited")
        logger.logLevel = logLevel
        do {
            let configuration = try ApatiteConfiguration.read(path: config)
            let pipeline = try Pipeline(
                configuration: configuration, passedSockets: PassedSockets.take(), logger: logger)
            var services = try pipeline.services()
            services.append(ReportingService(ledger: pipeline.ledger, heartbeat: pipeline.heartbeat))
            let group = ServiceGroup(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
            try await group.run()
            logger.info("stopped")
        } catch {
            for line in "\(error)".split(separator: "\n") { logger.critical("\(line)") }
            guard case .halt(let status) = StageError.start(error).verdict else { throw ExitCode(70) }
            throw ExitCode(status)
        }
    }
}
