package import DualEnergyCT

/// The names of the deposits in the picture, the report and the segmentation: `R-D2-1` is the largest deposit of the
/// right index finger, `R-M3-1` of the third ray's metacarpal part, `R-CT-1` of the right carpal tunnel, `R-1` one of
/// the right side and no more; `#1` where not even the side is known. A lesion keeps the name that an earlier report
/// gave it, and no other gets it.
package struct DepositNames: Sendable, Equatable {
    private let names: [Int: String]

    /// - Parameters:
    ///   - deposits: all of the study; numbered within their part in the order of their numbers.
    ///   - former: those of the prior examination that the study does not list.
    package init(_ deposits: [Deposit], former: [ResolvedDeposit] = [], in place: Place) {
        let known = deposits.compactMap { deposit in deposit.priorName.map { (deposit.number, $0) } }
        var names = Dictionary(uniqueKeysWithValues: known)
        var taken = Set(known.map(\.1) + former.compactMap(\.priorName))
        var counts: [String: Int] = [:]
        for deposit in deposits.sorted(by: { $0.number < $1.number }) where deposit.priorName == nil {
            let part = Self.part(of: deposit.place, in: place)
            var name: String
            repeat {
                counts[part, default: 0] += 1
                name = (part.isEmpty ? "#" : "\(part)-") + "\(counts[part] ?? 0)"
            } while taken.contains(name)
            taken.insert(name)
            names[deposit.number] = name
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
