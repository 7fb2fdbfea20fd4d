/// A thin wall of calcium around something lighter, read from the images themselves: a calcified artery of a limb whose
/// lumen is no wider than a few times the blur.
///
/// No solid deposit looks like this from any side: beside it lies nothing that is mineral on the other side too, and
/// through it nothing is lighter. Mönckeberg's sclerosis shows as a ring or as two opposite lines (a tram-track).
package struct LumenFit: Sendable {
    package let axis: SIMD3<Float>
    package let centre: SIMD3<Float>
    package let radiusMm: Float
    /// Length in mm of the piece along the axis.
    package let lengthMm: Float
    /// How much lighter than the calcified wall the lumen is, as a share of the wall's excess over muscle.
    package let dip: Float
    /// The same at the station along the axis where it is least: a capsule is closed at its ends, a vessel is not.
    package let leastDip: Float
    /// Part of the way around that is calcified, and the widest gap in it, in degrees.
    package let arcDegrees: Float
    package let gapDegrees: Float
    /// Excess outside of the calcified wall as a share of the wall's.
    package let outerShare: Float

    /// Radii in mm of the middle of the wall that are tried.
    static let radii: [Float] = [0.9, 1.2, 1.5, 1.9, 2.3, 2.8, 3.4, 4.1, 5, 6, 7.2]
    private static let directions = SIMD2<Float>.allAround
    private static let bins = directions.count
    /// Beyond the middle of the wall by this much in mm its blur has faded.
    private static let outsideMm: Float = 1.6
    /// Half of the wall with its blur, in mm: what of the piece may lie off the middle of the wall.
    static let toleranceMm: Float = 1.25
    /// Share of a piece that must lie on the wall.
    private static let leastWall: Float = 0.85
    /// Share of the length along which calcium counts as running.
    private static let leastRun: Float = 0.7
    /// Least excess of a wall in HU.
    private static let leastWallHU: Float = 80

    /// How deep the dip must be: half of the wall, or most of what the blur leaves of a narrow lumen.
    private let neededDip: Float
    /// Share of that at the station where it is least.
    private static let leastDipShare: Float = 0.6

    /// Calcified on more than one side of the lumen, thin, open along the axis and no shorter than it is wide.
    package var isTube: Bool {
        dip > neededDip && leastDip > Self.leastDipShare * neededDip && gapDegrees <= 130 && arcDegrees >= 150
            && outerShare < 0.2
            && lengthMm >= 1.5 * radiusMm
    }
    /// Calcified on one side of something lighter, along several times its width: of a vessel only where one goes on.
    package var isHalf: Bool {
        dip > 0.5 && leastDip > Self.leastDipShare * 0.5 && gapDegrees <= 200 && outerShare < 0.1
            && lengthMm >= 3 * radiusMm
    }

    /// Calcified around more than a third of something lighter, over a short length: of a vessel only where more of it
    /// is in line.
    package var isArc: Bool { isArc(widestGapDegrees: Self.widestGapDegrees, leastRadiusMm: Self.leastArcMm) }
    /// The same of a wide vessel, whose wall may be calcified on its back alone.
    package var isWideArc: Bool { isArc(widestGapDegrees: Self.widestGapOfWide, leastRadiusMm: Self.leastWideMm) }

    private func isArc(widestGapDegrees: Float, leastRadiusMm: Float) -> Bool {
        dip > 0.5 && leastDip > Self.leastDipShare * 0.5 && gapDegrees <= widestGapDegrees && outerShare < 0.1
            && lengthMm >= radiusMm && radiusMm >= leastRadiusMm
    }
    /// A wider ring than a stone's rim or a tendon's sheath makes, in mm, and one that is an artery of the trunk.
    private static let leastArcMm: Float = 2.3
    private static let leastWideMm: Float = 3.4
    private static let widestGapDegrees: Float = 220
    private static let widestGapOfWide: Float = 240

    /// The best fit among all axes, radii and centres; nil when the piece surrounds nothing lighter.
    package static func best(
        _ positions: [SIMD3<Float>], axes: [SIMD3<Float>], radii limits: ClosedRange<Float>, probe: TissueProbe
    ) -> LumenFit? {
        let stride = max(1, positions.count / 120)
        let sample = Swift.stride(from: 0, to: positions.count, by: stride).map { positions[$0] }
        guard sample.count >= 6 else { return nil }
        let own = PrincipalAxes(sample)
        let isLong = own.extents.x > 1.25 * own.extents.y
        var best: (fit: LumenFit, score: Float)?
        func look(_ axis: SIMD3<Float>) {
            // A wall's calcium runs along the vessel further than around it.
            let weight = isLong ? 0.6 + 0.4 * abs(axis.dot(own.axis)) : 1
            for radius in radii where limits.contains(radius) {
                for fit in fits(sample, axis: axis, radius: radius, probe: probe) {
                    let score = weight * fit.score
                    if score > best?.score ?? 0 { best = (fit, score) }
                }
            }
        }
        axes.forEach(look)
        // The axes tried are far apart: once more around the best.
        guard let rough = best?.fit.axis else { return nil }
        let (a, b) = rough.crossSection
        for tilt in [a, b, -1 * a, -1 * b] { look((rough + 0.2 * tilt).direction) }
        return best?.fit
    }

    /// A ring round a deep dip above a tram-track above an arc, whatever the density.
    private var score: Float { min(dip, 1) * arcDegrees * (1 - gapDegrees / 360) * (isTube ? 2 : 1) }

    private static func fits(
        _ sample: [SIMD3<Float>], axis: SIMD3<Float>, radius: Float, probe: TissueProbe
    ) -> [LumenFit] {
        let (a, b) = axis.crossSection
        let middle = sample.reduce(SIMD3<Float>(repeating: 0), +) / Float(sample.count)
        let flat = sample.map { SIMD2(($0 - middle).dot(a), ($0 - middle).dot(b)) }
        let along = sample.map { ($0 - middle).dot(axis) }
        let stretch = (along.min() ?? 0, along.max() ?? 0)
        let step = max(0.4, 0.25 * radius)
        let count = Int((radius / step).rounded(.up))
        var result: [LumenFit] = []
        for u in -count...count {
            for v in -count...count {
                let off = step * SIMD2(Float(u), Float(v))
                guard (off * off).sum() <= 1.1 * radius * radius, isOnWall(flat, off, radius) else { continue }
                let fit = LumenFit(
                    axis: axis, (a, b), centre: middle + off.x * a + off.y * b, radius: radius, stretch: stretch,
                    probe: probe)
                if let fit { result.append(fit) }
            }
        }
        return result
    }

    private static func isOnWall(_ flat: [SIMD2<Float>], _ centre: SIMD2<Float>, _ radius: Float) -> Bool {
        var off = 0
        let allowed = Int((1 - leastWall) * Float(flat.count))
        for p in flat {
            let d = ((p - centre) * (p - centre)).sum().squareRoot()
            if abs(d - radius) > toleranceMm { off += 1 }
            if off > allowed { return false }
        }
        return true
    }

    private init?(
        axis: SIMD3<Float>, _ across: (SIMD3<Float>, SIMD3<Float>), centre: SIMD3<Float>, radius: Float,
        stretch: (Float, Float), probe: TissueProbe
    ) {
        let length = stretch.1 - stretch.0
        let count = max(3, min(7, Int(length)))
        // The ends are blurred.
        let stations = (0..<count).map {
            centre + (0.5 * (stretch.0 + stretch.1) + 0.8 * length * ((Float($0) + 0.5) / Float(count) - 0.5)) * axis
        }
        var wall = [[Float]](repeating: [], count: Self.bins)
        for (n, d) in Self.directions.enumerated() {
            let out = radius * (d.x * across.0 + d.y * across.1)
            // Cortex on the other side of a deposit is no wall.
            wall[n] = stations.map { probe.place(at: $0 + out) == .bone ? 0 : probe.excess(at: $0 + out) }
        }
        let high = wall.map { $0.reduce(0, +) / Float(count) }.sorted()[Self.bins * 9 / 10]
        guard high > Self.leastWallHU else { return nil }
        // A wall runs along: what is met at some of the stations only is crossed aslant.
        let isCovered = wall.map { Float($0.count { $0 > 0.5 * high }) >= Self.leastRun * Float(count) }
        let covered = wall.indices.filter { isCovered[$0] }
        guard !covered.isEmpty else { return nil }
        let wallHU = covered.reduce(0) { $0 + wall[$1].reduce(0, +) } / Float(covered.count * count)
        // Where the lumen is wide enough a place beside its middle counts too.
        let inner = radius > 1.6 ? 0.4 * radius : 0
        let lumen = stations.map { p -> Float in
            let places =
                inner == 0
                ? [p]
                : [p]
                    + Self.directions.enumerated().filter { $0.offset % 4 == 0 }.map {
                        p + inner * ($0.element.x * across.0 + $0.element.y * across.1)
                    }
            return places.reduce(0) { $0 + probe.excess(at: $1) } / Float(places.count)
        }
        dip = 1 - lumen.reduce(0, +) / Float(count) / wallHU
        leastDip = 1 - (lumen.max() ?? 0) / wallHU
        neededDip = min(0.5, Self.leastDipShare * Self.dip(between: radius, blurMm: probe.blurMm))
        guard dip > min(0.3, neededDip) else { return nil }
        arcDegrees = 360 * Float(covered.count) / Float(Self.bins)
        gapDegrees = Self.widestGap(isCovered)
        var outer: Float = 0
        for n in covered {
            let out = (radius + Self.outsideMm) * (Self.directions[n].x * across.0 + Self.directions[n].y * across.1)
            for p in stations { outer += probe.excess(at: p + out) / Float(count * covered.count) }
        }
        outerShare = outer / wallHU
        self.axis = axis
        self.centre = centre
        radiusMm = radius
        lengthMm = length
    }

    /// The dip that the blur leaves between two thin walls at this distance on either side.
    private static func dip(between radius: Float, blurMm: Float) -> Float {
        // The wall's own thickness and the steps between voxels blur as well.
        let variance = blurMm * blurMm + 0.04
        func share(_ x: Float) -> Float { Float(exponential(Double(-x * x / (2 * variance)))) }
        return 1 - 2 * share(radius) / (1 + share(2 * radius))
    }

    private static func widestGap(_ isCovered: [Bool]) -> Float {
        var (widest, run) = (0, 0)
        for n in 0..<(2 * bins) {
            run = isCovered[n % bins] ? 0 : run + 1
            widest = max(widest, min(run, bins))
        }
        return 360 * Float(widest) / Float(bins)
    }
}
