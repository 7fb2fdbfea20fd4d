import DualEnergyCT
import Testing

/// A slab of muscle and fat whose middle is three times as noisy as the rest, as between two hips.
struct UnevenNoiseTests {
    private static func images(_ scene: SyntheticScene) -> SegmentationInput {
        var images = scene.images(seed: 5)
        let noisy = scene.images(seed: 6, noiseLow: 45, noiseHigh: 36)
        let g = scene.geometry
        for n in images.low.voxels.indices where g.coordinates(n).i > g.columns / 2 {
            images.low.voxels[n] = noisy.low.voxels[n]
            images.high.voxels[n] = noisy.high.voxels[n]
        }
        return images
    }

    private static func slab() -> SyntheticScene {
        var scene = SyntheticScene(columns: 160, rows: 80, slices: 60, spacingMm: 0.6, sliceSpacingMm: 0.9)
        let middle = 0.5 * scene.sizeMm
        func column(_ x: Float, _ a: Float, _ b: Float) -> (SIMD3<Float>) -> Float {
            { p in (Shape.length(SIMD3((p.x - middle.x - x) / a, (p.y - middle.y) / b, 0)) - 1) * min(a, b) }
        }
        scene.paint(.fat, where: column(0, 45, 22))
        for side: Float in [-1, 1] { scene.paint(.muscle, where: column(side * 20, 17, 13)) }
        let tendon = Shape.rod(from: middle + SIMD3(20, -7, -30), to: middle + SIMD3(26, -7, 30), radius: { _ in 3 })
        scene.paint(.tendon, where: tendon)
        return scene
    }

    @Test func noiseIsNoCalciumWhereItIsGreaterThanElsewhere() {
        let result = segment(Self.images(Self.slab()))
        #expect(result.componentCount == 0)
    }

    @Test func stonesAreFoundInTheQuietPartAndInTheNoisyOne() {
        var scene = Self.slab()
        let middle = 0.5 * scene.sizeMm
        for (x, density) in [(Float(-20), Float(120)), (20, 400)] {
            scene.paint(
                Matter.muscle.with(hydroxyapatite: density), kind: .deposit,
                where: Shape.ball(middle + SIMD3(x, 2, 3), 2))
        }
        let score = SegmentationScore(segment(Self.images(scene)), scene)
        #expect(score.found.allSatisfy { $0 > 0.6 })
        #expect(score.falseComponents == 0)
    }
}
