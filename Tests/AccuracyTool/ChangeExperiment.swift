import DualEnergyCT
import Foundation
import Phantom

/// Two examinations of one hand: held otherwise, with new noise, some deposits grown, shrunk, gone or new.
struct ChangeExperiment: Experiment {
    static let name = "change"
    static let standardCount = 12

    static func run(seed: UInt64, count: Int) -> [Row] {
        var tally = Tally()
        for n in 0..<UInt64(count) {
            var numbers = SeededNumbers(seed: seed &* 1000 &+ n)
            let hand = seed &* 1000 &+ n
            let bends = (2...5).flatMap { digit in
                (1...2).map {
                    HandPose.Bend(digit: digit, joint: $0, degrees: numbers.uniform(-4...22))
                }
            }
            let pose = HandPose(
                shiftMm: SIMD3(numbers.uniform(-12...12), numbers.uniform(-8...8), numbers.uniform(-6...3)),
                bends: bends)
            var growth: [Int: Double] = [:]
            for number in 1...12 {
                switch numbers.uniform(0...1) {
                case ..<0.15: growth[number] = numbers.uniform(1.4...2)
                case ..<0.3: growth[number] = numbers.uniform(0.4...0.65)
                case ..<0.37: growth[number] = 0
                default: break
                }
            }
            let first = examine(HandPhantom(scan: scan, seed: hand), prior: nil)
            let changed = HandVisit(number: 2, pose: pose, growth: growth, newDeposits: 2)
            tally.add(first, examine(HandPhantom(scan: scan, seed: hand, visit: changed), prior: first.findings))
            let again = HandVisit(number: 3, pose: pose)
            tally.addRepeat(first, examine(HandPhantom(scan: scan, seed: hand, visit: again), prior: first.findings))
        }
        return tally.rows
    }

    private static var scan: ScanParameters {
        var scan = ScanParameters()
        (scan.columns, scan.rows) = (320, 230)
        scan.pixelSpacingMm = 0.5
        scan.slices = 230
        scan.sliceSpacingMm = 0.8
        scan.sliceThicknessMm = 1
        return scan
    }

    fileprivate struct Examination {
        var findings: Findings
        var truth: PhantomTruth
    }

    private static func examine(_ phantom: HandPhantom, prior: Findings?) -> Examination {
        let spectra = SpectrumPair(low: .kv80, high: .tin150)
        let images = phantom.simulate(mode: .quick, pair: spectra)
        var options = AnalysisOptions()
        options.prior = prior.map { PriorExamination($0, region: .hand, laterality: .right) }
        let pair = DualEnergyPair(
            low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
            highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: phantom.scan.sliceThicknessMm,
            region: .hand, laterality: .right)
        return Examination(
            findings: analyse(pair, options: options), truth: phantom.truth(mode: .quick, pair: spectra))
    }

    /// What is right and wrong over all pairs.
    private struct Tally {
        private var pairs = 0
        private var compared = 0
        private var residuals: [Double] = []
        private var seenTwice = 0
        private var matched = 0
        private var wronglyMatched = 0
        private var calls = 0
        private var rightCalls = 0
        private var errors: [Double] = []
        private var news = (right: 0, all: 0)
        private var gone = (right: 0, all: 0)
        private var falseNews = 0
        private var falseGone = 0
        private var repeats: [Double] = []
        private var repeatCalls = (stable: 0, all: 0)

        /// The deposit that lies where the truth says; the heaviest within 2.5 mm.
        private func deposit(_ truth: PhantomTruth.Deposit, _ findings: Findings) -> Deposit? {
            let centre = PatientVector(truth.centreMm[0], truth.centreMm[1], truth.centreMm[2])
            return findings.deposits.filter { ($0.centre - centre).length < 2.5 }
                .max { $0.hydroxyapatiteMassMg.value < $1.hydroxyapatiteMassMg.value }
        }

