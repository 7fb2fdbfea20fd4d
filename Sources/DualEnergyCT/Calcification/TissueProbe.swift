/// What lies at a place: tissue, fat, mineral, bone or air, read from the low-energy image without smoothing.
///
/// Rays and templates ask for thousands of places; each answer is one voxel's.
package struct TissueProbe: Sendable {
    package enum Place: Sendable { case air, fat, lean, mineral, bone }

    package let geometry: GridGeometry
    private let low: Volume<Int16>
    private let high: Volume<Int16>
    private let muscle: (low: Float, high: Float)
    private let calciumRatio: Float
    /// What tendon has more than muscle at high energy with calcium taken out by its ratio, in HU.
    private let tendonHU: Float
    private let labels: Volume<UInt8>
    private let body: Volume<UInt8>
    /// Half way between fat and muscle, in HU.
    private let leanHU: Int16
    private let perMm: SIMD3<Float>
    /// Standard deviation of the images' blur in mm.
    package let blurMm: Float
    /// The patient's axes on the grid: to the left, to the back, to the head.
    package let toLeft: SIMD3<Float>
    package let toBack: SIMD3<Float>
    package let toHead: SIMD3<Float>

    package init(_ context: MeasurementContext) {
        let g = context.low.geometry
        geometry = g
        low = context.low
        high = context.high
        let pair = context.paths.typical
        muscle = (Float(pair.low.muscleHU), Float(pair.high.muscleHU))
        calciumRatio = Float(pair.calciumRatio)
        tendonHU = Float(
            pair.high.tendonHU - pair.high.muscleHU
                - (pair.low.tendonHU - pair.low.muscleHU) / pair.calciumRatio)
        labels = context.segmentation.labels
        body = context.segmentation.body
        let response = context.paths.typical.low
        leanHU = Int16(0.5 * (response.adiposeHU + response.muscleHU))
        perMm = 1 / g.spacingMm
        blurMm = Float(context.pointSpreadSigmaMm)
        func onGrid(_ v: PatientVector) -> SIMD3<Float> {
            SIMD3(
                Float(v.dot(g.rowDirection)), Float(v.dot(g.columnDirection)), Float(v.dot(g.sliceDirection)))
        }
        toLeft = onGrid(PatientVector(1, 0, 0))
        toBack = onGrid(PatientVector(0, 1, 0))
        toHead = onGrid(PatientVector(0, 0, 1))
    }

    /// Linear index of the voxel at a place in mm of the grid; nil outside of the images.
    @inline(__always)
    package func voxel(at point: SIMD3<Float>) -> Int? {
        let at = (point * perMm).rounded(.toNearestOrEven)
        guard at.x >= 0, at.y >= 0, at.z >= 0, at.x < Float(geometry.columns), at.y < Float(geometry.rows),
            at.z < Float(geometry.slices)
        else { return nil }
        return geometry.index(Int(at.x), Int(at.y), Int(at.z))
    }

    /// CT number at low energy above muscle's in HU, between the voxels; at the edge of the images the nearest voxel's.
    @inline(__always)
    package func excess(at point: SIMD3<Float>) -> Float {
        let last = SIMD3(Float(geometry.columns - 1), Float(geometry.rows - 1), Float(geometry.slices - 1))
        let at = pointwiseMin(pointwiseMax(point * perMm, SIMD3(repeating: 0)), last)
        let base = pointwiseMax(pointwiseMin(at.rounded(.down), last - 1), SIMD3(repeating: 0))
        let f = at - base
        let n = geometry.index(Int(base.x), Int(base.y), Int(base.z))
        let dx = geometry.columns > 1 ? 1 : 0
        let dy = geometry.rows > 1 ? geometry.columns : 0
        let dz = geometry.slices > 1 ? geometry.columns * geometry.rows : 0
        func line(_ n: Int) -> Float { Float(low.voxels[n]) * (1 - f.x) + Float(low.voxels[n + dx]) * f.x }
        let near = line(n) * (1 - f.y) + line(n + dy) * f.y
        let far = line(n + dz) * (1 - f.y) + line(n + dz + dy) * f.y
        return near * (1 - f.z) + far * f.z - muscle.low
    }

    /// Outside of the images there is nothing known: air.
    @inline(__always)
    package func place(at point: SIMD3<Float>) -> Place {
        guard let n = voxel(at: point), body.voxels[n] != 0 else { return .air }
        switch labels.voxels[n] {
        case TissueLabel.bone: return .bone
        case TissueLabel.deposit, TissueLabel.excluded, TissueLabel.metal: return .mineral
        default: return low.voxels[n] > leanHU ? .lean : .fat
        }
    }

    @inline(__always)
    func isBone(_ voxel: Int) -> Bool { labels.voxels[voxel] == TissueLabel.bone }

    /// Lighter than any other tissue and denser than air. At the end of the images a lung is open and no part of the
    /// body.
    @inline(__always)
    package func isLung(at point: SIMD3<Float>) -> Bool {
        voxel(at: point).map { Self.lungHU.contains(low.voxels[$0]) } ?? false
    }

    private static let lungHU: ClosedRange<Int16> = -930...(-450)

    /// How much like tendon the tissue at some places is, whatever calcium blurs into it: 0 for muscle and blood, 1 for
    /// tendon. Collagen reads more than blood at any energy, and its ratio is not calcium's.
    package func tendonShare(at points: [SIMD3<Float>]) -> Float {
        let excess = points.compactMap { voxel(at: $0) }.map { n in
            Float(high.voxels[n]) - muscle.high - (Float(low.voxels[n]) - muscle.low) / calciumRatio
        }
        guard !excess.isEmpty, tendonHU > 0 else { return 0 }
        return excess.reduce(0, +) / Float(excess.count) / tendonHU
    }

    /// The first bone along a ray within a reach: its distance in mm.
    package func boneDistance(from point: SIMD3<Float>, along direction: SIMD3<Float>, reachMm: Float) -> Float? {
        var way: Float = 0
        while way <= reachMm {
            switch place(at: point + way * direction) {
            case .bone: return way
            case .air: return nil
            default: way += 0.6
            }
        }
        return nil
    }

    /// Whether a layer of muscle or bone lies between a place and the skin along a ray.
    ///
    /// - Parameter from: where to begin in mm, beyond what is asked about.
    package func meetsWall(from point: SIMD3<Float>, along direction: SIMD3<Float>, startMm: Float) -> Bool {
        // The last millimetres before air are skin.
        let skinMm: Float = 4
        let wallMm: Float = 4
        var way = startMm
        var run: Float = 0
        var runs: [(end: Float, length: Float)] = []
        let step: Float = 0.8
        while way < 400 {
            switch place(at: point + way * direction) {
            case .air:
                if run > 0 { runs.append((way, run)) }
                return runs.contains { min($0.end, way - skinMm) - ($0.end - $0.length) >= wallMm }
            case .bone: return true
            case .lean, .mineral: run += step
            case .fat:
                if run > 0 { runs.append((way, run)) }
                run = 0
            }
            way += step
        }
        return false
    }
}

