/// What the bones of a hand show that a reader should look at, each with the number it rests on.
package struct HandFlags {
    private let reading: HandReading
    private let loose: [BonePiece]
    private let side: BodySide?
    private let erosions: BoneErosions

    /// A phalanx whose end, or whose waist, has less than this share of the shaft's cross-section is pencilled. Sound
    /// phalanges widen at their heads.
    static let pencilShare = 0.45
    /// A base this far off the head it belongs to is dislocated: half the head's width, and at least this, in mm.
    static let leastDislocationMm: Float = 4.5
    /// Height of the carpus over the length of the third metacarpal: 0.54 +- 0.03 in sound wrists (Youm et al., J. Bone
    /// Joint Surg. Am. 60, 1978). The limit lies three deviations below.
    static let leastCarpalHeight = 0.45
    /// What is shorter of a third metacarpal was cut by the edge of the scan, in mm.
    private static let leastMetacarpalMm: Float = 45

    init(_ reading: HandReading, loose: [BonePiece], side: BodySide?, erosions: BoneErosions) {
        self.reading = reading
        self.loose = loose
        self.side = side
        self.erosions = erosions
    }

    var flags: [BoneFlag] {
        var flags: [BoneFlag] = []
        for (digit, chain) in reading.digits {
            guard let digit else { continue }
            flags += Self.flags(of: chain, digit: digit, side: side)
            flags.append(erosions.flag(of: chain, digit: digit, side: side))
        }
        flags.append(collapse)
        return flags
    }

    package static func flags(of chain: BoneChain, digit: Digit, side: BodySide?) -> [BoneFlag] {
        [acroOsteolysis(chain, digit), pencilling(chain, digit), dislocation(chain, digit)].map {
            var flag = $0
            flag.side = side
            return flag
        }
    }

    /// Half the usual share of the end phalanx in the first one, from the lengths of adult hands (0.42 to 0.5 in
    /// fingers, 0.7 in the thumb).
    private static func leastShare(_ digit: Digit) -> Double { digit == .first ? 0.45 : 0.28 }

    private static func acroOsteolysis(_ chain: BoneChain, _ digit: Digit) -> BoneFlag {
        var flag = BoneFlag(
            kind: .acroOsteolysis, state: .notAssessed, digit: digit, limit: Self.leastShare(digit),
            unit: "1")
        let last: [BoneRole] = digit == .first ? [.proximal] : [.proximal, .middle]
        guard let first = chain.lengthMm(of: .proximal), last.allSatisfy({ chain.lengthMm(of: $0) != nil }) else {
            return flag
        }
        let share = Double((chain.lengthMm(of: .distal) ?? 0) / first)
        flag.measured = share
        flag.state = share < Self.leastShare(digit) ? .flagged : .notFlagged
        return flag
    }

    /// The thinnest of the digit's first two phalanges: its distal end, or its waist, over its shaft.
    private static func pencilling(_ chain: BoneChain, _ digit: Digit) -> BoneFlag {
        var flag = BoneFlag(
            kind: .pencilling, state: .notAssessed, digit: digit, limit: Self.pencilShare, unit: "1")
        let shares = zip(chain.bones, chain.roles).filter { $0.1 == .proximal || $0.1 == .middle }
            .compactMap { Self.thinnestShare($0.0.profile) }
        guard let least = shares.min() else { return flag }
        flag.measured = least
        flag.state = least < Self.pencilShare ? .flagged : .notFlagged
        return flag
    }

    /// Cross-section of the distal end or of the waist, whichever is less, over the median of the proximal two thirds;
    /// nil for what is too short to have a shaft.
    static func thinnestShare(_ profile: [Float]) -> Double? {
        guard profile.count >= 10 else { return nil }
        let count = profile.count
        let body = profile[(count / 10)..<(2 * count / 3)].sorted()
        let usual = body[body.count / 2]
        // The last tenth is round in any bone.
        let end = profile[(count * 75 / 100)..<(count * 9 / 10)]
        let tip = end.reduce(0, +) / Float(end.count)
        let waist = profile[(count / 5)..<(count * 4 / 5)].min() ?? usual
        return usual > 0 ? Double(min(tip, waist) / usual) : nil
    }

    /// How far the base of a bone lies from where it would turn around the head before it, at the worst joint.
    private static func dislocation(_ chain: BoneChain, _ digit: Digit) -> BoneFlag {
        var flag = BoneFlag(kind: .dislocation, state: .notAssessed, digit: digit, unit: "mm")
        var worst: (excess: Float, offset: Float, limit: Float)?
        for n in chain.bones.indices.dropFirst() {
            let (before, after) = (chain.roles[n - 1], chain.roles[n])
            // A joint whose neighbour was lost is none; the thumb has no middle phalanx.
            let follows = after.rawValue == before.rawValue + 1 || (digit == .first && after == .distal)
            guard before != .other, follows, before != after else { continue }
            let (parent, child) = (chain.bones[n - 1], chain.bones[n])
            guard parent.isElongated, child.isElongated else { continue }
            let offset = Self.offset(of: child, from: parent)
            let limit = max(Self.leastDislocationMm, 0.5 * parent.extents.y)
            if offset - limit > worst?.excess ?? -.infinity { worst = (offset - limit, offset, limit) }
        }
        guard let worst else { return flag }
        flag.measured = Double(worst.offset)
        flag.limit = Double(worst.limit)
        flag.state = worst.excess > 0 ? .flagged : .notFlagged
        return flag
    }

    /// Distance in mm of a bone's base from the nearest place where any flexion would put it.
    ///
    /// The joint turns around the middle of the head, up to a head's radius before its end: bending alone moves no base
    /// off.
    static func offset(of child: BonePiece, from parent: BonePiece) -> Float {
        var least = Float.infinity
        for step in 0...8 {
            let radius = 0.1 * Float(step) * parent.extents.y
            let middle = parent.ends.1 - radius * parent.axis
            for gap: Float in [0, 1.5, 3] {
                least = min(least, (child.ends.0 - middle - (radius + gap) * child.axis).magnitude)
            }
        }
        return least
    }

    private var collapse: BoneFlag {
        var flag = BoneFlag(
            kind: .collapse, state: .notAssessed, side: side, limit: Self.leastCarpalHeight, unit: "1")
        guard let third = reading.digits.first(where: { $0.digit == .third })?.chain,
            let index = third.roles.firstIndex(of: .metacarpal), third.bones[index].lengthMm >= Self.leastMetacarpalMm
        else { return flag }
        let metacarpal = third.bones[index]
        func below(_ point: SIMD3<Float>) -> Float { (metacarpal.ends.0 - point).dot(metacarpal.axis) }
        // The radius: the widest of the long bones behind the carpus.
        let radius = loose.filter { $0.isElongated && $0.lengthMm > 20 && below($0.centre) > 25 }
            .max { $0.extents.y < $1.extents.y }
        guard let radius else { return flag }
        let height = min(below(radius.ends.0), below(radius.ends.1))
        // Bones of the wrist that were not told apart from the radius leave no height to measure.
        let carpals = loose.count { (0...height).contains(below($0.centre)) && !($0.lengthMm > 40) }
        guard height > 8, carpals >= 4 else { return flag }
        let share = Double(height / metacarpal.lengthMm)
        flag.measured = share
        flag.state = share < Self.leastCarpalHeight ? .flagged : .notFlagged
        return flag
    }
}
