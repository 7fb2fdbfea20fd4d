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
    private static let extraBone: Float = 1
    /// Two pieces of the chain that are one bone.
    private static let brokenBone: Float = 0.8
    /// A phalanx may be resorbed to any length: beyond this it costs no more.
    private static let mostForShortDistal: Float = 1.3
    private static let mostForShortPhalanx: Float = 4

    /// - Parameter digit: nil for a finger whose number is not known.
    init(digit: Digit?, scale: Float) {
        expected = (digit.flatMap { Self.means[$0] } ?? Self.anyFinger).mapValues { $0 * scale }
    }

    /// How far a hand is from the mean is itself evidence, if little.
    static func cost(ofScale scale: Float) -> Float { 0.5 * (scale - 1) * (scale - 1) / (0.1 * 0.1) }

    /// The cheapest names over all scales.
    package static func best(for bones: [BonePiece], digit: Digit?) -> (roles: [BoneRole], cost: Float) {
        var best: (roles: [BoneRole], cost: Float) = ([], .infinity)
        for scale in scales {
            var fit = DigitLengths(digit: digit, scale: scale).roles(of: bones)
            fit.cost += cost(ofScale: scale)
            if fit.cost < best.cost { best = fit }
        }
        return best
    }

    /// The names that fit best, from proximal to distal, and what the fit costs.
    func roles(of bones: [BonePiece]) -> (roles: [BoneRole], cost: Float) {
        var best: (roles: [BoneRole], cost: Float) = ([BoneRole](repeating: .other, count: bones.count), .infinity)
        search(bones, roles: [], cost: 0, &best)
        return best
    }

    private func search(
        _ bones: [BonePiece], roles: [BoneRole], cost: Float, _ best: inout (roles: [BoneRole], cost: Float)
    ) {
        guard cost < best.cost else { return }
        guard roles.count < bones.count else {
            let total = cost + missing(roles)
            if total < best.cost { best = (roles, total) }
            return
        }
        let next = roles.count
        let last = roles.last ?? .other
        if last == .other { search(bones, roles: roles + [.other], cost: cost + Self.extraBone, &best) }
        for role in BoneRole.allCases where role.rawValue > last.rawValue {
            guard let wanted = expected[role] else { continue }
            search(bones, roles: roles + [role], cost: cost + price(bones[next].lengthMm, role, wanted), &best)
            if next + 1 < bones.count {
                let length = (bones[next + 1].ends.1 - bones[next].ends.0).magnitude
                search(
                    bones, roles: roles + [role, role], cost: cost + Self.brokenBone + price(length, role, wanted),
                    &best)
            }
        }
    }

    private func price(_ length: Float, _ role: BoneRole, _ wanted: Float) -> Float {
        let off = Float(naturalLogarithm(Double(max(length, 1) / wanted))) / Self.spread
        guard off < 0, role != .metacarpal else { return off * off }
        return min(off * off, role == .distal ? Self.mostForShortDistal : Self.mostForShortPhalanx)
    }

    private func missing(_ roles: [BoneRole]) -> Float {
        var cost: Float = 0
        for role in expected.keys where !roles.contains(role) {
            cost += role == .metacarpal ? Self.noMetacarpal : role == .distal ? Self.noDistal : Self.noOther
        }
        return cost
    }
}
