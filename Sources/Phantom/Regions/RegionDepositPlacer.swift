/// Puts deposits into fat, onto bone, onto tendons and into muscles of any part of the body.
struct RegionDepositPlacer {
    let space: DepositSpace
    let field: ClosedRange<Float>
    let mix: DepositMix
    var generator: SeededGenerator
    /// What is there already.
    let besides: [Deposit]
    private(set) var deposits: [Deposit] = []

    init(
        space: DepositSpace, field: ClosedRange<Float>, mix: DepositMix, generator: SeededGenerator, besides: [Deposit]
    ) {
        self.space = space
        self.field = field
        self.mix = mix
        self.generator = generator
        self.besides = besides
    }

    mutating func place(count: Int, urate: Int) {
        for index in 0..<count { place(mix.sites[index % mix.sites.count], .hydroxyapatite) }
        for _ in 0..<urate { place(.periarticular, .monosodiumUrate) }
    }

    private mutating func place(_ site: DepositSite, _ mineral: Material) {
        for _ in 0..<200 {
            guard var deposit = propose(site) else { continue }
            if mineral == .monosodiumUrate {
                deposit.mineral = mineral
                deposit.mgPerCm3 = Double(generator.uniform(600...1100))
                deposit.half = pointwiseMax(deposit.half, Point(repeating: 2))
                deposit.hostFatShare = 0
            }
            let reach = deposit.largestHalf + 2
            if deposit.centre.z > field.lowerBound + reach, deposit.centre.z < field.upperBound - reach,
                space.fits(deposit, besides: deposits + besides)
            {
                deposits.append(deposit)
                return
            }
        }
    }

    private mutating func propose(_ site: DepositSite) -> Deposit? {
        var radius = mix.sizeFactor * generator.uniform(0.9...3.6)
        var stretch = Point(generator.uniform(0.75...1.1), generator.uniform(0.75...1.1), generator.uniform(0.9...1.5))
        var axis = generator.direction()
        let fat: ClosedRange<Float>
        let centre: Point
        switch site {
        case .periarticular:
            guard let (p, out) = surfaceOfBone() else { return nil }
            centre = p + radius * generator.uniform(0.35...0.7) * out
            fat = 0...0.5
        case .tendonSheath:
            guard let rod = strand(.tendon) else { return nil }
            axis = normalized(rod.b - rod.a)
            let side = normalized(cross(axis, generator.direction()))
            centre = rod.a + generator.uniform(0.1...0.9) * (rod.b - rod.a) + rod.radiusA * side
            radius = min(radius, 2.2)
            stretch = Point(0.8, 1, generator.uniform(1.5...3))
            fat = 0...0.3
        case .besideMuscle, .carpalTunnel:
            guard let rod = strand(.muscle) else { return nil }
            axis = normalized(rod.b - rod.a)
            let side = normalized(cross(axis, generator.direction()))
            centre =
                rod.a + generator.uniform(0.05...0.95) * (rod.b - rod.a)
                + generator.uniform(0...1) * rod.radiusA * side
            fat = 0...0.3
        case .subcutaneous, .fingertipFatPad:
            guard let p = underTheSkin(radius) else { return nil }
            centre = p
            fat = 0.4...1
        }
        let second = normalized(cross(axis, generator.direction()))
        return Deposit(
            site: site, ray: nil, centre: centre, axes: (second, cross(axis, second), axis), half: radius * stretch,
            surface: SmoothField(wavelengthMm: 2.2 * radius, using: &generator), mineral: .hydroxyapatite,
            mgPerCm3: mix.mgPerCm3(generator.uniform()), hostFatShare: Double(generator.uniform(fat)))
    }

    private mutating func strand(_ tissue: Tissue) -> TaperedRod? {
        let rods = space.soft.strands.filter { $0.tissue == tissue && $0.hasSheath }.map(\.rod)
        return rods.isEmpty ? nil : rods[generator.below(rods.count)]
    }

    /// A point on a bone and the direction out of it.
    private mutating func surfaceOfBone() -> (Point, Point)? {
        let bone = space.bones[generator.below(space.bones.count)]
        let out = generator.direction()
        var p = bone.anchor(using: &generator)
        for _ in 0..<240 {
            if bone.depth(p) <= 0 { return (p, out) }
            p += 0.3 * out
        }
        return nil
    }

    /// A point in subcutaneous fat, clear of muscles and tendons by most of the radius.
    private mutating func underTheSkin(_ radius: Float) -> Point? {
        let rods = space.soft.envelope
        let rod = rods[generator.below(rods.count)]
        let axis = normalized(rod.b - rod.a)
        let out = normalized(cross(axis, generator.direction()))
        let target = space.soft.skinMm + radius + generator.uniform(1...9)
        var p = rod.a + generator.uniform(0...1) * (rod.b - rod.a) + 0.4 * rod.radiusA * out
        for _ in 0..<260 {
            if space.soft.depth(p, among: rods) <= target {
                let isClear = space.soft.strands.allSatisfy { $0.rod.depth(p) < -0.7 * radius }
                return isClear ? p : nil
            }
            p += 0.4 * out
        }
        return nil
    }
}

extension Bone {
    /// A point inside the bone.
    func anchor(using generator: inout SeededGenerator) -> Point {
        switch self {
        case .long(let bone): bone.base + generator.uniform(0.04...0.96) * bone.length * bone.frame.axis
        case .carpal(let bone): bone.centre
        case .joined(let parts): parts[generator.below(parts.count)].anchor(using: &generator)
        }
    }
}
