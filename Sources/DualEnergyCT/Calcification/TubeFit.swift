/// The tube whose wall a thin piece of mineral may be: a vessel is a round tube of tissue or blood that fat or other
/// tissue surrounds, and its calcium lies in the wall.
package struct TubeFit: Sendable {
    package let axis: SIMD3<Float>
    package let centre: SIMD3<Float>
    package let radiusMm: Float
    /// Length in mm of the piece along the axis.
    package let lengthMm: Float
    /// Part of the way around that mineral covers, in degrees.
    package let arcDegrees: Float
    /// Share of the lumen that is blood or another lean tissue, without mineral.
    package let lumenShare: Float
    /// Share of fat outside of the wall, where the wall is not calcified.
    package let fatShare: Float
    /// Half of the wall's thickness that counts as on the wall, in mm.
    let toleranceMm: Float

    /// Radii in mm that are tried: from a digit's artery to a widened aorta.
    private static let radii: [Float] = [1, 1.4, 1.8, 2.3, 2.8, 3.4, 4.1, 5, 6, 7.2, 8.6, 10.3, 12.5, 15]
    private static let directions = SIMD2<Float>.allAround
    private static let bins = directions.count
    private static let stations = 5
    /// Share of a piece that must lie on the wall.
    private static let leastWall: Float = 0.85
    private static let leastLumen: Float = 0.8
    /// A lumen of more tendon than this belongs to a sheath, not to a vessel.
    private static let mostTendon: Float = 0.5
    /// Half of the thickest wall with its blur, in mm.
    private static let mostToleranceMm: Float = 1.5
    /// A wall seen over this part of the way around is a tube whatever lies outside.
    static let ringDegrees: Float = 200
    /// A plate must have fat on the other side of the lumen to be the wall of something round.
    static let leastFat: Float = 0.6
    /// A plate covers at least this: less has no curvature to be seen.
    static let plateDegrees: Float = 45

    /// Seen all around.
    package var isRing: Bool { arcDegrees >= Self.ringDegrees }

    /// Seen all around, or a plate on a tube that fat surrounds.
    package var isTube: Bool {
        isRing || (arcDegrees >= Self.plateDegrees && fatShare >= Self.leastFat)
    }

    /// The best tube among all axes, radii and centres; nil when the piece is on no tube's wall.
    ///
    /// - Parameter thicknessMm: of the piece, as the images show it.
    package static func best(
        _ positions: [SIMD3<Float>], axes: [SIMD3<Float>], thicknessMm: Float, radii limits: ClosedRange<Float>,
        probe: TissueProbe
    ) -> TubeFit? {
        let stride = max(1, positions.count / 160)
        let sample = Swift.stride(from: 0, to: positions.count, by: stride).map { positions[$0] }
        guard sample.count >= 6 else { return nil }
        let middle = sample.reduce(SIMD3<Float>(repeating: 0), +) / Float(sample.count)
        let tolerance = min(0.5 * thicknessMm + 0.35, mostToleranceMm)
        var best: (fit: TubeFit, score: Float)?
        for axis in axes {
            let (a, b) = axis.crossSection
            let flat = sample.map { (($0 - middle).dot(a), ($0 - middle).dot(b)) }
            let along = sample.map { ($0 - middle).dot(axis) }
            let stretch = (along.min() ?? 0, along.max() ?? 0)
            for radius in radii where limits.contains(radius) {
                for (x, y) in centres(radius) {
                    guard let wall = wallShare(flat, x, y, radius, tolerance) else { continue }
                    let centre = middle + x * a + y * b
                    guard
                        let fit = TubeFit(
                            axis: axis, centre: centre, radius: radius, tolerance: tolerance, stretch: stretch,
                            flat: flat.map { ($0.0 - x, $0.1 - y) }, probe: probe)
                    else { continue }
                    let score = fit.arcDegrees / 360 + fit.lumenShare + fit.fatShare + wall
                    if score > best?.score ?? 0 { best = (fit, score) }
                }
            }
        }
        return best?.fit
    }

    /// Share of the points that lie on the wall; nil when too few do.
    private static func wallShare(
        _ flat: [(Float, Float)], _ x: Float, _ y: Float, _ radius: Float, _ tolerance: Float
    ) -> Float? {
        let inner = max(radius - tolerance, 0)
        let range = inner * inner...(radius + tolerance) * (radius + tolerance)
        var off = 0
        let allowed = Int((1 - leastWall) * Float(flat.count))
        for (u, v) in flat where !range.contains((u - x) * (u - x) + (v - y) * (v - y)) {
            off += 1
            if off > allowed { return nil }
        }
        return 1 - Float(off) / Float(flat.count)
    }

    /// Places of the tube's centre seen from the piece's middle: a ring's is there, a plate's a radius away.
    private static func centres(_ radius: Float) -> [(Float, Float)] {
        [(0, 0)]
            + [Float(0.35), 0.65, 0.85, 0.95, 1.02].flatMap { share in
                directions.map { ($0.x * share * radius, $0.y * share * radius) }
            }
    }

    private init?(
        axis: SIMD3<Float>, centre: SIMD3<Float>, radius: Float, tolerance: Float, stretch: (Float, Float),
        flat: [(Float, Float)], probe: TissueProbe
    ) {
        let (a, b) = axis.crossSection
        var covered = [Bool](repeating: false, count: Self.bins)
        for (u, v) in flat where u * u + v * v > 0.25 * radius * radius {
            var best = (0, -Float.infinity)
            for (n, d) in Self.directions.enumerated() where d.x * u + d.y * v > best.1 {
                best = (n, d.x * u + d.y * v)
            }
            covered[best.0] = true
        }
        let at = (0..<Self.stations).map {
            centre + (stretch.0 + (stretch.1 - stretch.0) * (Float($0) + 0.5) / Float(Self.stations)) * axis
        }
        // The inside of the wall, clear of its blur where the tube is wide enough.
        let inner = max(radius - tolerance - 0.5, 0.3 * radius)
        var (lean, lumen) = (0, 0)
        var inside: [SIMD3<Float>] = []
        for point in at {
            for share: Float in [0, 0.5, 0.9] {
                for n in Swift.stride(from: 0, to: Self.bins, by: share == 0 ? Self.bins : 3) {
                    let d = Self.directions[n]
                    let place = point + share * inner * (d.x * a + d.y * b)
                    inside.append(place)
                    lumen += 1
                    if probe.place(at: place) == .lean { lean += 1 }
                }
            }
        }
        guard Float(lean) >= Self.leastLumen * Float(lumen), probe.tendonShare(at: inside) < Self.mostTendon else {
            return nil
        }
        // Half a millimetre of blur and the wall's own thickness lie between lumen and fat.
        let outer = radius + max(tolerance, 0.8) + 0.9
        var (fat, outside) = (0, 0)
        for point in at {
            for (n, d) in Self.directions.enumerated() where !Self.isNear(covered, n) {
                let place = probe.place(at: point + outer * (d.x * a + d.y * b))
                outside += 1
                if place == .fat { fat += 1 }
            }
        }
        self.axis = axis
        self.centre = centre
        radiusMm = radius
        toleranceMm = tolerance
        lengthMm = stretch.1 - stretch.0
        arcDegrees = 360 * Float(covered.count { $0 }) / Float(Self.bins)
        lumenShare = Float(lean) / Float(lumen)
        fatShare = outside > 0 ? Float(fat) / Float(outside) : 0
    }

    /// Beside calcified wall its blur hides what is outside.
    private static func isNear(_ covered: [Bool], _ n: Int) -> Bool {
        (-2...2).contains { covered[(n + $0 + bins) % bins] }
    }
}
