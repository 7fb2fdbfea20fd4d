/// How long the bones of a digit are, and which names fit the bones of a chain.
///
/// A resorbed bone is short and a lost one missing; neither changes the names of the others. Widths and densities say
/// nothing reliable in this disease; lengths along the chain do.
package struct DigitLengths {
    /// Mean lengths in mm of the bones of a digit of an adult, scaled to the hand.
    private let expected: [BoneRole: Float]

    /// Radiographic surveys of hand bones (Garrett 1971; Aydinlioglu 1998), rounded; a hand's own scale is fitted.
    private static let means: [Digit: [BoneRole: Float]] = [
        .first: [.metacarpal: 44, .proximal: 30, .distal: 21],
        .second: [.metacarpal: 63, .proximal: 38, .middle: 22, .distal: 16.5],
        .third: [.metacarpal: 61, .proximal: 42, .middle: 26, .distal: 17.5],
        .fourth: [.metacarpal: 55, .proximal: 39, .middle: 25, .distal: 17.5],
        .fifth: [.metacarpal: 51, .proximal: 31, .middle: 18, .distal: 15.5],
    ]
    private static let anyFinger: [BoneRole: Float] = [.metacarpal: 57.5, .proximal: 37.5, .middle: 23, .distal: 17]
    static let scales: [Float] = [0.76, 0.82, 0.88, 0.94, 1, 1.06, 1.12, 1.2]

    /// A length off by a fifth costs 1.
    private static let spread: Float = 0.2
    private static let noMetacarpal: Float = 0.7
    private static let noDistal: Float = 1.3
    private static let noOther: Float = 3
    /// Resorption runs from the tip: the first phalanx goes last.
    private static let noProximal: Float = 4
    private static let extraBone: Float = 1
    /// Two pieces of the chain that are one bone, and how many may be.
    private static let brokenBone: Float = 0.8
    /// Two bones that are one piece, and the joint's space that it holds, in mm.
    private static let joinedBones: Float = 1
    private static let jointMm: Float = 1.6
    /// A bone of the wrist before the digit: the small ones are many.
    private static let carpalBone: Float = 0.2
    private static let mostPieces = 3
    /// A phalanx may be resorbed to any length: beyond this it costs no more.
    private static let mostForShortDistal: Float = 1.3
    private static let mostForShortPhalanx: Float = 4

    /// - Parameter digit: nil for a finger whose number is not known.
    init(digit: Digit?, scale: Float) {
        expected = (digit.flatMap { Self.means[$0] } ?? Self.anyFinger).mapValues { $0 * scale }
    }

    /// How far a hand is from the mean is itself evidence, if little.
    static func cost(ofScale scale: Float) -> Float { 0.5 * (scale - 1) * (scale - 1) / (0.1 * 0.1) }

    /// The bones of a chain with their names; what holds two bones in one piece is taken apart.
    struct Fit {
        var bones: [BonePiece]
        var roles: [BoneRole]
        /// One for each piece as it came: the first bone's, where it holds two.
        var pieceRoles: [BoneRole]
        var cost: Float

        /// Where the digit joins the palm.
        var base: SIMD3<Float> { BoneChain(bones: bones, roles: roles, reachMm: 0).base }
        /// Of its first named bone.
        var direction: SIMD3<Float> { BoneChain(bones: bones, roles: roles, reachMm: 0).direction }
    }

    /// The cheapest names over all scales, one for each bone.
    package static func best(for bones: [BonePiece], digit: Digit?) -> (roles: [BoneRole], cost: Float) {
        let fit = fit(bones, digit: digit)
        return (fit.pieceRoles, fit.cost)
    }

    /// The cheapest fit over all scales.
    static func fit(_ bones: [BonePiece], digit: Digit?) -> Fit {
        scales.map { scale in
            var fit = DigitLengths(digit: digit, scale: scale).fit(bones)
            fit.cost += cost(ofScale: scale)
            return fit
        }
        .min { $0.cost < $1.cost }!
    }

    /// The names that fit best, from proximal to distal.
    /// - Parameter jointCost: what it costs that the digit joins the palm at a place.
    func fit(_ bones: [BonePiece], jointCost: (SIMD3<Float>) -> Float = { _ in 0 }) -> Fit {
        var best = Names(of: [BoneRole](repeating: .other, count: bones.count), joined: [], cost: .infinity)
        search(bones, Names(of: [], joined: [], cost: 0), jointCost, &best)
        var fit = Fit(bones: [], roles: [], pieceRoles: best.of, cost: best.cost)
        for (n, bone) in bones.enumerated() {
            let role = best.of[n]
            guard best.joined.contains(n), let next = next(after: role) else {
                fit.bones.append(bone)
                fit.roles.append(role)
                continue
            }
            let (first, second) = bone.parted(at: share(of: role, and: next, bone.lengthMm))
            fit.bones += [first, second]
            fit.roles += [role, next]
        }
        return fit
    }

    /// Names of a chain's bones as far as they are given.
    private struct Names {
        var of: [BoneRole]
        /// Pieces that hold the bone of the next name too.
        var joined: [Int]
        var cost: Float
    }

    private func next(after role: BoneRole) -> BoneRole? {
        BoneRole.allCases.first { $0.rawValue > role.rawValue && expected[$0] != nil }
    }

    /// Share of a piece's length that is its first bone. An end phalanx is what its neighbour leaves: it may be resorbed.
    private func share(of role: BoneRole, and next: BoneRole, _ lengthMm: Float) -> Float {
        let (first, second) = (expected[role] ?? 1, expected[next] ?? 1)
        return next == .distal ? min(first / max(lengthMm, 1), 0.85) : first / (first + second)
    }

    private func search(
        _ bones: [BonePiece], _ names: Names, _ jointCost: (SIMD3<Float>) -> Float, _ best: inout Names
    ) {
        guard names.cost < best.cost else { return }
        let at = names.of.count
        var last = names.of.last { $0 != .other } ?? .other
        if let joined = names.joined.last, names.of[joined] == last { last = next(after: last) ?? last }
        guard at < bones.count else {
            var whole = names
            whole.cost += missing(names)
            if last.rawValue <= BoneRole.metacarpal.rawValue { whole.cost += jointCost(bones[at - 1].ends.1) }
            if whole.cost < best.cost { best = whole }
            return
        }
        func go(_ roles: [BoneRole], joined: Bool = false, _ cost: Float) {
            var longer = names
            longer.of += roles
            if joined { longer.joined.append(at) }
            longer.cost += cost
            search(bones, longer, jointCost, &best)
        }
        // Before the digit lie bones of the wrist; within it only a stub can be something else, as a sesamoid is.
        if last == .other { go([.other], bones[at].isElongated ? Self.extraBone : Self.carpalBone) }
        if last != .other, !bones[at].isElongated { go([.other], Self.extraBone) }
        for role in BoneRole.allCases where role.rawValue > last.rawValue {
            guard let wanted = expected[role] else { continue }
            let isFirst = last.rawValue <= BoneRole.metacarpal.rawValue && role.rawValue > BoneRole.metacarpal.rawValue
            let joint = isFirst ? jointCost(bones[at].ends.0) : 0
            for count in 1...Self.mostPieces where at + count <= bones.count {
                let length = (bones[at + count - 1].ends.1 - bones[at].ends.0).magnitude
                go(
                    [BoneRole](repeating: role, count: count),
                    joint + Float(count - 1) * Self.brokenBone + price(length, role, wanted))
            }
            // Two bones are longer than the first of them: what is shorter has lost the other.
            let length = bones[at].lengthMm
            guard bones[at].isElongated, length > wanted + Self.jointMm, let next = next(after: role),
                let more = expected[next]
            else { continue }
            let inside = bones[at].ends.0 + share(of: role, and: next, length) * length * bones[at].axis
            go(
                [role], joined: true,
                (role == .metacarpal ? jointCost(inside) : joint) + Self.joinedBones
                    + price(length, next, wanted + Self.jointMm + more))
        }
    }

    private func price(_ length: Float, _ role: BoneRole, _ wanted: Float) -> Float {
        let off = Float(naturalLogarithm(Double(max(length, 1) / wanted))) / Self.spread
        guard off < 0, role != .metacarpal else { return off * off }
        return min(off * off, role == .distal ? Self.mostForShortDistal : Self.mostForShortPhalanx)
    }

    private func missing(_ names: Names) -> Float {
        let found = names.of + names.joined.compactMap { next(after: names.of[$0]) }
        let goesOn = found.contains { $0.rawValue > BoneRole.proximal.rawValue }
        var cost: Float = 0
        for role in expected.keys where !found.contains(role) {
            switch role {
            case .metacarpal: cost += Self.noMetacarpal
            case .distal: cost += Self.noDistal
            case .proximal: cost += goesOn ? Self.noProximal : Self.noOther
            default: cost += Self.noOther
            }
        }
        return cost
    }
}

extension BonePiece {
    /// The two parts of a piece that is cut across at a share of its length.
    fileprivate func parted(at share: Float) -> (BonePiece, BonePiece) {
        let cut = ends.0 + share * (ends.1 - ends.0)
        func part(_ a: SIMD3<Float>, _ b: SIMD3<Float>, _ share: Float, _ profile: ArraySlice<Float>) -> BonePiece {
            var part = self
            part.ends = (a, b)
            part.centre = 0.5 * (a + b)
            part.extents.x *= share
            part.profile = Array(profile)
            return part
        }
        let at = Int(share * Float(profile.count))
        return (part(ends.0, cut, share, profile[..<at]), part(cut, ends.1, 1 - share, profile[at...]))
    }
}
