import DualEnergyCT
import Phantom

/// Mass of single deposits in fat, muscle, tendon and skin, beside bone and on it, through the meter that `analyse`
/// uses: `count` deposits in each place and size.
enum DepositMass: Experiment {
    static let name = "deposit-mass"
    static let standardCount = 25

    static func run(seed: UInt64, count: Int) -> [Row] {
        [("mass-3mm", 3...8 as ClosedRange<Float>), ("mass-2mm", 1.8...2.2)].map { name, diameters in
            var errors: [Double] = []
            var detail: [(name: String, value: Double)] = []
            var points: [(truth: Double, measured: Double, deviation: Double)] = []
            for place in DepositScene.Place.allCases {
                let outcomes = DepositOutcome.of(place, diameters, seed: seed, count: count)
                let own = outcomes.map { 100 * $0.relativeError }
                errors += own
                points += outcomes.map(\.point)
                detail.append(("bias in \(place.rawValue), %", Statistics.median(own)))
            }
            return Row(name: name, value: Statistics.median(errors.map(abs)), detail: detail, points: points)
        }
    }
}

/// Whether nominal 95 % intervals of mass hold the truth: deposits of 1.5 to 8 mm in every place, each with a scan and a
/// calibration error of its own.
enum DepositCoverage: Experiment {
    static let name = "deposit-coverage"
    static let standardCount = 120

    static func run(seed: UInt64, count: Int) -> [Row] {
        var outcomes: [DepositOutcome] = []
        var detail: [(name: String, value: Double)] = []
        for place in DepositScene.Place.allCases {
            let own = DepositOutcome.of(place, 1.5...8, seed: seed &+ 1_000_000, count: count)
            outcomes += own
            detail.append(("in \(place.rawValue), %", 100 * Double(own.count(where: \.isCovered)) / Double(own.count)))
        }
        let covered = 100 * Double(outcomes.count(where: \.isCovered)) / Double(outcomes.count)
        detail.append(("repeats", Double(outcomes.count)))
        // Not by width alone: errors over stated deviations have a deviation of one, and both are this large.
        let scores = outcomes.map(\.score)
        let squares = scores.reduce(0) { $0 + $1 * $1 } / Double(scores.count)
        let actual = Statistics.median(outcomes.map { abs($0.relativeError) }) / 0.6745
        detail.append(("median stated deviation, %", 100 * Statistics.median(outcomes.map(\.relativeDeviation))))
        detail.append(("deviation that the median error makes, %", 100 * actual))
        return [
            Row(name: "coverage-low", value: covered, detail: detail, points: outcomes.map(\.point)),
            Row(name: "coverage-high", value: covered),
            Row(name: "coverage-score", value: squares.squareRoot()),
        ]
            + Self.rows("volume", outcomes.map { ($0.diameterMm, $0.volume) })
            + Self.rows("density", outcomes.map { ($0.diameterMm, $0.density) })
    }

    /// Coverage from below and from above, with errors over stated deviations by size.
    private static func rows(_ name: String, _ list: [(diameterMm: Double, interval: IntervalOutcome)]) -> [Row] {
        let covered = 100 * Double(list.count(where: \.interval.isCovered)) / Double(list.count)
        var detail: [(name: String, value: Double)] = []
        for sizes in [1.5..<2.5, 2.5..<4, 4..<8.1, 1.5..<8.1] {
            let own = list.filter { sizes.contains($0.diameterMm) }.map(\.interval)
            guard !own.isEmpty else { continue }
            func add(_ what: String, _ value: Double) {
                detail.append(("\(sizes.lowerBound) to \(sizes.upperBound) mm: \(what)", value))
            }
            add("covered, %", 100 * Double(own.count(where: \.isCovered)) / Double(own.count))
            add("bias, %", 100 * Statistics.median(own.map(\.relativeError)))
            add("stated deviation, %", 100 * Statistics.median(own.map(\.relativeDeviation)))
            let squares = own.reduce(0) { $0 + $1.relativeError * $1.relativeError } / Double(own.count)
            add("error, %", 100 * squares.squareRoot())
            let scores = own.map { $0.relativeError / $0.relativeDeviation }
            add("deviation of scores", (scores.reduce(0) { $0 + $1 * $1 } / Double(own.count)).squareRoot())
        }
        return [
            Row(name: "coverage-\(name)-low", value: covered, detail: detail),
            Row(name: "coverage-\(name)-high", value: covered),
        ]
    }
}

