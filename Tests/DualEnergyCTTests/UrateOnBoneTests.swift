import DualEnergyCT
import Testing

/// Urate that lies on a bone in fat, where it reads little more than muscle does.
struct UrateOnBoneTests {
    /// A ball of 4 mm, a third of it sunk into the second phalanx, and what is found of the rest.
    private func found(_ matter: Matter, seed: UInt64) -> (insideMm3: Double, outsideMm3: Double, trueMm3: Double) {
        var finger = FingerScene()
        let ball = Shape.ball(finger.at(36, side: 4.3), 2)
        finger.scene.paint(matter, kind: .deposit) { [toBone = finger.toBone] in max(ball($0), -toBone($0)) }
        let result = segment(finger.scene.images(seed: seed))
        let painted = finger.scene.deposits.voxels
        let isFound = result.labels.voxels.map { $0 == TissueLabel.deposit }
        #expect(isFound == result.componentIndex.voxels.map { $0 > 0 })
        let voxelMm3 = finger.scene.geometry.voxelVolumeMm3
        func mm3(_ isIn: (Int) -> Bool) -> Double { Double(isFound.indices.count(where: isIn)) * voxelMm3 }
        return (
            mm3 { isFound[$0] && painted[$0] != 0 }, mm3 { isFound[$0] && painted[$0] == 0 }, mm3 { painted[$0] != 0 }
        )
    }

    @Test(arguments: [1, 2, 3])
    func aTophusOnBoneIsFoundAsFarAsItReaches(_ seed: UInt64) {
        let tophus = found(Matter(low: 215, high: 205), seed: seed)
        #expect(tophus.insideMm3 > 0.5 * tophus.trueMm3, "\(tophus)")
        #expect(tophus.outsideMm3 < 0.25 * tophus.trueMm3, "\(tophus)")
        let tendon = found(.tendon, seed: seed)
        #expect(tendon.insideMm3 + tendon.outsideMm3 == 0, "an insertion of tendon: \(tendon)")
    }
}
