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
    /// Share of solid bone in the cortex.
    let corticalShare: Double
    /// Joint spaces are at least this wide, in mm.
    private let jointGapMm: Float = 1.1

    init(_ parameters: HandParameters, seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: 1)
        scale = generator.uniform(0.93...1.03)
        corticalShare = (parameters.demineralised ? 0.78 : 0.94) + Double(generator.uniform(-0.03...0.03))
        skeleton = Skeleton(parameters, scale: scale, using: &generator)
        soft = SoftTissue(skeleton, scale: scale, using: &generator)
        var placer = DepositPlacer(
            skeleton: skeleton, soft: soft, scale: scale, generator: SeededGenerator(seed: seed, stream: 2))
        if parameters.hasCalcinosis { placer.placeCalcinosis(count: parameters.depositCount) }
        if parameters.hasUrate { placer.placeUrate() }
        deposits = placer.deposits
    }

    /// The body's box between two heights.
    func box(z: ClosedRange<Float>) -> Box {
        var result: Box?
        for rod in soft.envelope {
            for height in stride(from: z.lowerBound, through: z.upperBound, by: 1) {
                guard let part = Box.slab(rod.a, rod.b, radius: rod.largestRadius + 2, z: height) else { continue }
                result = result?.union(part) ?? part
            }
        }
        return result ?? Box(Point(0, 0, z.lowerBound), Point(0, 0, z.upperBound), margin: 1)
    }

    /// The height of the longest finger's tip.
    var tipZ: Float { soft.envelope.map { max($0.a.z + $0.radiusA, $0.b.z + $0.radiusB) }.max() ?? 0 }

    /// Writes the tissue at each point of a plane, `nx * ny` bytes.
    func paint(_ grid: PlaneGrid, into labels: UnsafeMutableBufferPointer<UInt8>) {
        labels.update(repeating: Tissue.air.rawValue)
        let rods = soft.envelope.filter { Box.slab($0.a, $0.b, radius: $0.largestRadius + 3, z: grid.z) != nil }
        guard !rods.isEmpty else { return }
        var depth = [Float](repeating: -10, count: grid.nx * grid.ny)
        depth.withUnsafeMutableBufferPointer { depth in
            paintSkin(grid, rods, depth, labels)
            paintStrands(grid, depth, labels)
            paintNails(grid, depth, labels)
        }
        paintBones(grid, labels)
        paintDeposits(grid, labels)
    }

    private func paintSkin(
        _ grid: PlaneGrid, _ rods: [TaperedRod], _ depth: UnsafeMutableBufferPointer<Float>,
        _ labels: UnsafeMutableBufferPointer<UInt8>
    ) {
        // The depth is smooth: sampled every 0.8 mm and interpolated.
        let every = max(1, Int((0.8 / abs(grid.stepX)).rounded()))
        let coarseX = (grid.nx - 1) / every + 2
        let coarseY = (grid.ny - 1) / every + 2
        var coarse = [Float](repeating: 0, count: coarseX * coarseY)
        for j in 0..<coarseY {
            for i in 0..<coarseX {
                coarse[j * coarseX + i] = soft.depth(grid.point(i * every, j * every), among: rods)
            }
        }
        let share = 1 / Float(every)
        for j in 0..<grid.ny {
            let row = j / every
            let ty = Float(j - row * every) * share
            for i in 0..<grid.nx {
                let column = i / every
                let tx = Float(i - column * every) * share
                let at = row * coarseX + column
                let d = mix(
                    mix(coarse[at], coarse[at + 1], tx), mix(coarse[at + coarseX], coarse[at + coarseX + 1], tx), ty)
                depth[j * grid.nx + i] = d
                if d > 0 {
                    labels[j * grid.nx + i] = d < soft.skinMm ? Tissue.skin.rawValue : Tissue.fat.rawValue
                }
            }
        }
    }

    private func paintStrands(
        _ grid: PlaneGrid, _ depth: UnsafeMutableBufferPointer<Float>, _ labels: UnsafeMutableBufferPointer<UInt8>
    ) {
        for strand in soft.strands {
            guard let box = Box.slab(strand.rod.a, strand.rod.b, radius: strand.rod.largestRadius, z: grid.z) else {
                continue
            }
            let least = soft.skinMm + (strand.tissue == .muscle ? 1.2 : 0.3)
            let (columns, rows) = grid.ranges(box)
            for j in rows {
                for i in columns where depth[j * grid.nx + i] > least {
                    if strand.rod.depth(grid.point(i, j)) > 0 { labels[j * grid.nx + i] = strand.tissue.rawValue }
                }
            }
        }
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

    private func paintBones(_ grid: PlaneGrid, _ labels: UnsafeMutableBufferPointer<UInt8>) {
        let count = grid.nx * grid.ny
        var first = [Float](repeating: -100, count: count)
        var second = [Float](repeating: -100, count: count)
        var owner = [UInt8](repeating: 255, count: count)
        var boxes: [(Range<Int>, Range<Int>)] = []
        for (number, bone) in skeleton.bones.enumerated() {
            guard let box = bone.box(z: grid.z) else { continue }
            let ranges = grid.ranges(box)
            boxes.append(ranges)
            for j in ranges.1 {
                for i in ranges.0 {
                    let d = bone.depth(grid.point(i, j))
                    let at = j * grid.nx + i
                    if d > first[at] {
                        second[at] = first[at]
                        first[at] = d
                        owner[at] = UInt8(number)
                    } else if d > second[at] {
                        second[at] = d
                    }
                }
            }
        }
        for (columns, rows) in boxes {
            for j in rows {
                for i in columns {
                    let at = j * grid.nx + i
                    guard owner[at] != 255 else { continue }
                    let d = min(first[at], 0.5 * (first[at] - second[at] - jointGapMm))
                    if d > 0 {
                        labels[at] = skeleton.bones[Int(owner[at])].tissue(grid.point(i, j), depth: d).rawValue
                    } else if second[at] > -1.1, labels[at] > Tissue.skin.rawValue {
                        labels[at] = Tissue.cartilage.rawValue
                    }
                    owner[at] = 255
                }
            }
        }
    }

    private func paintDeposits(_ grid: PlaneGrid, _ labels: UnsafeMutableBufferPointer<UInt8>) {
        for (number, deposit) in deposits.enumerated() where !deposit.isGone {
            let reach = deposit.largestHalf * 1.35
            guard let box = Box.slab(deposit.centre, deposit.centre, radius: reach, z: grid.z) else { continue }
            let (columns, rows) = grid.ranges(box)
            for j in rows {
                for i in columns {
                    let at = j * grid.nx + i
                    guard Tissue(rawValue: labels[at]).canCalcify, deposit.depth(grid.point(i, j)) > 0 else { continue }
                    labels[at] = Tissue.deposit(number).rawValue
                }
            }
        }
    }
}
