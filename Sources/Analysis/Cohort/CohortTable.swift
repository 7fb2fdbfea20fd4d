import DICOM
import Foundation

/// The tables of a cohort: one row a deposit in `FILE`, one row a study in `FILE-studies`, both CSV (RFC 4180, UTF-8, a
/// decimal point, units in the header).
///
/// Patients and studies are pseudonyms that stay the same within a cohort: keyed digests, whose random key lies beside
/// the tables as `FILE.key`. Whoever deletes the key can no longer link a person to a row. Dates are shifted by up to a
/// year, by the same time for all examinations of one patient. An analysis that is there already adds nothing.
public struct CohortTable {
    /// What an append did.
    public enum Outcome: Sendable, Equatable {
        case appended(deposits: Int)
        case alreadyThere
    }

    private let depositsPath: String
    private let studiesPath: String
    private let keyPath: String
    private let namesPatients: Bool

    /// - Parameters:
    ///   - path: the table of deposits, such as `cohort.csv`; the studies go to `cohort-studies.csv`.
    ///   - namesPatients: writes Patient ID, Study Instance UID and true dates instead of pseudonyms.
    public init(path: String, namesPatients: Bool = false) {
        depositsPath = path
        let url = URL(fileURLWithPath: path)
        let stem = url.deletingPathExtension().path
        let suffix = url.pathExtension.isEmpty ? "" : ".\(url.pathExtension)"
        studiesPath = "\(stem)-studies\(suffix)"
        keyPath = "\(path).key"
        self.namesPatients = namesPatients
    }

    /// Appends the rows of one analysis, whatever its fate. Several programs may append at the same time.
    ///
    /// - Throws: `AnalysisFailure` when the tables cannot be written or have other columns.
    public func append(_ outcome: AnalysisOutcome) throws(AnalysisFailure) -> Outcome {
        guard let data = FileManager.default.contents(atPath: outcome.findings),
            let document = try? JSONDecoder().decode(FindingsDocument.self, from: data)
        else { throw AnalysisFailure(message: "findings.json cannot be read back for the cohort's tables.") }
        // One lock for both tables.
        let deposits = try AppendedFile(path: depositsPath)
        try deposits.lock()
        let studies = try AppendedFile(path: studiesPath)
        let subject = CohortSubject(outcome, key: namesPatients ? nil : try key())
        let rows = CohortRows(document: document, subject: subject, outcome: outcome)
        // Looked up in each table: whoever was killed between the two has written the first of them.
        let hasStudy = try studies.contains(analysis: subject.analysis, header: CohortRows.studyHeader)
        let hasDeposits = try deposits.contains(analysis: subject.analysis, header: CohortRows.depositHeader)
        if !hasDeposits { try deposits.append(rows.deposits, header: CohortRows.depositHeader) }
        guard !hasStudy else { return .alreadyThere }
        try studies.append([rows.study], header: CohortRows.studyHeader)
        return .appended(deposits: rows.deposits.count)
    }

    /// The cohort's key, drawn at random when there is none; only its owner may read it.
    private func key() throws(AnalysisFailure) -> [UInt8] {
        if let data = FileManager.default.contents(atPath: keyPath), data.count == 32 { return Array(data) }
        guard !FileManager.default.fileExists(atPath: keyPath) else {
            throw AnalysisFailure(
                message: "The cohort's key beside the table is damaged: restore it, or start another table.")
        }
        var generator = SystemRandomNumberGenerator()
        let key = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        guard
            FileManager.default.createFile(
                atPath: keyPath, contents: Data(key), attributes: [.posixPermissions: 0o600])
        else { throw AnalysisFailure(message: "The cohort's key cannot be written beside the table.") }
        return key
    }
}

/// A file that rows are added to.
private final class AppendedFile {
    private let descriptor: Int32

    init(path: String) throws(AnalysisFailure) {
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw AnalysisFailure(
                message: "The cohort's table cannot be opened: \(String(cString: strerror(errno))). Check its folder.")
        }
    }

    deinit { close(descriptor) }

    /// Until the file is closed nobody else's append comes between.
    func lock() throws(AnalysisFailure) {
        guard flock(descriptor, LOCK_EX) == 0 else {
            throw AnalysisFailure(message: "The cohort's table cannot be locked on this file system.")
        }
    }

    /// Whether a row of this analysis is there.
    func contains(analysis: String, header: [String]) throws(AnalysisFailure) -> Bool {
        let text = try content()
        let lines = text.split(whereSeparator: \.isNewline)
        guard let first = lines.first else { return false }
        guard first == CSV.line(header).dropLast() else {
            throw AnalysisFailure(
                message: "The cohort's table has other columns, of another version or file: choose a new file.")
        }
        return lines.contains { $0.hasPrefix("\(analysis),") }
    }

    /// In one write, so that a reader never sees half a row.
    func append(_ rows: [[String]], header: [String]) throws(AnalysisFailure) {
        let text = try content()
        var added = text.isEmpty ? CSV.line(header) : text.hasSuffix("\n") ? "" : "\n"
        for row in rows { added += CSV.line(row) }
        let bytes = Array(added.utf8)
        guard !bytes.isEmpty else { return }
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw AnalysisFailure(message: "The cohort's table cannot be written: check the space on its disk.")
        }
    }

    private func content() throws(AnalysisFailure) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &chunk, chunk.count, off_t(bytes.count))
            guard count >= 0 else { throw AnalysisFailure(message: "The cohort's table cannot be read.") }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }
}

/// Text of one CSV line.
enum CSV {
    /// With its line feed.
    static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\n" }

    /// Quoted where it has to be. A text that a spreadsheet would take for a formula is preceded by an apostrophe; a
    /// negative number is none.
    private static func cell(_ text: String) -> String {
        var text = String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
        if let first = text.first, "=+-@".contains(first), Double(text) == nil { text = "'" + text }
        guard text.contains(where: { ",\"".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
