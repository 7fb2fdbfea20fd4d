import DualEnergyCT
import Foundation
import Phantom

/// Analyses one randomised study and says what was found: a line of JSON, and `found.raw` (UInt16, `SegmentLabel`)
/// beside the study. `scripts/benchmarks/detection.py` compares it with the truth.
///
///     accuracy-tool detection STUDIES.json fit|report SEED FOLDER [make|repeat|changed|eroded]
///
/// `make` only makes the study; `repeat` and `changed` analyse a second examination of a hand against the first, `eroded`
/// the same hand with erosions of its bones.
enum DetectionRun {
    private struct Found: Encodable {
        var seed: UInt64
        var status: String
        var reasons: [String]
        var seconds: Double
        var urate: String?
        var massMg: Double?
        var deposits: [FoundDeposit]
        var exclusions: [String: Double]
        var otherMineral: [String: Double]
        var contradictsSide: Bool
        var boneFlags: [FoundFlag]
    }

    private struct FoundFlag: Encodable {
        var kind: String
        var state: String
        var digit: Int?
        var measured: Double?
        var limit: Double?
    }

    private struct FoundDeposit: Encodable {
        var number: Int
        var label: UInt16
        var material: String
        var volumeMm3: Double
        var massMg: Double
        var centreMm: [Double]
        var side: String?
        var digit: Int?
        var segment: String?
        var compartment: String?
        var touchesBone: Bool
        var change: FoundChange?
    }

    private struct FoundChange: Encodable {
        var outcome: String
        var priorNumbers: [Int]
        var massPercent: Double?
    }

    static func run(_ arguments: [String]) throws -> Bool {
        guard (4...5).contains(arguments.count), let list = try StudyList.read(arguments[0], name: arguments[1]),
            let seed = UInt64(arguments[2]), let draw = StudyDraw(seed: seed, list: list)
        else { return false }
        let cache = URL(fileURLWithPath: arguments[3])
        let folder = cache.appendingPathComponent("\(arguments[1])-\(seed)")
        if arguments.count == 5, arguments[4] == "eroded" {
            guard let eroded = draw.eroded() else { return false }
            let other = cache.appendingPathComponent("\(arguments[1])-\(seed)-eroded")
            return try report(try CachedStudy(eroded, folder: other), folder: other, options: AnalysisOptions())
        }
        let study = try CachedStudy(draw, folder: folder)
        guard arguments.count == 5 else { return try report(study, folder: folder, options: AnalysisOptions()) }
        guard arguments[4] != "make" else { return true }
        guard ["repeat", "changed"].contains(arguments[4]), let again = draw.again(changed: arguments[4] == "changed")
        else { return false }
        var options = AnalysisOptions()
        options.prior = PriorExamination(
            analyse(study.pair), region: study.pair.region, laterality: study.pair.laterality)
        let second = cache.appendingPathComponent("\(arguments[1])-\(seed)-\(arguments[4])")
        return try report(try CachedStudy(again, folder: second), folder: second, options: options)
    }

    private static func report(_ study: CachedStudy, folder: URL, options: AnalysisOptions) throws -> Bool {
        let start = Date()
        let findings = analyse(study.pair, options: options)
        let seconds = Date().timeIntervalSince(start)
        try CachedStudy.write(findings.labels.voxels, to: folder.appendingPathComponent("found.raw"))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let found = Found(
            seed: study.facts.seed, status: findings.trust.status.rawValue,
            reasons: findings.trust.reasons.map { "\($0.kind.rawValue) \($0.measured) \($0.limit) \($0.unit)" },
            seconds: seconds, urate: findings.urate?.verdict.rawValue,
            massMg: findings.totals?.hydroxyapatiteMassMg.value, deposits: findings.deposits.map(Self.found),
            exclusions: Dictionary(
                findings.exclusions.map { ($0.cause.rawValue, $0.volumeMm3) }, uniquingKeysWith: +),
            otherMineral: Dictionary(
                (findings.otherMineral ?? []).map { ($0.kind.rawValue, $0.volumeMm3) }, uniquingKeysWith: +),
            contradictsSide: findings.trust.reasons.contains { $0.kind == .side },
            boneFlags: (findings.boneFlags ?? []).map {
                FoundFlag(
                    kind: $0.kind.rawValue, state: $0.state.rawValue, digit: $0.digit?.rawValue, measured: $0.measured,
                    limit: $0.limit)
            })
        print(String(decoding: try encoder.encode(found), as: UTF8.self))
        return true
    }

    private static func found(_ deposit: Deposit) -> FoundDeposit {
        FoundDeposit(
            number: deposit.number, label: SegmentLabel.firstDeposit + UInt16(deposit.number) - 1,
            material: deposit.material.rawValue,
            volumeMm3: deposit.volumeMm3.value, massMg: deposit.hydroxyapatiteMassMg.value,
            centreMm: [deposit.centre.x, deposit.centre.y, deposit.centre.z], side: deposit.place?.side?.rawValue,
            digit: deposit.place?.digit?.rawValue, segment: deposit.place?.segment?.rawValue,
            compartment: deposit.place?.compartment?.rawValue, touchesBone: deposit.distanceToBoneMm == 0,
            change: deposit.change.map {
                FoundChange(
                    outcome: $0.outcome.rawValue, priorNumbers: $0.priorNumbers, massPercent: $0.massPercent?.value)
            })
    }
}
