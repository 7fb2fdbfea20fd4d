/// One ray of the hand: the joints from the wrist to the tip, and its bones.
struct Ray: Sendable {
    var metacarpal: LongBone
    var phalanges: [LongBone]
    /// Scale of the ray's thickness.
    var girth: Float

    var distal: LongBone { phalanges[phalanges.count - 1] }
}

/// The bones of a hand and of the end of the forearm.
struct Skeleton: Sendable {
    var rays: [Ray]
    var carpals: [CarpalBone]
    var forearm: [LongBone]
    var bones: [Bone]

    init(_ parameters: HandParameters, scale: Float, using generator: inout SeededGenerator) {
        let strength: Float = parameters.demineralised ? 0.72 : 1
        rays = (0..<5).map {
            Self.makeRay($0, parameters, scale: scale, strength: strength, using: &generator)
        }
        carpals = Self.makeCarpals(scale: scale, strength: strength, using: &generator)
        forearm = Self.makeForearm(scale: scale, strength: strength, using: &generator)
        bones = Self.bones(rays, carpals, forearm)
    }

    private static func bones(_ rays: [Ray], _ carpals: [CarpalBone], _ forearm: [LongBone]) -> [Bone] {
        rays.flatMap { [Bone.long($0.metacarpal)] + $0.phalanges.map(Bone.long) } + carpals.map(Bone.carpal)
            + forearm.map(Bone.long)
    }

    /// Puts other rays in the place of these.
    mutating func set(_ rays: [Ray]) {
        self.rays = rays
        bones = Self.bones(rays, carpals, forearm)
    }

    // Lengths in mm of metacarpal and phalanges, thumb first; where the metacarpal stands on the wrist; its spread.
    // Near the female means of hand anthropometry (Garrett 1971 and radiographic surveys), rounded.
    private static let lengths: [[Float]] = [
        [44, 30, 21], [63, 38, 22, 16.5], [61, 42, 26, 17.5], [55, 39, 25, 17.5], [51, 31, 18, 15.5],
    ]
    private static let bases: [Point] = [
        Point(20, -9, 28), Point(12.5, 1.5, 32), Point(2.5, 2.5, 33), Point(-7.5, 1.5, 31), Point(-15.5, -1, 28.5),
    ]
    private static let spreads: [Float] = [30, 6, 0.5, -6, -13]
    private static let girths: [Float] = [1.16, 1.0, 1.03, 0.96, 0.85]

    private static func makeRay(
        _ index: Int, _ parameters: HandParameters, scale: Float, strength: Float,
        using generator: inout SeededGenerator
    ) -> Ray {
        let lengths = lengths[index].map { $0 * scale * generator.uniform(0.97...1.03) }
        let girth = girths[index] * scale * generator.uniform(0.95...1.05)
        let isThumb = index == 0
        let spread = spreads[index] + generator.uniform(-1.5...1.5)
        var flexion: Float = isThumb ? generator.uniform(14...22) : generator.uniform(2...6)
        let turn: Float = isThumb ? 50 : 0
        var frame = SegmentFrame(spread: spread, flexion: flexion, turn: turn)
        let base = scale * bases[index]
        let metacarpal = makeBone(
            .metacarpal, base: base, frame: frame, length: lengths[0], girth: girth, strength: strength,
            using: &generator)
        var joint = metacarpal.tip
        var phalanges: [LongBone] = []
        let fingerSpread = spread + (isThumb ? -6 : 0.25 * spread) + generator.uniform(-2...2)
        for (number, length) in lengths.dropFirst().enumerated() {
            let isLast = number == lengths.count - 2
            flexion +=
                isThumb ? generator.uniform(-4...8) : number == 1 ? generator.uniform(6...16) : generator.uniform(2...9)
            frame = SegmentFrame(spread: fingerSpread, flexion: flexion, turn: turn)
            let kind: BoneKind = isLast ? .distalPhalanx : number == 0 ? .proximalPhalanx : .middlePhalanx
            joint += 1.6 * frame.axis
            var bone = makeBone(
                kind, base: joint, frame: frame, length: length, girth: girth, strength: strength, using: &generator)
            if isLast { bone.resorbed = parameters.acroOsteolysis * generator.uniform(0.5...1) }
            phalanges.append(bone)
            joint += length * frame.axis
        }
        return Ray(metacarpal: metacarpal, phalanges: phalanges, girth: girth)
    }

