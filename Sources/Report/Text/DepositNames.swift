package import DualEnergyCT

/// The names of the deposits in the picture, the report and the segmentation: `R-D2-1` is the largest deposit of the
/// right index finger, `R-M3-1` of the third ray's metacarpal part, `R-CT-1` of the right carpal tunnel, `R-1` one of
/// the right side and no more; `#1` where not even the side is known.
package struct DepositNames: Sendable, Equatable {
    private let names: [Int: String]

    /// - Parameter deposits: all of the study; numbered within their part in the order of their numbers.
    package init(_ deposits: [Deposit], in place: Place) {
        var counts: [String: Int] = [:]
        var names: [Int: String] = [:]
        for deposit in deposits.sorted(by: { $0.number < $1.number }) {
            let part = Self.part(of: deposit.place, in: place)
            let count = counts[part, default: 0] + 1
            counts[part] = count
            names[deposit.number] = part.isEmpty ? "#\(count)" : "\(part)-\(count)"
        }
        self.names = names
    }

    package subscript(number: Int) -> String { names[number] ?? "#\(number)" }

    private static func part(of place: DepositPlace?, in examination: Place) -> String {
        let side = place?.side.map(\.letter) ?? examination.sideLetter
        return [side, place.flatMap(\.shortRegion)].compactMap { $0 }.joined(separator: "-")
    }
}

extension BodySide {
    /// `R` or `L`.
    package var letter: String { self == .right ? "R" : "L" }
}

extension DepositPlace {
    /// `D2`, `M2`, `CT`; nil where neither a digit nor the carpal tunnel is known.
    fileprivate var shortRegion: String? {
        if let digit { return (segment == .metacarpal ? "M" : "D") + "\(digit.rawValue)" }
        return compartment == .carpalTunnel ? "CT" : nil
    }
}
