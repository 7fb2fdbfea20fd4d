import DualEnergyCT
import Testing

/// What looks like mineral and is none of the body's: named, counted and left out.
struct ArtefactTests {
    private func segmented(_ scene: SyntheticScene, seed: UInt64) -> SegmentationResult {
        var input = scene.images(seed: seed)
        input.iodineRatio = 3.56
        return segment(input)
    }

    private func count(_ cause: Exclusion.Cause, in result: SegmentationResult) -> Int {
        result.exclusions.first { $0.cause == cause }?.count ?? 0
    }

    @Test(arguments: [Float(25), 60]) func contrastMediumInAVesselIsNamed(iodineHU: Float) {
        let limb = LimbScene(vesselRadiusMm: 3.6, inFat: false)
        var scene = limb.scene
        let vessel = limb.vessel
        scene.paint(Matter(low: 50 + 3.56 * iodineHU * 1.5, high: 44 + iodineHU * 1.5)) { p in
            Shape.length(SIMD3(p.x - vessel.x, p.y - vessel.y, 0)) - 3.6
        }
        let result = segmented(scene, seed: 4)
        #expect(result.componentCount == 0)
        #expect(count(.contrastMedium, in: result) >= 1)
    }

    /// Nothing of the body is that dense without calcium.
    @Test func glassIsAForeignBodyAndNoUrate() {
        let limb = LimbScene()
        var scene = limb.scene
        scene.paint(Matter(low: 2200, high: 1750), where: Shape.ball(limb.middle + SIMD3(-15, 2, 4), 1.6))
        let result = segmented(scene, seed: 6)
        #expect(count(.foreignBody, in: result) == 1)
        #expect(result.componentCount == 0)
    }

    @Test func aDenseTendonIsNoUrate() {
        let limb = LimbScene()
        var scene = limb.scene
        let at = limb.middle + SIMD3(-15, 2, 0)
        scene.paint(
            Matter(low: 178, high: 196),
            where: Shape.rod(from: at - SIMD3(0, 0, 14), to: at + SIMD3(1, 1, 14)) { _ in 2 })
        let result = segmented(scene, seed: 9)
        #expect(result.componentCount == 0)
        #expect(count(.tendon, in: result) == 1)
    }

    @Test func aBarBesideTheLimbIsOutsideTheSkin() {
        let limb = LimbScene()
        var scene = limb.scene
        let at = limb.middle + SIMD3(31, 31, 0)
        scene.paint(
            Matter(low: 420, high: 380),
            where: Shape.rod(from: at - SIMD3(0, 1, 15), to: at + SIMD3(0, 1, 15)) { _ in 1.6 })
        let result = segmented(scene, seed: 5)
        #expect(result.componentCount == 0)
        #expect(count(.outsideSkin, in: result) == 1)
    }
}
