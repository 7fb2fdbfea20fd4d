import Foundation

/// One experiment: scans are simulated, measured by the core, and compared with the truth.
protocol Experiment {
    /// As it is named on the command line.
    static var name: String { get }
    /// Scans or repeats of the published table.
    static var standardCount: Int { get }
    /// Deterministic for a seed.
    static func run(seed: UInt64, count: Int) -> [Row]
}

/// One measured quantity. `name` is the key that the table knows; detail holds numbers for whoever asks why, points the
/// single measurements for whoever wants to plot them.
struct Row {
    var name: String
    var value: Double
    var detail: [(name: String, value: Double)] = []
    /// Truth, measured value and its stated standard deviation, in one unit.
    var points: [(truth: Double, measured: Double, deviation: Double)] = []

    /// `{"name": ..., "value": ..., "detail": {...}, "points": [[truth, measured, deviation], ...]}`; what is not finite
    /// is null.
    var json: String {
        let inner = detail.map { "\(Self.quoted($0.name)): \(Self.number($0.value))" }.joined(separator: ", ")
        let list = points.map {
            "[\(Self.number($0.truth)), \(Self.number($0.measured)), \(Self.number($0.deviation))]"
        }
        return "{\"name\": \(Self.quoted(name)), \"value\": \(Self.number(value)), \"detail\": {\(inner)}, "
            + "\"points\": [\(list.joined(separator: ", "))]}"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    private static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }
}

/// Numbers from a seed, the same on every machine.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0xD1B5_4A32_D192_ED03 }

    /// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014 (SplitMix64).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func uniform(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &self) }

    /// Normal, mean 0 and deviation 1 (Box and Muller).
    mutating func normal() -> Double {
        (-2 * log(1 - uniform(0...0.999_999_999))).squareRoot() * cos(2 * .pi * uniform(0...1))
    }
}

/// Writes a line to standard error.
func complain(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}
