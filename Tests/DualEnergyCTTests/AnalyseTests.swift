import DualEnergyCT
import Testing

struct AnalyseTests {
    private static func pair(_ finger: FingerScene, seed: UInt64) -> DualEnergyPair {
        let images = finger.scene.images(seed: seed)
        return DualEnergyPair(
            low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
            highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: images.sliceThicknessMm, region: .hand,
            laterality: .unknown)
    }

    @Test
    func depositsOfAFingerAreFoundAndWeighed() throws {
        var finger = FingerScene()
        // In the fat of the pad, at the edge of muscle, and between bone and skin.
        let places: [(SIMD3<Float>, Float, Float)] = [
            (finger.at(55, palmar: 5.5, side: 0.5), 4, 300), (finger.at(12, palmar: -1, side: 7.1), 3, 400),
            (finger.at(36, palmar: 0.5, side: 6.2), 4, 350),
        ]
        for (centre, diameter, density) in places {
            finger.scene.paint(
                Matter.fat.with(hydroxyapatite: density), kind: .deposit, where: Shape.ball(centre, diameter / 2))
        }
        let findings = analyse(Self.pair(finger, seed: 4))
        #expect(findings.trust.status == .analysable)
        #expect(findings.deposits.count == places.count)
        for (centre, diameter, density) in places {
            let truth = Double(Float.pi / 6 * diameter * diameter * diameter * density / 1000)
            let g = finger.scene.geometry
            let position = g.position(
                Double(centre.x) / g.columnSpacingMm, Double(centre.y) / g.rowSpacingMm,
                Double(centre.z) / g.sliceSpacingMm)
            let deposit = try #require(findings.deposits.first { ($0.centre - position).length < 1.5 })
            #expect(deposit.material == .hydroxyapatite)
            // The scene is painted with the slopes behind 5 cm of water; behind a finger they are 6 % higher.
            #expect(abs(deposit.hydroxyapatiteMassMg.value / truth - 0.94) < 0.18)
        }
    }

    @Test
    func airBeforeTheFirstSliceMovesNoDeposit() throws {
        var finger = FingerScene()
        finger.scene.paint(
            Matter.fat.with(hydroxyapatite: 400), kind: .deposit,
            where: Shape.ball(finger.at(55, palmar: 5.5, side: 0.5), 2))
        let pair = Self.pair(finger, seed: 4)
        func withAir(_ image: Volume<Int16>) -> Volume<Int16> {
            var geometry = image.geometry
            geometry.slices += 9
            geometry.origin = geometry.position(0, 0, -9)
            let air = [Int16](repeating: -1000, count: 9 * geometry.columns * geometry.rows)
            return Volume(geometry: geometry, voxels: air + image.voxels)
        }
        var later = pair
        later.low = withAir(pair.low)
        later.high = withAir(pair.high)
        let first = try #require(analyse(pair).deposits.first)
        let moved = try #require(analyse(later).deposits.first)
        #expect(moved.centreSlice == first.centreSlice + 9)
        #expect((moved.centre - first.centre).length < 0.2)
    }

    @Test
    func aHealthyFingerHasNoDepositAndNoUrate() throws {
        let findings = analyse(Self.pair(FingerScene(), seed: 8))
        #expect(findings.deposits.isEmpty)
        #expect(findings.totals?.count == 0)
        #expect(findings.urate?.verdict == .negative)
    }

    @Test
    func twoImagesOfOneEnergyAreRefused() throws {
        var pair = Self.pair(FingerScene(), seed: 8)
        pair.high = pair.low
        let findings = analyse(pair)
        #expect(findings.trust.status == .notAnalysable)
        #expect(findings.trust.reasons.contains { $0.kind == .ratioOutsideBand })
        #expect(findings.totals == nil && findings.urate == nil && findings.deposits.isEmpty)
    }

    @Test
    func noiseBeyondTheLimitIsSaid() {
        let images = FingerScene().scene.images(seed: 2, noiseLow: 120, noiseHigh: 100)
        let findings = analyse(
            DualEnergyPair(
                low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
                highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: 0.5, region: .hand, laterality: .unknown)
        )
        #expect(findings.trust.status == .notAnalysable)
        #expect(findings.trust.reasons.contains { $0.kind == .noise && $0.measured > 90 })
    }

    @Test
    func anEmptyImageIsNotAnalysable() {
        let g = GridGeometry(
            columns: 20, rows: 20, slices: 10, columnSpacingMm: 0.5, rowSpacingMm: 0.5, sliceSpacingMm: 0.5)
        let air = Volume<Int16>(geometry: g, repeating: -1000)
        let findings = analyse(
            DualEnergyPair(
                low: air, high: air, lowBeam: .tube(kilovolts: 80, tinMm: 0),
                highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: 0.5, region: .hand, laterality: .unknown)
        )
        #expect(findings.trust.status == .notAnalysable)
        #expect(findings.labels.voxels.count == g.voxelCount)
    }

    @Test func depositsAsLargeAsABoneAreAReasonToDoubt() {
        var trust = TrustAssessment()
        func doubts(_ share: Double?) -> [Trust.Reason] {
            trust.depositsOverBone = share
            return trust.verdict(TrustLimits()).reasons.filter { $0.kind == .bone }
        }
        #expect(doubts(nil).isEmpty)
        #expect(doubts(0.049).isEmpty)
        #expect(doubts(0.07).map(\.unit) == ["%"])
        #expect(doubts(0.07).allSatisfy { abs($0.measured - 7) < 1e-9 && $0.limit == 5 })
    }
}
