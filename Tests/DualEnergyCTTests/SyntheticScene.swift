import DualEnergyCT

/// CT numbers of a material at 80 kVp and at 150 kVp with tin, in HU.
struct Matter {
    var low: Float
    var high: Float

    static let air = Matter(low: -1000, high: -1000)
    static let fat = Matter(low: -109, high: -63)
    static let muscle = Matter(low: 46, high: 41)
    static let skin = Matter(low: 80, high: 75)
    static let tendon = Matter(low: 100, high: 102)
    static let nail = Matter(low: 271, high: 257)
    static let cortex = Matter(low: 2500, high: 1160)

    /// HU per mg/cm3 of hydroxyapatite.
    static let mineralLow: Float = 2.19
    static let mineralHigh: Float = 0.94

    /// This tissue with hydroxyapatite in it.
    func with(hydroxyapatite density: Float) -> Matter {
        Matter(low: low + Matter.mineralLow * density, high: high + Matter.mineralHigh * density)
    }

    /// Muscle with 40 % by volume of urate.
    static let urate = Matter(low: 295, high: 289)
}

/// Two images painted from shapes, then blurred and made noisy: no projection, so no artefacts but those.
struct SyntheticScene {
    let geometry: GridGeometry
    var low: Volume<Float>
    var high: Volume<Float>
    /// 0, or the number of the deposit that fills more than half of the voxel.
    var deposits: Volume<UInt8>
    /// 1 where bone fills more than half of the voxel.
    var bone: Volume<UInt8>
    private(set) var depositCount = 0

    init(columns: Int, rows: Int, slices: Int, spacingMm: Double, sliceSpacingMm: Double) {
        geometry = GridGeometry(
            columns: columns, rows: rows, slices: slices, columnSpacingMm: spacingMm, rowSpacingMm: spacingMm,
            sliceSpacingMm: sliceSpacingMm)
        low = Volume(geometry: geometry, repeating: Matter.air.low)
        high = Volume(geometry: geometry, repeating: Matter.air.high)
        deposits = Volume(geometry: geometry, repeating: 0)
        bone = Volume(geometry: geometry, repeating: 0)
    }

    var sizeMm: SIMD3<Float> {
        SIMD3(Float(geometry.columns), Float(geometry.rows), Float(geometry.slices)) * geometry.spacingMm
    }

    /// Paints a shape given by its signed distance in mm (negative inside), with partial volume at its edge.
    mutating func paint(_ matter: Matter, kind: Kind = .tissue, where distance: (SIMD3<Float>) -> Float) {
        if kind == .deposit { depositCount += 1 }
        let spacing = geometry.spacingMm
        let width = 0.5 * (spacing.x + spacing.z)
        for n in low.voxels.indices {
            let d = distance(geometry.gridPosition(n))
            if d > width { continue }
            let share = min(max(0.5 - d / width, 0), 1)
            low.voxels[n] += share * (matter.low - low.voxels[n])
            high.voxels[n] += share * (matter.high - high.voxels[n])
            if share > 0.5 {
                if kind != .inside { deposits.voxels[n] = kind == .deposit ? UInt8(depositCount) : 0 }
                bone.voxels[n] = kind == .bone ? 1 : 0
            }
        }
    }

    /// What is painted inside of a deposit leaves it the deposit's.
    enum Kind { case tissue, bone, deposit, inside }

    /// The two images as a scanner would store them.
    func images(seed: UInt64, noiseLow: Float = 15, noiseHigh: Float = 12, fullWidthMm: Double = 1.0)
        -> SegmentationInput
    {
        var generator = SplitMix(state: seed)
        func noisy(_ clean: Volume<Float>, _ deviation: Float) -> Volume<Int16> {
            let sigma = fullWidthMm / 2.3548
            let image = clean.gaussianSmoothed(sigmaMm: sigma)
            var noise = Volume<Float>(geometry: geometry, voxels: clean.voxels.map { _ in generator.normal() })
            // Reconstruction correlates noise over about a voxel.
            noise.smooth(sigmaMm: 0.6 * geometry.columnSpacingMm)
            let power = (noise.voxels.reduce(0) { $0 + $1 * $1 } / Float(noise.voxels.count)).squareRoot()
            return Volume<Int16>(
                geometry: geometry,
                voxels: zip(image.voxels, noise.voxels).map { value, noise in
                    Int16(min(max((value + deviation / power * noise).rounded(), -1024), 3071))
                })
        }
        return SegmentationInput(
            low: noisy(low, noiseLow), high: noisy(high, noiseHigh), hydroxyapatiteLow: Double(Matter.mineralLow),
            hydroxyapatiteHigh: Double(Matter.mineralHigh), muscleLowHU: Double(Matter.muscle.low),
            muscleHighHU: Double(Matter.muscle.high), fatLowHU: Double(Matter.fat.low),
            fatHighHU: Double(Matter.fat.high), noiseLowHU: Double(noiseLow), noiseHighHU: Double(noiseHigh),
            sliceThicknessMm: geometry.sliceSpacingMm)
    }
}

/// A small generator that gives the same numbers everywhere (Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func uniform() -> Float { Float(next() >> 40) / Float(1 << 24) }

    /// Sum of twelve uniform numbers: normal enough for noise.
    mutating func normal() -> Float { (0..<12).reduce(Float(-6)) { sum, _ in sum + uniform() } }
}

