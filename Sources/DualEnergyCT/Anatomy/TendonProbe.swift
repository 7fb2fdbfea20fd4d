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
}
