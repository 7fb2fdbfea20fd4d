/// What a bone of a digit is.
package enum BoneRole: Int, Sendable, CaseIterable {
    case other, metacarpal, proximal, middle, distal

    package var segment: DigitSegment? {
        switch self {
        case .other: nil
        case .metacarpal: .metacarpal
        case .proximal: .proximal
        case .middle: .middle
        case .distal: .distal
        }
    }
}

extension BonePiece {
    /// Distance in mm from the distal end of another bone. A stub has no long axis: it is a ball then.
    fileprivate func gap(after other: BonePiece) -> Float {
        isElongated
            ? (ends.0 - other.ends.1).magnitude
            : max((centre - other.ends.1).magnitude - 0.5 * extents.y, 0)
    }

    /// Gives a stub the direction in which it continues another bone.
    fileprivate mutating func align(after other: BonePiece) {
        axis = (centre - other.ends.1).direction
        let half = 0.5 * extents.y
        ends = (centre - half * axis, centre + half * axis)
    }
}

/// The bones of one digit from the wrist to the tip.
package struct BoneChain: Sendable {
    /// Oriented: `ends.0` is proximal, `axis` points to the tip.
    package var bones: [BonePiece]
    /// One for each bone.
    package var roles: [BoneRole]
    /// Way from the limb's entry to the chain's distal end, in mm.
    package var reachMm: Float

    package init(bones: [BonePiece], roles: [BoneRole], reachMm: Float) {
        self.bones = bones
        self.roles = roles
        self.reachMm = reachMm
    }

    /// Where the digit joins the palm: the base of the first phalanx.
    package var base: SIMD3<Float> {
        for (bone, role) in zip(bones, roles) where role.rawValue > BoneRole.metacarpal.rawValue { return bone.ends.0 }
        return bones[bones.count - 1].ends.1
    }
    /// Direction of the metacarpal, or of the first phalanx without one.
    package var direction: SIMD3<Float> {
        for (bone, role) in zip(bones, roles) where role != .other { return bone.axis }
        return bones[0].axis
    }
    package var phalanges: [BonePiece] {
        zip(bones, roles).filter { $0.1.rawValue > BoneRole.metacarpal.rawValue }.map(\.0)
    }
    /// Length in mm of a bone of the digit, from end to end when it lies in pieces; nil when it was not found.
    package func lengthMm(of role: BoneRole) -> Float? {
        guard let first = roles.firstIndex(of: role), let last = roles.lastIndex(of: role) else { return nil }
        return (bones[last].ends.1 - bones[first].ends.0).magnitude
    }
    /// Mean of the bones' centres.
    var centre: SIMD3<Float> {
        bones.reduce(SIMD3<Float>(repeating: 0)) { $0 + $1.centre } / Float(bones.count)
    }
    /// Joints between neighbouring bones of the digit.
    package var joints: [SIMD3<Float>] {
        bones.indices.dropFirst().filter { roles[$0] != roles[$0 - 1] }.map {
            0.5 * (bones[$0 - 1].ends.1 + bones[$0].ends.0)
        }
    }

    /// Distance in mm to the nearest bone of the digit, and which it is.
    package func nearest(to point: SIMD3<Float>) -> (index: Int, distanceMm: Float) {
        var best = (index: 0, distanceMm: Float.infinity)
        for (n, bone) in bones.enumerated() where roles[n] != .other {
            let distance = bone.distance(to: point)
            if distance < best.distanceMm { best = (n, distance) }
        }
        return best
    }
}

extension BoneChain {
    /// Widest gap between the ends of neighbouring bones in mm: a joint bent to a right angle included.
    private static let widestGapMm: Float = 10
    /// What a turn from straight to a right angle counts, in mm of gap.
    private static let turnMm: Float = 6
    /// What is shorter and not part of a chain is a sesamoid or a fragment, in mm.
    private static let leastLengthMm: Float = 6

    /// Links the bones of one limb end to end, from its entry outwards, and names those of each chain.
    package static func chains(of pieces: [BonePiece], in paths: LimbPaths, limb: Int) -> [BoneChain] {
        let bones =
            pieces
            .filter { $0.lengthMm >= leastLengthMm && paths.limb(at: $0.centre) == limb }
            .map { oriented($0, paths) }
            .sorted { paths.distance(at: $0.centre) < paths.distance(at: $1.centre) }
        let parents = links(bones, paths)
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
    private static func links(_ bones: [BonePiece], _ paths: LimbPaths) -> [Int?] {
        var offers: [(cost: Float, child: Int, parent: Int)] = []
        for child in bones.indices {
            for parent in bones.indices where parent != child && bones[parent].isElongated {
                let gap = bones[child].gap(after: bones[parent])
                guard gap < widestGapMm,
                    paths.distance(at: bones[parent].centre) < paths.distance(at: bones[child].centre)
                else { continue }
                let turn = 1 - bones[child].axis.dot(bones[parent].axis)
                // A stub has no direction of its own.
                offers.append((gap + (bones[child].isElongated ? turnMm * turn : 0), child, parent))
            }
        }
        offers.sort { ($0.cost, $0.child, $0.parent) < ($1.cost, $1.child, $1.parent) }
        var parents = [Int?](repeating: nil, count: bones.count)
        var taken = Set<Int>()
        for offer in offers where parents[offer.child] == nil && !taken.contains(offer.parent) {
            parents[offer.child] = offer.parent
            taken.insert(offer.parent)
        }
        return parents
    }
}
