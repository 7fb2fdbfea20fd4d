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
    /// From the first end to the last, of what is named.
    var totalMm: Float {
        zip(bones, roles).reduce(0) { $0 + ($1.1 == .other ? 0 : $1.0.lengthMm) }
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
    /// Mean of the centres of what is named.
    var centre: SIMD3<Float> {
        let named = zip(bones, roles).filter { $0.1 != .other }.map(\.0.centre)
        return named.reduce(SIMD3<Float>(repeating: 0)) { $0 + $1 } / Float(max(named.count, 1))
    }
    /// Joints between neighbouring bones of the digit.
    package var joints: [SIMD3<Float>] {
        let named = bones.indices.filter { roles[$0] != .other }
        return zip(named, named.dropFirst()).filter { roles[$0] != roles[$1] }.map {
            0.5 * (bones[$0].ends.1 + bones[$1].ends.0)
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

    /// Whether most of the bones of another chain lie along this one.
    func holds(_ other: BoneChain, within distanceMm: Float) -> Bool {
        2 * other.bones.count { nearest(to: $0.centre).distanceMm < distanceMm } > other.bones.count
    }
}
