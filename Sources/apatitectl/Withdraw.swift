import ArgumentParser
import Configuration
import Foundation
import Ledger

struct Withdraw: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Withdraws the report of a study that must not be used.",
        discussion: """
            What was not sent yet is not sent any more. Destinations with `rejection_notes = true` get a rejection note \
            that names what they have; the others keep showing it, and have to be told by a person. The service sends the \
            note, as soon as it runs. `apatitectl retry` makes a new report afterwards.
            """)

    @OptionGroup var options: CommonOptions

    @Argument(help: "Row number, Study Instance UID or accession number.")
    var study: String

    func run() throws {
        let configuration = try options.readConfiguration()
        let ledger = try options.openLedger(.readWriteExisting)
        let row = try options.find(study, in: ledger)
        let outcome: WithdrawOutcome
        do {
            outcome = try ledger.withdrawReport(study: row, requestedBy: Self.person, at: Date())
        } catch let error as LedgerError {
            Output.error("\(error)")
            throw ExitCode.failure
        }
        if options.json { return try Output.json(outcome) }
        print("Revision \(outcome.revision) is withdrawn: \(outcome.cancelled) deliveries are not made any more.")
        let told = configuration.destinations.filter(\.rejectionNotes).map(\.name)
        guard outcome.delivered > 0 else { return }
        print(
            told.isEmpty
                ? "No destination takes rejection notes: tell whoever reads the \(outcome.delivered) delivered objects."
                : "The service sends a rejection note to \(told.joined(separator: ", "))."
        )
    }

    /// Who is at the keyboard, also behind sudo: for the study's history.
    private static var person: String {
        ProcessInfo.processInfo.environment["SUDO_USER"] ?? ProcessInfo.processInfo.userName
    }
}
