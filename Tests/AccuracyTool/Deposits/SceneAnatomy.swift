import DualEnergyCT
import Phantom

/// What fills each point of a scene, in mm from the middle of the deposit.
struct SceneAnatomy {
    /// Places in `numbers`.
    enum Matter {
        static let air = 0
        static let fat = 1
        static let muscle = 2
        static let tendon = 3
        static let skin = 4
        static let cortex = 5
        static let marrow = 6
        static let deposit = 7
        static let neighbour = 8
        /// Half fat with lobules, from 30 to 70 % of fat.
        static let lobule = 9
        static let lobuleLevels = 9
    }

    let options: DepositScene.Options
    /// CT numbers of each matter.
    let numbers: [SIMD2<Float>]
    private let half: SIMD3<Float>
    private let turn: (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>)
    private let surface: SceneField
    private let lobules: SceneField
    /// A plane behind which the other tissue begins.
    private let border: (normal: SIMD3<Float>, distance: Float)
    private let side: SIMD3<Float>
    private let axis: SIMD3<Float>
    private let boneRadius: Float
    private let cortexMm: Float
    private let boneDistance: Float
    private let skinAt: Float
    private let skinMm: Float
    private let neighbourAt: Float
    private let neighbourRadius: Float

    init(_ options: DepositScene.Options) {
        self.options = options
        var generator = SeededNumbers(seed: options.seed)
        let radius = Float(options.diameterMm / 2)
        var stretch = SIMD3(generator.real(0.8...1.2), generator.real(0.8...1.2), generator.real(0.8...1.2))
        stretch /= Float(cubeRoot(Double(stretch.x * stretch.y * stretch.z)))
        half = radius * stretch
        let first = generator.direction()
        let second = normalised(cross(first, generator.direction()))
        turn = (first, second, cross(first, second))
        surface = SceneField(wavelengthMm: 2 * radius, using: &generator)
        lobules = SceneField(wavelengthMm: 6, using: &generator)
        border = (generator.direction(), radius + generator.real(2...7))
        side = generator.direction()
        axis = normalised(cross(side, generator.direction()))
        boneRadius = generator.real(3.5...6)
        cortexMm = generator.real(0.7...1.6)
        let extent = radius * 1.1
        boneDistance = options.place == .touchingBone ? 0.55 * radius : extent + generator.real(0.8...1.2)
        skinMm = generator.real(1...1.6)
        skinAt = options.place == .throughSkin ? 0.6 * radius : extent + generator.real(0.1...0.6)
        neighbourRadius = radius * generator.real(0.6...1.1)
        neighbourAt = extent + 1.1 * neighbourRadius + generator.real(0.6...1.5)
        numbers = Self.numbers(options, using: &generator)
    }

    private static func numbers(
        _ options: DepositScene.Options, using generator: inout SeededNumbers
    ) -> [SIMD2<Float>] {
        func mixed(_ fat: Double) -> Mixture { Mixture([(.adipose, fat), (.muscle, 1 - fat)]) }
        let matrix: Mixture
        switch options.place {
        case .fat: matrix = mixed(Double(generator.real(0.6...0.94)))
        case .halfFat, .nearBone, .nearDeposit: matrix = mixed(Double(generator.real(0.2...0.6)))
        case .muscle, .touchingBone: matrix = mixed(Double(generator.real(0...0.2)))
        case .tendonSheath: matrix = Mixture([(.tendon, 0.5), (.muscle, 0.5)])
        case .fibrousInFat: matrix = mixed(Double(generator.real(0...0.15)))
        case .underSkin: matrix = mixed(Double(generator.real(0.2...0.94)))
        case .throughSkin: matrix = Mixture([(.skin, 0.5), (.adipose, 0.5)])
        }
        let neighbour = Double(generator.real(200...600))
        var mixtures: [Mixture] = [
            Mixture(.air), mixed(0.94), mixed(0.05), Mixture(.tendon), Mixture(.skin),
            Mixture([(.cortical, 0.93), (.muscle, 0.07)]), Mixture([(.cortical, 0.08), (.yellowMarrow, 0.92)]),
            .mineral(.hydroxyapatite, mgPerCm3: options.mgPerCm3, in: matrix),
            .mineral(.hydroxyapatite, mgPerCm3: neighbour, in: matrix),
        ]
        for level in 0..<Matter.lobuleLevels { mixtures.append(mixed(0.3 + 0.05 * Double(level))) }
        return mixtures.map { mixture in
            SIMD2(
                Float(options.pair.low.effectiveHU(of: mixture, waterCm: options.waterCm)),
                Float(options.pair.high.effectiveHU(of: mixture, waterCm: options.waterCm)))
        }
    }

