import Analysis
import ArgumentParser

/// The researcher's tool: no daemon, no database.
@main
struct Apatite: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apatite",
        abstract: "Finds calcinosis in dual-energy CT of the hands, feet, elbows and knees.",
        discussion: "Research software for decision support. Not a medical device.",
        version: apatiteVersion,
        subcommands: [AnalyzeCommand.self, CalibrateCommand.self, DecomposeCommand.self, PhantomCommand.self])
}

/// Exit statuses of the commands, beside 0 for done and 64 for a mistake in the usage.
enum ExitStatus {
    static let leftAlone: Int32 = 3
    static let setAside: Int32 = 4
    /// A calibration was refused, or a check found something to do.
    static let refused: Int32 = 4
    static let internalError: Int32 = 70
}
