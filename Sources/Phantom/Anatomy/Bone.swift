/// Any bone: a tube, a lump, or several of both grown together.
indirect enum Bone: Sendable {
    case long(LongBone)
    case carpal(CarpalBone)
    case joined([Bone])

    func depth(_ p: Point) -> Float {
        switch self {
        case .long(let bone): bone.depth(p)
        case .carpal(let bone): bone.depth(p)
        case .joined(let parts): parts.reduce(-100) { max($0, $1.depth(p)) }
        }
    }

    func tissue(_ p: Point, depth: Float) -> Tissue {
        switch self {
        case .long(let bone): bone.tissue(p, depth: depth)
        case .carpal(let bone): bone.tissue(p, depth: depth)
        case .joined(let parts):
            // Where two parts overlap the one that goes deeper decides, so that no cortex runs through the bone.
            (parts.max { $0.depth(p) < $1.depth(p) } ?? self).tissue(p, depth: depth)
        }
    }

    /// The box of the bone's section, with a margin of 2 mm, in the plane at `z`.
    func box(z: Float) -> Box? {
        switch self {
        case .long(let bone): Box.slab(bone.base, bone.tip, radius: bone.largestHalf + bone.bowMm + 2, z: z)
        case .carpal(let bone): Box.slab(bone.centre, bone.centre, radius: bone.largestHalf + 2.6, z: z)
        case .joined(let parts):
            parts.compactMap { $0.box(z: z) }.reduce(nil) { (sum: Box?, box) in sum?.union(box) ?? box }
        }
    }
}
