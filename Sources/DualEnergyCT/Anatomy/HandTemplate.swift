/// Where the digits join the palm, and how much a hand may differ from it.
///
/// In the plane of the palm: x towards the thumb, y towards the tips, from the head of the third metacarpal, in mm of a
/// hand of scale 1. The metacarpals' bases stand in a row, so that the heads follow from their lengths and spread
/// (`DigitLengths`), 16 to 18 mm apart.
struct HandTemplate {
    private static let joints: [Digit: SIMD2<Float>] = [
        .first: SIMD2(39, -31), .second: SIMD2(17, 1), .third: SIMD2(0, 0), .fourth: SIMD2(-16, -7),
        .fifth: SIMD2(-30, -15),
    ]
    /// Scatter of a finger's joint and of the thumb's, whose metacarpal moves, in mm.
    private static let spreadMm: Float = 6
    private static let thumbSpreadMm: Float = 14
    /// Beyond this nothing is learnt from how far off a joint lies: the chain has lost its first bones.
    static let mostForJoint: Float = 6
    /// The mean of the rays is the hand's axis within this, in radians.
    private static let turnSpread: Float = 0.14

    private let scale: Float
    private let isMirrored: Bool
    private let origin: SIMD2<Float>
    private let turn: Float
    let cost: Float

    /// The template laid over joints.
    /// - Parameters:
    ///   - isMirrored: the thumb lies towards negative x.
    init(digits: [Digit], joints: [SIMD2<Float>], scale: Float, isMirrored: Bool) {
        self.scale = scale
        self.isMirrored = isMirrored
        let wanted = digits.map { Self.wanted($0, scale, isMirrored) }
        let weights = digits.map { Float(1) / ($0 == .first ? Self.thumbSpreadMm : Self.spreadMm) }
        // A few turns around the best: joints that are far off must not draw the others with them.
        var best: (cost: Float, origin: SIMD2<Float>, turn: Float) = (.infinity, SIMD2(0, 0), 0)
        for step in -4...4 {
            let turn = 0.07 * Float(step)
            let turned = wanted.map { Self.turned($0, turn) }
            let offsets = zip(joints, turned).map { $0 - $1 }
            let origin = SIMD2(Self.median(offsets.map(\.x), weights), Self.median(offsets.map(\.y), weights))
            var cost = turn * turn / (Self.turnSpread * Self.turnSpread)
            for (offset, weight) in zip(offsets, weights) {
                let off = weight * (offset - origin)
                cost += min((off * off).sum(), Self.mostForJoint)
            }
            if cost < best.cost { best = (cost, origin, turn) }
        }
        (cost, origin, turn) = best
    }

    /// Cost of a joint that lies here, from 0 to `mostForJoint`.
    func cost(of digit: Digit, at joint: SIMD2<Float>) -> Float {
        let weight = Float(1) / (digit == .first ? Self.thumbSpreadMm : Self.spreadMm)
        let off = weight * (joint - origin - Self.turned(Self.wanted(digit, scale, isMirrored), turn))
        return min((off * off).sum(), Self.mostForJoint)
    }

    private static func wanted(_ digit: Digit, _ scale: Float, _ isMirrored: Bool) -> SIMD2<Float> {
        scale * joints[digit]! * SIMD2(isMirrored ? -1 : 1, 1)
    }

    private static func turned(_ p: SIMD2<Float>, _ angle: Float) -> SIMD2<Float> {
        let (s, c) = (Float(sine(Double(angle))), Float(cosine(Double(angle))))
        return SIMD2(c * p.x - s * p.y, s * p.x + c * p.y)
    }

    /// Median by weight.
    private static func median(_ values: [Float], _ weights: [Float]) -> Float {
        let order = values.indices.sorted { values[$0] < values[$1] }
        let half = 0.5 * weights.reduce(0, +)
        var sum: Float = 0
        for (n, at) in order.enumerated() {
            sum += weights[at]
            if sum > half { return values[at] }
            if sum == half, n + 1 < order.count { return 0.5 * (values[at] + values[order[n + 1]]) }
        }
        return values[order[order.count - 1]]
    }
}