    func matter(at p: SIMD3<Float>) -> Int {
        let place = options.place
        if place == .underSkin || place == .throughSkin {
            let depth = skinAt - dot(p, side)
            if isDeposit(p), depth > -0.4 * Float(options.diameterMm) { return Matter.deposit }
            if depth < 0 { return Matter.air }
            if depth < skinMm { return Matter.skin }
        }
        if place == .nearBone || place == .touchingBone {
            let centre = (boneDistance + boneRadius) * side
            let q = p - centre
            let along = dot(q, axis)
            let depth = boneRadius - (dot(q, q) - along * along).squareRoot()
            if depth > 0 { return depth < cortexMm ? Matter.cortex : Matter.marrow }
        }
        if isDeposit(p) { return Matter.deposit }
        if place == .nearDeposit {
            let q = p - neighbourAt * side
            if dot(q, q) < neighbourRadius * neighbourRadius { return Matter.neighbour }
        }
        return tissue(at: p)
    }

    private func tissue(at p: SIMD3<Float>) -> Int {
        let isBeyond = dot(p, border.normal) > border.distance
        switch options.place {
        case .fat, .fibrousInFat, .underSkin, .throughSkin: return isBeyond ? Matter.muscle : Matter.fat
        case .muscle, .touchingBone: return isBeyond ? Matter.fat : Matter.muscle
        case .halfFat, .nearBone, .nearDeposit:
            let level = Int(4.5 + 4.5 * lobules.value(p))
            return Matter.lobule + min(max(level, 0), Matter.lobuleLevels - 1)
        case .tendonSheath:
            let q = p - (2.2 + 0.3 * half.x) * side
            let along = dot(q, axis)
            if dot(q, q) - along * along < 2.2 * 2.2 { return Matter.tendon }
            return isBeyond ? Matter.muscle : Matter.lobule
        }
    }

    private func isDeposit(_ p: SIMD3<Float>) -> Bool {
        let local = SIMD3(dot(p, turn.0), dot(p, turn.1), dot(p, turn.2)) / half
        let square = dot(local, local)
        if square > 1.5 { return false }
        return 1 - square.squareRoot() + 0.12 * surface.value(p) > 0
    }
}

func dot(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float { (a * b).sum() }
func normalised(_ a: SIMD3<Float>) -> SIMD3<Float> { a / dot(a, a).squareRoot() }
func cross(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

/// A smooth random field, about -1 to 1: four plane waves.
struct SceneField {
    private var waves: [(k: SIMD3<Float>, phase: Float)] = []

    init(wavelengthMm: Float, using generator: inout SeededNumbers) {
        for _ in 0..<4 {
            waves.append((generator.direction() / (wavelengthMm * generator.real(0.7...1.5)), generator.real()))
        }
    }

    func value(_ p: SIMD3<Float>) -> Float {
        var sum: Float = 0
        for wave in waves {
            // sin(2 pi x) by a parabola.
            let x = dot(wave.k, p) + wave.phase
            let t = (x - x.rounded(.down)) * 2 - 1
            sum -= 4 * t * (1 - abs(t))
        }
        return 0.35 * sum
    }
}

extension SeededNumbers {
    mutating func real() -> Float { Float(next() >> 40) / 16_777_216 }
    mutating func real(_ range: ClosedRange<Float>) -> Float {
        range.lowerBound + real() * (range.upperBound - range.lowerBound)
    }

    /// Near enough to normal for millions of voxels: the sum of eight 16 bit uniforms, exact in mean and variance.
    mutating func grain() -> Float {
        var (a, b, sum) = (next(), next(), 0 as UInt64)
        for _ in 0..<4 {
            sum += (a & 0xFFFF) + (b & 0xFFFF)
            a >>= 16
            b >>= 16
        }
        return (Float(sum) - 262_140) / 53_510.28
    }

    mutating func direction() -> SIMD3<Float> {
        while true {
            let v = SIMD3(real(-1...1), real(-1...1), real(-1...1))
            let square = dot(v, v)
            if square > 0.01, square < 1 { return v / square.squareRoot() }
        }
    }
}