/// Signed distances in mm of simple shapes.
enum Shape {
    static func ball(_ centre: SIMD3<Float>, _ radius: Float) -> (SIMD3<Float>) -> Float {
        { length($0 - centre) - radius }
    }

    /// A rod with round ends; the radius may change along it (`0...1`).
    static func rod(
        from a: SIMD3<Float>, to b: SIMD3<Float>, radius: @escaping (Float) -> Float
    ) -> (SIMD3<Float>) -> Float {
        let axis = b - a
        let square = (axis * axis).sum()
        return { p in
            let t = min(max(((p - a) * axis).sum() / square, 0), 1)
            return length(p - a - t * axis) - radius(t)
        }
    }

    static func length(_ v: SIMD3<Float>) -> Float { (v * v).sum().squareRoot() }
}

/// A finger: skin, fat, a flexor tendon, a nail, and three tubular bones with fatty marrow, along any direction.
struct FingerScene {
    var scene: SyntheticScene
    let base: SIMD3<Float>
    let along: SIMD3<Float>
    let palmar: SIMD3<Float>
    let side: SIMD3<Float>
    /// Signed distance in mm to the outer surface of all bones.
    private(set) var toBone: (SIMD3<Float>) -> Float = { _ in .infinity }

    struct Options {
        var spacingMm = 0.45
        var sliceSpacingMm = 0.5
        var cortexMm: Float = 0.9
        var cortex = Matter.cortex
        var marrow = Matter.fat.with(hydroxyapatite: 40)
        var hasSolidTip = false
        var along = SIMD3<Float>(0, 0, 1)
        var palmar = SIMD3<Float>(0, 1, 0)
    }

    /// Start and end of each bone along the finger in mm, and its radius at the waist.
    static let bones: [(from: Float, to: Float, radius: Float)] = [(-4, 24, 4.2), (27, 46, 3.6), (49, 61, 2.4)]

    init(_ options: Options = Options()) {
        along = options.along / Shape.length(options.along)
        let p = options.palmar - (options.palmar * along).sum() * along
        palmar = p / Shape.length(p)
        side = SIMD3(
            along.y * palmar.z - along.z * palmar.y, along.z * palmar.x - along.x * palmar.z,
            along.x * palmar.y - along.y * palmar.x)
        // The box that holds a rod of 70 mm with 12 mm around.
        let absolute = SIMD3(abs(along.x), abs(along.y), abs(along.z))
        let size = absolute * 70 + 26 * (SIMD3(repeating: 1) - 0.5 * absolute)
        scene = SyntheticScene(
            columns: Int(size.x / Float(options.spacingMm)), rows: Int(size.y / Float(options.spacingMm)),
            slices: Int(size.z / Float(options.sliceSpacingMm)), spacingMm: options.spacingMm,
            sliceSpacingMm: options.sliceSpacingMm)
        base = 0.5 * scene.sizeMm - 34 * along

        let a = base - 20 * along
        let tip = at(60)
        let outline: (Float) -> Float = { 9.5 - 1.5 * $0 }
        scene.paint(.skin, where: Shape.rod(from: a, to: tip, radius: outline))
        scene.paint(.fat, where: Shape.rod(from: a, to: tip, radius: { outline($0) - 1.3 }))
        scene.paint(.muscle, where: Shape.rod(from: a, to: at(20), radius: { _ in 6.5 }))
        scene.paint(
            .tendon, where: Shape.rod(from: at(-20, palmar: 5.6), to: at(46, palmar: 5), radius: { _ in 1.5 }))
        for (number, bone) in Self.bones.enumerated() {
            let isSolid = number == 2 && options.hasSolidTip
            let outer: (Float) -> Float = { t in
                let flare = (2 * t - 1) * (2 * t - 1)
                return bone.radius * (1 + 0.35 * flare * flare) * (number == 2 ? 1.25 - 0.5 * t : 1)
            }
            let ends = (at(bone.from + outer(0)), at(bone.to - outer(1)))
            let surface = Shape.rod(from: ends.0, to: ends.1, radius: outer)
            let others = toBone
            toBone = { min(others($0), surface($0)) }
            scene.paint(options.cortex, kind: .bone, where: surface)
            if isSolid { continue }
            let thickness = number == 2 ? min(options.cortexMm, 0.7) : options.cortexMm
            let cavity = Shape.rod(from: ends.0, to: ends.1, radius: { outer($0) - thickness })
            scene.paint(options.marrow, kind: .bone, where: cavity)
        }
        let nail = Shape.rod(from: at(50, palmar: -7.1), to: at(60, palmar: -6.8), radius: { _ in 0.65 })
        let (side, axis) = (self.side, self.along)
        scene.paint(.nail) { p in
            let across = ((p - axis) * side).sum() - (base * side).sum()
            return nail(p - min(max(across, -3.5), 3.5) * side)
        }
    }

    /// A point at a height along the finger, off its axis.
    func at(_ height: Float, palmar offset: Float = 0, side sideways: Float = 0) -> SIMD3<Float> {
        base + height * along + offset * palmar + sideways * side
    }
}
