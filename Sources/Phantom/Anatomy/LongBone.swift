/// Which part of a ray of the hand, or of the forearm, a long bone is.
enum BoneKind: Sendable {
    case metacarpal, proximalPhalanx, middlePhalanx, distalPhalanx, forearm
}

/// A direction with its back and its side: the frame of a segment of a finger.
struct SegmentFrame: Sendable {
    var axis: Point
    var dorsal: Point
    var lateral: Point

    /// Spread to the thumb's side, flexion to the palm and turn about the own axis, in degrees.
    init(spread: Float, flexion: Float, turn: Float = 0) {
        let (sinS, cosS) = (sine(degrees: spread), cosine(degrees: spread))
        let (sinF, cosF) = (sine(degrees: flexion), cosine(degrees: flexion))
        axis = Point(sinS * cosF, -sinF, cosS * cosF)
        let back = Point(sinS * sinF, cosF, cosS * sinF)
        let side = Point(cosS, 0, -sinS)
        dorsal = cosine(degrees: turn) * back + sine(degrees: turn) * side
        lateral = cosine(degrees: turn) * side - sine(degrees: turn) * back
    }
}

extension SegmentFrame {
    /// - Parameter dorsal: need not be perpendicular to the axis nor of length 1.
    init(axis: Point, dorsal: Point) {
        self.axis = normalized(axis)
        lateral = normalized(cross(dorsal, self.axis))
        self.dorsal = cross(self.axis, lateral)
    }
}

/// A tubular bone: a base, a waist and a head of elliptical section, rounded at both ends and a little uneven.
struct LongBone: Sendable {
    var kind: BoneKind
    var base: Point
    var frame: SegmentFrame
    /// Length of the bone in mm; `resorbed` of it is missing at the tip.
    var fullLength: Float
    var resorbed: Float = 0
    /// Half widths (lateral, dorsal) in mm.
    var baseHalf: SIMD2<Float>
    var waistHalf: SIMD2<Float>
    var headHalf: SIMD2<Float>
    var shaftCortexMm: Float
    var endCortexMm: Float
    /// Share of solid bone in the spongiosa of the ends.
    var spongiosaShare: Float
    /// How far the middle of the shaft stands towards the back, in mm.
    var bowMm: Float
    var surface: SmoothField
    var inside: SmoothField
    /// Back to where the bone was made: its texture moves with it. Nil for a bone that lies there.
    var rest: Placement?

    var length: Float { fullLength * (1 - resorbed) }
    var tip: Point { base + length * frame.axis }
    var largestHalf: Float { max(baseHalf.max(), headHalf.max()) }

    func halfWidths(_ t: Float) -> SIMD2<Float> {
        let toBase = 1 - smoothStep(0, 0.42, t)
        let toHead = smoothStep(0.6, 0.97, t)
        return waistHalf + toBase * (baseHalf - waistHalf) + toHead * (headHalf - waistHalf)
    }

    /// Distance into the bone in mm, negative outside; near the surface within some 10 %.
    func depth(_ p: Point) -> Float {
        let q = p - base
        let s = dot(q, frame.axis)
        let t = clamp(s / fullLength, 0, 1)
        let u = dot(q, frame.lateral)
        let v = dot(q, frame.dorsal) - bowMm * 4 * t * (1 - t)
        let end = min(s, length - s)
        let full = halfWidths(t)
        let cap = 0.6 * full.max()
        let c = 1 - clamp(end / cap, 0, 1)
        let rounding = max(1 - c * c, 0.01).squareRoot()
        let half = full * rounding
        let k = (u * u / (half.x * half.x) + v * v / (half.y * half.y)).squareRoot()
        let g =
            (u * u / (half.x * half.x * half.x * half.x) + v * v / (half.y * half.y * half.y * half.y)).squareRoot()
        let radial = k < 0.05 ? half.min() * (1 - k) : k * (1 - k) / g
        var depth = radial
        if end < 0 {
            let out = min(radial, 0)
            depth = -(end * end + out * out).squareRoot()
        } else if end < cap {
            let k0 = (u * u / (full.x * full.x) + v * v / (full.y * full.y)).squareRoot()
            let axial = end - cap * (1 - max(1 - k0 * k0, 0).squareRoot())
            depth = min(radial, axial)
        }
        return depth > -2 ? depth + 0.3 * surface.value(rest?(p) ?? p) : depth
    }

    /// Cortex, spongiosa or marrow at a point this far inside.
    func tissue(_ p: Point, depth: Float) -> Tissue {
        let s = dot(p - base, frame.axis)
        let t = clamp(s / length, 0, 1)
        let shaft = smoothStep(0.06, 0.36, t) * smoothStep(0.06, 0.36, 1 - t)
        let unevenness = inside.value(rest?(p) ?? p)
        let cortex = mix(endCortexMm, shaftCortexMm, shaft) * (1 + 0.22 * unevenness)
        if depth < cortex { return .cortex }
        let endness = mix(1, 0.08, smoothStep(0.1, 0.42, t) * smoothStep(0.1, 0.42, 1 - t))
        let share = spongiosaShare * endness * (1 + 0.35 * unevenness)
        return Spongiosa.tissue(share: share)
    }
}

/// The scale of `Tissue.spongiosa(level:)`.
enum Spongiosa {
    static let densestShare: Float = 0.36

    static func share(level: Int) -> Float { densestShare * Float(level) / Float(Tissue.spongiosaLevels - 1) }

    static func tissue(share: Float) -> Tissue {
        let level = Int((share / densestShare * Float(Tissue.spongiosaLevels - 1)).rounded())
        return .spongiosa(level: min(max(level, 0), Tissue.spongiosaLevels - 1))
    }
}
