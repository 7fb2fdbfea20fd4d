import DualEnergyCT
import Testing

@Suite struct BoneSkirtTests {
    @Test func aLowRimRoundTheBoneIsTakenOffTheDepositItTouches() throws {
        let settled = try SettledFinger()
        let geometry = settled.finger.scene.geometry
        let ball = Shape.ball(settled.finger.at(36, palmar: -5.4), 2.2)
        let bone = settled.finger.toBone
        func alongFinger(_ p: SIMD3<Float>) -> Float { ((p - settled.finger.base) * settled.finger.along).sum() }
        let isIn: (Int) -> Bool = { n in
            let p = geometry.gridPosition(n)
            return settled.height[n] > BoneHeights.edgeMm && settled.height[n] != .infinity
                && (ball(p) < 0 || (bone(p) < 0.7 && abs(alongFinger(p) - 36) < 1.5))
        }
        let voxels = (0..<geometry.voxelCount).filter(isIn)
        let parts = BoneSkirt(density: settled.fields.onMuscle, height: settled.height).parted(voxels)
        try #require(parts.count == 2)
        #expect(parts[0].count + parts[1].count == voxels.count)
        let inBall = voxels.filter { ball(geometry.gridPosition($0)) < 0 }
        let kept = Set(parts[0])
        #expect(inBall.allSatisfy { kept.contains($0) })
        // On the far side of the bone nothing is left, near the ball its foot is.
        let farSide = parts[0].filter { ball(geometry.gridPosition($0)) > 3 }
        #expect(farSide.isEmpty)
        #expect(parts[0].count > inBall.count)
    }

    @Test func whatStandsClearOfBoneAndWhatLiesFlatKeepTheirVoxels() throws {
        let settled = try SettledFinger()
        let geometry = settled.finger.scene.geometry
        let skirt = BoneSkirt(density: settled.fields.onMuscle, height: settled.height)
        let clear = Shape.ball(settled.finger.at(36, palmar: -7), 1)
        let bone = settled.finger.toBone
        let standing = (0..<geometry.voxelCount).filter { clear(geometry.gridPosition($0)) < 0 }
        let lying = (0..<geometry.voxelCount).filter {
            settled.height[$0] > BoneHeights.edgeMm && settled.height[$0] < 0.8 && bone(geometry.gridPosition($0)) < 0.6
        }
        try #require(!standing.isEmpty && !lying.isEmpty)
        #expect(skirt.parted(standing) == [standing])
        #expect(skirt.parted(lying) == [lying])
    }

    @Test func acrossAJointTheOtherBoneIsSeenAndBesideAShaftNone() throws {
        let settled = try SettledFinger()
        // The first joint is a gap from 24 to 27 mm along the finger.
        let joint = settled.voxel(settled.finger.at(25.5))
        let nearest = try #require(settled.surface.pointIndex(nearestTo: joint))
        let facing = try #require(settled.surface.facing(joint, within: 3))
        #expect(settled.surface.points[facing.point].bone != settled.surface.points[nearest].bone)
        #expect(abs(facing.heightMm - 1.5) < 0.9)
        #expect(settled.surface.facing(joint, within: 0.3) == nil)
        #expect(settled.surface.facing(settled.voxel(settled.finger.at(36, palmar: -5)), within: 3) == nil)
    }
}
