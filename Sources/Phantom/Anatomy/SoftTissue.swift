/// A rod of muscle or tendon, painted over fat.
struct Strand: Sendable {
    var rod: TaperedRod
    var tissue: Tissue
    /// Calcinosis may lie along it. Calcium in the rotator cuff, which has no sheath, is calcific tendinitis.
    var hasSheath = true
}

/// A finger's nail: where it lies on the skin.
struct Nail: Sendable {
    var base: Point
    var frame: SegmentFrame
    var startMm: Float
    var endMm: Float
    var halfWidthMm: Float

    /// Whether a point near the skin's surface lies under the outline of the plate.
    func covers(_ p: Point) -> Bool {
        let q = p - base
        let s = dot(q, frame.axis)
        guard s > startMm, s < endMm else { return false }
        return dot(q, frame.dorsal) > 1 && abs(dot(q, frame.lateral)) < halfWidthMm
    }
}

/// The outline of the hand and what lies between skin and bone.
struct SoftTissue: Sendable {
    var envelope: [TaperedRod]
    var strands: [Strand]
    var nails: [Nail]
    /// Points along the flexor tendons of the long fingers and of the thumb, from the forearm to the tip.
    var flexors: [[Point]]
    var unevenness: SmoothField
    var skinMm: Float = 1.2

    init(_ skeleton: Skeleton, scale: Float, using generator: inout SeededGenerator) {
        envelope = Self.makeEnvelope(skeleton, scale: scale)
        flexors = skeleton.rays.map { Self.flexorPath($0, scale: scale) }
        strands = Self.makeMuscles(skeleton, scale: scale)
        strands += Self.makeTendons(skeleton, flexors: flexors, scale: scale)
        nails = skeleton.rays.map { ray in
            let bone = ray.distal
            let length = bone.fullLength
            return Nail(
                base: bone.base, frame: bone.frame, startMm: length * 0.35, endMm: length + 3.5,
                halfWidthMm: 5.2 * ray.girth)
        }
        unevenness = SmoothField(wavelengthMm: 22, using: &generator)
    }

    /// Of another part of the body: without nails and fingers.
    init(envelope: [TaperedRod], strands: [Strand], skinMm: Float, using generator: inout SeededGenerator) {
        self.envelope = envelope
        self.strands = strands
        self.skinMm = skinMm
        nails = []
        flexors = []
        unevenness = SmoothField(wavelengthMm: 22, using: &generator)
    }

    /// The same soft tissue around bones that have moved.
    func following(_ skeleton: Skeleton, scale: Float) -> SoftTissue {
        var result = self
        result.envelope = Self.makeEnvelope(skeleton, scale: scale)
        result.flexors = skeleton.rays.map { Self.flexorPath($0, scale: scale) }
        result.strands =
            Self.makeMuscles(skeleton, scale: scale)
            + Self.makeTendons(skeleton, flexors: result.flexors, scale: scale)
        for (n, ray) in skeleton.rays.enumerated() {
            result.nails[n].base = ray.distal.base
            result.nails[n].frame = ray.distal.frame
        }
        return result
    }

    /// Depth under the skin's surface in mm, negative in air: a smooth union of the rods near the plane.
    func depth(_ p: Point, among rods: [TaperedRod]) -> Float {
        var depth: Float = -1000
        let blend: Float = 3
        var deepest: Float = -1000
        var rest: Placement?
        for rod in rods {
            let next = rod.depth(p)
            if next > deepest { (deepest, rest) = (next, rod.rest) }
            let h = max(blend - abs(depth - next), 0)
            depth = max(depth, next) + h * h / (4 * blend)
        }
        return depth + 0.45 * unevenness.value(rest?(p) ?? p)
    }