/// A value with its interval against the truth.
struct IntervalOutcome {
    let relativeError: Double
    let relativeDeviation: Double
    let isCovered: Bool

    init(_ estimate: Estimate, truth: Double) {
        relativeError = estimate.value / truth - 1
        relativeDeviation = (estimate.high - estimate.value) / 1.96 / truth
        isCovered = estimate.low <= truth && truth <= estimate.high
    }
}

/// The same deposit scanned again: new noise, moved by parts of a voxel.
enum DepositRepeat: Experiment {
    static let name = "deposit-repeat"
    static let standardCount = 8
    private static let scans = 8

    static func run(seed: UInt64, count: Int) -> [Row] {
        var variations: [Double] = []
        for place in DepositScene.Place.allCases {
            for n in 0..<count {
                let options = DepositDraw.draw(place, diameterMm: 3...8, seed: (seed &+ 2_000_000) &* 1000 &+ UInt64(n))
                var numbers = SeededNumbers(seed: options.seed)
                let masses = (0..<scans).map { scan in
                    var again = options
                    again.noiseSeed = options.noiseSeed &+ 7919 &* UInt64(scan + 1)
                    again.shift = SIMD3(numbers.real(-0.5...0.5), numbers.real(-0.5...0.5), numbers.real(-0.5...0.5))
                    return DepositScene(again).measure().massMg.value
                }
                variations.append(100 * Statistics.variation(masses))
            }
        }
        let squares = variations.reduce(0) { $0 + $1 * $1 } / Double(variations.count)
        return [
            Row(
                name: "repeat-cv", value: Statistics.median(variations),
                detail: [("root mean square, %", squares.squareRoot()), ("deposits", Double(variations.count))])
        ]
    }
}

/// One deposit measured, with its truth.
struct DepositOutcome {
    let relativeError: Double
    let relativeDeviation: Double
    let isCovered: Bool
    /// Masses in mg.
    let point: (truth: Double, measured: Double, deviation: Double)
    let diameterMm: Double
    let volume: IntervalOutcome
    let density: IntervalOutcome
    var score: Double { relativeError / relativeDeviation }

    init(_ scene: DepositScene) {
        let measured = scene.measure()
        let mass = measured.massMg
        relativeError = mass.value / scene.truthMg - 1
        relativeDeviation = measured.massDeviationMg / scene.truthMg
        point = (Double(scene.truthMg), mass.value, measured.massDeviationMg)
        isCovered = mass.low <= scene.truthMg && scene.truthMg <= mass.high
        diameterMm = scene.options.diameterMm
        volume = IntervalOutcome(measured.volumeMm3, truth: scene.truthMm3)
        density = IntervalOutcome(measured.meanDensityMgPerCm3, truth: scene.options.mgPerCm3)
    }

    static func of(
        _ place: DepositScene.Place, _ diameters: ClosedRange<Float>, seed: UInt64, count: Int
    ) -> [DepositOutcome] {
        (0..<count).map { n in
            let options = DepositDraw.draw(place, diameterMm: diameters, seed: seed &* 10_000 &+ UInt64(n))
            return DepositOutcome(DepositScene(DepositDraw.withCalibrationError(options)))
        }
    }
}

enum Statistics {
    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let upper = sorted[sorted.count / 2]
        return sorted.count % 2 == 1 ? upper : (sorted[sorted.count / 2 - 1] + upper) / 2
    }

    /// Standard deviation over the mean.
    static func variation(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
        return squares.squareRoot() / mean
    }
}
