import DualEnergyCT
import Testing

@Suite struct MarrowSeedsTests {
    /// Share of the marrow of a finger's first bone that seeds fill, clear of its wall.
    private static func found(_ options: FingerScene.Options, noiseLow: Float, noiseHigh: Float) throws -> Double {
        let finger = FingerScene(options)
        let input = finger.scene.images(seed: 8, noiseLow: noiseLow, noiseHigh: noiseHigh)
        let fields = try #require(TissueFields(input))
        let seeds = MarrowSeeds.find(fields, solver: TwoEnergySolver(input), input: input)
        let bone = FingerScene.bones[0]
        let core = Shape.rod(
            from: finger.at(bone.from + 6), to: finger.at(bone.to - 6), radius: { _ in 0.5 * bone.radius })
        let inside = seeds.voxels.indices.filter { core(finger.scene.geometry.gridPosition($0)) < 0 }
        return Double(inside.count { seeds.voxels[$0] != 0 }) / Double(inside.count)
    }

    @Test func fattyMarrowIsFoundInATube() throws {
        #expect(try Self.found(FingerScene.Options(), noiseLow: 15, noiseHigh: 12) > 0.95)
    }

    /// Thick cortex hardens the beam: the CT numbers within lie off the line from muscle to fat, on which the solution
    /// with fat and mineral free reads less fat than none.
    @Test func marrowThatHardeningTearsApartIsFound() throws {
        var options = FingerScene.Options()
        options.cortexMm = 1.5
        options.marrow = Matter(low: -80, high: -13)
        #expect(try Self.found(options, noiseLow: 15, noiseHigh: 12) > 0.95)
    }
}
