/// Where a deposit was put.
public enum DepositSite: String, Sendable, Codable, CaseIterable {
    case fingertipFatPad, tendonSheath, carpalTunnel, besideMuscle, periarticular, subcutaneous
}

/// A stone: an uneven ellipsoid of one mineral at one density, cut by the bone that it touches.
struct Deposit: Sendable {
    var site: DepositSite
    var ray: Int?
    var centre: Point
    /// Unit vectors of the half axes.
    var axes: (Point, Point, Point)
    var half: Point
    var surface: SmoothField
    var mineral: Material
    var mgPerCm3: Double
    /// Share of fat in what lies between the crystals; the rest is muscle-like.
    var hostFatShare: Double
    /// Back to where the deposit was made; nil for one that lies there.
    var rest: Placement?
    /// Was there at an earlier examination.
    var isGone = false

    var largestHalf: Float { half.max() }

    func depth(_ p: Point) -> Float {
        let q = p - centre
        let local = Point(dot(q, axes.0), dot(q, axes.1), dot(q, axes.2))
        let k = length(local / half)
        if k > 2 { return half.min() * (1 - k) }
        return half.min() * (1 - k + 0.17 * surface.value(rest?(p) ?? p))
    }

    var mixture: Mixture {
        .mineral(
            mineral, mgPerCm3: mgPerCm3, in: Mixture([(.adipose, hostFatShare), (.muscle, 1 - hostFatShare)]))
    }
}

/// Puts deposits where calcinosis is found: fingertips first, then tendon sheaths, the carpal tunnel, bone.
struct DepositPlacer {
    let skeleton: Skeleton
    let soft: SoftTissue
    let scale: Float
    let mix: DepositMix
    var generator: SeededGenerator
    private(set) var deposits: [Deposit]

    /// - Parameter besides: deposits that are there already.
    init(
        skeleton: Skeleton, soft: SoftTissue, scale: Float, mix: DepositMix = DepositMix(),
        generator: SeededGenerator, besides deposits: [Deposit] = []
    ) {
        self.mix = mix
        self.deposits = deposits
        self.skeleton = skeleton
        self.soft = soft
        self.scale = scale
        self.generator = generator
    }

    mutating func placeCalcinosis(count: Int) {
        for index in 0..<count { place(mix.sites[index % mix.sites.count], mineral: .hydroxyapatite) }
    }

    mutating func placeUrate() {
        for _ in 0..<2 { place(.periarticular, mineral: .monosodiumUrate) }
    }

    private var space: DepositSpace { DepositSpace(bones: skeleton.bones, soft: soft) }

    private mutating func place(_ site: DepositSite, mineral: Material) {
        for _ in 0..<60 {
            guard var deposit = propose(site) else { continue }
            if mineral == .monosodiumUrate {
                deposit.mineral = mineral
                deposit.mgPerCm3 = Double(generator.uniform(500...900))
                deposit.half = pointwiseMax(deposit.half, Point(repeating: 2.2))
                deposit.hostFatShare = 0
            }
            if space.fits(deposit, besides: deposits) {
                deposits.append(deposit)
                return
            }
        }
    }

    private mutating func propose(_ site: DepositSite) -> Deposit? {
        var radius = generator.uniform(0.9...3.2)
        var stretch = Point(generator.uniform(0.75...1.1), generator.uniform(0.75...1.1), generator.uniform(0.9...1.4))
        var axis = generator.direction()
        var centre: Point
        var rayIndex: Int? = generator.below(5)
        var fat: ClosedRange<Float> = 0...0.3
        let ray = skeleton.rays[rayIndex!]
        switch site {
        case .fingertipFatPad:
            let bone = ray.distal
            radius = generator.uniform(0.8...2.3)
            centre =
                bone.base + generator.uniform(0.35...1.05) * bone.length * bone.frame.axis
                - (bone.waistHalf.y + radius + generator.uniform(0.9...2.4)) * bone.frame.dorsal
                + generator.uniform(-2.5...2.5) * bone.frame.lateral
            fat = 0.2...1
        case .tendonSheath:
            let path = soft.flexors[rayIndex!]
            let part = 3 + generator.below(path.count - 5)
            axis = normalized(path[part + 1] - path[part])
            let side = normalized(cross(axis, generator.direction()))
            centre = path[part] + generator.uniform(0.2...0.8) * (path[part + 1] - path[part]) + 2.4 * side
            radius = generator.uniform(0.9...1.7)
            stretch = Point(0.8, 1, generator.uniform(2...3.5))
        case .carpalTunnel:
            rayIndex = nil
            centre = scale * Point(generator.uniform(-7...9), generator.uniform(-14 ... -10), generator.uniform(6...30))
            radius = generator.uniform(1.2...2.8)
            axis = Point(0, 0, 1)
        case .besideMuscle:
            rayIndex = [0, 4][generator.below(2)]
            let bone = skeleton.rays[rayIndex!].metacarpal
            centre =
                bone.base + generator.uniform(0.2...0.8) * bone.length * bone.frame.axis
                - generator.uniform(7...15) * bone.frame.dorsal + generator.uniform(-5...5) * bone.frame.lateral
            radius = generator.uniform(1.5...3.6)
        case .periarticular:
            let bone = ray.phalanges[generator.below(ray.phalanges.count)]
            let angle = Double(generator.uniform(0...6.283))
            let out = Float(cosine(angle)) * bone.frame.lateral + Float(sine(angle)) * bone.frame.dorsal
            let along = generator.uniform(0.05...0.95) * bone.length
            var surface: Float = 0
            while surface < 12, bone.depth(bone.base + along * bone.frame.axis + surface * out) > 0 { surface += 0.2 }
            radius = generator.uniform(1.1...3.0)
            centre = bone.base + along * bone.frame.axis + (surface + radius * generator.uniform(0.35...0.7)) * out
            axis = bone.frame.axis
        case .subcutaneous:
            rayIndex = nil
            centre = scale * Point(generator.uniform(-18...18), generator.uniform(8...16), generator.uniform(-4...34))
            fat = 0.4...1
        }
        let second = normalized(cross(axis, generator.direction()))
        let touching = site == .periarticular
        return Deposit(
            site: site, ray: rayIndex, centre: centre, axes: (second, cross(axis, second), axis),
            half: mix.sizeFactor * radius * stretch,
            surface: SmoothField(wavelengthMm: 2.2 * radius, using: &generator),
            mineral: .hydroxyapatite, mgPerCm3: mix.mgPerCm3(generator.uniform()),
            hostFatShare: Double(touching ? generator.uniform(0...0.5) : generator.uniform(fat)))
    }
}
