/// A point or direction in hand coordinates, in mm: x towards the thumb, y towards the back of the hand, z towards the
/// fingertips, zero between radius and lunate.
typealias Point = SIMD3<Float>

func dot(_ a: Point, _ b: Point) -> Float { (a * b).sum() }
func length(_ a: Point) -> Float { dot(a, a).squareRoot() }
func normalized(_ a: Point) -> Point { a / length(a) }
func cross(_ a: Point, _ b: Point) -> Point {
    Point(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
func clamp(_ x: Float, _ low: Float, _ high: Float) -> Float { min(max(x, low), high) }
func mix(_ a: Float, _ b: Float, _ t: Float) -> Float { a + (b - a) * t }
func smoothStep(_ low: Float, _ high: Float, _ x: Float) -> Float {
    let t = clamp((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
}

/// An axis-parallel box in hand coordinates.
struct Box: Sendable {
    var low: Point
    var high: Point

    init(_ a: Point, _ b: Point, margin: Float) {
        low = pointwiseMin(a, b) - margin
        high = pointwiseMax(a, b) + margin
    }

    func union(_ other: Box) -> Box {
        var result = self
        result.low = pointwiseMin(low, other.low)
        result.high = pointwiseMax(high, other.high)
        return result
    }

    func contains(z: Float) -> Bool { z >= low.z && z <= high.z }

    /// The part near the plane at `z` of the box of a rod of this radius from `a` to `b`.
    static func slab(_ a: Point, _ b: Point, radius: Float, z: Float) -> Box? {
        let low = min(a.z, b.z) - radius
        let high = max(a.z, b.z) + radius
        guard z >= low, z <= high else { return nil }
        let run = b.z - a.z
        guard abs(run) > radius * 0.5 else { return Box(a, b, margin: radius) }
        let t1 = clamp((z - radius - a.z) / run, 0, 1)
        let t2 = clamp((z + radius - a.z) / run, 0, 1)
        return Box(a + t1 * (b - a), a + t2 * (b - a), margin: radius)
    }
}

/// A smooth random field: a few plane waves, about -1...1.
struct SmoothField: Sendable {
    private var waves: [(k: Point, phase: Float)] = []

    init(wavelengthMm: Float, count: Int = 4, using generator: inout SeededGenerator) {
        for _ in 0..<count {
            let wavelength = wavelengthMm * generator.uniform(0.7...1.5)
            waves.append((generator.direction() * (1 / wavelength), generator.uniform()))
        }
    }

    func value(_ p: Point) -> Float {
        var sum: Float = 0
        for wave in waves { sum += Self.triangleSine(dot(wave.k, p) + wave.phase) }
        return sum * (0.7 / Float(waves.count).squareRoot())
    }

    /// sin(2 pi x) by a parabola that is smooth where it meets itself.
    private static func triangleSine(_ x: Float) -> Float {
        let t = (x - x.rounded(.down)) * 2 - 1
        return -4 * t * (1 - abs(t))
    }
}

/// A rod with round ends and a radius that changes along it.
struct TaperedRod: Sendable {
    var a: Point
    var b: Point
    var radiusA: Float
    var radiusB: Float
    /// Back to where the rod's surroundings were made; nil for one that lies there.
    var rest: Placement?

    init(_ a: Point, _ b: Point, _ radiusA: Float, _ radiusB: Float, rest: Placement? = nil) {
        self.rest = rest
        self.a = a
        self.b = b
        self.radiusA = radiusA
        self.radiusB = radiusB
    }

    var largestRadius: Float { max(radiusA, radiusB) }

    /// Distance into the rod in mm, negative outside.
    func depth(_ p: Point) -> Float {
        let along = b - a
        let t = clamp(dot(p - a, along) / max(dot(along, along), 1e-6), 0, 1)
        return mix(radiusA, radiusB, t) - length(p - a - t * along)
    }
}

extension Box {
    /// The box of rods between two heights.
    static func around(_ rods: [TaperedRod], z: ClosedRange<Float>) -> Box {
        var result: Box?
        for rod in rods {
            for height in stride(from: z.lowerBound, through: z.upperBound, by: 1) {
                guard let part = slab(rod.a, rod.b, radius: rod.largestRadius + 2, z: height) else { continue }
                result = result?.union(part) ?? part
            }
        }
        return result ?? Box(Point(0, 0, z.lowerBound), Point(0, 0, z.upperBound), margin: 1)
    }
}
