import DualEnergyCT
import Testing

/// Rays of bones of which some are in pieces, joined or lost, in a block of tissue that stands for the hand.
@Suite struct RaysOfBonesTests {
    /// A block that leaves the scan at its first slice alone, as a limb does; slices run from the wrist to the tips.
    private static let body = Volume<UInt8>.limbBlock

    /// A bone from one end to the other, 8 mm wide.
    private func bone(_ from: SIMD3<Float>, _ to: SIMD3<Float>) -> BonePiece {
        let offsets: [SIMD3<Float>] = [SIMD3(4, 0, 0), SIMD3(-4, 0, 0), SIMD3(0, 4, 0), SIMD3(0, -4, 0)]
        var positions: [SIMD3<Float>] = []
        for step in 0...20 {
            let at = from + (Float(step) / 20) * (to - from)
            positions += offsets.map { at + $0 }
        }
        return BonePiece(positions: positions)
    }

    /// Bones in line along the slices, each given by its first and last place in mm.
    private func ray(x: Float, _ bones: [(Float, Float)]) -> [BonePiece] {
        bones.map { bone(SIMD3(x, 30, $0.0), SIMD3(x, 30, $0.1)) }
    }

    @Test func aRayRunsOnThroughAStub() {
        // The base of the middle phalanx is a piece of its own, as wide as it is long.
        let pieces = ray(x: 40, [(40, 100), (102, 141), (143, 152), (153, 168), (170, 186)])
        let chains = BoneChain.chains(of: pieces, in: LimbPaths(body: Self.body), limb: 1)
        #expect(chains.map(\.bones.count) == [5])
        #expect(chains.first?.roles == [.metacarpal, .proximal, .middle, .middle, .distal])
    }

    @Test func aRayRunsOnAcrossALostBone() {
        let pieces = ray(x: 40, [(40, 100), (102, 141), (166, 183)])
        let chains = BoneChain.chains(of: pieces, in: LimbPaths(body: Self.body), limb: 1)
        #expect(chains.map(\.bones.count) == [3])
        #expect(chains.first?.roles == [.metacarpal, .proximal, .distal])
    }

    @Test func neighboursAreNoContinuation() {
        let pieces = ray(x: 40, [(40, 100), (102, 141)]) + ray(x: 58, [(40, 100), (102, 141), (143, 168)])
        let chains = BoneChain.chains(of: pieces, in: LimbPaths(body: Self.body), limb: 1)
        #expect(chains.map(\.bones.count).sorted() == [2, 3])
    }

    @Test func metacarpalsThatAreJoinedSideBySideComeApart() {
        let g = GridGeometry(
            columns: 60, rows: 40, slices: 60, columnSpacingMm: 0.7, rowSpacingMm: 0.7, sliceSpacingMm: 1,
            origin: PatientVector(0, 0, 0))
        var mask = Volume<UInt8>(geometry: g, repeating: 0)
        for n in 0..<g.voxelCount {
            let p = g.millimetres(n)
            let y = p.y - 14
            let isInRod = [Float(13), 28].contains { x in
                let off = p.x - x
                return off * off + y * y < 36
            }
            // A bridge as noise leaves it between their bases.
            let isBridge = abs(y) < 1.6 && (13...28).contains(p.x) && (4...9).contains(p.z)
            if (3...56).contains(p.z), isInRod || isBridge { mask.voxels[n] = 1 }
        }
        let image = Volume<Int16>(geometry: g, voxels: mask.voxels.map { $0 == 1 ? 800 : 50 })
        let pieces = DisjoinedBones(bone: mask, image: image, softHU: 50).pieces
        #expect(pieces.count == 2)
        #expect(pieces.allSatisfy { abs($0.axis.z) > 0.95 })
    }

    /// Two bones in line with thin cortex, solid ends and fat in a cavity as narrow as the joint between them.
    /// - Parameter crustHU: CT number around the joint: of soft tissue, or of a deposit outside of the mask.
    @Test(arguments: [Int16(50), 900]) func aNarrowMarrowCavityIsNoJoint(crustHU: Int16) {
        let g = GridGeometry(
            columns: 30, rows: 30, slices: 120, columnSpacingMm: 0.5, rowSpacingMm: 0.5, sliceSpacingMm: 0.5,
            origin: PatientVector(0, 0, 0))
        let joint: ClosedRange<Float> = 29...30.2
        var mask = Volume<UInt8>(geometry: g, repeating: 0)
        var image = Volume<Int16>(geometry: g, repeating: 50)
        for n in 0..<g.voxelCount {
            let p = g.millimetres(n)
            let off = p - SIMD3(7, 7, p.z)
            let radius = off.magnitude
            if (2.1..<3.5).contains(radius), abs(p.z - 29.6) < 3 { image.voxels[n] = crustHU }
            guard radius < 2.1, (2...57).contains(p.z) else { continue }
            mask.voxels[n] = 1
            let isEnd = p.z < 7 || p.z > 52 || abs(p.z - 29.6) < 5.6
            if !joint.contains(p.z) { image.voxels[n] = isEnd || radius > 1.3 ? 800 : -50 }
        }
        let pieces = DisjoinedBones(bone: mask, image: image, softHU: 50).pieces
        #expect(pieces.count == 2)
        #expect(pieces.allSatisfy { abs($0.axis.z) > 0.95 && $0.lengthMm > 22 })
    }
}

extension Volume where Element == UInt8 {
    /// A block of 140 x 60 x 220 mm with air around it but at the first slice.
    static var limbBlock: Volume<UInt8> {
        let g = GridGeometry(
            columns: 70, rows: 30, slices: 110, columnSpacingMm: 2, rowSpacingMm: 2, sliceSpacingMm: 2,
            origin: PatientVector(0, 0, 0))
        var block = Volume<UInt8>(geometry: g, repeating: 0)
        for k in 0..<(g.slices - 2) {
            for j in 2..<(g.rows - 2) {
                for i in 2..<(g.columns - 2) { block[i, j, k] = 1 }
            }
        }
        return block
    }
}
