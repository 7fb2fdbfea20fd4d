import DualEnergyCT
import Testing

/// What lies beside a deposit and must not be weighed with it, and the noise that tissue must not pass for.
struct DepositSurroundingsTests {
    /// A ball of 4 mm at 300 mg/cm3 with something `gapMm` beside it.
    private func mass(gapMm: Float, seed: UInt64, paint: (inout SyntheticScene, SIMD3<Float>, Float) -> Void)
        -> Estimate
    {
        var scene = SyntheticScene(columns: 64, rows: 56, slices: 56, spacingMm: 0.5, sliceSpacingMm: 0.5)
        scene.paint(.muscle) { _ in -10 }
        let centre = 0.5 * scene.sizeMm + SIMD3(-2.87, 0.2, -0.11)
        paint(&scene, centre, centre.x + 2 + gapMm)
        let neighbour = scene.depositCount
        scene.paint(Matter.muscle.with(hydroxyapatite: 300), kind: .deposit, where: Shape.ball(centre, 2))
        let input = scene.images(seed: seed)
        let g = scene.geometry
        let own = scene.deposits.voxels.indices.filter { Int(scene.deposits.voxels[$0]) == neighbour + 1 }
        let labels = scene.deposits.voxels.indices.map { n in
            scene.bone.voxels[n] > 0
                ? TissueLabel.bone : scene.deposits.voxels[n] > 0 ? TissueLabel.deposit : TissueLabel.none
        }
        let segmentation = SegmentationResult(
            labels: Volume(geometry: g, voxels: labels), componentIndex: Volume(geometry: g, repeating: 0),
            componentCount: 1, body: Volume(geometry: g, repeating: 1),
            distanceToSkinMm: Volume(geometry: g, repeating: 10), localFatFraction: Volume(geometry: g, repeating: 0),
            exclusions: [])
        let water = Volume<Int16>(geometry: g, repeating: 0)
        let block = PathMap(
            of: (water, water),
            tables: (
                ResponseTable(.tube(kilovolts: 80, tinMm: 0)), ResponseTable(.tube(kilovolts: 150, tinMm: 0.6))
            ))
        let context = MeasurementContext(
            low: input.low, high: input.high, segmentation: segmentation,
            paths: block.scaled(
                low: Double(Matter.mineralLow) / block.typical.low.hydroxyapatite,
                high: Double(Matter.mineralHigh) / block.typical.high.hydroxyapatite),
            noise: NoiseEstimate(
                voxel: NoiseCovariance(low: 225, high: 144), correlationVoxels: 9.6, voxelCount: 1000),
            pointSpreadSigmaMm: 0.449,
            calibration: CalibrationUncertainty(commonLow: 0.03, commonHigh: 0.005, independent: 0.01))
        return DepositMeter(voxels: own, context: context).measure().massMg
    }

    private let truth = Double.pi / 6 * 64 * 300 / 1000

    @Test(arguments: [Float(0.2), 0.6, 1, 2])
    func boneBesideADepositIsNotWeighedWithIt(_ gapMm: Float) {
        for seed in 1...2 {
            let measured = mass(gapMm: gapMm, seed: UInt64(seed)) { scene, _, face in
                // A cortex of 1 mm before fatty marrow.
                scene.paint(.fat, kind: .bone) { face - $0.x }
                scene.paint(.cortex, kind: .bone) { max(face - $0.x, $0.x - face - 1) }
            }
            #expect(abs(measured.value / truth - 1) < 0.12, "\(gapMm) mm: \(measured.value) instead of \(truth) mg")
            #expect(measured.low < truth && truth < measured.high)
        }
    }

    @Test(arguments: [Float(0.8), 1.5])
    func aNeighbouringDepositIsNotWeighedWithIt(_ gapMm: Float) {
        let measured = mass(gapMm: gapMm, seed: 3) { scene, centre, face in
            scene.paint(
                Matter.muscle.with(hydroxyapatite: 600), kind: .deposit,
                where: Shape.ball(SIMD3(face + 1.5, centre.y, centre.z), 1.5))
        }
        #expect(abs(measured.value / truth - 1) < 0.1, "\(measured.value) instead of \(truth) mg")
    }

    @Test(arguments: [(8.0, 12.0), (20, 15)])
    func fatLobulesDoNotPassForNoise(_ low: Double, _ high: Double) throws {
        var scene = SyntheticScene(columns: 80, rows: 80, slices: 60, spacingMm: 0.5, sliceSpacingMm: 0.5)
        scene.paint(.muscle) { _ in -10 }
        for n in 0..<9 {
            let centre = SIMD3(Float(n % 3) * 13 + 7, Float(n / 3) * 13 + 7, Float(n * 5 % 9) * 3 + 3)
            scene.paint(.fat, where: Shape.ball(centre, 4.5))
        }
        let images = scene.images(seed: 11, noiseLow: Float(low), noiseHigh: Float(high))
        let noise = try #require(NoiseEstimate.measure(low: images.low, high: images.high))
        #expect(abs(noise.voxel.low.squareRoot() / low - 1) < 0.06, "\(noise.voxel.low.squareRoot()) HU")
        #expect(abs(noise.voxel.high.squareRoot() / high - 1) < 0.06, "\(noise.voxel.high.squareRoot()) HU")
        #expect(abs(noise.voxel.both) < 0.1 * low * high)
        #expect(abs(noise.correlationVoxels / 9.6 - 1) < 0.3, "\(noise.correlationVoxels)")
    }
}
