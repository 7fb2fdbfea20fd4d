import DualEnergyCT
import Testing

/// A blade of bone that thins to a solid rim, as the scapula and the ilium do.
struct FlatBoneTests {
    private static let half = SIMD3<Float>(28, 3, 19)
    /// Half of a blade that ends in a tip, as the lower angle of the scapula.
    private static let pointed = SIMD3<Float>(28, 4.2, 9.6)
    private static let cortexMm: Float = 1.5

    /// Signed distance in mm to the blade's surface, to first order.
    private static func blade(_ middle: SIMD3<Float>, _ half: SIMD3<Float>) -> (SIMD3<Float>) -> Float {
        { p in
            let share = (p - middle) / half
            let (k, slope) = (Shape.length(share), Shape.length(share / half))
            return slope > 0 ? k * (k - 1) / slope : -half.y
        }
    }

    private static func scene(_ half: SIMD3<Float> = half) -> (scene: SyntheticScene, middle: SIMD3<Float>) {
        var scene = SyntheticScene(columns: 140, rows: 70, slices: 64, spacingMm: 0.5, sliceSpacingMm: 0.8)
        let middle = 0.5 * scene.sizeMm
        scene.paint(.muscle) { p in Shape.length(SIMD3((p.x - middle.x) / 2, p.y - middle.y, 0)) - 16 }
        let blade = blade(middle, half)
        scene.paint(.cortex, kind: .bone, where: blade)
        scene.paint(Matter.fat.with(hydroxyapatite: 120), kind: .bone, where: { blade($0) + cortexMm })
        return (scene, middle)
    }

    @Test func theSolidRimOfABladeIsBone() {
        let (scene, _) = Self.scene()
        let result = segment(scene.images(seed: 8))
        #expect(result.componentCount == 0)
        #expect(SegmentationScore(result, scene).boneCalledDepositMm3 <= 5)
    }

    @Test func aStoneOnTheFaceOfABladeIsADeposit() {
        var (scene, middle) = Self.scene()
        scene.paint(
            Matter.muscle.with(hydroxyapatite: 450), kind: .deposit,
            where: Shape.ball(middle + SIMD3(6, 4.6, 4), 2.4))
        let score = SegmentationScore(segment(scene.images(seed: 8)), scene)
        #expect(score.found[0] > 0.7)
        #expect(score.falseComponents == 0)
        #expect(score.boneCalledDepositMm3 <= 5)
    }

    @Test func theSolidTipOfABladeIsBone() {
        let (scene, _) = Self.scene(Self.pointed)
        let result = segment(scene.images(seed: 8))
        #expect(result.componentCount == 0)
        #expect(SegmentationScore(result, scene).boneCalledDepositMm3 <= 5)
    }

    @Test func aStoneOnTheTipOfABladeIsADeposit() {
        var (scene, middle) = Self.scene(Self.pointed)
        scene.paint(
            Matter.muscle.with(hydroxyapatite: 450), kind: .deposit,
            where: Shape.ball(middle + SIMD3(Self.pointed.x + 1.2, 0, 0), 2.6))
        let score = SegmentationScore(segment(scene.images(seed: 8)), scene)
        #expect(score.found[0] > 0.7)
        #expect(score.falseComponents == 0)
        #expect(score.boneCalledDepositMm3 <= 5)
    }
}
