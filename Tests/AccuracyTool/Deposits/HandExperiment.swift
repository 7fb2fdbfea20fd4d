import DualEnergyCT
import Phantom

/// Deposits of whole simulated hands through `analyse`: segmentation, calibration by the patient's bone and all.
///
/// What the analysis takes for the filtration is drawn; the phantom has its own.
enum HandMass: Experiment {
    static let name = "hand-mass"
    static let standardCount = 6

    static func run(seed: UInt64, count: Int) -> [Row] {
        var outcomes: [HandOutcome] = []
        for n in 0..<count { outcomes += HandOutcome.ofHand(seed: seed &* 1000 &+ UInt64(n)) }
        let found = outcomes.filter(\.isWhole)
        func errors(_ diameters: Range<Double>) -> [Double] {
            found.filter { diameters.contains($0.diameterMm) }.map { 100 * abs($0.relativeError) }
        }
        let scores = found.map(\.score)
        let squares = scores.reduce(0) { $0 + $1 * $1 } / Double(max(scores.count, 1))
        let covered = 100 * Double(found.count { abs($0.score) <= 1.96 }) / Double(max(found.count, 1))
        return [
            Row(
                name: "mass-hand-3mm", value: Statistics.median(errors(3..<100)),
                detail: [
                    ("deposits", Double(found.count)),
                    ("found in parts or merged", Double(outcomes.count - found.count)),
                    ("bias, %", Statistics.median(found.map { 100 * $0.relativeError })),
                    ("covered, %", covered), ("deviation of scores", squares.squareRoot()),
                ]),
            Row(name: "mass-hand-2mm", value: Statistics.median(errors(1.6..<2.6))),
        ]
    }
}

/// One true deposit of a hand with what was found of it.
struct HandOutcome {
    let truth: PhantomTruth.Deposit
    let measured: Deposit?
    /// Found as one deposit that is no other's, wholly inside the scan.
    let isWhole: Bool

    var diameterMm: Double { truth.equivalentDiameterMm }
    var relativeError: Double {
        guard let measured else { return -1 }
        return measured.hydroxyapatiteMassMg.value / truth.hydroxyapatiteMassMg - 1
    }
    var score: Double {
        guard let mass = measured?.hydroxyapatiteMassMg else { return .nan }
        return (mass.value - truth.hydroxyapatiteMassMg) / max((mass.high - mass.value) / 1.96, 1e-9)
    }

    static func ofHand(seed: UInt64, mode: SimulationMode = .quick) -> [HandOutcome] {
        var numbers = SeededNumbers(seed: seed)
        var scan = ScanParameters()
        scan.columns = 320
        scan.rows = 320
        scan.pixelSpacingMm = numbers.uniform(0.36...0.46)
        scan.slices = 150
        scan.noiseLowHU = numbers.uniform(8...16)
        scan.noiseHighHU = numbers.uniform(8...14)
        // Fingers to the knuckles: behind what rays pass in fingers.
        scan.quickWaterCm = 2
        let pair = SpectrumPair(low: .kv80, high: .tin150)
        let phantom = HandPhantom(scan: scan, seed: seed)
        let images = phantom.simulate(mode: mode, pair: pair)
        var options = AnalysisOptions()
        options.filtration = Filtration(
            aluminiumMm: numbers.uniform(3...6), titaniumMm: numbers.uniform(0.3...0.9), anodeAngleDegrees: 8)
        let findings = analyse(
            DualEnergyPair(
                low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
                highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: scan.sliceThicknessMm, region: .hand,
                laterality: .unknown), options: options)
        let truth = phantom.truth(mode: mode, pair: pair).deposits.filter { $0.hydroxyapatiteMassMg > 0 }
        let nearest = findings.deposits.map { deposit in
            truth.indices.min { distance(truth[$0], deposit) < distance(truth[$1], deposit) }
        }
        return truth.indices.filter { truth[$0].scannedFraction > 0.999 }.map { n in
            let own = findings.deposits.indices.filter {
                nearest[$0] == n && distance(truth[n], findings.deposits[$0]) < truth[n].equivalentDiameterMm
            }
            return HandOutcome(
                truth: truth[n], measured: own.first.map { findings.deposits[$0] }, isWhole: own.count == 1)
        }
    }

    private static func distance(_ truth: PhantomTruth.Deposit, _ deposit: Deposit) -> Double {
        let centre = truth.centreMm
        return (deposit.centre - PatientVector(centre[0], centre[1], centre[2])).length
    }
}
