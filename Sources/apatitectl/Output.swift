import Foundation
import Ledger

/// How commands write: JSON for programs, tables for people, complaints to standard error.
enum Output {
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    static func error(_ text: String) {
        FileHandle.standardError.write(Data("\(printable(text))\n".utf8))
    }

    /// Columns as wide as their widest value; the last one as long as it likes.
    static func table(_ titles: [String], _ rows: [[String]]) {
        let all = [titles] + rows.map { $0.map(printable) }
        let widths = titles.indices.dropLast().map { column in all.map { $0[column].count }.max() ?? 0 }
        for row in all {
            let cells = row.enumerated().map { column, text in
                column < widths.count ? text.padding(toLength: widths[column], withPad: " ", startingAt: 0) : text
            }
            print(cells.joined(separator: "  ").trimmingSuffix(while: { $0 == " " }))
        }
    }

    static func fields(_ pairs: [(String, String)]) {
        let width = pairs.map(\.0.count).max() ?? 0
        for (name, value) in pairs {
            print(name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + printable(value))
        }
    }

    /// Texts that came by wire may hold control sequences for the terminal.
    static func printable(_ text: String) -> String {
        String(
            text.map {
                $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } || $0 == "\n" ? $0 : "?"
            })
    }

    /// A ledger time on the wall clock of this machine.
    static func time(_ text: String?) -> String {
        guard let text, let date = Timestamp.date(text) else { return "-" }
        let style = Date.VerbatimFormatStyle(
            format:
                "\(year: .defaultDigits)-\(month: .twoDigits)-\(day: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)",
            timeZone: .current, calendar: Calendar(identifier: .gregorian))
        return date.formatted(style)
    }
}

extension String {
    fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, isDropped(last) { text.removeLast() }
        return String(text)
    }
}
