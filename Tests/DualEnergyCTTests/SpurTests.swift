import DualEnergyCT
import Testing

/// Spurs of bone in the insertion of a tendon and under the heel, and calcinosis that rests on the same bones.
struct SpurTests {
    @Test func aLumpOnBoneInTheEndOfATendonIsASpurAndOneInFatIsNot() {
        var limb = LimbScene(vesselRadiusMm: 1.5)
        let (middle, stone) = (limb.middle, Matter.muscle.with(hydroxyapatite: 450))
        // It comes down to the bone and ends there.
        limb.scene.paint(
            .tendon,
            where: Shape.rod(
                from: middle + SIMD3(0, 27.5, 2), to: middle + SIMD3(0, 27.5, 30), radius: { _ in 3 }))
        limb.scene.paint(stone, kind: .deposit, where: Shape.ball(middle + SIMD3(0, 27, -1), 2.6))
        limb.scene.paint(stone, kind: .deposit, where: Shape.ball(middle + SIMD3(-9.8, 17, -10), 2.6))
        let findings = limb.findings(seed: 6, region: .elbow)
        #expect(findings.otherMineral?.map(\.cause) == [.enthesophyte])
        #expect(findings.otherMineral?.first?.count == 1)
        #expect(findings.deposits.count == 1)
    }

    /// A foot on its heel, toes to the front, in the patient's axes.
    @Test func aLumpUnderTheHeelIsASpurAndOneBesideItIsNot() {
        var scene = SyntheticScene(columns: 84, rows: 150, slices: 100, spacingMm: 0.6, sliceSpacingMm: 0.8)
        func rod(_ a: SIMD3<Float>, _ b: SIMD3<Float>, _ radius: Float) -> (SIMD3<Float>) -> Float {
            Shape.rod(from: a, to: b, radius: { _ in radius })
        }
        let outline: [(SIMD3<Float>, SIMD3<Float>, Float)] = [
            (SIMD3(25, 50, 40), SIMD3(25, 50, 90), 21), (SIMD3(25, 62, 24), SIMD3(25, 12, 22), 20),
        ]
        for (a, b, radius) in outline { scene.paint(.skin, where: rod(a, b, radius)) }
        for (a, b, radius) in outline { scene.paint(.fat, where: rod(a, b, radius - 1.6)) }
        scene.paint(.muscle, where: rod(SIMD3(25, 44, 13), SIMD3(25, 16, 13), 5))
        for (a, b, radius) in [
            (SIMD3<Float>(25, 42, 28), SIMD3<Float>(25, 66, 25), Float(9)),
            (SIMD3(25, 44, 46), SIMD3(25, 44, 95), 9), (SIMD3(25, 30, 28), SIMD3(25, 4, 22), 6),
        ] {
            let bone = rod(a, b, radius)
            scene.paint(.cortex, kind: .bone, where: bone)
            scene.paint(Matter.fat.with(hydroxyapatite: 80), kind: .bone, where: { bone($0) + 1.6 })
        }
        let stone = Matter.muscle.with(hydroxyapatite: 450)
        scene.paint(stone, kind: .deposit, where: Shape.ball(SIMD3(25, 58, 15.6), 2.6))
        scene.paint(stone, kind: .deposit, where: Shape.ball(SIMD3(35.3, 58, 26), 2.6))
        var options = AnalysisOptions()
        options.limits.motionMm = (3, 3)
        let findings = analyse(scene.pair(seed: 2, region: .foot), options: options)
        #expect(scene.painted(under: SegmentLabel.otherCalcification, in: findings) == [1])
        #expect(findings.otherMineral?.map(\.cause) == [.enthesophyte])
        #expect(scene.painted(under: SegmentLabel.firstDeposit, in: findings) == [2])
    }
}
