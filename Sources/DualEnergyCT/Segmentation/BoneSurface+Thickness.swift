extension BoneSurface {
    /// Points this near, with normals that agree, say what thickness to expect.
    static let neighbourhoodMm: Float = 5
    /// A measurement may exceed the neighbourhood's lower third by this before it is distrusted, in mm.
    static let allowedExcessMm: Float = 0.7

    /// Added to the lower third where a point's own measurement is not trusted, in mm.
    static let doubtfulOffsetMm: Float = 0.05

    /// Replaces each point's measurement by what its neighbours support.
    ///
    /// A deposit on the bone makes the measured thickness too large over its contact; the 35th percentile of the
    /// neighbourhood ignores it as long as it covers less than half of that.
    /// - Parameter changed: the points that were covered or uncovered since the last time: only those around them are
    ///   looked at again. Nil for all points.
    package mutating func settleThickness(around changed: [Int]? = nil) {
        let grid = PointGrid(points.map(\.position), cellMm: BoneSurface.neighbourhoodMm)
        let all = points
        var stale = [Bool](repeating: changed == nil, count: all.count)
        for n in changed ?? [] {
            grid.forEachNeighbour(of: all[n].position, within: BoneSurface.neighbourhoodMm) { stale[$0] = true }
        }
        var settled = changed == nil ? all.map { Settled(thickness: 0, density: $0.density) } : self.settled
        settled.withUnsafeMutableBufferPointer { settled in
            let settled = settled
            // A neighbourhood holds some hundreds of points.
            let facts = grid.sorted(all.map { PointFacts($0) })
            concurrently(all.count, voxels: 200 * all.count) { range in
                var around = Neighbourhood()
                for n in range where stale[n] {
                    settled[n] = around.settle(
                        all[n], among: facts, grid,
                        allowedExcessMm: BoneSurface.allowedExcessMm + halfStepMm(along: all[n].normal))
                    // From the half-peak point to the face of the cortex.
                    let shift = edge.edge(peak: settled[n].density, fullDensity: all[n].fullDensity).shiftMm
                    settled[n].thickness = max(settled[n].thickness - shift, 0)
                }
            }
        }
        self.settled = settled
        smoothThickness(radiusMm: 1.0)
    }

    /// What the neighbourhoods of others take from a point, in half of a line of the cache.
    private struct PointFacts {
        let normal: SIMD3<Float>
        let thicknessStep: UInt8
        let peakStep: UInt8
        let counts: Bool

        init(_ point: Point) {
            normal = point.normal
            counts = point.measured >= 0 && !point.isCovered
            thicknessStep = UInt8(ThicknessHistogram.step(point.measured))
            peakStep = UInt8(Neighbourhood.peakSteps.step(point.peak))
        }
    }

    /// What the points around one support.
    private struct Neighbourhood {
        private var histogram = ThicknessHistogram()
        private var peaks = Neighbourhood.peakSteps

        static let peakSteps = ValueHistogram(step: 8)

        mutating func settle(
            _ point: Point, among facts: [PointFacts], _ grid: PointGrid, allowedExcessMm: Float
        ) -> Settled {
            histogram.clear()
            peaks.clear()
            let normal = point.normal
            facts.withUnsafeBufferPointer { facts in
                grid.forEachSlot(near: point.position, within: BoneSurface.neighbourhoodMm) { slot in
                    guard facts[slot].counts, (facts[slot].normal * normal).sum() > 0.2 else { return }
                    histogram.add(step: Int(facts[slot].thicknessStep))
                    peaks.add(step: Int(facts[slot].peakStep))
                }
            }
            guard let usual = histogram.percentile(0.35), let density = peaks.percentile(0.5) else {
                return Settled(
                    thickness: point.measured >= 0 ? min(point.measured, 1.5) : 0.8,
                    density: max(point.peak, BoneSurface.leastPeak))
            }
            let own = point.measured
            let isTrusted = own >= 0 && !point.isCovered && own <= usual + allowedExcessMm
            return Settled(
                thickness: isTrusted ? own : usual + BoneSurface.doubtfulOffsetMm,
                density: min(max(point.peak, density), 1.3 * density))
        }
    }

    /// Means over the nearest points: a surface of voxels is rough.
    private mutating func smoothThickness(radiusMm: Float) {
        let grid = PointGrid(points.map(\.position), cellMm: radiusMm)
        let (all, settled) = (points, settled)
        points.withUnsafeMutableBufferPointer { points in
            let points = points
            concurrently(all.count, voxels: 20 * all.count) { range in
                for n in range {
                    var sum: Float = 0
                    var density: Float = 0
                    var weight: Float = 0
                    grid.forEachNeighbour(of: all[n].position, within: radiusMm) { other in
                        let agreement = (all[other].normal * all[n].normal).sum()
                        guard agreement > 0.2 else { return }
                        sum += agreement * settled[other].thickness
                        density += agreement * settled[other].density
                        weight += agreement
                    }
                    points[n].thickness = weight > 0 ? sum / weight : settled[n].thickness
                    points[n].density = weight > 0 ? density / weight : settled[n].density
                }
            }
        }
    }
}

