/// Whether a tendon runs along a piece of mineral: tissue denser than muscle at both energies, in a strand beside it
/// that goes on beyond its ends.
package struct TendonProbe: Sendable {
    private let context: MeasurementContext
    private let probe: TissueProbe

    /// Beyond the piece's surface by these in mm: clear of its blur, within a tendon's radius.
    private static let offsetsMm: [Float] = [1.3, 2.2]
    /// The strand is followed beyond the ends by this, in mm.
    private static let beyondMm: Float = 4
    /// What is nearer to the skin's surface is skin, and nearer to bone its blur, in mm.
    private static let skinMm: Float = 3
    private static let boneMm: Float = 1.6
    private static let directions = 12
    /// Share of the strand that must be tissue.
    private static let leastSeen: Float = 0.6

    package init(_ context: MeasurementContext) {
        self.context = context
        probe = TissueProbe(context)
    }

    /// How much like tendon the densest strand beside a piece is: 0 for muscle, 1 for tendon.
    package func share(beside positions: [SIMD3<Float>], _ shape: PrincipalAxes) -> Double {
        let along = positions.map { ($0 - shape.centre).dot(shape.axis) }
        guard let first = along.min(), let last = along.max() else { return 0 }
        let (a, b) = shape.axis.crossSection
        var best = -Double.infinity
        for n in 0..<Self.directions {
            let angle = 2 * Double.pi * Double(n) / Double(Self.directions)
            let out = Float(cosine(angle)) * a + Float(sine(angle)) * b
            let surface = positions.reduce(0) { max($0, ($1 - shape.centre).dot(out)) }
            for offset in Self.offsetsMm {
                let line = stride(from: first - Self.beyondMm, through: last + Self.beyondMm, by: 0.7).map {
                    shape.centre + $0 * shape.axis + (surface + offset) * out
                }
                let side = shape.axis.cross(out)
                if let value = mean(line + line.map { $0 + 0.7 * side } + line.map { $0 - 0.7 * side }, a, b) {
                    best = max(best, value)
                }
            }
        }
        return best
    }

    private func mean(_ points: [SIMD3<Float>], _ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Double? {
        let pair = context.paths.typical
        let muscle = pair.low.muscleHU + pair.high.muscleHU
        let tendon = pair.low.tendonHU + pair.high.tendonHU
        var sum = 0.0
        var count = 0
        for point in points {
            guard let n = probe.voxel(at: point), context.segmentation.labels.voxels[n] == TissueLabel.none,
                context.segmentation.distanceToSkinMm.voxels[n] > Self.skinMm,
                ![a, b, -1 * a, -1 * b].contains(where: { probe.place(at: point + Self.boneMm * $0) == .bone })
            else { continue }
            sum += Double(context.low.voxels[n]) + Double(context.high.voxels[n])
            count += 1
        }
        guard Float(count) >= Self.leastSeen * Float(points.count), tendon > muscle else { return nil }
        return (sum / Double(count) - muscle) / (tendon - muscle)
    }

    // MARK: - A tendon that a piece hides

    /// How far beyond an end a strand is looked at, in mm: clear of the piece's blur.
    private static let strandMm: [Float] = [1.6, 2.3, 3, 3.7, 4.4]
    /// Beside a strand that is no wider than a tendon lies fat at this distance, in mm, in most directions.
    private static let besideMm: Float = 3
    /// Share of the way from fat to muscle by which a strand stands out: a thin one is blurred.
    private static let leastContrast = 0.35

    /// Whether a strand of lean tissue in fat goes in at one end of a piece and out at the other: a tendon that the piece
    /// surrounds or hides.
    package func runsThrough(_ positions: [SIMD3<Float>], _ shape: PrincipalAxes) -> Bool {
        let along = positions.map { ($0 - shape.centre).dot(shape.axis) }
        guard let first = along.min(), let last = along.max() else { return false }
        let width = shape.extents.y
        return [(first, -1 * shape.axis), (last, shape.axis)].allSatisfy { at, outward in
            strandContrast(from: shape.centre + at * shape.axis, along: outward, widthMm: width) > Self.leastContrast
        }
    }

    /// Of the strand that stands out most, over what three quarters of its surroundings do not exceed.
    private func strandContrast(from end: SIMD3<Float>, along axis: SIMD3<Float>, widthMm: Float) -> Double {
        let (a, b) = axis.crossSection
        let around = (0..<8).map { n -> SIMD3<Float> in
            let angle = 2 * Double.pi * Double(n) / 8
            return Float(cosine(angle)) * a + Float(sine(angle)) * b
        }
        func sum(_ off: SIMD3<Float>) -> Double? {
            let voxels = Self.strandMm.compactMap { probe.voxel(at: end + $0 * axis + off) }
                .filter { context.segmentation.labels.voxels[$0] == TissueLabel.none }
            guard voxels.count >= 4 else { return nil }
            return voxels.reduce(0.0) { $0 + Double(context.low.voxels[$1]) + Double(context.high.voxels[$1]) }
                / Double(voxels.count)
        }
        let pair = context.paths.typical
        let scale = pair.low.muscleHU + pair.high.muscleHU - pair.low.adiposeHU - pair.high.adiposeHU
        let offsets = [SIMD3<Float>(repeating: 0)] + around.flatMap { [0.25 * widthMm * $0, 0.5 * widthMm * $0] }
        return offsets.reduce(-Double.infinity) { best, off in
            guard let strand = sum(off) else { return best }
            let beside = around.compactMap { sum(off + Self.besideMm * $0) }.sorted()
            guard beside.count >= 6 else { return best }
            return max(best, (strand - beside[beside.count * 3 / 4]) / scale)
        }
    }
}
