internal import Analysis
public import Configuration
internal import DICOM
internal import Foundation
public import Ledger
public import Logging
public import ServiceLifecycle

/// The whole way in order: Inbox, completion, analysis, Outbox, each a service that works from the ledger's rows.
public struct Pipeline: Sendable {
    public let configuration: ApatiteConfiguration
    public let ledger: Ledger
    /// Ages when the service no longer looks at its work.
    public let heartbeat = Heartbeat()
    private let lock: InstallationLock
    let passedSockets: [Int32]
    /// As they were when the service started.
    private let calibrations: [CalibrationFile]
    let logger: Logger

    /// Opens the state folder and takes it for this process.
    /// - Parameter passedSockets: listening sockets from the service manager; without any the Inbox opens its own.
    /// - Throws: `PipelineError`, `LedgerError`.
    public init(configuration: ApatiteConfiguration, passedSockets: [Int32] = [], logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        self.passedSockets = passedSockets
        let folder = configuration.service.stateFolder
        do {
            calibrations = try configuration.analysis.calibrations.map { try CalibrationFile.read(path: $0) }
        } catch {
            throw PipelineError(message: "\(error)")
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw PipelineError(message: "The state folder \(folder) cannot be made: \(error.localizedDescription)")
        }
        lock = try InstallationLock(stateFolder: folder)
        ledger = try Ledger(path: configuration.service.ledgerPath)
        try ledger.closeInterruptedAssociations(at: Date())
    }

    /// The services in the order of their start; they stop in the reverse order.
    public func services() throws -> [any Service] {
        // A stop goes backwards: first nothing more is accepted, last nothing more is sent.
        [outboxService()] + workServices + [try inboxService()]
    }

    /// What lies between the two ends.
    package var workServices: [any Service] { [completionService, analysisService, withdrawalService] }

    private var withdrawalService: WithdrawalService {
        WithdrawalService(ledger: ledger, configuration: configuration, logger: logger)
    }

    private var completionService: CompletionService {
        CompletionService(
            ledger: ledger,
            completion: StudyCompletion(
                quietSeconds: configuration.completion.quietSeconds,
                giveUpSeconds: configuration.completion.giveUpAfterMinutes * 60), heartbeat: heartbeat,
            logger: logger)
    }

    private var analysisService: AnalysisService {
        AnalysisService(
            ledger: ledger, configuration: configuration, calibrations: calibrations,
            configurationDigest: SHA256.hexadecimal(
                SHA256.digest(of: Array(configuration.influenceOnResults.utf8))), logger: logger)
    }
}
