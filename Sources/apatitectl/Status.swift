import ArgumentParser
import Ledger

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Where the service stands, in numbers.")

    @OptionGroup var options: CommonOptions

    func run() throws {
        let status = try options.openLedger(.readOnly).status()
        if options.json { return try Output.json(status) }
        Output.fields([
            ("Open associations", "\(status.openAssociations)"),
            (
                "Studies",
                StudyState.allCases.compactMap { state in
                    status.studies[state.rawValue].map { "\($0) \(state.rawValue)" }
                }.joined(separator: ", ")
            ),
            (
                "Deliveries",
                "\(status.deliveries.waiting) waiting, \(status.deliveries.delivered) delivered, "
                    + "\(status.deliveries.refused) refused"
            ),
            ("Conflicts", "\(status.conflicts)"),
            ("Last report", Output.time(status.lastReportAt)),
        ])
    }
}