/// Points sorted into cubes, for looking up neighbours.
package struct PointGrid: Sendable {
    /// Cell by cell, as `order` has them.
    private let positions: [SIMD3<Float>]
    private let cellMm: Float
    private let lowest: SIMD3<Float>
    private let size: SIMD3<Int32>
    private let start: [Int32]
    private let order: [Int32]

    package init(_ positions: [SIMD3<Float>], cellMm: Float) {
        var lowest = positions.first ?? SIMD3(repeating: 0)
        var highest = lowest
        for p in positions {
            lowest = pointwiseMin(lowest, p)
            highest = pointwiseMax(highest, p)
        }
        // Cells grow when the points spread far: their number stays bounded.
        let span = highest - lowest
        var cell = cellMm
        while (span.x / cell + 1) * (span.y / cell + 1) * (span.z / cell + 1) > 4_000_000 { cell *= 1.5 }
        self.cellMm = cell
        self.lowest = lowest
        let size = SIMD3<Int32>(Int32(span.x / cell) + 1, Int32(span.y / cell) + 1, Int32(span.z / cell) + 1)
        self.size = size
        func cellIndex(_ p: SIMD3<Float>) -> Int {
            let c = (p - lowest) / cell
            return (Int(c.z) * Int(size.y) + Int(c.y)) * Int(size.x) + Int(c.x)
        }
        var counts = [Int32](repeating: 0, count: Int(size.x) * Int(size.y) * Int(size.z) + 1)
        for p in positions { counts[cellIndex(p) + 1] += 1 }
        for n in 1..<counts.count { counts[n] += counts[n - 1] }
        var next = counts
        var order = [Int32](repeating: 0, count: positions.count)
        for (n, p) in positions.enumerated() {
            let cell = cellIndex(p)
            order[Int(next[cell])] = Int32(n)
            next[cell] += 1
        }
        start = counts
        self.order = order
        self.positions = order.map { positions[Int($0)] }
    }

    /// What belongs to each point, in the order of the slots.
    func sorted<Value>(_ values: [Value]) -> [Value] { order.map { values[Int($0)] } }

    /// Calls `body` with the index of each point within `radius` (at most the cell size) of a position.
    @inline(__always)
    package func forEachNeighbour(of position: SIMD3<Float>, within radius: Float, _ body: (Int) -> Void) {
        forEachSlot(near: position, within: radius) { body(Int(order[$0])) }
    }

    /// `forEachNeighbour` with the places of the points in the order of the cells.
    @inline(__always)
    func forEachSlot(near position: SIMD3<Float>, within radius: Float, _ body: (Int) -> Void) {
        if positions.isEmpty { return }
        let limit = radius * radius
        let from = (position - radius - lowest) / cellMm
        let to = (position + radius - lowest) / cellMm
        let x0 = max(Int(from.x.rounded(.down)), 0)
        let x1 = min(Int(to.x.rounded(.down)), Int(size.x) - 1)
        let y0 = max(Int(from.y.rounded(.down)), 0)
        let y1 = min(Int(to.y.rounded(.down)), Int(size.y) - 1)
        let z0 = max(Int(from.z.rounded(.down)), 0)
        let z1 = min(Int(to.z.rounded(.down)), Int(size.z) - 1)
        guard x0 <= x1, y0 <= y1, z0 <= z1 else { return }
        positions.withUnsafeBufferPointer { positions in
            for z in z0...z1 {
                for y in y0...y1 {
                    let row = (z * Int(size.y) + y) * Int(size.x)
                    for slot in Int(start[row + x0])..<Int(start[row + x1 + 1]) {
                        let d = positions[slot] - position
                        if (d * d).sum() <= limit { body(slot) }
                    }
                }
            }
        }
    }
}

/// Counts of values in equal steps from 0; percentiles without sorting.
struct ValueHistogram: Sendable {
    private var counts = [Int32](repeating: 0, count: 256)
    private var total: Int32 = 0
    private let step: Float

    init(step: Float) { self.step = step }

    /// The step that a value falls into, from 0 to 255.
    func step(_ value: Float) -> Int { min(max(Int(value / step), 0), 255) }

    mutating func add(_ value: Float) { add(step: step(value)) }

    @inline(__always)
    mutating func add(step: Int) {
        counts[step] += 1
        total += 1
    }

    mutating func clear() {
        for n in counts.indices { counts[n] = 0 }
        total = 0
    }

    /// Value below which a share of the counts lies; nil when there are fewer than four.
    func percentile(_ share: Float) -> Float? {
        guard total >= 4 else { return nil }
        let wanted = share * Float(total)
        var sum: Float = 0
        for n in counts.indices {
            let count = Float(counts[n])
            if sum + count >= wanted && count > 0 {
                return (Float(n) + (wanted - sum) / count) * step
            }
            sum += count
        }
        return nil
    }
}

/// A histogram of thicknesses up to the reach of a ray.
struct ThicknessHistogram {
    private static let steps = ValueHistogram(step: 0.05)
    private var histogram = ThicknessHistogram.steps
    static func step(_ thickness: Float) -> Int { steps.step(thickness) }
    mutating func add(step: Int) { histogram.add(step: step) }
    mutating func clear() { histogram.clear() }
    func percentile(_ share: Float) -> Float? { histogram.percentile(share) }
}
