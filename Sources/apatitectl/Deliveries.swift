import ArgumentParser
import DICOM
import Ledger

struct Deliveries: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What was sent where: what each destination accepted and committed to, what waits, what was refused.")

    @OptionGroup var options: CommonOptions

    @Argument(help: "Only of this study: row number, Study Instance UID or accession number.")
    var study: String?

    @Option(help: "Only to this destination.")
    var destination: String?

    @Flag(help: "Only what waits, was refused, or lacks the commitment that is asked for.")
    var open = false

    @Option(help: "At most so many objects, newest first.")
    var limit: Int?

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit is 1 or more") }
    }

    func run() throws {
        let ledger = try options.openLedger(.readOnly)
        let row = try study.map { try options.find($0, in: ledger) }
        let lines = try ledger.deliveryLines(study: row, destination: destination, open: open, limit: limit)
        if options.json { return try Output.json(lines) }
        DeliveryTable.show(lines, withStudy: study == nil)
    }
}

/// Deliveries as lines; the slices of one map that stand alike are one.
enum DeliveryTable {
    static func show(_ lines: [DeliveryLine], withStudy: Bool = false) {
        var order: [[String]] = []
        var counts: [[String]: Int] = [:]
        for line in lines {
            let cells = (withStudy ? ["\(line.study)"] : []) + cells(line)
            if counts[cells] == nil { order.append(cells) }
            counts[cells, default: 0] += 1
        }
        let titles =
            (withStudy ? ["STUDY"] : [])
            + [
                "REV", "RESULT", "TO", "STATE", "AS", "STATUS", "COMMITMENT", "FAILED", "NEXT OR DONE", "OBJECTS",
                "WHY",
            ]
        Output.table(
            titles, order.map { cells in cells.dropLast() + ["\(counts[cells] ?? 0)", cells.last ?? ""] })
    }

    private static func cells(_ line: DeliveryLine) -> [String] {
        let accepted = line.acceptedSOPClassUID.map { uid in
            SOPClass.stored.first { $0.uid.rawValue == uid }?.name.replacing(" Storage", with: "") ?? uid
        }
        let why = [line.reason, line.commitmentReason, line.withdrawn.map { "withdrawn: \($0)" } ?? ""]
        return [
            "\(line.revision)", line.kind, line.destination, line.state,
            line.state == "delivered" ? accepted ?? "-" : "-", line.status ?? "-", line.commitment ?? "-",
            "\(line.attempts)", Output.time(line.deliveredAt ?? line.nextAttemptAt),
            why.filter { !$0.isEmpty }.joined(separator: "; "),
        ]
    }
}
