extension BonePiece {
    /// Gives a stub the direction in which it continues another bone.
    fileprivate mutating func align(after other: BonePiece) {
        axis = (centre - other.ends.1).direction
        let half = 0.5 * extents.y
        ends = (centre - half * axis, centre + half * axis)
    }
}

/// What it costs to take one bone for the continuation of another: how far apart their ends lie, how far beside each
/// other, and how much the axis turns.
struct BoneLink {
    /// A turn from straight to a right angle counts, in mm of gap.
    static let turnMm: Float = 6
    /// Bases and heads are this much off each other's axes in sound joints, in mm.
    static let looseMm: Float = 3
    /// What lies beside is another ray's bone, what lies behind the end runs beside: each mm counts as so many.
    static let besideFactor: Float = 1.5
    static let behindFactor: Float = 2

    /// Cosine of the angle at which a bone still points along a way: fingers bend on over a lost joint.
    static let straight: Float = 0.75

    let cost: Float
    /// The way from the one to the other runs along both.
    let isStraight: Bool

    /// A stub has no long axis: it is a ball then, whose direction the way to it gives.
    init(from parent: BonePiece, to child: BonePiece) {
        let start = parent.isElongated ? parent.ends.1 : parent.centre
        let end = child.isElongated ? child.ends.0 : child.centre
        let radii = (parent.isElongated ? 0 : 0.5 * parent.extents.y) + (child.isElongated ? 0 : 0.5 * child.extents.y)
        let step = end - start
        var along = SIMD3<Float>(repeating: 0)
        if parent.isElongated { along += parent.axis }
        if child.isElongated { along += child.axis }
        let way = along.magnitude > 0 ? along.direction : step.direction
        let beside = max(step.perpendicular(to: way).magnitude - Self.looseMm - 0.5 * radii, 0)
        let behind = max(-step.dot(way) - Self.looseMm, 0)
        var turn: Float = 0
        if parent.isElongated, child.isElongated {
            turn = 1 - parent.axis.dot(child.axis)
        } else if along.magnitude > 0 {
            turn = 1 - way.dot(step.direction)
        }
        cost =
            max(step.magnitude - radii, 0) + Self.besideFactor * beside + Self.behindFactor * behind
            + Self.turnMm * turn
        isStraight =
            (parent.isElongated || child.isElongated)
            && (!parent.isElongated || parent.axis.dot(step.direction) > Self.straight)
            && (!child.isElongated || child.axis.dot(step.direction) > Self.straight)
    }
}

extension BoneChain {
    /// Dearest link between neighbours, in mm of gap: a joint bent to a right angle included.
    private static let dearestLink: Float = 12
    /// A bone that was lost leaves a gap up to this, in mm: the longest middle phalanx with both joints.
    private static let lostBoneMm: Float = 32
    /// What is shorter and not part of a chain is a sesamoid or a fragment, in mm.
    private static let leastLengthMm: Float = 6

    /// Links the bones of one limb end to end, from its entry outwards, and names those of each chain.
    package static func chains(of pieces: [BonePiece], in paths: LimbPaths, limb: Int) -> [BoneChain] {
        let bones =
            pieces
            .filter { $0.lengthMm >= leastLengthMm && paths.limb(at: $0.centre) == limb }
            .map { oriented($0, paths) }
            .sorted { paths.distance(at: $0.centre) < paths.distance(at: $1.centre) }
        let parents = links(bones, bones.map { paths.distance(at: $0.centre) })
        let isParent = Set(parents.compactMap { $0 })
        let reach = paths.reach(ofLimb: limb)
        return bones.indices.compactMap { leaf in
            let end = paths.distance(at: bones[leaf].ends.1)
            // Carpal bones and those of the forearm end chains too; the shortest thumb reaches further.
            guard !isParent.contains(leaf), end.isFinite, end > 0.5 * reach else { return nil }
            var members = [leaf]
            while let parent = parents[members[members.count - 1]] { members.append(parent) }
            var chain = members.reversed().map { bones[$0] }
            for n in chain.indices.dropFirst() where !chain[n].isElongated { chain[n].align(after: chain[n - 1]) }
            return BoneChain(bones: chain, roles: DigitLengths.best(for: chain, digit: nil).roles, reachMm: end)
        }
        .filter { !$0.phalanges.isEmpty }
    }

    private static func oriented(_ piece: BonePiece, _ paths: LimbPaths) -> BonePiece {
        var bone = piece
        let isReversed = paths.distance(at: piece.ends.0) > paths.distance(at: piece.ends.1)
        bone.orient(towards: (isReversed ? -1 : 1) * (piece.ends.1 - piece.ends.0))
        return bone
    }

    /// For each bone the one before it, cheapest links first; a bone has one follower at most.
    ///
    /// First what touches as bones of one ray do. Then, between the chains that are left, across the gap of a bone that
    /// was resorbed or not seen, where both sides point at each other.
    private static func links(_ bones: [BonePiece], _ ways: [Float]) -> [Int?] {
        var near: [(cost: Float, child: Int, parent: Int)] = []
        var far: [(cost: Float, child: Int, parent: Int)] = []
        for child in bones.indices {
            for parent in bones.indices where parent != child && ways[parent] < ways[child] {
                let link = BoneLink(from: bones[parent], to: bones[child])
                if link.cost < dearestLink {
                    near.append((link.cost, child, parent))
                } else if link.cost < lostBoneMm, link.isStraight {
                    far.append((link.cost, child, parent))
                }
            }
        }
        var parents = [Int?](repeating: nil, count: bones.count)
        var taken = Set<Int>()
        for var offers in [near, far] {
            offers.sort { ($0.cost, $0.child, $0.parent) < ($1.cost, $1.child, $1.parent) }
            for offer in offers where parents[offer.child] == nil && !taken.contains(offer.parent) {
                parents[offer.child] = offer.parent
                taken.insert(offer.parent)
            }
        }
        return parents
    }
}