extension SIMD3<Float> {
    /// Two unit vectors that are perpendicular to this unit vector and to each other.
    var crossSection: (SIMD3<Float>, SIMD3<Float>) {
        let other = abs(x) < 0.8 ? SIMD3<Float>(1, 0, 0) : SIMD3<Float>(0, 1, 0)
        let first = cross(other).direction
        return (first, cross(first))
    }

    /// The thirteen directions to the neighbours of a cube's middle, opposite ones once.
    package static let neighbourDirections: [SIMD3<Float>] = {
        var result: [SIMD3<Float>] = []
        for z in 0...1 {
            for y in -1...1 {
                for x in -1...1 where z > 0 || y > 0 || (y == 0 && x > 0) {
                    result.append(SIMD3(Float(x), Float(y), Float(z)).direction)
                }
            }
        }
        return result
    }()

    /// All twenty-six, each followed by its opposite.
    package static let neighbourDirectionsBothWays = neighbourDirections.flatMap { [$0, -1 * $0] }
}

extension SIMD2<Float> {
    /// Unit vectors all around, in the order of their angle.
    static let allAround: [SIMD2<Float>] = (0..<24).map {
        let angle = 2 * Double.pi * (Double($0) + 0.5) / 24
        return SIMD2(Float(cosine(angle)), Float(sine(angle)))
    }
}
