import DualEnergyCT
import Testing

/// Urate that lies on a bone in fat, where it reads little more than muscle does.
struct UrateOnBoneTests {
    /// A ball of 4 mm, a third of it sunk into the second phalanx, and what is found of the rest.
    private func found(_ matter: Matter, seed: UInt64) -> (foundMm3: Double, trueMm3: Double) {
        var finger = FingerScene()
        let ball = Shape.ball(finger.at(36, side: 4.3), 2)
        finger.scene.paint(matter, kind: .deposit) { [toBone = finger.toBone] in max(ball($0), -toBone($0)) }
        let result = segment(finger.scene.images(seed: seed))
        let geometry = finger.scene.geometry
        let painted = finger.scene.deposits.voxels.count { $0 != 0 }
        let found = result.labels.voxels.indices.count {
            result.labels.voxels[$0] == TissueLabel.deposit && finger.scene.deposits.voxels[$0] != 0
        }
        return (Double(found) * geometry.voxelVolumeMm3, Double(painted) * geometry.voxelVolumeMm3)
    }

    @Test(arguments: [1, 2, 3])
    func aTophusOnBoneIsFoundAsFarAsItReaches(_ seed: UInt64) {
        let tophus = found(Matter(low: 215, high: 205), seed: seed)
        #expect(tophus.foundMm3 > 0.5 * tophus.trueMm3, "\(tophus)")
        #expect(found(.tendon, seed: seed).foundMm3 == 0, "an insertion of tendon")
    }
}
