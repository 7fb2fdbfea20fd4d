import ArgumentParser
import Foundation
import Ledger

struct Retry: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tries again what did not work: a study's analysis, its refused and delayed deliveries.",
        discussion: "A study with a report of findings is not analysed again; its deliveries are.")

    @OptionGroup var options: CommonOptions

    @Argument(help: "Row number, Study Instance UID or accession number.")
    var study: String

    func run() throws {
        let ledger = try options.openLedger(.readWriteExisting)
        let outcome = try ledger.retry(study: try options.find(study, in: ledger), at: Date())
        if options.json { return try Output.json(outcome) }
        print(outcome.analysisQueued ? "The study waits for a new analysis." : "No new analysis is needed.")
        print("\(outcome.deliveries) deliveries are tried again.")
    }
}
