import DualEnergyCT
import Foundation

/// The constancy checks of a calibration, one line each, as a table that a spreadsheet opens.
struct ConstancyRecord {
    struct Check: Equatable {
        var studyDate: String
        /// The first digits of digests: of the images, and of the calibration that they were compared with.
        var study: String
        var calibration: String
        var change: SlopeChange
    }

    private static let header =
        "studyDate,study,calibration,lowChangePercent,highChangePercent,lowUncertaintyPercent,highUncertaintyPercent"
    private(set) var checks: [Check] = []

    /// An absent file is an empty record.
    static func read(path: String) throws(CalibrationFailure) -> ConstancyRecord {
        var record = ConstancyRecord()
        guard FileManager.default.fileExists(atPath: path) else { return record }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CalibrationFailure("The trend \(path) cannot be read.", "Check its permissions.")
        }
        let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        let mend = "Mend the line, or move the file away to begin a new trend."
        guard lines.first == header else {
            throw CalibrationFailure("The trend \(path) does not begin with the line of its columns.", mend)
        }
        for (number, line) in lines.enumerated().dropFirst() {
            guard let check = Check(line) else {
                throw CalibrationFailure("Line \(number + 1) of the trend \(path) is not a check.", mend)
            }
            record.checks.append(check)
        }
        return record
    }

    mutating func add(_ check: Check) {
        checks.removeAll { $0.study == check.study && $0.calibration == check.calibration }
        checks.append(check)
        checks.sort { ($0.studyDate, $0.study) < ($1.studyDate, $1.study) }
    }

    /// The checks of one calibration by their days from it: those of an earlier one say nothing of this.
    func checks(of file: CalibrationFile) -> [(day: Double, change: SlopeChange)] {
        guard let made = CalendarDay(file.studyDate) else { return [] }
        return checks.filter { file.digest.hasPrefix($0.calibration) }.compactMap { check in
            CalendarDay(check.studyDate).map { (Double($0.number - made.number), check.change) }
        }
    }

    func write(path: String) throws(CalibrationFailure) {
        let text = ([Self.header] + checks.map(\.line)).joined(separator: "\n") + "\n"
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CalibrationFailure(
                "The trend \(path) cannot be written.", "Check the folder's permissions and space.")
        }
    }
}

extension ConstancyRecord.Check {
    init?(_ line: String) {
        let parts = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 7, CalendarDay(parts[0]) != nil else { return nil }
        let numbers = parts[3...].compactMap(Double.init).filter(\.isFinite)
        guard numbers.count == 4 else { return nil }
        self.init(
            studyDate: parts[0], study: parts[1], calibration: parts[2],
            change: SlopeChange(
                low: numbers[0] / 100, high: numbers[1] / 100, lowUncertainty: numbers[2] / 100,
                highUncertainty: numbers[3] / 100))
    }

    var line: String {
        let numbers = [change.low, change.high, change.lowUncertainty, change.highUncertainty]
        return ([studyDate, study, calibration] + numbers.map { "\(($0 * 100_000).rounded() / 1000)" })
            .joined(separator: ",")
    }
}