    private static func makeEnvelope(_ skeleton: Skeleton, scale: Float) -> [TaperedRod] {
        var rods: [TaperedRod] = []
        for (index, ray) in skeleton.rays.enumerated() {
            let radii: [Float] = ray.phalanges.count == 3 ? [9.6, 8.8, 8.0, 6.4] : [9.8, 8.8, 6.9]
            for (number, bone) in ray.phalanges.enumerated() {
                let volar = -1.4 * bone.frame.dorsal
                let isLast = number == ray.phalanges.count - 1
                // Resorption shortens the finger less than the bone.
                let end = bone.base + (bone.fullLength * (1 - 0.5 * bone.resorbed) - (isLast ? 2 : 0)) * bone.frame.axis
                rods.append(
                    TaperedRod(
                        bone.base + volar, end + volar, radii[number] * ray.girth, radii[number + 1] * ray.girth,
                        rest: bone.rest))
                if isLast {
                    let pad = bone.base + 0.55 * bone.fullLength * bone.frame.axis - 2.6 * bone.frame.dorsal
                    rods.append(
                        TaperedRod(pad, pad + 3 * bone.frame.axis, 6.9 * ray.girth, 6.4 * ray.girth, rest: bone.rest))
                }
            }
            let metacarpal = ray.metacarpal
            let volar = (index == 0 ? -1.5 : -3) * metacarpal.frame.dorsal
            rods.append(
                TaperedRod(
                    metacarpal.base + volar, metacarpal.tip + volar, (index == 0 ? 12 : 14) * scale,
                    (index == 0 ? 10.5 : 12.2) * scale))
        }
        rods.append(TaperedRod(scale * Point(10, -11, 26), skeleton.rays[0].metacarpal.tip, 13 * scale, 9 * scale))
        let small = skeleton.rays[4].metacarpal
        rods.append(
            TaperedRod(
                scale * Point(-14, -8, 22), small.tip - 4 * small.frame.dorsal, 12.5 * scale, 9.5 * scale))
        rods.append(TaperedRod(scale * Point(11, -2, -110), scale * Point(12, -3, 26), 20 * scale, 15.5 * scale))
        rods.append(TaperedRod(scale * Point(-11, -2, -110), scale * Point(-9, -3, 26), 19 * scale, 15 * scale))
        rods.append(TaperedRod(scale * Point(0, -3, -110), scale * Point(2, -4, 32), 21 * scale, 17 * scale))
        return rods
    }

    /// From the forearm through the carpal tunnel, under the metacarpal head, along the phalanges to the tip's base.
    private static func flexorPath(_ ray: Ray, scale: Float) -> [Point] {
        let lane = clamp(ray.metacarpal.base.x * 0.35, -5 * scale, 5 * scale)
        var points = [Point(lane, -12 * scale, -110), Point(lane, -12.5 * scale, -4), Point(lane, -13.5 * scale, 26)]
        let head = ray.metacarpal.tip - 10.5 * ray.girth * ray.metacarpal.frame.dorsal
        points.append(head)
        for (number, bone) in ray.phalanges.enumerated() {
            let isLast = number == ray.phalanges.count - 1
            let middle = bone.base + (isLast ? 0.25 : 0.5) * bone.fullLength * bone.frame.axis
            let t: Float = isLast ? 0.25 : 0.5
            points.append(middle - (bone.halfWidths(t).y + (isLast ? 1.2 : 2.2) - bone.bowMm) * bone.frame.dorsal)
            if !isLast {
                points.append(bone.tip - (bone.halfWidths(1).y + 2.4) * bone.frame.dorsal)
            }
        }
        return points
    }

