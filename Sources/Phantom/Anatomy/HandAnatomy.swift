/// Sample points of one plane in hand coordinates: the first point, the steps in mm and their numbers.
struct PlaneGrid: Sendable {
    var x0: Float
    var y0: Float
    var z: Float
    /// Steps may be negative: a left hand is sampled from its mirror image.
    var stepX: Float
    var stepY: Float
    var nx: Int
    var ny: Int

    func point(_ i: Int, _ j: Int) -> Point { Point(x0 + Float(i) * stepX, y0 + Float(j) * stepY, z) }

    /// Index ranges whose points lie in a box.
    func ranges(_ box: Box) -> (Range<Int>, Range<Int>) {
        func range(_ low: Float, _ high: Float, _ start: Float, _ step: Float, _ count: Int) -> Range<Int> {
            let a = (low - start) / step
            let b = (high - start) / step
            let first = Int(clamp(min(a, b).rounded(.up), 0, Float(count)))
            let last = Int(clamp(max(a, b).rounded(.down) + 1, Float(first), Float(count)))
            return first..<last
        }
        return (range(box.low.x, box.high.x, x0, stepX, nx), range(box.low.y, box.high.y, y0, stepY, ny))
    }
}

/// A hand as shapes: any plane of it can be asked what it is made of.
struct HandAnatomy: Sendable {
    let scale: Float
    var skeleton: Skeleton
    var soft: SoftTissue
    var deposits: [Deposit]
    var erosions: [Erosion]
    /// Share of solid bone in the cortex.
    let corticalShare: Double

    init(_ parameters: HandParameters, seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: 1)
        scale = generator.uniform(0.93...1.03)
        corticalShare = (parameters.demineralised ? 0.78 : 0.94) + Double(generator.uniform(-0.03...0.03))
        skeleton = Skeleton(parameters, scale: scale, using: &generator)
        soft = SoftTissue(skeleton, scale: scale, using: &generator)
        var placer = DepositPlacer(
            skeleton: skeleton, soft: soft, scale: scale, mix: parameters.mix,
            generator: SeededGenerator(seed: seed, stream: 2))
        if parameters.hasCalcinosis { placer.placeCalcinosis(count: parameters.depositCount) }
        if parameters.hasUrate { placer.placeUrate() }
        deposits = placer.deposits
        // Last and from numbers of their own: a hand without erosions is the one it was before there were any.
        var numbers = SeededGenerator(seed: seed, stream: 4)
        erosions = skeleton.erosions(
            count: parameters.erosionCount, diametersMm: parameters.erosionDiametersMm, using: &numbers)
    }

    /// The body's box between two heights.
    func box(z: ClosedRange<Float>) -> Box { Box.around(soft.envelope, z: z) }

    /// The height of the longest finger's tip.
    var tipZ: Float { soft.envelope.map { max($0.a.z + $0.radiusA, $0.b.z + $0.radiusB) }.max() ?? 0 }

    /// Writes the tissue at each point of a plane, `nx * ny` bytes.
    func paint(_ grid: PlaneGrid, into labels: UnsafeMutableBufferPointer<UInt8>) {
        guard soft.paint(grid, into: labels, more: { paintNails(grid, $0, labels) }) else { return }
        skeleton.bones.paint(grid, into: labels)
        deposits.paint(grid, into: labels)
        erosions.paint(grid, into: labels)
    }

    private func paintNails(
        _ grid: PlaneGrid, _ depth: UnsafeMutableBufferPointer<Float>, _ labels: UnsafeMutableBufferPointer<UInt8>
    ) {
        for nail in soft.nails {
            let end = nail.base + nail.endMm * nail.frame.axis
            guard let box = Box.slab(nail.base, end, radius: 14, z: grid.z) else { continue }
            let (columns, rows) = grid.ranges(box)
            for j in rows {
                for i in columns where depth[j * grid.nx + i] > 0 && depth[j * grid.nx + i] < 0.55 {
                    if nail.covers(grid.point(i, j)) { labels[j * grid.nx + i] = Tissue.nail.rawValue }
                }
            }
        }
    }
}
