import ArgumentParser
import Configuration
import Foundation

struct CheckConfig: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Reads the configuration and its drop-ins, and names everything that is wrong with them.")

    @OptionGroup var options: CommonOptions

    private struct Verdict: Encodable {
        var valid: Bool
        var problems: [Problem]
        var warnings: [String]
        struct Problem: Encodable {
            var file: String
            var line: Int?
            var message: String
        }
    }

    func run() throws {
        do {
            let configuration = try ApatiteConfiguration.read(path: options.config)
            let warnings = Self.warnings(configuration)
            if options.json { return try Output.json(Verdict(valid: true, problems: [], warnings: warnings)) }
            print("The configuration is valid.")
            for warning in warnings { print("Note: \(warning)") }
        } catch let error as ConfigurationError {
            if options.json {
                let problems = error.problems.map {
                    Verdict.Problem(file: $0.file, line: $0.line, message: $0.message)
                }
                try Output.json(Verdict(valid: false, problems: problems, warnings: []))
            } else {
                Output.error("\(error)")
            }
            throw ExitCode(78)
        }
    }

    /// Valid, and perhaps not what is meant.
    private static func warnings(_ configuration: ApatiteConfiguration) -> [String] {
        var warnings: [String] = []
        if configuration.destinations.isEmpty {
            warnings.append("there is no destination: results stay in \(configuration.service.stateFolder)/results.")
        }
        if configuration.sources.isEmpty { warnings.append("there is no source: every calling AE Title may send.") }
        if !FileManager.default.isExecutableFile(atPath: configuration.service.worker) {
            warnings.append("service.worker is not a program here: \(configuration.service.worker)")
        }
        if configuration.service.installationSerial == ApatiteConfiguration.Service().installationSerial {
            warnings.append("service.installation_serial does not name this installation yet.")
        }
        return warnings
    }
}
