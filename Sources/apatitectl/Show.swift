import ArgumentParser
import Ledger

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Everything about one study: what came, what was done, what was sent, and why.")

    @OptionGroup var options: CommonOptions

    @Argument(help: "Row number, Study Instance UID or accession number.")
    var study: String

    func run() throws {
        let ledger = try options.openLedger(.readOnly)
        guard let detail = try ledger.detail(try options.find(study, in: ledger)) else { throw ExitCode.failure }
        if options.json { return try Output.json(detail) }
        let study = detail.study
        Output.fields([
            ("Study", "\(study.row)  \(study.studyInstanceUID)"), ("Accession", study.accessionNumber),
            ("Patient", "\(study.patientID)  \(study.patientName)"), ("Source", study.source),
            ("State", "\(study.state.rawValue) since \(Output.time(study.stateSince))"),
            ("Received", "\(Output.time(study.firstReceivedAt)) to \(Output.time(study.lastImageAt)) (last image)"),
        ])
        for reason in study.reasons {
            Output.fields([("Reason", "\(reason.message) [\(reason.code)]"), ("Remedy", reason.remedy)])
        }
        heading("Series")
        Output.table(
            ["OBJECTS", "USE", "MODALITY", "BODY PART", "PROTOCOL", "DESCRIPTION"],
            detail.series.map {
                ["\($0.instances)", $0.role, $0.modality, $0.bodyPart, $0.protocolName, $0.description]
            })
        heading("Analyses")
        Output.table(
            ["REV", "STATE", "CLOSED BY", "CLOSED", "FINISHED", "FAILURES", "PRIOR", "WHY"],
            detail.analyses.map {
                [
                    "\($0.revision)", $0.state, $0.closingSignal, Output.time($0.closedAt),
                    Output.time($0.finishedAt), "\($0.failures)", Self.prior($0.prior),
                    $0.reasons.map(\.message).joined(separator: "; "),
                ]
            })
        if !detail.reviews.isEmpty {
            heading("Segmentations that came back")
            Output.table(
                ["RECEIVED", "FROM", "STATE", "REV", "WHY"],
                detail.reviews.map {
                    [
                        Output.time($0.receivedAt), $0.source, $0.state.rawValue, $0.revision.map { "\($0)" } ?? "-",
                        $0.reason ?? "",
                    ]
                })
        }
        heading("Deliveries")
        DeliveryTable.show(detail.deliveries)
        heading("History")
        Output.table(["AT", "WHAT", "DETAIL"], detail.events.map { [Output.time($0.at), $0.kind, $0.detail] })
    }

    private static func prior(_ prior: RecordedPrior?) -> String {
        guard let prior else { return "-" }
        switch prior.outcome {
        case .given:
            let origin = prior.analysis.map { "analysis \($0)" } ?? "from the archive"
            return prior.detail.isEmpty ? origin : "\(origin); archive not reached"
        case .none: return "none"
        case .notComparable: return "other part or side"
        case .notReached: return "archive not reached"
        }
    }

    private func heading(_ text: String) { print("\n\(text)") }
}
