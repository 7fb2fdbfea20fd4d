import DualEnergyCT
import Testing

@Suite struct MixedDepositTests {
    private func parts(_ scene: BallScene) -> [MixedDeposit.Part]? {
        MixedDeposit.parts(
            of: scene.voxels, DepositMeter(voxels: scene.voxels, context: scene.context), context: scene.context)
    }

    @Test(arguments: [UInt64(1), 2, 3]) func apatiteAndUrateSideBySideAreTwoDeposits(seed: UInt64) throws {
        let scene = BallScene(
            diameterMm: 6, densityMgPerCm3: 250, tissue: .muscle, seed: seed,
            beside: (.urate, SIMD3(5, 0, 0)))
        let parts = try #require(self.parts(scene))
        #expect(parts.map(\.measurement.material) == [.hydroxyapatite, .urate])
        #expect((parts[0].voxels + parts[1].voxels).sorted() == scene.voxels)
        // The apatite is the left ball, of which the second took a cap.
        let truth = Double.pi / 6 * 216 * 0.25
        #expect(abs(parts[0].measurement.massMg.value / truth - 1) < 0.2)
        #expect(parts[1].measurement.massMg.value == 0)
        let columns = scene.input.low.geometry.columns
        func meanColumn(_ voxels: [Int]) -> Double {
            voxels.reduce(0.0) { $0 + Double($1 % columns) } / Double(voxels.count)
        }
        #expect(meanColumn(parts[1].voxels) - meanColumn(parts[0].voxels) > 7)
    }

    @Test(arguments: [UInt64(1), 2, 3]) func oneMaterialOrBothInTheSamePlaceStayOneDeposit(seed: UInt64) {
        let apatite = BallScene(diameterMm: 7, densityMgPerCm3: 90, tissue: .fat, seed: seed)
        #expect(parts(apatite) == nil)
        let fibrous = BallScene(diameterMm: 7, densityMgPerCm3: 200, tissue: .fat, matrix: .muscle, seed: seed)
        #expect(parts(fibrous) == nil)
        let urate = BallScene(diameterMm: 7, densityMgPerCm3: 0, tissue: .muscle, seed: seed, content: .urate)
        #expect(parts(urate) == nil)
        let blend = BallScene(
            diameterMm: 7, densityMgPerCm3: 0, tissue: .muscle, seed: seed,
            content: Matter.urate.with(hydroxyapatite: 80))
        #expect(parts(blend) == nil)
    }
}
