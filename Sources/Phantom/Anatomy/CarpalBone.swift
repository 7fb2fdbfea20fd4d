/// A short bone of the wrist, or a lump of a larger bone: an uneven ellipsoid; facets come from its neighbours.
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
