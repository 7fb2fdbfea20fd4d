import DualEnergyCT
import Testing

/// A slab of pelvis: skin, fat, a wall of muscle, two hip bones and a sacrum around a cavity.
struct TrunkScene {
    var scene: SyntheticScene
    let middle: SIMD3<Float>

    init(hasSacrum: Bool = true) {
        scene = SyntheticScene(columns: 250, rows: 190, slices: 34, spacingMm: 1.2, sliceSpacingMm: 1.5)
        middle = 0.5 * scene.sizeMm
        let middle = middle
        func oval(_ a: Float, _ b: Float) -> (SIMD3<Float>) -> Float {
            { p in (Shape.length(SIMD3((p.x - middle.x) / a, (p.y - middle.y) / b, 0)) - 1) * min(a, b) }
        }
        scene.paint(.skin, where: oval(140, 104))
        scene.paint(.fat, where: oval(138, 102))
        scene.paint(.muscle, where: oval(112, 78))
        scene.paint(.fat, where: oval(98, 64))
        // Bowel and bladder.
        scene.paint(Matter(low: 20, high: 18), where: Shape.ball(middle + SIMD3(15, -25, 0), 22))
        for side: Float in [-1, 1] {
            let wing = Shape.rod(
                from: middle + SIMD3(side * 66, -24, -30), to: middle + SIMD3(side * 84, 46, 30), radius: { _ in 12 })
            scene.paint(.cortex, kind: .bone, where: wing)
            scene.paint(Matter.fat.with(hydroxyapatite: 120), kind: .bone, where: { wing($0) + 2.4 })
        }
        guard hasSacrum else { return }
        let sacrum = Self.sacrum(middle)
        scene.paint(.cortex, kind: .bone, where: sacrum)
        scene.paint(Matter.fat.with(hydroxyapatite: 130), kind: .bone, where: { sacrum($0) + 2.4 })
    }

    /// Signed distance in mm to the sacrum.
    static func sacrum(_ middle: SIMD3<Float>) -> (SIMD3<Float>) -> Float {
        Shape.rod(from: middle + SIMD3(-30, 56, -6), to: middle + SIMD3(30, 56, 6), radius: { _ in 15 })
    }

    func findings(seed: UInt64) -> Findings {
        // Along the slab little changes, so that nothing tells its images from shifted ones.
        var options = AnalysisOptions()
        options.limits.motionMm = (3, 3)
        return analyse(scene.pair(seed: seed, region: .pelvis, fullWidthMm: 1.6), options: options)
    }
}

struct TrunkTests {
    @Test func whatLiesInTheCavityIsNeverCalcinosisAndWhatLiesOutsideIs() {
        var trunk = TrunkScene()
        let middle = trunk.middle
        let stone = Matter.muscle.with(hydroxyapatite: 500)
        // A vein's stone beside the rectum, a stone of 14 mm in front, contents of bowel.
        trunk.scene.paint(stone, kind: .deposit, where: Shape.ball(middle + SIMD3(-38, 28, 3), 2.8))
        trunk.scene.paint(stone, kind: .deposit, where: Shape.ball(middle + SIMD3(12, -30, 0), 7))
        // Calcinosis: irregular in the fat of the buttock, and in the muscle lateral to the hip bone.
        let a = middle + SIMD3(-62, 80, 2)
        let cloud = [
            Shape.ball(a, 6), Shape.ball(a + SIMD3(8, 2, 3), 4.5), Shape.ball(a + SIMD3(-6, 3, -5), 5),
        ]
        trunk.scene.paint(stone, kind: .deposit) { p in cloud.map { $0(p) }.min()! }
        trunk.scene.paint(stone, kind: .deposit, where: Shape.ball(middle + SIMD3(104, -8, 0), 5))
        let findings = trunk.findings(seed: 3)
        #expect(findings.trust.status != .notAnalysable, "\(findings.trust.reasons)")
        #expect(trunk.scene.painted(under: SegmentLabel.otherCalcification, in: findings) == [1, 2])
        #expect(trunk.scene.painted(under: SegmentLabel.firstDeposit, in: findings) == [3, 4])
        let causes = Dictionary(uniqueKeysWithValues: (findings.otherMineral ?? []).map { ($0.cause, $0.count) })
        #expect(causes[.phlebolith] == 1)
        #expect((causes[.visceral] ?? 0) >= 1)
    }

    /// Below the coccyx no bone lies behind; the hip bones on either hand remain.
    @Test func aStoneBetweenTheHipsIsOfAVeinWithoutASacrumBehind() {
        var trunk = TrunkScene(hasSacrum: false)
        let stone = Matter.muscle.with(hydroxyapatite: 500)
        trunk.scene.paint(stone, kind: .deposit, where: Shape.ball(trunk.middle + SIMD3(-38, 14, 3), 2.8))
        // In the fat behind both hip bones.
        trunk.scene.paint(stone, kind: .deposit, where: Shape.ball(trunk.middle + SIMD3(8, 88, 0), 4))
        let findings = trunk.findings(seed: 3)
        #expect(trunk.scene.painted(under: SegmentLabel.otherCalcification, in: findings) == [1])
        #expect(findings.otherMineral?.contains { $0.cause == .phlebolith } == true)
        #expect(trunk.scene.painted(under: SegmentLabel.firstDeposit, in: findings) == [2])
    }

