import DualEnergyCT
import Testing

/// A slab of pelvis: skin, fat, a wall of muscle, two hip bones and a sacrum around a cavity.
struct TrunkScene {
    var scene: SyntheticScene
    let middle: SIMD3<Float>

    init() {
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
        let sacrum = Shape.rod(
            from: middle + SIMD3(-30, 56, -6), to: middle + SIMD3(30, 56, 6), radius: { _ in 15 })
        scene.paint(.cortex, kind: .bone, where: sacrum)
        scene.paint(Matter.fat.with(hydroxyapatite: 130), kind: .bone, where: { sacrum($0) + 2.4 })
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
        // Along the slab little changes, so that nothing tells its images from shifted ones.
        var options = AnalysisOptions()
        options.limits.motionMm = (3, 3)
        let findings = analyse(trunk.scene.pair(seed: 3, region: .pelvis, fullWidthMm: 1.6), options: options)
        #expect(findings.trust.status != .notAnalysable, "\(findings.trust.reasons)")
        #expect(trunk.scene.painted(under: SegmentLabel.otherCalcification, in: findings) == [1, 2])
        #expect(trunk.scene.painted(under: SegmentLabel.firstDeposit, in: findings) == [3, 4])
        let causes = Dictionary(uniqueKeysWithValues: (findings.otherMineral ?? []).map { ($0.cause, $0.count) })
        #expect(causes[.phlebolith] == 1)
        #expect((causes[.visceral] ?? 0) >= 1)
    }
}
