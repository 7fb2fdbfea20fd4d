/// Collects the parts of a region: bones, soft tissue, vessels and lumps, drawn from one seed.
///
/// Coordinates are those of the right side in mm: x to the middle of the body, y to the back, z to the head.
struct RegionMaker {
    var generator: SeededGenerator
    let scale: Float
    /// 1 for firm bone, less for demineralised.
    let strength: Float
    var bones: [Bone] = []
    var envelope: [TaperedRod] = []
    var strands: [Strand] = []
    var arteries: [Artery] = []
    var concretions: [Concretion] = []
    var screws: [TaperedRod] = []
    /// Heights that a scan covers.
    var field: ClosedRange<Float> = -60...60

    init(_ parameters: RegionParameters, seed: UInt64) {
        generator = SeededGenerator(seed: seed, stream: 11)
        scale = generator.uniform(0.92...1.08)
        strength = parameters.demineralised ? 0.72 : 1
    }

    /// A tubular bone from its base to its head; half widths along the sides and along `dorsal`.
    mutating func tube(
        _ base: Point, _ head: Point, dorsal: Point = Point(0, 1, 0), _ baseHalf: SIMD2<Float>,
        _ waistHalf: SIMD2<Float>, _ headHalf: SIMD2<Float>, cortexMm: Float, bowMm: Float = 0
    ) -> Bone {
        let girth = scale * generator.uniform(0.95...1.05)
        return .long(
            LongBone(
                kind: .forearm, base: scale * base, frame: SegmentFrame(axis: head - base, dorsal: dorsal),
                fullLength: scale * length(head - base), baseHalf: girth * baseHalf, waistHalf: girth * waistHalf,
                headHalf: girth * headHalf, shaftCortexMm: cortexMm * girth * strength * generator.uniform(0.88...1.1),
                endCortexMm: 0.9 * strength * generator.uniform(0.85...1.2),
                spongiosaShare: 0.17 * strength * generator.uniform(0.85...1.15), bowMm: bowMm * girth,
                surface: SmoothField(wavelengthMm: 12, using: &generator),
                inside: SmoothField(wavelengthMm: 5, count: 7, using: &generator)))
    }

    /// A lump of bone: half axes along x, y and z unless the axis is another.
    mutating func lump(
        _ centre: Point, _ half: Point, axis: Point = Point(0, 0, 1), dorsal: Point = Point(0, 1, 0),
        cortexMm: Float = 0.9
    ) -> Bone {
        .carpal(
            CarpalBone(
                centre: scale * centre + generator.uniform(-0.5...0.5),
                half: scale * generator.uniform(0.95...1.05) * half, frame: SegmentFrame(axis: axis, dorsal: dorsal),
                cortexMm: cortexMm * strength, spongiosaShare: 0.2 * strength * generator.uniform(0.85...1.15),
                surface: SmoothField(wavelengthMm: 13, using: &generator),
                inside: SmoothField(wavelengthMm: 5.5, count: 7, using: &generator)))
    }

    mutating func skin(_ a: Point, _ b: Point, _ radiusA: Float, _ radiusB: Float) {
        envelope.append(TaperedRod(scale * a, scale * b, scale * radiusA, scale * radiusB))
    }

    mutating func muscle(_ a: Point, _ b: Point, _ radiusA: Float, _ radiusB: Float) {
        strand(.muscle, a, b, radiusA, radiusB)
    }

    mutating func tendon(_ a: Point, _ b: Point, _ radius: Float, hasSheath: Bool = true) {
        strand(.tendon, a, b, radius, radius, hasSheath: hasSheath)
    }

    mutating func strand(
        _ tissue: Tissue, _ a: Point, _ b: Point, _ radiusA: Float, _ radiusB: Float, hasSheath: Bool = true
    ) {
        let girth = scale * generator.uniform(0.92...1.06)
        strands.append(
            Strand(
                rod: TaperedRod(scale * a, scale * b, girth * radiusA, girth * radiusB), tissue: tissue,
                hasSheath: hasSheath))
    }

    /// - Parameter radii: of the end and of the beginning.
    mutating func artery(_ path: [Point], _ radii: ClosedRange<Float>, share: Float) {
        var artery = Artery(
            path: path.map { scale * $0 + generator.uniform(-0.6...0.6) }, radii: radii,
            mgPerCm3: Double(generator.uniform(300...900)))
        artery.calcify(share: share, using: &generator)
        arteries.append(artery)
    }

    /// With the probability given, a lump of about this radius that is `jitter` mm off its usual place.
    mutating func other(
        _ kind: OtherCalcification, _ centre: Point, _ radii: ClosedRange<Float>, jitter: Float = 3,
        probability: Float = 0.6, mgPerCm3: ClosedRange<Float> = 150...600, stretch: Point = Point(repeating: 1),
        lucentShare: Float = 0
    ) {
        let place = scale * centre + jitter * generator.direction()
        let radius = generator.uniform(radii)
        let uneven = Point(generator.uniform(0.8...1.15), generator.uniform(0.8...1.15), generator.uniform(0.8...1.15))
        let lump = Concretion(
            kind, at: place, half: radius * stretch * uneven, mgPerCm3: generator.uniform(mgPerCm3),
            lucentShare: lucentShare, using: &generator)
        if generator.uniform() < probability { concretions.append(lump) }
    }
}
