import DualEnergyCT
import Testing

/// Hands of sticks: bones as boxes along the rays of a flat or bent hand, without images.
@Suite struct HandReadingTests {
    /// Bases of the metacarpals, spread in degrees and lengths of a right hand in mm: x to the thumb, y up the arm is
    /// negative, z out of the palm.
    private static let rays: [(base: SIMD3<Float>, spread: Float, lengths: [Float])] = [
        (SIMD3(20, -4, 8), 35, [44, 30, 21]), (SIMD3(12, 0, 0), 6, [63, 38, 22, 16.5]),
        (SIMD3(2, 1, 0), 0, [61, 42, 26, 17.5]), (SIMD3(-8, 0, 0), -6, [55, 39, 25, 17.5]),
        (SIMD3(-16, -2, 0), -13, [51, 31, 18, 15.5]),
    ]

    private func bone(_ from: SIMD3<Float>, _ to: SIMD3<Float>) -> BonePiece {
        let axis = to - from
        var positions: [SIMD3<Float>] = []
        for step in 0...40 {
            for (a, b) in [(1, 0), (-1, 0), (0, 1), (0, -1)] as [(Float, Float)] {
                positions.append(from + Float(step) / 40 * axis + SIMD3(2 * a, 0, 2 * b))
            }
        }
        var piece = BonePiece(positions: positions)
        piece.ends = (from, to)
        piece.axis = axis.direction
        return piece
    }

    /// - Parameter lost: bones that a ray has lost from its tip.
    private func chains(bendDegrees: Float, lost: [Int] = [0, 0, 0, 0, 0], mirrored: Bool = false) -> [BoneChain] {
        zip(Self.rays, lost).map { ray, lost in
            var at = ray.base
            var bones: [BonePiece] = []
            for (n, length) in ray.lengths.dropLast(lost).enumerated() {
                let bend = Float(n) * bendDegrees * .pi / 180
                let spread = ray.spread * .pi / 180
                let flat = Float(cosine(Double(bend)))
                let direction = SIMD3(
                    flat * Float(sine(Double(spread))), flat * Float(cosine(Double(spread))), Float(sine(Double(bend))))
                let end = at + length * direction
                bones.append(mirrored ? bone(at * SIMD3(-1, 1, 1), end * SIMD3(-1, 1, 1)) : bone(at, end))
                at = end + 2 * direction
            }
            return BoneChain(bones: bones, roles: DigitLengths.best(for: bones, digit: nil).roles, reachMm: at.y)
        }
    }

    /// Twice as much soft tissue on the palm's side, which is z.
    private func skin(_: SIMD3<Float>, _ out: SIMD3<Float>) -> Float { out.z > 0 ? 9 : 5 }

    @Test(arguments: [Float(4), 20, 40])
    func digitsAndSideAreReadInAnyPose(bendDegrees: Float) throws {
        for mirrored in [false, true] {
            let hand = try #require(
                HandReading(chains: chains(bendDegrees: bendDegrees, mirrored: mirrored), skinDistance: skin))
            // x to the thumb, y distal, z volar: distal . (volar x thumb) is positive, a right hand.
            #expect(hand.side == (mirrored ? .left : .right))
            #expect(hand.digits.map(\.digit) == Digit.allCases)
            #expect(hand.digits[1].chain.roles == [.metacarpal, .proximal, .middle, .distal])
            #expect(hand.digits[0].chain.roles == [.metacarpal, .proximal, .distal])
        }
    }

    @Test func lostEndsChangeNoOtherName() throws {
        let hand = try #require(
            HandReading(chains: chains(bendDegrees: 10, lost: [1, 2, 1, 0, 1]), skinDistance: skin))
        #expect(hand.digits.map(\.digit) == Digit.allCases)
        #expect(hand.digits[0].chain.roles == [.metacarpal, .proximal])
        #expect(hand.digits[1].chain.roles == [.metacarpal, .proximal])
        #expect(hand.digits[2].chain.roles == [.metacarpal, .proximal, .middle])
        #expect(hand.side == .right)
    }

    @Test func withoutASignOfThePalmNoSideIsNamed() throws {
        let hand = try #require(
            HandReading(
                chains: chains(bendDegrees: 0).map { chain in
                    var flat = chain
                    for n in flat.bones.indices {
                        flat.bones[n].ends.0.z = 0
                        flat.bones[n].ends.1.z = 0
                        flat.bones[n].centre.z = 0
                        flat.bones[n].axis = (flat.bones[n].ends.1 - flat.bones[n].ends.0).direction
                    }
                    return flat
                }, skinDistance: { _, _ in 7 }))
        #expect(hand.digits.map(\.digit) == Digit.allCases)
        #expect(hand.side == nil)
    }

    @Test func threeRaysAreNoHand() {
        let some = Array(chains(bendDegrees: 4).dropFirst(2))
        #expect(HandReading(chains: some, skinDistance: skin) == nil)
    }

    @Test func aFragmentBesideARayTakesNoNumber() throws {
        var some = chains(bendDegrees: 10)
        // The last bones of the ring finger once more, a little aside: a chain of its own.
        let pieces = some[3].bones.suffix(2).map { bone($0.ends.0 + SIMD3(3, 0, 3), $0.ends.1 + SIMD3(3, 0, 3)) }
        some.append(
            BoneChain(bones: pieces, roles: DigitLengths.best(for: pieces, digit: nil).roles, reachMm: 100))
        let hand = try #require(HandReading(chains: some, skinDistance: skin))
        #expect(hand.digits.map(\.digit) == Digit.allCases)
        #expect(hand.side == .right)
    }

    @Test func twoBonesInOnePieceAreTakenApart() throws {
        var some = chains(bendDegrees: 4)
        let whole = some[2].bones
        let pieces = [whole[0], bone(whole[1].ends.0, whole[2].ends.1), whole[3]]
        some[2] = BoneChain(bones: pieces, roles: DigitLengths.best(for: pieces, digit: nil).roles, reachMm: 100)
        let hand = try #require(HandReading(chains: some, skinDistance: skin))
        #expect(hand.digits.map(\.digit) == Digit.allCases)
        let middle = hand.digits[2].chain
        #expect(middle.roles == [.metacarpal, .proximal, .middle, .distal])
        #expect((middle.bones[1].ends.1 - whole[1].ends.1).magnitude < 4)
    }

    @Test func aLostFingerLeavesTheOthersTheirNumbers() throws {
        for lost in 1...4 {
            var some = chains(bendDegrees: 8)
            some.remove(at: lost)
            let hand = try #require(HandReading(chains: some, skinDistance: skin))
            let kept = Digit.allCases.filter { $0.rawValue != lost + 1 }
            // Never another's number: what cannot be told is left open.
            for (read, digit) in zip(hand.digits.sorted { $0.chain.base.x > $1.chain.base.x }, kept) {
                #expect(read.digit == nil || read.digit == digit)
            }
            #expect(hand.side == nil || hand.side == .right)
        }
    }
}