        mutating func add(_ first: Examination, _ second: Examination) {
            pairs += 1
            guard let comparison = second.findings.comparison, comparison.obstacle == nil else { return }
            compared += 1
            residuals.append(comparison.registrationResidualMm ?? .nan)
            let earlier = Dictionary(uniqueKeysWithValues: first.truth.deposits.map { ($0.number, $0) })
            var known: Set<Int> = []
            for truth in second.truth.deposits {
                guard let now = deposit(truth, second.findings), let change = now.change else { continue }
                known.insert(now.number)
                guard let before = earlier[truth.number] else {
                    news.all += 1
                    if change.outcome == .new { news.right += 1 }
                    continue
                }
                guard let then = deposit(before, first.findings) else { continue }
                seenTwice += 1
                if change.priorNumbers.contains(then.number) { matched += 1 } else { wronglyMatched += 1 }
                guard change.priorNumbers.contains(then.number), let percent = change.massPercent else { continue }
                let expected = 100 * (truth.hydroxyapatiteMassMg / before.hydroxyapatiteMassMg - 1)
                errors.append(abs(percent.value - expected))
                calls += 1
                let right: DepositChange.Outcome =
                    abs(expected) < 10 ? .stable : expected > 0 ? .increased : .decreased
                if change.outcome == right { rightCalls += 1 }
            }
            falseNews += second.findings.deposits.count { $0.change?.outcome == .new && !known.contains($0.number) }
            let present = Set(second.truth.deposits.map(\.number))
            var resolved = Set(comparison.resolved.map(\.priorNumber))
            for truth in first.truth.deposits where !present.contains(truth.number) {
                guard let then = deposit(truth, first.findings) else { continue }
                gone.all += 1
                if resolved.remove(then.number) != nil { gone.right += 1 }
            }
            falseGone += resolved.count
        }

        mutating func addRepeat(_ first: Examination, _ second: Examination) {
            guard let then = first.findings.totals?.hydroxyapatiteMassMg.value,
                let now = second.findings.totals?.hydroxyapatiteMassMg.value, then > 0, now > 0
            else { return }
            repeats.append(log(now / then))
            for deposit in second.findings.deposits {
                repeatCalls.all += 1
                if deposit.change?.outcome == .stable { repeatCalls.stable += 1 }
            }
        }

        private func percent(_ part: Int, _ all: Int) -> Double { all > 0 ? 100 * Double(part) / Double(all) : .nan }
        private func median(_ values: [Double]) -> Double {
            values.isEmpty ? .nan : values.sorted()[values.count / 2]
        }

        var rows: [Row] {
            let squares = repeats.reduce(0) { $0 + $1 * $1 / 2 }
            return [
                Row(
                    name: "change-compared", value: percent(compared, pairs),
                    detail: [("pairs", Double(pairs)), ("median residual of bone in mm", median(residuals))]),
                Row(
                    name: "change-matched", value: percent(matched, seenTwice),
                    detail: [("seen twice", Double(seenTwice)), ("wrong", Double(wronglyMatched))]),
                Row(
                    name: "change-calls", value: percent(rightCalls, calls),
                    detail: [("calls", Double(calls))]),
                Row(name: "change-error", value: median(errors)),
                Row(
                    name: "change-new", value: percent(news.right, news.all),
                    detail: [("new", Double(news.all)), ("called new and not", Double(falseNews))]),
                Row(
                    name: "change-resolved", value: percent(gone.right, gone.all),
                    detail: [("resolved", Double(gone.all)), ("called resolved and not", Double(falseGone))]),
                Row(
                    name: "change-repeat-cv",
                    value: repeats.isEmpty ? .nan : 100 * (squares / Double(repeats.count)).squareRoot(),
                    detail: [("pairs", Double(repeats.count))]),
                Row(
                    name: "change-repeat-stable", value: percent(repeatCalls.stable, repeatCalls.all),
                    detail: [("deposits", Double(repeatCalls.all))]),
            ]
        }
    }
}