    private static func makeBone(
        _ kind: BoneKind, base: Point, frame: SegmentFrame, length: Float, girth: Float, strength: Float,
        using generator: inout SeededGenerator
    ) -> LongBone {
        // Half widths of base, waist and head; cortex of the shaft; bow.
        let shape: (base: SIMD2<Float>, waist: SIMD2<Float>, head: SIMD2<Float>, cortex: Float, bow: Float) =
            switch kind {
            case .metacarpal: (SIMD2(6.8, 7.2), SIMD2(3.9, 4.2), SIMD2(7.0, 7.2), 2.0, 1.6)
            case .proximalPhalanx: (SIMD2(7.2, 5.8), SIMD2(4.6, 3.6), SIMD2(5.6, 4.2), 1.7, 1.2)
            case .middlePhalanx: (SIMD2(6.3, 4.8), SIMD2(3.9, 3.0), SIMD2(4.9, 3.5), 1.35, 0.8)
            case .distalPhalanx: (SIMD2(5.6, 4.0), SIMD2(2.7, 2.3), SIMD2(4.0, 2.1), 0.95, 0)
            case .forearm: (SIMD2(8, 7), SIMD2(7, 6), SIMD2(8, 7), 2.4, 0)
            }
        return LongBone(
            kind: kind, base: base, frame: frame, fullLength: length, baseHalf: girth * shape.base,
            waistHalf: girth * shape.waist, headHalf: girth * shape.head,
            shaftCortexMm: shape.cortex * girth * strength * generator.uniform(0.88...1.1),
            endCortexMm: 0.6 * strength * generator.uniform(0.85...1.2),
            spongiosaShare: (kind == .distalPhalanx ? 0.2 : 0.17) * strength * generator.uniform(0.85...1.15),
            bowMm: shape.bow * girth, surface: SmoothField(wavelengthMm: 9, using: &generator),
            inside: SmoothField(wavelengthMm: 4, count: 7, using: &generator))
    }

    private static func makeCarpals(
        scale: Float, strength: Float, using generator: inout SeededGenerator
    ) -> [CarpalBone] {
        // Centre; half axes; spread and flexion of the long axis.
        let shapes: [(Point, Point, Float, Float)] = [
            (Point(12, -2, 9.5), Point(6.2, 6.0, 11.0), 28, 32),  // scaphoid
            (Point(1.5, 0.5, 6.5), Point(7.0, 8.0, 6.6), 0, 0),  // lunate
            (Point(-10, 0.5, 9.5), Point(6.6, 6.2, 6.6), 20, 0),  // triquetrum
            (Point(-13, -9.5, 11), Point(4.2, 4.0, 5.2), 0, 0),  // pisiform
            (Point(18, -6, 21.5), Point(6.8, 6.6, 6.6), 25, 10),  // trapezium
            (Point(11, 1, 24.5), Point(5.4, 6.6, 6.2), 0, 0),  // trapezoid
            (Point(2, 1, 21), Point(6.4, 7.8, 11.2), 0, 0),  // capitate
            (Point(-8, 1, 21.5), Point(7.0, 7.2, 9.4), -18, 0),  // hamate
            (Point(-8.5, -8, 24), Point(2.6, 5.2, 4.2), 0, 0),  // hook of the hamate
        ]
        return shapes.map { centre, half, spread, flexion in
            CarpalBone(
                centre: scale * centre + generator.uniform(-0.5...0.5), half: scale * half,
                frame: SegmentFrame(spread: spread, flexion: flexion), cortexMm: 0.9 * strength,
                spongiosaShare: 0.22 * strength * generator.uniform(0.85...1.15),
                surface: SmoothField(wavelengthMm: 11, using: &generator),
                inside: SmoothField(wavelengthMm: 4.5, count: 7, using: &generator))
        }
    }

    private static func makeForearm(
        scale: Float, strength: Float, using generator: inout SeededGenerator
    ) -> [LongBone] {
        let frame = SegmentFrame(spread: 0, flexion: 0)
        let length: Float = 120
        var radius = makeBone(
            .forearm, base: scale * Point(8.5, 0, -1) - length * frame.axis, frame: frame, length: length, girth: scale,
            strength: strength, using: &generator)
        radius.headHalf = scale * SIMD2(14, 9.5)
        radius.waistHalf = scale * SIMD2(7.2, 6.4)
        var ulna = makeBone(
            .forearm, base: scale * Point(-14.5, 3, -3) - length * frame.axis, frame: frame, length: length,
            girth: scale, strength: strength, using: &generator)
        ulna.headHalf = scale * SIMD2(7.4, 7.2)
        ulna.waistHalf = scale * SIMD2(5.6, 5.6)
        return [radius, ulna]
    }
}
