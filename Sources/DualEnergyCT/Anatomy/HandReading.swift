/// A hand as its bones show it: which chain is which digit, where the palm is, and so which side it is.
///
/// Nothing is taken from the header, and no number of bones is asked of a digit. What the images do not settle stays
/// nil.
package struct HandReading: Sendable {
    /// In the order of the digits, as far as they could be numbered.
    package private(set) var digits: [(digit: Digit?, chain: BoneChain)]
    package private(set) var side: BodySide?
    /// Unit vector out of the palm, towards volar; nil when it could not be told from the back of the hand.
    package private(set) var volar: SIMD3<Float>?
    /// Mean direction of the metacarpals, towards the tips.
    package let distal: SIMD3<Float>

    /// A hand needs at least this many rays to be read.
    private static let fewestRays = 4
    /// A thumb stands out by at least this score, and by this much more than the ray at the other edge.
    private static let leastThumbScore: Float = 3
    private static let leastThumbLead: Float = 1.2
    /// Evidence, in units of its own scatter, that settles which side is volar.
    private static let leastEvidence: Float = 1

    /// - Parameters:
    ///   - chains: the chains of one limb.
    ///   - skinDistance: distance in mm from a point along a unit vector to the skin.
    /// - Returns: nil when there are too few rays for a hand.
    package init?(chains all: [BoneChain], skinDistance: (SIMD3<Float>, SIMD3<Float>) -> Float) {
        var chains = Self.joinedOrphans(all)
        guard chains.count >= Self.fewestRays else { return nil }
        distal = chains.reduce(SIMD3<Float>(repeating: 0)) { $0 + $1.direction }.direction
        let across = Self.widestDirection(of: chains.map(\.centre), perpendicularTo: distal)
        chains.sort { ($0.centre.dot(across), $0.reachMm) < ($1.centre.dot(across), $1.reachMm) }
        let scores = (Self.thumbScore(0, chains, distal), Self.thumbScore(chains.count - 1, chains, distal))
        let thumbFirst = scores.0 >= scores.1
        guard max(scores.0, scores.1) > Self.leastThumbScore, abs(scores.0 - scores.1) > Self.leastThumbLead else {
            digits = chains.map { (nil, $0) }
            return
        }
        if !thumbFirst { chains.reverse() }
        let numbers = Self.numbers(chains, across: across)
        Self.nameBones(&chains, numbers)
        digits = zip(numbers, chains).map { (digit: $0, chain: $1) }
        let fingers = Array(chains.dropFirst())
        let middle = fingers.reduce(SIMD3<Float>(repeating: 0)) { $0 + $1.base } / Float(fingers.count)
        let towardsThumb = (chains[0].base - middle).perpendicular(to: distal).direction
        // In a right-handed frame distal . (volar x thumb) is positive in a right hand.
        let rightVolar = towardsThumb.cross(distal)
        let evidence = Self.volarEvidence(rightVolar, thumb: chains[0], fingers, skinDistance)
        guard abs(evidence) > Self.leastEvidence else { return }
        side = evidence > 0 ? .right : .left
        volar = evidence > 0 ? rightVolar : -rightVolar
    }

    /// Volar direction at a bone of a digit: the palm's, turned along with the joints. The thumb has its own.
    package func volar(of entry: Int, bone: Int) -> SIMD3<Float>? {
        guard var direction = volar else { return nil }
        let chain = digits[entry].chain
        if digits[entry].digit == .first {
            // The thumb's nail looks away from the fingers: turned half way from the palm's normal to them.
            let fingers = digits.dropFirst().reduce(SIMD3<Float>(repeating: 0)) { $0 + $1.chain.base }
            let towards = (fingers / Float(max(digits.count - 1, 1)) - chain.base).direction
            direction = (direction + towards).direction
        }
        var last = distal
        for piece in chain.bones[0...bone] {
            let sum = last + piece.axis
            direction -= (direction.dot(piece.axis) / max(1 + last.dot(piece.axis), 0.05)) * sum
            direction = direction.perpendicular(to: piece.axis).direction
            last = piece.axis
        }
        return direction
    }

    /// A single bone beyond the end of a chain is that digit's, if the joint between was lost.
    private static func joinedOrphans(_ chains: [BoneChain]) -> [BoneChain] {
        var rays = chains.filter { $0.bones.count > 1 }
        for orphan in chains where orphan.bones.count == 1 {
            let bone = orphan.bones[0]
            var best: (index: Int, distance: Float)?
            for (n, ray) in rays.enumerated() {
                let last = ray.bones[ray.bones.count - 1]
                let step = bone.centre - last.ends.1
                if step.magnitude < 25, step.direction.dot(last.axis) > 0.5,
                    step.magnitude < best?.distance ?? .infinity
                {
                    best = (n, step.magnitude)
                }
            }
            guard let best else { continue }
            rays[best.index].bones.append(bone)
            rays[best.index].roles.append(.distal)
            rays[best.index].reachMm = orphan.reachMm
        }
        return rays
    }

    private static func widestDirection(
        of points: [SIMD3<Float>], perpendicularTo axis: SIMD3<Float>
    ) -> SIMD3<Float> {
        PrincipalAxes(points.map { $0.perpendicular(to: axis) }).axis.perpendicular(to: axis).direction
    }

    /// How much like a thumb the ray at an edge of the palm is: it joins the palm nearer to the wrist, points away
    /// from the others, and has a bone less.
    private static func thumbScore(_ index: Int, _ chains: [BoneChain], _ distal: SIMD3<Float>) -> Float {
        let others = chains.indices.filter { $0 != index }.map { chains[$0] }
        let height = others.reduce(0) { $0 + $1.base.dot(distal) } / Float(others.count)
        let direction = others.reduce(SIMD3<Float>(repeating: 0)) { $0 + $1.direction }.direction
        let angle = 1 - chains[index].direction.dot(direction)
        let bones = chains[index].bones
        let fit = DigitLengths.best(for: bones, digit: nil).cost - DigitLengths.best(for: bones, digit: .first).cost
        // A millimetre of height, a degree of spread squared and the fit of the lengths, each over what rays scatter.
        return (height - chains[index].base.dot(distal)) / 8 + angle / 0.06 + min(max(fit / 4, -1.5), 1.5)
    }

    /// Names the bones of all digits by lengths of one hand.
    private static func nameBones(_ chains: inout [BoneChain], _ numbers: [Digit?]) {
        var best: (cost: Float, roles: [[BoneRole]]) = (.infinity, [])
        for scale in DigitLengths.scales {
            let fits = zip(chains, numbers).map { DigitLengths(digit: $1, scale: scale).roles(of: $0.bones) }
            let cost = fits.reduce(DigitLengths.cost(ofScale: scale)) { $0 + $1.cost }
            if cost < best.cost { best = (cost, fits.map(\.roles)) }
        }
        for n in chains.indices where best.cost < .infinity { chains[n].roles = best.roles[n] }
    }

    /// Thumb first. A wide gap between neighbours is a lost ray; too many of them and nothing is numbered.
    private static func numbers(_ chains: [BoneChain], across: SIMD3<Float>) -> [Digit?] {
        let places = chains.dropFirst().map { $0.base.dot(across) }
        let steps = zip(places, places.dropFirst()).map { abs($1 - $0) }
        let usual = steps.sorted()[steps.count / 2]
        var number = 2
        var numbers: [Digit?] = [.first, .second]
        for step in steps {
            number += max(1, Int((step / max(usual, 1)).rounded()))
            numbers.append(Digit(rawValue: number))
        }
        guard number <= 5, places.count >= 3 else { return [.first] + places.map { _ in nil } }
        return numbers
    }

    /// Positive when `right` points out of the palm: the soft tissue of a finger is thicker there, fingers bend that
    /// way, and so does the thumb stand.
    private static func volarEvidence(
        _ right: SIMD3<Float>, thumb: BoneChain, _ fingers: [BoneChain],
        _ skinDistance: (SIMD3<Float>, SIMD3<Float>) -> Float
    ) -> Float {
        var thickness: [Float] = []
        var bend: [Float] = []
        for finger in fingers {
            for (bone, role) in zip(finger.bones, finger.roles) where role.rawValue > BoneRole.metacarpal.rawValue {
                let out = right.perpendicular(to: bone.axis)
                if role != .distal, out.magnitude > 0.5 {
                    thickness.append(
                        skinDistance(bone.centre, out.direction) - skinDistance(bone.centre, -out.direction))
                }
                bend.append((bone.axis - finger.direction).dot(right))
            }
        }
        func mean(_ values: [Float]) -> Float { values.isEmpty ? 0 : values.reduce(0, +) / Float(values.count) }
        let base = mean(fingers.map { $0.base.dot(right) })
        let stand = (thumb.bones[thumb.bones.count - 1].ends.1.dot(right) - base) / 15
        func clamped(_ x: Float) -> Float { min(max(x, -1.5), 1.5) }
        return clamped(mean(thickness) / 1.5) + clamped(mean(bend) / 0.15) + 0.5 * clamped(stand)
    }
}

extension SIMD3<Float> {
    func perpendicular(to axis: Self) -> Self { self - dot(axis) * axis }
}
