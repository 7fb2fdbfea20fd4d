/// How a hand is held, against the way it was made.
public struct HandPose: Sendable, Equatable {
    /// One joint that is bent further.
    public struct Bend: Sendable, Equatable {
        /// 1 is the thumb.
        public var digit: Int
        /// 1 is the joint between metacarpal and proximal phalanx, counted towards the tip.
        public var joint: Int
        /// Towards the palm.
        public var degrees: Double

        public init(digit: Int, joint: Int, degrees: Double) {
            self.digit = digit
            self.joint = joint
            self.degrees = degrees
        }
    }

    /// Shift of the whole hand along the patient's axes, in mm.
    public var shiftMm = SIMD3<Double>.zero
    public var bends: [Bend] = []

    public init(shiftMm: SIMD3<Double> = .zero, bends: [Bend] = []) {
        self.shiftMm = shiftMm
        self.bends = bends
    }
}

/// A rotation and a shift in hand coordinates.
struct Placement: Sendable {
    private var x = Point(1, 0, 0)
    private var y = Point(0, 1, 0)
    private var z = Point(0, 0, 1)
    private var offset = Point.zero

    static let identity = Placement()

    private init() {}

    /// A rotation about an axis through a point, by the right hand.
    init(about centre: Point, axis u: Point, degrees angle: Float) {
        let (s, c) = (sine(degrees: angle), cosine(degrees: angle))
        let d = 1 - c
        x = Point(c + u.x * u.x * d, u.x * u.y * d - u.z * s, u.x * u.z * d + u.y * s)
        y = Point(u.y * u.x * d + u.z * s, c + u.y * u.y * d, u.y * u.z * d - u.x * s)
        z = Point(u.z * u.x * d - u.y * s, u.z * u.y * d + u.x * s, c + u.z * u.z * d)
        offset = centre - turned(centre)
    }

    func turned(_ v: Point) -> Point { Point(dot(x, v), dot(y, v), dot(z, v)) }
    func callAsFunction(_ p: Point) -> Point { turned(p) + offset }

    func then(_ other: Placement) -> Placement {
        var result = Placement()
        let columns = (
            other.turned(Point(x.x, y.x, z.x)), other.turned(Point(x.y, y.y, z.y)), other.turned(Point(x.z, y.z, z.z))
        )
        result.x = Point(columns.0.x, columns.1.x, columns.2.x)
        result.y = Point(columns.0.y, columns.1.y, columns.2.y)
        result.z = Point(columns.0.z, columns.1.z, columns.2.z)
        result.offset = other(offset)
        return result
    }

    var inverse: Placement {
        var result = Placement()
        result.x = Point(x.x, y.x, z.x)
        result.y = Point(x.y, y.y, z.y)
        result.z = Point(x.z, y.z, z.z)
        result.offset = -1 * result.turned(offset)
        return result
    }
}

extension SegmentFrame {
    func turned(by placement: Placement) -> SegmentFrame {
        var result = self
        result.axis = placement.turned(axis)
        result.dorsal = placement.turned(dorsal)
        result.lateral = placement.turned(lateral)
        return result
    }
}

extension HandAnatomy {
    /// The same hand with joints bent: bones and deposits keep their shape, soft tissue follows the bones.
    func posed(_ pose: HandPose) -> HandAnatomy {
        guard !pose.bends.isEmpty else { return self }
        var rays = skeleton.rays
        var moves: [[Placement]] = []
        for r in rays.indices {
            var placement = Placement.identity
            var ofRay: [Placement] = []
            for n in rays[r].phalanges.indices {
                let bone = rays[r].phalanges[n]
                let bend = pose.bends.filter { $0.digit == r + 1 && $0.joint == n + 1 }.reduce(0) { $0 + $1.degrees }
                if bend != 0 {
                    // Half way across the joint's gap; a turn about the side axis takes the tip to the palm.
                    let joint = placement(bone.base - 0.8 * bone.frame.axis)
                    placement = placement.then(
                        Placement(about: joint, axis: placement.turned(bone.frame.lateral), degrees: Float(bend)))
                }
                rays[r].phalanges[n] = bone.placed(placement)
                ofRay.append(placement)
            }
            moves.append(ofRay)
        }
        var result = self
        result.skeleton.set(rays)
        result.soft = soft.following(result.skeleton, scale: scale)
        result.deposits = deposits.map { deposit in
            guard let ray = deposit.ray else { return deposit }
            // The phalanx, or the metacarpal, whose axis is nearest takes the deposit along.
            let bones = [skeleton.rays[ray].metacarpal] + skeleton.rays[ray].phalanges
            let rods = bones.map { TaperedRod($0.base, $0.tip, 0, 0) }
            guard
                let nearest = rods.indices.max(by: { rods[$0].depth(deposit.centre) < rods[$1].depth(deposit.centre) }),
                nearest > 0
            else { return deposit }
            return deposit.placed(moves[ray][nearest - 1])
        }
        for n in erosions.indices where erosions[n].segment > 0 {
            result.erosions[n].centre = moves[erosions[n].ray][erosions[n].segment - 1](erosions[n].centre)
        }
        return result
    }
}

extension LongBone {
    func placed(_ placement: Placement) -> LongBone {
        var result = self
        result.base = placement(base)
        result.frame = frame.turned(by: placement)
        result.rest = placement.inverse
        return result
    }
}

extension Deposit {
    func placed(_ placement: Placement) -> Deposit {
        var result = self
        result.centre = placement(centre)
        result.axes = (placement.turned(axes.0), placement.turned(axes.1), placement.turned(axes.2))
        result.rest = placement.inverse
        return result
    }
}
