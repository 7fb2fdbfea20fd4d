package import DualEnergyCT

/// Numbers as the report prints them: a fixed number of decimals, no exponent, no locale of the machine.
package struct NumberText: Sendable {
    /// `.` or `,`.
    let decimalSeparator: Character

    /// Decimal point for coded values (PS3.5 section 6.2, DS).
    package static let decimalString = NumberText(decimalSeparator: ".")

    init(decimalSeparator: Character) {
        self.decimalSeparator = decimalSeparator
    }

    init(language: ReportLanguage) {
        self.init(decimalSeparator: language == .french ? "," : ".")
    }

    /// `value` rounded half away from zero to `decimals` (0 to 6) places; `nil` when it is no number that a Decimal
    /// String can hold.
    package func fixed(_ value: Double, decimals: Int) -> String? {
        guard value.isFinite, value.magnitude < 1e9 else { return nil }
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((value * Double(scale)).rounded(.toNearestOrAwayFromZero))
        let sign = scaled < 0 ? "-" : ""
        let whole = "\(scaled.magnitude / UInt(scale))"
        guard decimals > 0 else { return sign + whole }
        let fraction = "\(scaled.magnitude % UInt(scale))"
        let padding = String(repeating: "0", count: decimals - fraction.count)
        return "\(sign)\(whole)\(decimalSeparator)\(padding)\(fraction)"
    }

    /// The same for a sentence: a number that cannot be printed is a dash.
    func text(_ value: Double, decimals: Int) -> String {
        fixed(value, decimals: decimals) ?? "–"
    }

    /// A value with one or two significant digits, for limits and distances.
    func short(_ value: Double) -> String {
        text(value, decimals: value.magnitude >= 9.95 ? 0 : 1)
    }

    /// `value unit (low-high)` with no more digits than the interval supports.
    func interval(_ estimate: Estimate, unit: String = "", maximumDecimals: Int = 1) -> String {
        let decimals = min(maximumDecimals, Self.supportedDecimals(of: estimate))
        let value = text(estimate.value, decimals: decimals)
        let head = unit.isEmpty ? value : "\(value) \(unit)"
        return "\(head) (\(text(estimate.low, decimals: decimals))-\(text(estimate.high, decimals: decimals)))"
    }

    /// Decimals at which half the interval still has one significant digit or two.
    package static func supportedDecimals(of estimate: Estimate) -> Int {
        let half = (estimate.high - estimate.low) / 2
        guard half.isFinite else { return 0 }
        return half >= 2 ? 0 : half >= 0.2 ? 1 : 2
    }
}
