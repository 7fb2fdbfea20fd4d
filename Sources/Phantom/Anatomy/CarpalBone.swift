/// A short bone of the wrist: an uneven ellipsoid; its facets come from its neighbours.
struct CarpalBone: Sendable {
    var centre: Point
    /// Half axes in mm along `frame.lateral`, `frame.dorsal` and `frame.axis`.
    var half: Point
    var frame: SegmentFrame
    var cortexMm: Float
    var spongiosaShare: Float
    var surface: SmoothField
    var inside: SmoothField

    var largestHalf: Float { half.max() }

    func depth(_ p: Point) -> Float {
        let q = p - centre
        let local = Point(dot(q, frame.lateral), dot(q, frame.dorsal), dot(q, frame.axis))
        let k = length(local / half)
        let g = length(local / (half * half))
        let depth = k < 0.05 ? half.min() * (1 - k) : k * (1 - k) / g
        return depth > -2 ? depth + 0.6 * surface.value(p) : depth
    }

    func tissue(_ p: Point, depth: Float) -> Tissue {
        let unevenness = inside.value(p)
        if depth < cortexMm * (1 + 0.25 * unevenness) { return .cortex }
        return Spongiosa.tissue(share: spongiosaShare * (1 + 0.35 * unevenness))
    }
}

/// Any bone of the hand.
enum Bone: Sendable {
    case long(LongBone)
    case carpal(CarpalBone)

    func depth(_ p: Point) -> Float {
        switch self {
        case .long(let bone): bone.depth(p)
        case .carpal(let bone): bone.depth(p)
        }
    }

    func tissue(_ p: Point, depth: Float) -> Tissue {
        switch self {
        case .long(let bone): bone.tissue(p, depth: depth)
        case .carpal(let bone): bone.tissue(p, depth: depth)
        }
    }

    /// The box of the bone's section, with a margin of 2 mm, in the plane at `z`.
    func box(z: Float) -> Box? {
        switch self {
        case .long(let bone): Box.slab(bone.base, bone.tip, radius: bone.largestHalf + bone.bowMm + 2, z: z)
        case .carpal(let bone): Box.slab(bone.centre, bone.centre, radius: bone.largestHalf + 2.6, z: z)
        }
    }
}
