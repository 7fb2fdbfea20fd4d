/// Erosions: breaks of the cortex beside a joint behind which soft tissue has taken the place of spongiosa.
///
/// Readers of high-resolution CT call erosion a definite break of the cortex that is seen in two perpendicular planes and
/// beyond two slices, with loss of the spongiosa beneath (Barnabe et al., J. Rheumatol. 43, 2016, 1935). The segmentation
/// takes bone for marrow in a cortex of smooth thickness and so runs on over such a hollow as if it were filled. What of a
/// bone reads as soft tissue, and hangs together through such tissue with that around the bones, has lost its cortex in any
/// plane; its depth below the bone's surface says how much is lost beneath.
///
/// What cannot be seen: a hollow or a break narrower than the blur, which reads as bone; a cyst behind a whole cortex; a
/// hollow that a deposit fills; the wrist and the bases of the metacarpals, whose cortex is thin and whose facets lie close
/// to each other; the tip, which is acro-osteolysis. A demineralised bone, whose spongiosa reads as soft tissue here and
/// there and whose cortex is thinner than the blur, may be flagged without an erosion.
/// How far a hollow reaches into a marrow without spongiosa is not its own.
package struct BoneErosions: Sendable {
    /// Denser on muscle, in mg/cm3 of hydroxyapatite, is bone: tendon and cartilage read up to 40, the spongiosa of a
    /// demineralised head 80 and more.
    static let softMgPerCm3 = 60.0
    /// The grooves beside a head and between its condyles are shallower, in mm; and what is less than two voxels deep may
    /// be one slice's.
    static let leastDepthMm = 1.5
    static let leastDepthInVoxels = 2.0
    /// Width in mm of the least break of the cortex.
    static let leastBreakMm = 1.2
    /// Side in mm of the largest voxels, as cubes, that show erosions before they are deformities.
    static let coarsestMm = 1.0
    /// How far from the joint a hollow belongs to it: shares of the bone's width and of its length.
    static let reachInWidths: Float = 0.75
    static let reachInLengths: Float = 0.4
    /// A joint shows where this much of what follows an end lies in the scan, in mm.
    static let marginMm: Float = 2

    /// Number of the piece of bone at each voxel, 0 outside.
    private let pieces: Volume<Int32>
    private let labels: Volume<UInt8>
    private let image: Volume<Int16>
    private let softBelowHU: Float
    private let limitMm: Double
    private let isTooCoarse: Bool

    /// - Parameters:
    ///   - pieces: numbers of the bones, as in `DisjoinedBones.labels`.
    ///   - labels: of the segmentation, `TissueLabel`.
    ///   - image: CT numbers in HU; all three on one grid.
    ///   - softBelowHU: above it is bone.
    package init(pieces: Volume<Int32>, labels: Volume<UInt8>, image: Volume<Int16>, softBelowHU: Float) {
        self.pieces = pieces
        self.labels = labels
        self.image = image
        self.softBelowHU = softBelowHU
        let sideMm = cubeRoot(image.geometry.voxelVolumeMm3)
        limitMm = max(Self.leastDepthMm, Self.leastDepthInVoxels * sideMm)
        isTooCoarse = sideMm > Self.coarsestMm
    }

    /// Of the bones of a measured study.
    init(_ context: MeasurementContext, pieces: Volume<Int32>) {
        let low = context.paths.typical.low
        self.init(
            pieces: pieces, labels: context.segmentation.labels, image: context.low,
            softBelowHU: Float(low.muscleHU + Self.softMgPerCm3 * low.hydroxyapatite))
    }

    /// The deepest hollow of a digit's joints in mm against its limit.
    ///
    /// Not assessed where a joint of the digit could not be looked at and no other has an erosion.
    package func flag(of chain: BoneChain, digit: Digit, side: BodySide?) -> BoneFlag {
        var flag = BoneFlag(
            kind: .erosion, state: .notAssessed, side: side, digit: digit, limit: limitMm, unit: "mm")
        guard !isTooCoarse else { return flag }
        let depths = chain.bones.indices.flatMap { n in
            depthsMm(of: chain.bones[n], atHeads: Self.joints(of: chain, n), in: chain)
        }
        guard let deepest = depths.compactMap({ $0 }).max() else { return flag }
        if Double(deepest) >= limitMm {
            flag.state = .flagged
        } else if !depths.contains(nil) {
            flag.state = .notFlagged
        }
        if flag.state != .notAssessed { flag.measured = Double(deepest) }
        return flag
    }

    /// The ends of a bone that are looked at: true is its head. A bone in pieces has its joints at the outer ones.
    private static func joints(of chain: BoneChain, _ n: Int) -> [Bool] {
        let role = chain.roles[n]
        guard role != .other else { return [] }
        var ends: [Bool] = []
        if role != .metacarpal, chain.roles.firstIndex(of: role) == n { ends.append(false) }
        if role != .distal, chain.roles.lastIndex(of: role) == n { ends.append(true) }
        return ends
    }

    /// 1 in what reads as soft tissue, or less, and hangs together with what is around the bones.
    private func open(in box: VoxelBox) -> Volume<UInt8> {
        let around = labels.cropped(to: box)
        let values = image.cropped(to: box)
        let soft = Volume<UInt8>(geometry: around.geometry) { range, soft in
            for n in range {
                let mayBe = around.voxels[n] == TissueLabel.none || around.voxels[n] == TissueLabel.bone
                (soft + n).initialize(to: mayBe && Float(values.voxels[n]) < softBelowHU ? 1 : 0)
            }
        }
        // What leads in through less than the least break is noise in a thin cortex.
        let wide = soft.eroded(byMm: 0.5 * Self.leastBreakMm)
        var open = Volume<UInt8>(geometry: around.geometry, repeating: 0)
        for part in ConnectedComponents(of: wide, connectivity: .faces).voxelLists()
        where part.contains(where: { around.voxels[$0] == TissueLabel.none }) {
            for n in part { open.voxels[n] = 1 }
        }
        open = open.dilated(byMm: 0.5 * Self.leastBreakMm)
        open.update { n, isIn in isIn &= soft.voxels[n] }
        return open
    }

    /// Depth of the deepest hollow at each end that is asked for, 0 without any; nil where the scan or the reading of the
    /// bones cut it off.
    private func depthsMm(of bone: BonePiece, atHeads: [Bool], in chain: BoneChain) -> [Float?] {
        // A piece that holds two bones has a groove where their joint is.
        guard !atHeads.isEmpty, bone.number > 0, chain.bones.count(where: { $0.number == bone.number }) == 1 else {
            return atHeads.map { _ in nil }
        }
        let g = pieces.geometry
        let box = g.box(from: bone.bounds.0, to: bone.bounds.1)
        let own: Volume<UInt8> = pieces.cropped(to: box).map { $0 == bone.number ? 1 : 0 }
        let squares = own.complement().squaredDistancesMm2(capMm: 20)
        let open = open(in: box)
        let reach = min(Self.reachInWidths * bone.extents.y, Self.reachInLengths * bone.lengthMm)
        // A ball as wide as the limit is deep is the least that is no leak of noise.
        let least = .pi / 6 * limitMm * limitMm * limitMm
        return atHeads.map { atHead in
            let end = atHead ? bone.ends.1 : bone.ends.0
            let outward = atHead ? bone.axis : -bone.axis
            let beyond = end + Self.marginMm * outward
            guard all(beyond .>= 0), all(beyond .<= g.gridPosition(g.voxelCount - 1)) else { return nil }
            var hollow = open
            hollow.update { n, isIn in
                guard isIn != 0 else { return }
                let at = g.millimetres(g.index(fromLocal: n, in: box))
                if own.voxels[n] == 0 || (end - at).dot(outward) > reach { isIn = 0 }
            }
            let hollows = ConnectedComponents(of: hollow, connectivity: .faces).voxelLists()
            return hollows.reduce(Float(0)) { deepest, voxels in
                guard Double(voxels.count) * g.voxelVolumeMm3 >= least else { return deepest }
                return voxels.reduce(deepest) { max($0, squares.voxels[$1].squareRoot()) }
            }
        }
    }
}

extension GridGeometry {
    /// The box of the voxels between two corners in mm from voxel (0, 0, 0), with one voxel of margin.
    fileprivate func box(from low: SIMD3<Float>, to high: SIMD3<Float>) -> VoxelBox {
        func range(_ axis: Int, _ count: Int) -> Range<Int> {
            let first = Int((low[axis] / spacingMm[axis]).rounded()) - 1
            let last = Int((high[axis] / spacingMm[axis]).rounded()) + 1
            return max(first, 0)..<min(last + 1, count)
        }
        return VoxelBox(columns: range(0, columns), rows: range(1, rows), slices: range(2, slices))
    }
}
