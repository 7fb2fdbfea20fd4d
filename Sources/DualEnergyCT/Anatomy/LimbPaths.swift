/// How far each place of the body lies from where the limb enters the scan, through tissue and not across air.
///
/// Fingers that touch each other or are bent into the palm stay apart by their bones; this gives the direction, from
/// the arm to the tips, whatever the pose and the orientation of the scan.
package struct LimbPaths: Sendable {
    /// Step of the grid that paths run on, in mm.
    static let stepMm = 2.0
    /// A cut through the body at the edge of the scan must be at least this large to be the limb's, in mm2.
    static let leastCutMm2 = 700.0
    /// What is smaller is no limb, in mm3.
    static let leastLimbMm3 = 20_000.0

    private let body: Volume<UInt8>
    private let stride: (Int, Int, Int)
    private let limb: Volume<Int32>
    private var distance: [Float]
    /// Number of separate limbs: hands that do not touch.
    package let limbCount: Int

    package init(body fine: Volume<UInt8>) {
        let g = fine.geometry
        func step(_ spacing: Double) -> Int { max(1, Int((Self.stepMm / spacing).rounded())) }
        stride = (step(g.columnSpacingMm), step(g.rowSpacingMm), step(g.sliceSpacingMm))
        let coarse = GridGeometry(
            columns: (g.columns - 1) / stride.0 + 1, rows: (g.rows - 1) / stride.1 + 1,
            slices: (g.slices - 1) / stride.2 + 1, columnSpacingMm: Double(stride.0) * g.columnSpacingMm,
            rowSpacingMm: Double(stride.1) * g.rowSpacingMm, sliceSpacingMm: Double(stride.2) * g.sliceSpacingMm)
        var mask = Volume<UInt8>(geometry: coarse, repeating: 0)
        for k in 0..<coarse.slices {
            for j in 0..<coarse.rows {
                for i in 0..<coarse.columns {
                    mask[i, j, k] = fine[i * stride.0, j * stride.1, k * stride.2]
                }
            }
        }
        body = mask
        let components = ConnectedComponents(of: mask, connectivity: .faces)
        let least = Int(Self.leastLimbMm3 / coarse.voxelVolumeMm3)
        var numbers: [Int32] = [0]
        var count: Int32 = 0
        for component in components.components {
            if component.voxelCount >= least { count += 1 }
            numbers.append(component.voxelCount >= least ? count : 0)
        }
        limb = Volume(geometry: coarse, voxels: components.labels().voxels.map { numbers[Int($0)] })
        limbCount = Int(count)
        distance = [Float](repeating: .infinity, count: coarse.voxelCount)
        for number in 0..<limbCount { spread(from: entry(of: Int32(number + 1))) }
    }

    /// Number of the limb (from 1) at a place in millimetres of the grid; 0 outside.
    package func limb(at point: SIMD3<Float>) -> Int { Int(limb.voxels[nearest(point)]) }

    /// Length of the way from the limb's entry in mm; infinite outside the limbs.
    package func distance(at point: SIMD3<Float>) -> Float { distance[nearest(point)] }

    /// Greatest distance in a limb: the reach of its furthest tip, in mm.
    package func reach(ofLimb number: Int) -> Float {
        var reach: Float = 0
        for n in distance.indices where limb.voxels[n] == Int32(number) && distance[n] < .infinity {
            reach = max(reach, distance[n])
        }
        return reach
    }

    /// The body's voxel nearest to a point among the 27 around it: bone at a tip may lie a step off the coarse mask.
    private func nearest(_ point: SIMD3<Float>) -> Int {
        let g = body.geometry
        let i = min(max(Int((point.x / Float(g.columnSpacingMm)).rounded()), 0), g.columns - 1)
        let j = min(max(Int((point.y / Float(g.rowSpacingMm)).rounded()), 0), g.rows - 1)
        let k = min(max(Int((point.z / Float(g.sliceSpacingMm)).rounded()), 0), g.slices - 1)
        let here = g.index(i, j, k)
        if limb.voxels[here] > 0 { return here }
        for dk in -1...1 {
            for dj in -1...1 {
                for di in -1...1 {
                    let (a, b, c) = (i + di, j + dj, k + dk)
                    guard a >= 0, b >= 0, c >= 0, a < g.columns, b < g.rows, c < g.slices else { continue }
                    let n = g.index(a, b, c)
                    if limb.voxels[n] > 0 { return n }
                }
            }
        }
        return here
    }

    /// Voxels where the limb enters: its largest cut at a face of the grid, or its thickest place.
    private func entry(of number: Int32) -> [Int] {
        let g = body.geometry
        var largest: (area: Double, voxels: [Int]) = (Self.leastCutMm2, [])
        func look(_ area: Double, _ voxels: [Int]) {
            let found = voxels.filter { limb.voxels[$0] == number }
            if Double(found.count) * area > largest.area { largest = (Double(found.count) * area, found) }
        }
        for k in [0, g.slices - 1] {
            look(
                g.columnSpacingMm * g.rowSpacingMm,
                (0..<(g.rows * g.columns)).map { k * g.rows * g.columns + $0 })
        }
        for j in [0, g.rows - 1] {
            look(
                g.columnSpacingMm * g.sliceSpacingMm,
                (0..<g.slices).flatMap { k in (0..<g.columns).map { g.index($0, j, k) } })
        }
        for i in [0, g.columns - 1] {
            look(
                g.rowSpacingMm * g.sliceSpacingMm,
                (0..<g.slices).flatMap { k in (0..<g.rows).map { g.index(i, $0, k) } })
        }
        if !largest.voxels.isEmpty { return largest.voxels }
        let depth = Volume<UInt8>(geometry: g, voxels: limb.voxels.map { $0 == number ? 0 : 1 })
            .squaredDistancesMm2(capMm: 100)
        var deepest = 0
        for n in depth.voxels.indices where depth.voxels[n] > depth.voxels[deepest] { deepest = n }
        return [deepest]
    }

    /// Dijkstra over the 26 neighbours.
    private mutating func spread(from entry: [Int]) {
        let g = body.geometry
        var steps: [(Int, Int, Int, Float)] = []
        for dk in -1...1 {
            for dj in -1...1 {
                for di in -1...1 where (di, dj, dk) != (0, 0, 0) {
                    let (x, y, z) = (
                        Double(di) * g.columnSpacingMm, Double(dj) * g.rowSpacingMm, Double(dk) * g.sliceSpacingMm
                    )
                    steps.append((di, dj, dk, Float((x * x + y * y + z * z).squareRoot())))
                }
            }
        }
        // Buckets of a millimetre: distances are small, and no order within a bucket matters beyond a fraction of it.
        var buckets: [[Int32]] = [[]]
        for n in entry {
            distance[n] = 0
            buckets[0].append(Int32(n))
        }
        var at = 0
        while at < buckets.count {
            var next = 0
            while next < buckets[at].count {
                let n = Int(buckets[at][next])
                next += 1
                guard Int(distance[n]) == at else { continue }
                let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
                for (di, dj, dk, length) in steps {
                    let (a, b, c) = (i + di, j + dj, k + dk)
                    guard a >= 0, b >= 0, c >= 0, a < g.columns, b < g.rows, c < g.slices else { continue }
                    let m = g.index(a, b, c)
                    let way = distance[n] + length
                    guard limb.voxels[m] > 0, way < distance[m] - 1e-4 else { continue }
                    distance[m] = way
                    while buckets.count <= Int(way) { buckets.append([]) }
                    buckets[Int(way)].append(Int32(m))
                }
            }
            at += 1
        }
    }
}
