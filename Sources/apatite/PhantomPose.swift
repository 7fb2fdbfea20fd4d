import ArgumentParser
import Phantom

/// Options of `apatite phantom` for motion between the energies and for a second examination.
struct PhantomPose: ParsableArguments {
    @Option(
        help: "Shift of the hand before the high energy, in mm: x,y,z.",
        transform: { try PhantomPose.numbers($0, separator: ",", count: 3) })
    var motion: [Double]?

    @Option(
        help: "A joint bent before the high energy: digit:joint:degrees. May be repeated.",
        transform: { try PhantomPose.numbers($0, separator: ":", count: 3) })
    var motionBend: [[Double]] = []

    @Option(help: "Number of the examination: later ones show the same hand with new noise.")
    var visit = 1

    @Option(
        help: "A joint bent at this examination: digit:joint:degrees. May be repeated.",
        transform: { try PhantomPose.numbers($0, separator: ":", count: 3) })
    var bend: [[Double]] = []

    @Option(
        help: "Shift of the hand at this examination, in mm: x,y,z.",
        transform: { try PhantomPose.numbers($0, separator: ",", count: 3) })
    var shift: [Double]?

    @Option(
        help: "A deposit that changed: number:factor of its volume, 0 when it is gone. May be repeated.",
        transform: { try PhantomPose.numbers($0, separator: ":", count: 2) })
    var change: [[Double]] = []

    @Option(help: "Number of deposits that the first examination did not have.")
    var newDeposits = 0

    func validate() throws {
        guard (1...100).contains(visit), (0...50).contains(newDeposits) else {
            throw ValidationError("--visit is 1 to 100, --new-deposits 0 to 50")
        }
    }

    var energyMotion: HandPose? {
        guard motion != nil || !motionBend.isEmpty else { return nil }
        return Self.pose(motion, motionBend)
    }

    var handVisit: HandVisit {
        HandVisit(
            number: visit, pose: Self.pose(shift, bend),
            growth: Dictionary(change.map { (Int($0[0]), $0[1]) }, uniquingKeysWith: { _, last in last }),
            newDeposits: newDeposits)
    }

    private static func pose(_ shift: [Double]?, _ bends: [[Double]]) -> HandPose {
        HandPose(
            shiftMm: shift.map { SIMD3($0[0], $0[1], $0[2]) } ?? .zero,
            bends: bends.map { HandPose.Bend(digit: Int($0[0]), joint: Int($0[1]), degrees: $0[2]) })
    }

    private static func numbers(_ text: String, separator: Character, count: Int) throws -> [Double] {
        let values = text.split(separator: separator).compactMap { Double($0) }
        guard values.count == count, values.allSatisfy({ abs($0) <= 1000 }) else {
            throw ValidationError("\"\(text)\" is not \(count) numbers with \"\(separator)\" between them")
        }
        return values
    }
}
