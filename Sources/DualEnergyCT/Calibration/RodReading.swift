/// The CT numbers of a rod's core over those of the base around it.
public struct RodReading: Sendable {
    public var rod: Rod
    /// Mean of the core in HU.
    public var lowHU: Double
    public var highHU: Double
    /// Mean of the base around it in HU.
    public var baseLowHU: Double
    public var baseHighHU: Double
    /// Covariance of the excesses over the base, in HU squared.
    public var covariance: NoiseCovariance
    /// Radius of the core that was read, in mm.
    public var coreRadiusMm: Double

    public var excessLowHU: Double { lowHU - baseLowHU }
    public var excessHighHU: Double { highHU - baseHighHU }
}

/// Reads rods from both images at their full resolution.
struct RodReader {
    let low: Volume<Int16>
    let high: Volume<Int16>
    let sliceThicknessMm: Double
    /// All inserts: none of them is base.
    let inserts: [Rod]
    let scan: CoarseScan
    let baseHighHU: Double
    /// Diameter and length of the region that is read, in mm; nil for the whole core.
    var regionMm: Double?

    /// What the edge of a rod spreads into, in mm: three deviations of the blur of a smooth kernel (0.4 mm) and half
    /// a pixel.
    private var marginMm: Double { 1.2 + 0.5 * max(low.geometry.columnSpacingMm, low.geometry.rowSpacingMm) }

    /// Nil for a rod without core.
    func read(_ rod: Rod) -> RodReading? {
        var coreRadius = rod.radiusMm - marginMm
        var reach = max(0.3 * rod.halfLengthMm, rod.halfLengthMm - max(1.5, sliceThicknessMm))
        if let regionMm {
            coreRadius = min(coreRadius, 0.5 * regionMm)
            reach = min(reach, 0.5 * regionMm)
        }
        guard coreRadius >= 0.75 else { return nil }
        let ring = (from: rod.radiusMm + marginMm, to: rod.radiusMm + marginMm + max(3, 0.4 * rod.radiusMm))
        // Rods stand on the slices as a rule: slices are where noise is independent.
        var sums: [Int: (core: Sum, ring: Sum)] = [:]
        forEachVoxel(near: rod, radius: ring.to, reach: max(reach, regionMm == nil ? reach : rod.halfLengthMm * 0.7)) {
            position, n, k in
            let place = rod.place(position)
            if place.across <= coreRadius, abs(place.along) <= reach {
                sums[k, default: (Sum(), Sum())].core.add(Double(low.voxels[n]), Double(high.voxels[n]))
            } else if place.across >= ring.from, place.across <= ring.to, isBase(position, but: rod) {
                sums[k, default: (Sum(), Sum())].ring.add(Double(low.voxels[n]), Double(high.voxels[n]))
            }
        }
        let slices = sums.sorted { $0.key < $1.key }.map(\.value)
        let core = slices.reduce(into: Sum()) { $0.add($1.core) }
        guard core.count >= 8 else { return nil }
        let around = slices.reduce(into: Sum()) { $0.add($1.ring) }
        let hasRing = around.count >= 60
        return RodReading(
            rod: rod, lowHU: core.meanLow, highHU: core.meanHigh,
            baseLowHU: hasRing ? around.meanLow : scan.baseHU, baseHighHU: hasRing ? around.meanHigh : baseHighHU,
            covariance: covariance(core: core, around: hasRing ? around : nil, slices: slices.map(\.core)),
            coreRadiusMm: coreRadius)
    }

    private func forEachVoxel(
        near rod: Rod, radius: Double, reach: Double, _ body: (SIMD3<Double>, Int, Int) -> Void
    ) {
        let g = low.geometry
        let spacing = SIMD3(g.columnSpacingMm, g.rowSpacingMm, g.sliceSpacingMm)
        let a = SIMD3(abs(rod.axis.x), abs(rod.axis.y), abs(rod.axis.z))
        let half = reach * a + SIMD3(repeating: radius)
        func range(_ axis: Int, _ count: Int) -> Range<Int> {
            let from = max(0, Int((rod.centre[axis] - half[axis]) / spacing[axis]))
            let to = min(count, Int((rod.centre[axis] + half[axis]) / spacing[axis]) + 2)
            return from..<max(from, to)
        }
        for k in range(2, g.slices) {
            for j in range(1, g.rows) {
                for i in range(0, g.columns) {
                    let position = SIMD3(Double(i), Double(j), Double(k)) * spacing
                    guard abs(rod.place(position).along) <= reach else { continue }
                    body(position, g.index(i, j, k), k)
                }
            }
        }
    }

    private func isBase(_ p: SIMD3<Double>, but own: Rod) -> Bool {
        let g = scan.inside.geometry
        let q =
            (p - CoarseScan.offset(of: g, in: low.geometry))
            / SIMD3(g.columnSpacingMm, g.rowSpacingMm, g.sliceSpacingMm)
        let (i, j, k) = (Int(q.x.rounded()), Int(q.y.rounded()), Int(q.z.rounded()))
        guard (0..<g.columns).contains(i), (0..<g.rows).contains(j), (0..<g.slices).contains(k),
            scan.inside[i, j, k] != 0
        else { return false }
        return inserts.allSatisfy { other in
            guard other != own else { return true }
            let place = other.place(p)
            return place.across > other.radiusMm + marginMm || abs(place.along) > other.halfLengthMm + 2
        }
    }

    /// From the scatter of the slices' means where there are enough of them, else from the noise of the voxels with
    /// room for its grain.
    private func covariance(core: Sum, around: Sum?, slices: [Sum]) -> NoiseCovariance {
        let means = slices.filter { $0.count * 2 >= core.count / Double(max(1, slices.count)) }
        let share = 1 + (around.map { core.count / $0.count } ?? 0)
        guard means.count >= 8 else {
            // Smooth kernels share their noise among four to eight voxels.
            return (8 * share / core.count) * core.covariance
        }
        let spread = means.reduce(into: Sum()) { $0.add($1.meanLow, $1.meanHigh) }.covariance
        let overlap = max(1, sliceThicknessMm / low.geometry.sliceSpacingMm)
        return (share * overlap / Double(means.count)) * spread
    }
}

/// Running sums of pairs.
private struct Sum {
    var count = 0.0
    private var low = 0.0
    private var high = 0.0
    private var lowLow = 0.0
    private var highHigh = 0.0
    private var lowHigh = 0.0

    mutating func add(_ a: Double, _ b: Double) {
        count += 1
        low += a
        high += b
        lowLow += a * a
        highHigh += b * b
        lowHigh += a * b
    }

    mutating func add(_ other: Sum) {
        count += other.count
        low += other.low
        high += other.high
        lowLow += other.lowLow
        highHigh += other.highHigh
        lowHigh += other.lowHigh
    }

    var meanLow: Double { low / count }
    var meanHigh: Double { high / count }

    /// Of one pair; CT numbers are whole, so a variance is at least that of rounding.
    var covariance: NoiseCovariance {
        guard count > 1 else { return NoiseCovariance(low: 1, high: 1) }
        let n = count - 1
        return NoiseCovariance(
            low: max(1.0 / 12 / count, (lowLow - low * low / count) / n),
            high: max(1.0 / 12 / count, (highHigh - high * high / count) / n), both: (lowHigh - low * high / count) / n)
    }
}
