import DualEnergyCT
import Testing

/// Flags of a hand of sticks: what each rests on, in any pose.
@Suite struct HandFlagTests {
    private func bone(
        _ from: SIMD3<Float>, _ to: SIMD3<Float>, radius: (Float) -> Float = { _ in 4 }
    ) -> BonePiece {
        let axis = (to - from).direction
        let across = axis.cross(abs(axis.x) < 0.8 ? SIMD3(1, 0, 0) : SIMD3(0, 1, 0)).direction
        let third = axis.cross(across)
        let length = (to - from).magnitude
        var positions: [SIMD3<Float>] = []
        for step in 0...Int(2 * length) {
            let share = Float(step) / (2 * length)
            let r = radius(share)
            for u in -12...12 {
                for v in -12...12 where Float(u * u + v * v) * 0.25 <= r * r {
                    positions.append(from + share * length * axis + 0.5 * (Float(u) * across + Float(v) * third))
                }
            }
        }
        var piece = BonePiece(positions: positions)
        piece.orient(towards: axis)
        return piece
    }

    /// A ray that bends by an angle at each joint around the heads' middles, its bases shifted sideways by a distance.
    private func chain(bendDegrees: Double, shiftMm: Float = 0, tip: Float = 1) -> BoneChain {
        var bones: [BonePiece] = []
        var at = SIMD3<Float>(0, 0, 0)
        let lengths: [Float] = [60, 40, 25, 17]
        for (n, length) in lengths.enumerated() {
            let angle = Double(n) * bendDegrees * .pi / 180
            let direction = SIMD3(0, Float(cosine(angle)), Float(sine(angle)))
            // The base follows the head's curve, 4 mm around its middle.
            let base = n == 0 ? at : at + 5.5 * direction + SIMD3(n == 2 ? shiftMm : 0, 0, 0)
            let end = base + length * direction
            bones.append(bone(base, end) { n == 1 ? 4 - 4 * (1 - tip) * max($0 - 0.4, 0) / 0.6 : 4 })
            at = end - 4 * direction
        }
        return BoneChain(bones: bones, roles: [.metacarpal, .proximal, .middle, .distal], reachMm: 150)
    }

    private func flag(_ kind: BoneFlag.Kind, of chain: BoneChain) -> BoneFlag {
        HandFlags.flags(of: chain, digit: .second, side: .right).first { $0.kind == kind }!
    }

    @Test(arguments: [0.0, 30, 60, 85]) func bendingIsNoDislocationAndAShiftIs(bendDegrees: Double) throws {
        let sound = flag(.dislocation, of: chain(bendDegrees: bendDegrees))
        #expect(sound.state == .notFlagged, "\(sound)")
        let shifted = flag(.dislocation, of: chain(bendDegrees: bendDegrees, shiftMm: 9))
        #expect(shifted.state == .flagged, "\(shifted)")
        #expect(try #require(shifted.measured) > 6)
    }

    @Test func aShaftThatThinsToItsEndIsPencilled() throws {
        #expect(flag(.pencilling, of: chain(bendDegrees: 10)).state == .notFlagged)
        let pencil = flag(.pencilling, of: chain(bendDegrees: 10, tip: 0.25))
        #expect(pencil.state == .flagged)
        #expect(try #require(pencil.measured) < 0.45)
        #expect(pencil.limit == 0.45)
    }

    @Test func aLostEndPhalanxIsFlaggedByItsShare() throws {
        var short = chain(bendDegrees: 5)
        short.bones[3] = bone(short.bones[2].ends.1 + SIMD3(0, 2, 0), short.bones[2].ends.1 + SIMD3(0, 8, 0)) { _ in 2 }
        let flagged = flag(.acroOsteolysis, of: short)
        #expect(flagged.state == .flagged)
        #expect(abs(try #require(flagged.measured) - 0.15) < 0.05)
        #expect(flag(.acroOsteolysis, of: chain(bendDegrees: 5)).state == .notFlagged)
    }
}
