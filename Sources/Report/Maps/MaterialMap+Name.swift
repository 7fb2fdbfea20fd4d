public import DualEnergyCT

extension MaterialMap {
    /// What a person may ask for, in the order in which series are written; energies of VMI are free.
    ///
    /// Each has a standard deviation, by its name with `-sd`.
    public static let names = [
        "ha", "ha-free", "urate", "vnc", "fat", "water", "electron-density", "effective-z", "vmi:70",
    ]

    /// Energies in keV for which a monoenergetic image makes sense.
    public static let monoenergeticRange = 35.0...200.0

    /// The map that a word names: `ha`, `ha-free`, `vnc`, `fat`, `water`, `urate`, `electron-density`, `effective-z`, or
    /// `vmi:` with an energy in keV; with `-sd` its standard deviation. Nil for any other word.
    public init?(name: String) {
        if name.hasSuffix("-sd") {
            guard let quantity = MaterialMap(name: String(name.dropLast(3))), quantity == quantity.quantity else {
                return nil
            }
            self = .deviation(of: quantity)
            return
        }
        switch name {
        case "ha": self = .hydroxyapatite
        case "ha-free": self = .freeHydroxyapatite
        case "urate": self = .urate
        case "vnc": self = .virtualNonCalcium
        case "fat": self = .fatFraction
        case "water": self = .waterFraction
        case "electron-density": self = .electronDensity
        case "effective-z": self = .effectiveAtomicNumber
        default:
            guard name.hasPrefix("vmi:"), let energy = Double(name.dropFirst(4)),
                Self.monoenergeticRange.contains(energy)
            else { return nil }
            self = .monoenergetic(keV: energy)
        }
    }

    /// The word that names the map.
    public var name: String {
        switch self {
        case .hydroxyapatite: "ha"
        case .freeHydroxyapatite: "ha-free"
        case .deviation(let quantity): quantity.quantity.name + "-sd"
        case .urate: "urate"
        case .virtualNonCalcium: "vnc"
        case .fatFraction: "fat"
        case .waterFraction: "water"
        case .electronDensity: "electron-density"
        case .effectiveAtomicNumber: "effective-z"
        case .monoenergetic(let energy): "vmi:\(Self.brief(energy))"
        }
    }

    /// Name of the map's folder within the results.
    public var folderName: String { String(name.map { $0 == ":" ? "-" : $0 }) }

    static func brief(_ energy: Double) -> String {
        NumberText.decimalString.text(energy, decimals: energy == energy.rounded() ? 0 : 1)
    }
}
