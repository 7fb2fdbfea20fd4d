import DualEnergyCT
import Testing

/// Half fat and half muscle with a ball of calcium in each, in noise.
private struct Halves {
    let images: SegmentationInput
    let clean: SegmentationInput
    static let radius: Float = 1.5
    static let centres = [SIMD3<Float>(9, 14, 10), SIMD3<Float>(21, 14, 10)]

    init() {
        var scene = SyntheticScene(columns: 60, rows: 56, slices: 40, spacingMm: 0.5, sliceSpacingMm: 0.5)
        scene.paint(.muscle) { _ in -1 }
        scene.paint(.fat) { 15 - $0.x }
        for (centre, tissue) in zip(Self.centres, [Matter.muscle, .fat]) {
            scene.paint(tissue.with(hydroxyapatite: 300), where: Shape.ball(centre, Self.radius))
        }
        images = scene.images(seed: 11)
        clean = scene.images(seed: 11, noiseLow: 0.001, noiseHigh: 0.001)
    }
}

@Suite struct EdgeKeepingMeanTests {
    private let halves = Halves()
    private var noise: NoiseCovariance {
        NoiseCovariance(
            low: halves.images.noiseLowHU * halves.images.noiseLowHU,
            high: halves.images.noiseHighHU * halves.images.noiseHighHU)
    }

    /// Mean difference and scatter of two images over the places that a test names, in HU.
    private func difference(
        _ a: Volume<Int16>, _ b: Volume<Int16>, where isIn: (SIMD3<Float>) -> Bool
    ) -> (mean: Float, scatter: Float) {
        let values = a.voxels.indices.filter { isIn(a.geometry.gridPosition($0)) }
            .map { Float(a.voxels[$0]) - Float(b.voxels[$0]) }
        let mean = values.reduce(0, +) / Float(values.count)
        let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)
        return (mean, square.squareRoot())
    }

    @Test func noiseFallsToLessThanHalfInOneTissue() {
        let result = EdgeKeepingMean(noise: noise)(halves.images.low, halves.images.high)
        for (image, raw, clean) in [
            (result.low, halves.images.low, halves.clean.low), (result.high, halves.images.high, halves.clean.high),
        ] {
            func inMuscle(_ p: SIMD3<Float>) -> Bool { p.x > 3 && p.x < 12 && p.y > 3 && p.y < 10 }
            let (before, after) = (difference(raw, clean, where: inMuscle), difference(image, clean, where: inMuscle))
            #expect(after.scatter < 0.5 * before.scatter)
            #expect(abs(after.mean) < 1.5)
        }
    }

    @Test func calciumOfThreeMillimetresKeepsItsMiddleAndItsMass() {
        let result = EdgeKeepingMean(noise: noise)(halves.images.low, halves.images.high)
        for centre in Halves.centres {
            func isNear(_ reach: Float) -> (SIMD3<Float>) -> Bool { { Shape.length($0 - centre) < reach } }
            let peak = difference(result.low, halves.clean.low, where: isNear(0.6))
            #expect(abs(peak.mean) < 0.05 * 300 * Matter.mineralLow)
            // Over all that its blur reaches: of small pieces a mean takes a little, so that nothing is measured on it.
            let reach = difference(result.low, halves.clean.low, where: isNear(3.5))
            let volume = 4 / 3 * Float.pi * 3.5 * 3.5 * 3.5
            #expect(abs(reach.mean) * volume < 0.06 * 300 * Matter.mineralLow * 4 / 3 * .pi * 3.375)
        }
    }

    @Test func whatIsLeftOfTheVarianceIsLeastWithinOneTissue() throws {
        let result = EdgeKeepingMean(noise: noise)(halves.images.low, halves.images.high)
        func mean(_ isIn: (SIMD3<Float>) -> Bool) -> Float {
            let voxels = result.share.voxels.indices.filter { isIn(result.share.geometry.gridPosition($0)) }
            return voxels.reduce(0) { $0 + result.share.voxels[$1] } / Float(voxels.count)
        }
        let inTissue = mean { $0.x > 3 && $0.x < 12 && $0.y > 3 && $0.y < 10 && $0.z > 3 && $0.z < 17 }
        let inCalcium = mean { Shape.length($0 - Halves.centres[0]) < 0.6 }
        #expect(inTissue < 0.15)
        #expect(inCalcium > 2 * inTissue)
        #expect(result.share.voxels.allSatisfy { $0 > 0 && $0 <= 1 })
    }

    @Test func airStaysAsItIs() {
        let geometry = GridGeometry(
            columns: 8, rows: 8, slices: 8, columnSpacingMm: 0.5, rowSpacingMm: 0.5, sliceSpacingMm: 0.5)
        let air = Volume<Int16>(geometry: geometry, voxels: (0..<512).map { Int16(-1000 + $0 % 7) })
        let result = EdgeKeepingMean(noise: noise)(air, air)
        #expect(result.low == air && result.high == air)
    }
}
