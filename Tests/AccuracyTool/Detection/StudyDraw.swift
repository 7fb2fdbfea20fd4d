import DualEnergyCT
import Foundation
import Phantom

/// One randomised study: what is scanned and how, all drawn from its seed.
struct StudyDraw {
    enum Body {
        case hand(HandParameters, HandVisit)
        case region(RegionParameters)
    }

    let seed: UInt64
    var body: Body
    var scan = ScanParameters()
    var pair: SpectrumPair
    let isHealthy: Bool

    /// - Returns: nil for a seed that is not in the list.
    init?(seed: UInt64, list: StudyList) {
        self.seed = seed
        let g = list.generator
        var numbers = SeededNumbers(seed: seed)
        func draw(_ range: [Double]) -> Double { numbers.uniform(range[0]...range[1]) }
        guard var pair = SpectrumPair(g.pairs[Int(numbers.next() % UInt64(g.pairs.count))]) else { return nil }
        pair.filtration = TubeFiltration(aluminiumMm: draw(g.aluminiumMm), titaniumMm: draw(g.titaniumMm))
        self.pair = pair
        scan.noiseLowHU = draw(g.noiseHU)
        scan.noiseHighHU = scan.noiseLowHU * numbers.uniform(0.7...1.1)
        scan.pixelSpacingMm = (draw(g.pixelMm) * 1000).rounded() / 1000
        scan.sliceThicknessMm = (draw(g.sliceThicknessMm) * 100).rounded() / 100
        scan.sliceSpacingMm = (max(0.6, draw(g.sliceOverlap) * scan.sliceThicknessMm) * 100).rounded() / 100
        scan.kernelCutoffPerCm = draw(g.kernelCutoffPerCm)

        var mix = DepositMix()
        mix.mgPerCm3 = 80...1000
        mix.faintShare = 1.0 / 3
        mix.sizeFactor = Float(draw(g.sizeFactor))
        let count = Int(draw(g.deposits))
        let isDemineralised = numbers.uniform(0...1) < g.demineralisedShare
        let hasUrate = numbers.uniform(0...1) < g.urateShare
        let side = numbers.uniform(0...1) < 0.5 ? HandParameters.Side.right : .left
        if list.hands.contains(seed) {
            isHealthy = numbers.uniform(0...1) < g.healthyShare
            // Half in fat, half on bone or tendon.
            mix.sites = [
                .fingertipFatPad, .periarticular, .subcutaneous, .tendonSheath, .fingertipFatPad, .periarticular,
                .fingertipFatPad, .carpalTunnel, .subcutaneous, .periarticular, .fingertipFatPad, .tendonSheath,
                .fingertipFatPad, .besideMuscle,
            ]
            var hand = HandParameters()
            hand.side = side
            hand.mix = mix
            hand.depositCount = count
            hand.hasCalcinosis = !isHealthy
            hand.hasUrate = hasUrate && !isHealthy
            hand.demineralised = isDemineralised
            hand.acroOsteolysis = isHealthy ? 0 : Float(draw(g.acroOsteolysis))
            var visit = HandVisit()
            visit.pose.bends = (2...5).flatMap { digit in
                (1...3).map { HandPose.Bend(digit: digit, joint: $0, degrees: draw(g.bendDegrees)) }
            }
            scan.columns = Int(170 / scan.pixelSpacingMm)
            scan.rows = Int(150 / scan.pixelSpacingMm)
            scan.slices = Int(200 / scan.sliceSpacingMm)
            body = .hand(hand, visit)
        } else if let place = list.others.firstIndex(of: seed) {
            isHealthy = false
            var region = RegionParameters(PhantomRegion.allCases[place % PhantomRegion.allCases.count])
            mix.sites = [.subcutaneous, .periarticular, .subcutaneous, .tendonSheath, .subcutaneous, .periarticular]
            region.mix = mix
            region.side = side
            region.depositCount = count
            region.hasUrate = hasUrate
            region.demineralised = isDemineralised
            region.vascularShare = Float(draw(g.vascularShare))
            region.hasMetal = numbers.uniform(0...1) < g.metalShare
            region.hasPadding = numbers.uniform(0...1) < 0.5
            // A trunk is reconstructed more coarsely and scanned in thicker slices than a hand.
            scan.pixelSpacingMm = max(scan.pixelSpacingMm, region.region.isTrunk ? 0.6 : 0.4)
            scan.sliceSpacingMm = max(scan.sliceSpacingMm, region.region.isTrunk ? 1 : 0.7)
            scan.sliceThicknessMm = max(scan.sliceThicknessMm, scan.sliceSpacingMm)
            (scan.columns, scan.rows, scan.slices) = (0, 0, 0)
            body = .region(region)
        } else {
            return nil
        }
    }

    /// A second examination of the same hand, held otherwise and with new noise.
    ///
    /// - Parameter changed: also with deposits that grew, shrank, went or came.
    /// - Returns: nil for another part of the body.
    func again(changed: Bool) -> StudyDraw? {
        guard case .hand(let hand, let before) = body else { return nil }
        var numbers = SeededNumbers(seed: seed &+ 0x5EC0)
        var visit = before
        visit.number = changed ? 3 : 2
        visit.pose.shiftMm = SIMD3(numbers.uniform(-8...8), numbers.uniform(-6...6), numbers.uniform(-5...3))
        for at in visit.pose.bends.indices { visit.pose.bends[at].degrees += numbers.uniform(-8...12) }
        if changed {
            for number in 1...max(1, hand.depositCount) {
                switch numbers.uniform(0...1) {
                case ..<0.2: visit.growth[number] = numbers.uniform(1.4...2)
                case ..<0.4: visit.growth[number] = numbers.uniform(0.4...0.65)
                case ..<0.47: visit.growth[number] = 0
                default: break
                }
            }
            visit.newDeposits = 2
        }
        var result = self
        result.body = .hand(hand, visit)
        return result
    }

    /// The same hand with erosions; nil for another part of the body.
    func eroded() -> StudyDraw? {
        guard case .hand(var hand, let visit) = body else { return nil }
        hand.erosionCount = 8
        var result = self
        result.body = .hand(hand, visit)
        return result
    }

    var region: BodyRegion {
        guard case .region(let parameters) = body else { return .hand }
        return BodyRegion(rawValue: parameters.region.rawValue) ?? .other
    }

    var laterality: Laterality {
        switch body {
        case .hand(let hand, _): hand.side == .right ? .right : .left
        case .region(let region): region.region == .pelvis ? .both : region.side == .right ? .right : .left
        }
    }

    /// The images, their truth, and what fills each voxel.
    func simulate() -> (low: Volume<Int16>, high: Volume<Int16>, labels: Volume<UInt8>, truth: PhantomTruth) {
        switch body {
        case .hand(let parameters, let visit):
            let phantom = HandPhantom(parameters, scan: scan, seed: seed, visit: visit)
            let images = phantom.simulate(mode: .projection, pair: pair)
            return (images.low, images.high, phantom.truthLabels(), phantom.truth(mode: .projection, pair: pair))
        case .region(let parameters):
            let phantom = RegionPhantom(parameters, scan: scan, seed: seed)
            let images = phantom.simulate(mode: .projection, pair: pair)
            return (images.low, images.high, phantom.truthLabels(), phantom.truth(mode: .projection, pair: pair))
        }
    }
}

extension PhantomRegion {
    fileprivate var isTrunk: Bool { self == .pelvis || self == .shoulder }
}

extension TubeSpectrum {
    var beam: BeamQuality { .tube(kilovolts: Double(peakKilovoltage), tinMm: tinMm) }
}
