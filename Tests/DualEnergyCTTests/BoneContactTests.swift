import DualEnergyCT
import Testing

struct BoneContactTests {
    /// Whether what a shape holds above bone, which fills the first 5 mm of the slices, rests on it.
    private func rests(_ distance: (SIMD3<Float>) -> Float) -> Bool {
        let geometry = GridGeometry(
            columns: 60, rows: 40, slices: 30, columnSpacingMm: 0.4, rowSpacingMm: 0.4, sliceSpacingMm: 0.6)
        var labels = Volume<UInt8>(geometry: geometry, repeating: TissueLabel.none)
        var voxels: [Int] = []
        for n in labels.voxels.indices {
            let place = geometry.gridPosition(n)
            if place.z < 5 {
                labels.voxels[n] = TissueLabel.bone
            } else if distance(place) < 0 {
                labels.voxels[n] = TissueLabel.deposit
                voxels.append(n)
            }
        }
        let positions = voxels.map { geometry.gridPosition($0) }
        return BoneContact.rests(positions, PrincipalAxes(positions), labels: labels)
    }

    /// The surface lies half a slice before the first clear one, at 5.1 mm.
    @Test(arguments: [Float(1.5), 2.5])
    func aBallSunkIntoBoneRestsOnItAndOneThatTouchesItByAPointDoesNot(_ radius: Float) {
        func ball(_ height: Float) -> Bool { rests(Shape.ball(SIMD3(12, 8, 5.1 + height * radius), radius)) }
        #expect(ball(0.5))
        #expect(!ball(1))
        #expect(!ball(1.3))
    }

    @Test func whatRunsAlongBoneIsJudgedByItsThickness() {
        func rod(_ height: Float) -> Bool {
            rests(Shape.rod(from: SIMD3(5, 8, 5.1 + height), to: SIMD3(19, 8, 5.1 + height), radius: { _ in 1.5 }))
        }
        #expect(rod(0.7))
        #expect(!rod(2))
    }

    @Test func aSpurThatStandsOnBoneRestsOnIt() {
        #expect(rests(Shape.rod(from: SIMD3(12, 8, 4), to: SIMD3(12, 8, 11), radius: { _ in 1.5 })))
        #expect(!rests(Shape.rod(from: SIMD3(12, 8, 8), to: SIMD3(12, 8, 13), radius: { _ in 1.5 })))
    }

    @Test func aWideCrustRestsOnBone() {
        func crust(_ gap: Float) -> Bool {
            rests { max(abs($0.z - 5.9 - gap) - 0.8, Shape.length($0 - SIMD3(12, 8, 5.5)) - 5) }
        }
        #expect(crust(0))
        #expect(!crust(1.2))
    }
}
