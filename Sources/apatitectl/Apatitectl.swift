import ArgumentParser
import Configuration
import Foundation
import Ledger

/// The operator's tool. It reads the ledger itself, so it works with the daemon down.
@main
struct Apatitectl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apatitectl", abstract: "Shows and steers the Apatite service.",
        discussion: """
            STUDY is a row number as in `apatitectl studies`, a Study Instance UID or an accession number.
            Exit status: 0 done, 1 not found or not possible, 64 usage, 78 the configuration is wrong.
            """,
        subcommands: [
            Status.self, Studies.self, Show.self, Deliveries.self, Retry.self, Withdraw.self, CheckConfig.self,
        ])
}

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(help: "The configuration file; drop-ins are read from FILE.d/*.toml.")
    var config = ApatiteConfiguration.standardPath

    @Flag(help: "Write JSON instead of a table.")
    var json = false

    func readConfiguration() throws -> ApatiteConfiguration {
        do {
            return try ApatiteConfiguration.read(path: config)
        } catch {
            Output.error("\(error)")
            throw ExitCode(78)
        }
    }

    func openLedger(_ mode: Ledger.Mode) throws -> Ledger {
        let path = try readConfiguration().service.ledgerPath
        do {
            return try Ledger(path: path, mode: mode)
        } catch {
            Output.error("\(error)")
            throw ExitCode.failure
        }
    }

    /// The one study that the operator means.
    func find(_ name: String, in ledger: Ledger) throws -> Int64 {
        let rows = try ledger.findStudies(name)
        guard let first = rows.first else {
            Output.error("There is no study \(name): `apatitectl studies` lists them.")
            throw ExitCode.failure
        }
        guard rows.count == 1 else {
            Output.error("\(name) may be one of the studies in rows \(rows.map(String.init).joined(separator: ", ")).")
            throw ExitCode.failure
        }
        return first
    }
}
