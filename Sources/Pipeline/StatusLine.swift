public import Foundation
public import Ledger

/// Where the service stands, in one line for people: what `systemctl status` shows.
public enum StatusLine {
    /// - Parameter timeZone: of the clock on the wall.
    public static func text(_ status: LedgerStatus, timeZone: TimeZone = .current) -> String {
        func count(_ states: StudyState...) -> Int { states.reduce(0) { $0 + (status.studies[$1.rawValue] ?? 0) } }
        var parts = [
            "receiving \(plural(status.openAssociations, "association"))",
            "\(plural(count(.receiving, .queued, .incomplete), "study", "studies")) waiting, \(count(.analysing)) analysing",
        ]
        if status.deliveries.waiting > 0 {
            parts.append("\(plural(status.deliveries.waiting, "delivery", "deliveries")) waiting")
        }
        if status.deliveries.refused > 0 { parts.append("\(status.deliveries.refused) refused") }
        if count(.setAside) > 0 { parts.append("\(count(.setAside)) set aside") }
        if let last = status.lastReportAt.flatMap(Timestamp.date) {
            var style = Date.FormatStyle(locale: Locale(identifier: "en_GB"), timeZone: timeZone)
            style = style.hour(.twoDigits(amPM: .omitted)).minute(.twoDigits)
            parts.append("last report \(last.formatted(style))")
        }
        return parts.joined(separator: "; ")
    }

    private static func plural(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        "\(count) \(count == 1 ? one : many ?? one + "s")"
    }
}
