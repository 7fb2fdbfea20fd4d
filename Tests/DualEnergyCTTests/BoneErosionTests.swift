import DualEnergyCT
import Testing

/// Hollows of a painted finger's bones: which of them are erosions.
@Suite struct BoneErosionTests {
    /// Two bones in a row along the columns, wide at their ends and round: cortex, spongiosa and soft tissue without blur.
    private struct Finger {
        var spacingMm = 0.4
        /// Where the first column lies, in mm before the first bone's base.
        var startMm: Float = 6
        /// Ball of soft tissue: its centre along and across the finger in mm, and its radius.
        var hollow: (along: Float, across: Float, radius: Float)?
        var hollowIsDeposit = false
        var spongiosaHU: Int16 = 300

        static let lengths: [Float] = [36, 22]
        static let gapMm: Float = 2

        private func depth(_ p: SIMD3<Float>) -> Float {
            var deepest: Float = -10
            var base: Float = 0
            for length in Self.lengths {
                let along = p.x - base
                let share = abs(2 * min(max(along / length, 0), 1) - 1)
                let radius = 3.5 + 2.5 * share * share * share
                let end = min(along, length - along)
                // Both ends are rounded by 2 mm.
                let rounding = 2 - min(max(end, 0), 2)
                let side = radius - rounding * rounding / 4 - SIMD2(p.y, p.z).lengthOfVector
                deepest = max(deepest, min(end, side))
                base += length + Self.gapMm
            }
            return deepest
        }

        /// The first bone is the metacarpal, or what else `roles` say.
        func flag(roles: [BoneRole] = [.proximal, .middle]) -> BoneFlag {
            let side = Float(spacingMm)
            let length = Self.lengths.reduce(startMm + Self.gapMm + 6, +)
            let across = Int((20 / side).rounded())
            let g = GridGeometry(
                columns: Int(length / side), rows: across, slices: across, columnSpacingMm: spacingMm,
                rowSpacingMm: spacingMm, sliceSpacingMm: spacingMm)
            var image = Volume<Int16>(geometry: g, repeating: 50)
            var labels = Volume<UInt8>(geometry: g, repeating: TissueLabel.none)
            for n in 0..<g.voxelCount {
                let p = g.millimetres(n) - SIMD3(startMm, 10, 10)
                let depth = depth(p)
                guard depth > 0 else { continue }
                labels.voxels[n] = TissueLabel.bone
                image.voxels[n] = depth < 0.9 ? 1000 : spongiosaHU
                guard let hollow, (p - SIMD3(hollow.along, hollow.across, 0)).magnitude < hollow.radius else {
                    continue
                }
                image.voxels[n] = hollowIsDeposit ? 500 : 50
                if hollowIsDeposit { labels.voxels[n] = TissueLabel.deposit }
            }
            let bones = DisjoinedBones(
                bone: labels.map { $0 == TissueLabel.bone ? 1 : 0 }, image: image, softHU: 50)
            var pieces = bones.pieces.sorted { $0.centre.x < $1.centre.x }
            for n in pieces.indices { pieces[n].orient(towards: SIMD3(1, 0, 0)) }
            let chain = BoneChain(bones: pieces, roles: Array(roles.prefix(pieces.count)), reachMm: 60)
            return BoneErosions(pieces: bones.labels, labels: labels, image: image, softBelowHU: 150)
                .flag(of: chain, digit: .third, side: .left)
        }
    }

    @Test func aSoundFingerHasNone() throws {
        let flag = Finger().flag()
        #expect(flag.kind == .erosion)
        #expect(flag.state == .notFlagged)
        #expect(flag.digit == .third && flag.side == .left)
        #expect(flag.limit == 1.5 && flag.unit == "mm")
        #expect(try #require(flag.measured) < 1)
    }

    /// Heads and bases, both sides of the joint.
    @Test(arguments: [32, 41] as [Float], [1.5, 2, 2.5] as [Float])
    func aHollowBehindABrokenCortexBesideAJointIsOne(along: Float, radius: Float) throws {
        let flag = Finger(hollow: (along, 4, radius)).flag()
        #expect(flag.state == .flagged)
        #expect(abs(try #require(flag.measured) - Double(radius + 0.5)) < 0.8)
    }

    @Test func aScratchIsNone() {
        #expect(Finger(hollow: (32, 5, 1)).flag().state == .notFlagged)
    }

    @Test func aCystBehindAWholeCortexIsNone() {
        #expect(Finger(hollow: (32, 1, 2)).flag().state == .notFlagged)
    }

    @Test func aBreakOfTheShaftIsNone() {
        #expect(Finger(hollow: (18, 3, 1.5)).flag().state == .notFlagged)
    }

    @Test func marrowWithoutSpongiosaIsNoneBehindAWholeCortex() {
        #expect(Finger(spongiosaHU: -30).flag().state == .notFlagged)
    }

    @Test func aHollowThatADepositFillsIsNone() {
        #expect(Finger(hollow: (32, 4, 2), hollowIsDeposit: true).flag().state == .notFlagged)
    }

    /// Facets at the wrist are deep: only the head of a metacarpal is looked at.
    @Test func theBaseOfAMetacarpalIsNotLookedAt() {
        let roles: [BoneRole] = [.metacarpal, .proximal]
        #expect(Finger(hollow: (4, 4, 2)).flag(roles: roles).state == .notFlagged)
        #expect(Finger(hollow: (32, 4, 2)).flag(roles: roles).state == .flagged)
    }

    @Test func aBoneThatTheScanCutsIsNotAssessed() {
        let cut = Finger(startMm: -8).flag()
        #expect(cut.state == .notAssessed)
        #expect(cut.measured == nil)
        // What is seen of it still counts.
        #expect(Finger(startMm: -8, hollow: (32, 4, 2)).flag().state == .flagged)
    }

    @Test func coarseVoxelsShowNone() {
        #expect(Finger(spacingMm: 1.2, hollow: (32, 4, 2.5)).flag().state == .notAssessed)
    }
}

extension SIMD2<Float> {
    fileprivate var lengthOfVector: Float { (self * self).sum().squareRoot() }
}
