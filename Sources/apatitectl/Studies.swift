import ArgumentParser
import Ledger

struct Studies: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists studies, newest first, with what became of each and why.")

    @OptionGroup var options: CommonOptions

    @Option(
        help: "Only studies in this state: \(StudyState.allCases.map(\.rawValue).joined(separator: ", ")).",
        transform: { text in
            guard let state = StudyState(rawValue: text) else { throw ValidationError("no such state: \(text)") }
            return state
        })
    var state: StudyState?

    @Option(help: "At most so many.")
    var limit: Int?

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit is 1 or more") }
    }

    func run() throws {
        let ledger = try options.openLedger(.readOnly)
        let studies = try ledger.studies(limit: state == nil ? limit : nil)
            .filter { state == nil || $0.state == state }.prefix(limit ?? .max)
        if options.json { return try Output.json(Array(studies)) }
        Output.table(
            ["ROW", "STATE", "SINCE", "ACCESSION", "SOURCE", "OBJECTS", "REV", "SENT", "WHY"],
            studies.map { study in
                [
                    "\(study.row)", study.state.rawValue, Output.time(study.stateSince),
                    study.accessionNumber.isEmpty ? "-" : study.accessionNumber, study.source, "\(study.instances)",
                    study.revision.map(String.init) ?? "-", Self.sent(study.deliveries), Self.why(study),
                ]
            })
    }

    private static func sent(_ count: DeliveryCount) -> String {
        let all = count.waiting + count.delivered + count.refused
        return all == 0 ? "-" : "\(count.delivered)/\(all)"
    }

    private static func why(_ study: StudyOverview) -> String {
        var parts = study.reasons.map(\.message)
        if study.conflicts > 0 { parts.append("\(study.conflicts) objects came twice with different content") }
        if study.deliveries.refused > 0 { parts.append("\(study.deliveries.refused) deliveries were refused") }
        return parts.isEmpty ? "-" : parts.joined(separator: "; ")
    }
}
