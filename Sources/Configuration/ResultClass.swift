/// What a destination can be sent or spared, class by class: `results = ["sr", "seg", "picture", "maps:ha"]`.
public enum ResultClass: Hashable, Sendable, CustomStringConvertible {
    /// The structured report.
    case report
    /// The segmentation.
    case segmentation
    /// The colour pictures that every viewer shows.
    case picture
    /// Every material map that is made.
    case maps
    /// The material map of one kind.
    case map(String)

    /// Kinds of material maps but for the monoenergetic ones, `vmi:70` with the energy in keV. Each has a standard
    /// deviation, by its name with `-sd`.
    public static let mapKinds = ["ha", "ha-free", "urate", "vnc", "fat", "water", "electron-density", "effective-z"]

    /// - Returns: nil for what is no class.
    public init?(_ text: String) {
        switch text {
        case "sr": self = .report
        case "seg": self = .segmentation
        case "picture": self = .picture
        case "maps": self = .maps
        default:
            guard text.hasPrefix("maps:") else { return nil }
            let kind = String(text.dropFirst(5))
            guard Self.isMapKind(kind) else { return nil }
            self = .map(kind)
        }
    }

    public var description: String {
        switch self {
        case .report: "sr"
        case .segmentation: "seg"
        case .picture: "picture"
        case .maps: "maps"
        case .map(let kind): "maps:\(kind)"
        }
    }

    /// Whether a result belongs to the class; `kind` is the analysis's word for it: "sr", "summary", "maps:ha" ...
    public func contains(kind: String) -> Bool {
        switch self {
        case .report: kind == "sr"
        case .segmentation: kind == "seg"
        case .maps: kind.hasPrefix("maps:")
        case .map(let map): kind == "maps:\(map)"
        case .picture: kind != "sr" && kind != "seg" && !kind.hasPrefix("maps:")
        }
    }

    private static func isMapKind(_ kind: String) -> Bool {
        if kind.hasSuffix("-sd"), !kind.hasSuffix("-sd-sd") { return isMapKind(String(kind.dropLast(3))) }
        if mapKinds.contains(kind) { return true }
        guard kind.hasPrefix("vmi:"), let energy = Double(kind.dropFirst(4)) else { return false }
        return (35...200).contains(energy)
    }
}