    private static func makeTendons(_ skeleton: Skeleton, flexors: [[Point]], scale: Float) -> [Strand] {
        var strands: [Strand] = []
        for (path, ray) in zip(flexors, skeleton.rays) {
            for (a, b) in zip(path, path.dropFirst()) {
                strands.append(Strand(rod: TaperedRod(a, b, 2.2 * ray.girth, 2.1 * ray.girth), tissue: .tendon))
            }
            // The deep and the superficial flexor of the long fingers part in the palm.
            if ray.phalanges.count == 3 {
                let shift = Point(0, 3.8 * scale, 0)
                for (a, b) in zip(path.prefix(3), path.prefix(3).dropFirst()) {
                    strands.append(Strand(rod: TaperedRod(a + shift, b + shift, 2, 2), tissue: .tendon))
                }
            }
            var back = [ray.metacarpal.base + 9 * ray.girth * ray.metacarpal.frame.dorsal]
            back.append(ray.metacarpal.tip + 8.4 * ray.girth * ray.metacarpal.frame.dorsal)
            for bone in ray.phalanges.dropLast() {
                back.append(bone.base + (bone.baseHalf.y + 0.9) * bone.frame.dorsal)
                back.append(bone.tip + (bone.headHalf.y + 0.9) * bone.frame.dorsal)
            }
            back.append(ray.distal.base + 2 * ray.distal.frame.axis + 3.6 * ray.girth * ray.distal.frame.dorsal)
            for (a, b) in zip(back, back.dropFirst()) {
                strands.append(Strand(rod: TaperedRod(a, b, 1.2, 1.1), tissue: .tendon))
            }
            let wrist = Point(ray.metacarpal.base.x * 0.9, 11 * scale, -110)
            strands.append(Strand(rod: TaperedRod(wrist, back[0], 1.8, 1.3), tissue: .tendon))
        }
        // Flexor retinaculum, the median nerve under it, and the flexors of the wrist.
        for step in 0..<4 {
            let z = scale * Float(12 + 4 * step)
            strands.append(
                Strand(
                    rod: TaperedRod(
                        scale * Point(-10, -15, 0) + Point(0, 0, z), scale * Point(13, -14.5, 0) + Point(0, 0, z), 1.5,
                        1.5),
                    tissue: .tendon))
        }
        strands.append(
            Strand(
                rod: TaperedRod(scale * Point(3, -14.5, -110), scale * Point(4, -12.2, 34), 1.9, 1.5), tissue: .muscle))
        strands.append(
            Strand(rod: TaperedRod(scale * Point(15, -11, -110), scale * Point(16, -11, 14), 2.4, 2.2), tissue: .tendon)
        )
        strands.append(
            Strand(
                rod: TaperedRod(scale * Point(-15, -11, -110), scale * Point(-13, -12, 9), 2.4, 2.2), tissue: .tendon))
        return strands
    }

    private static func makeMuscles(_ skeleton: Skeleton, scale: Float) -> [Strand] {
        var rods: [TaperedRod] = []
        let rays = skeleton.rays
        let thumb = rays[0].metacarpal
        rods.append(TaperedRod(scale * Point(9, -13, 26), thumb.tip - 5 * thumb.frame.dorsal, 9.5 * scale, 5 * scale))
        rods.append(
            TaperedRod(
                scale * Point(14, -12, 30), thumb.base + 0.6 * (thumb.tip - thumb.base) - 6 * thumb.frame.dorsal,
                9 * scale, 7 * scale))
        let small = rays[4].metacarpal
        rods.append(
            TaperedRod(scale * Point(-14, -9.5, 24), small.tip - 7 * small.frame.dorsal, 8.5 * scale, 4.5 * scale))
        // Interossei between the metacarpals, and the adductor from the third to the thumb.
        for (a, b) in zip(rays.dropFirst(), rays.dropFirst(2)) {
            let from = 0.5 * (a.metacarpal.base + b.metacarpal.base)
            let to = 0.5 * (a.metacarpal.tip + b.metacarpal.tip)
            rods.append(TaperedRod(from + 0.15 * (to - from), from + 0.85 * (to - from), 5 * scale, 5.5 * scale))
            rods.append(
                TaperedRod(
                    from + 0.25 * (to - from) - Point(0, 5, 0), from + 0.8 * (to - from) - Point(0, 5, 0), 4.5 * scale,
                    4.5 * scale))
        }
        let third = rays[2].metacarpal
        for share: Float in [0.35, 0.55, 0.75] {
            rods.append(
                TaperedRod(
                    third.base + share * (third.tip - third.base) - Point(0, 7, 0), thumb.tip - 2 * thumb.frame.dorsal,
                    5 * scale, 4.5 * scale))
        }
        let second = rays[1].metacarpal
        rods.append(
            TaperedRod(
                0.5 * (thumb.base + second.base), 0.5 * (thumb.base + thumb.tip) * 0.5 + 0.5 * second.tip, 6 * scale,
                5 * scale))
        // Pronator quadratus and what is left of the bellies above the wrist.
        rods.append(TaperedRod(scale * Point(6, -8.5, -110), scale * Point(4, -8.5, -12), 9 * scale, 4 * scale))
        rods.append(TaperedRod(scale * Point(-7, -8.5, -110), scale * Point(-5, -8.5, -12), 9 * scale, 4 * scale))
        rods.append(TaperedRod(scale * Point(-2, 8, -110), scale * Point(-2, 9, -18), 7 * scale, 3.5 * scale))
        return rods.map { Strand(rod: $0, tissue: .muscle) }
    }
}