    /// Bowel and veins come near bone and do not grow on it.
    @Test func aStoneThatGrowsOnTheSacrumIsCalcinosisInTheCavityToo() {
        var trunk = TrunkScene()
        let stone = Matter.muscle.with(hydroxyapatite: 450)
        let sacrum = TrunkScene.sacrum(trunk.middle)
        let ball = Shape.ball(trunk.middle + SIMD3(10, 38.5, 3), 4.5)
        trunk.scene.paint(stone, kind: .deposit) { max(ball($0), -sacrum($0)) }
        // Free in the fat beside it.
        trunk.scene.paint(stone, kind: .deposit, where: Shape.ball(trunk.middle + SIMD3(-46, 28, 3), 2.8))
        let findings = trunk.findings(seed: 3)
        #expect(trunk.scene.painted(under: SegmentLabel.firstDeposit, in: findings) == [1])
        #expect(trunk.scene.painted(under: SegmentLabel.otherCalcification, in: findings) == [2])
    }

    /// In the fat of the upper outer quarter of the buttock, beside the sacrum, and below it, where the body sits.
    @Test(arguments: [true, false]) func aRoundLumpWhereInjectionsAreGivenIsAGranuloma(isBesideSacrum: Bool) {
        var trunk = TrunkScene(hasSacrum: isBesideSacrum)
        let stone = Matter.muscle.with(hydroxyapatite: 500)
        trunk.scene.paint(stone, kind: .deposit, where: Shape.ball(trunk.middle + SIMD3(72, 72, 0), 4.5))
        // A small one, and one in the skin's own fat.
        trunk.scene.paint(stone, kind: .deposit, where: Shape.ball(trunk.middle + SIMD3(-72, 72, 0), 2))
        trunk.scene.paint(stone, kind: .deposit, where: Shape.ball(trunk.middle + SIMD3(-62, 84, 12), 3.4))
        let findings = trunk.findings(seed: 3)
        let other = trunk.scene.painted(under: SegmentLabel.otherCalcification, in: findings)
        #expect(other == (isBesideSacrum ? [1] : []))
        #expect((findings.otherMineral?.contains { $0.cause == .injectionGranuloma } ?? false) == isBesideSacrum)
        let deposits = trunk.scene.painted(under: SegmentLabel.firstDeposit, in: findings)
        #expect(deposits == (isBesideSacrum ? [2, 3] : [1, 2, 3]))
    }

    @Test func aSmoothLumpInFrontOfTheHipIsANodeAndOneUnderTheSkinIsNot() {
        var trunk = TrunkScene()
        let stone = Matter.muscle.with(hydroxyapatite: 400)
        trunk.scene.paint(stone, kind: .deposit, where: Shape.ball(trunk.middle + SIMD3(70, -72, 0), 4.5))
        trunk.scene.paint(stone, kind: .deposit, where: Shape.ball(trunk.middle + SIMD3(-70, -82, 0), 3))
        let findings = trunk.findings(seed: 4)
        #expect(trunk.scene.painted(under: SegmentLabel.otherCalcification, in: findings) == [1])
        #expect(findings.otherMineral?.contains { $0.cause == .lymphNode } == true)
        #expect(trunk.scene.painted(under: SegmentLabel.firstDeposit, in: findings) == [2])
    }

    /// A wall of the chest: lung, muscle, a rib that ends in front, and fat.
    @Test func calciumAtTheEndOfARibIsOfItsCartilage() {
        var scene = SyntheticScene(columns: 160, rows: 130, slices: 30, spacingMm: 0.9, sliceSpacingMm: 1.5)
        let middle = 0.5 * scene.sizeMm
        func oval(_ a: Float, _ b: Float) -> (SIMD3<Float>) -> Float {
            { p in (Shape.length(SIMD3((p.x - middle.x) / a, (p.y - middle.y) / b, 0)) - 1) * min(a, b) }
        }
        scene.paint(.skin, where: oval(66, 54))
        scene.paint(.fat, where: oval(64, 52))
        scene.paint(.muscle, where: oval(46, 34))
        scene.paint(Matter(low: -740, high: -740), where: oval(40, 28))
        let rib = Shape.rod(from: middle + SIMD3(-46, 14, -4), to: middle + SIMD3(-36, -26, 4), radius: { _ in 4.5 })
        scene.paint(.cortex, kind: .bone, where: rib)
        scene.paint(Matter.fat.with(hydroxyapatite: 60), kind: .bone, where: { rib($0) + 1.3 })
        let stone = Matter.muscle.with(hydroxyapatite: 250)
        scene.paint(
            stone, kind: .deposit,
            where: Shape.rod(
                from: middle + SIMD3(-26, -36, 5), to: middle + SIMD3(-15, -38, 5), radius: { _ in 2.8 }))
        // As far from the rib's shaft, in the fat over it.
        scene.paint(
            stone, kind: .deposit,
            where: Shape.rod(from: middle + SIMD3(30, -36, -4), to: middle + SIMD3(38, -30, 4), radius: { _ in 2.4 }))
        var options = AnalysisOptions()
        options.limits.motionMm = (3, 3)
        let findings = analyse(scene.pair(seed: 5, region: .shoulder, fullWidthMm: 1.4), options: options)
        #expect(scene.painted(under: SegmentLabel.otherCalcification, in: findings) == [1])
        #expect(findings.otherMineral?.map(\.cause) == [.costalCartilage])
        #expect(scene.painted(under: SegmentLabel.firstDeposit, in: findings) == [2])
    }
}
