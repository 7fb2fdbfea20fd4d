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

    /// Distance in mm from a point along a unit vector to the skin; nil where the images end before it.
    package typealias SkinDistance = (_ from: SIMD3<Float>, _ along: SIMD3<Float>) -> Float?

    /// A hand needs at least this many rays to be read.
    private static let fewestRays = 4
    /// Evidence, in units of its own scatter, that settles which side is volar.
    private static let leastEvidence: Float = 1
    /// A chain of no digit this near to a digit's bones, in mm, is a fragment of them.
    private static let fragmentMm: Float = 9

    /// - Parameters:
    ///   - chains: the chains of one limb.
    ///   - skinDistance: see ``SkinDistance``.
    /// - Returns: nil when there are too few rays for a hand.
    package init?(chains: [BoneChain], skinDistance: SkinDistance) {
        guard chains.count >= Self.fewestRays else { return nil }
        // Long chains know where the hand points; a fragment has no direction to tell.
        distal = chains.reduce(SIMD3<Float>(repeating: 0)) { $0 + $1.totalMm * $1.direction }.direction
        let numbers = DigitNumbers(chains, distal: distal)
        var all = zip(numbers.digits, numbers.fitted).map { (digit: $0, chain: $1) }
        let named = all.filter { $0.digit != nil }
        all.removeAll { entry in
            entry.digit == nil && named.contains { $0.chain.holds(entry.chain, within: Self.fragmentMm) }
        }
        digits = all.sorted {
            ($0.digit?.rawValue ?? 6, $0.chain.reachMm) < ($1.digit?.rawValue ?? 6, $1.chain.reachMm)
        }
        guard let towardsThumb = numbers.towardsThumb else { return }
        // In a right-handed frame distal . (volar x thumb) is positive in a right hand.
        let rightVolar = towardsThumb.cross(distal).direction
        let evidence = Self.volarEvidence(
            rightVolar, thumb: digits.first { $0.digit == .first }?.chain,
            digits.filter { $0.digit != nil && $0.digit != .first }.map(\.chain), skinDistance)
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
            let fingers = digits.filter { $0.digit != nil && $0.digit != .first }
            let middle =
                fingers.reduce(SIMD3<Float>(repeating: 0)) { $0 + $1.chain.base } / Float(max(fingers.count, 1))
            let towards = fingers.isEmpty ? direction : (middle - chain.base).direction
            direction = (direction + towards).direction
        }
        var last = distal
        for n in 0...bone where chain.roles[n] != .other || n == bone {
            let piece = chain.bones[n]
            let sum = last + piece.axis
            direction -= (direction.dot(piece.axis) / max(1 + last.dot(piece.axis), 0.05)) * sum
            direction = direction.perpendicular(to: piece.axis).direction
            last = piece.axis
        }
        return direction
    }

    /// Positive when `right` points out of the palm: the soft tissue of a finger is thicker there, fingers bend that
    /// way, and so does the thumb stand.
    private static func volarEvidence(
        _ right: SIMD3<Float>, thumb: BoneChain?, _ fingers: [BoneChain],
        _ skinDistance: SkinDistance
    ) -> Float {
        var thickness: [Float] = []
        var bend: [Float] = []
        for finger in fingers {
            for (bone, role) in zip(finger.bones, finger.roles) where role.rawValue > BoneRole.metacarpal.rawValue {
                let out = right.perpendicular(to: bone.axis)
                if role != .distal, out.magnitude > 0.5,
                    let inFront = skinDistance(bone.centre, out.direction),
                    let behind = skinDistance(bone.centre, -out.direction)
                {
                    thickness.append(inFront - behind)
                }
                bend.append((bone.axis - finger.direction).dot(right))
            }
        }
        func mean(_ values: [Float]) -> Float { values.isEmpty ? 0 : values.reduce(0, +) / Float(values.count) }
        let base = mean(fingers.map { $0.base.dot(right) })
        let stand = thumb.map { ($0.bones[$0.bones.count - 1].ends.1.dot(right) - base) / 15 } ?? 0
        func clamped(_ x: Float) -> Float { min(max(x, -1.5), 1.5) }
        return clamped(mean(thickness) / 1.5) + clamped(mean(bend) / 0.15) + 0.5 * clamped(stand)
    }
}

extension SIMD3<Float> {
    func perpendicular(to axis: Self) -> Self { self - dot(axis) * axis }
}
