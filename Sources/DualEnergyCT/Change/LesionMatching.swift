/// Which deposits of two examinations are the same lesions.
package struct LesionMatching {
    /// Deposits of both that belong together: one of each, or several where lesions merged or split.
    package struct Group: Equatable {
        package var present: [Int]
        package var prior: [Int]

        package init(present: [Int], prior: [Int]) {
            self.present = present
            self.prior = prior
        }
    }

    package private(set) var groups: [Group] = []

    /// Carried lesions and deposits overlap when they come within this of each other, in mm: the registration's error.
    private static let toleranceMm = 1.0
    /// Share of the smaller one that must overlap.
    private static let leastShare = 0.3
    /// Lesions further apart are not the same.
    private static let farthestMm = 3.0
    /// Price of leaving a lesion without a partner, in units of 3 mm or of a factor of e in mass.
    private static let alonePrice = 0.75

    /// - Parameters:
    ///   - present, carried: voxels of each lesion on the present grid.
    ///   - presentMg, priorMg: their masses.
    package init(present: [[Int]], carried: [[Int]], presentMg: [Double], priorMg: [Double], in g: GridGeometry) {
        var forest = Array(0..<(present.count + carried.count))
        func root(_ n: Int) -> Int {
            var at = n
            while forest[at] != at { at = forest[at] }
            return at
        }
        for (pair, share) in Self.overlaps(present, carried, in: g) where share >= Self.leastShare {
            forest[root(pair.0)] = root(present.count + pair.1)
        }
        // What overlaps nothing is paired by distance and mass.
        var isJoined = [Bool](repeating: false, count: forest.count)
        for n in forest.indices where forest[n] != n {
            isJoined[n] = true
            isJoined[root(n)] = true
        }
        let rows = present.indices.filter { !isJoined[$0] }
        let columns = carried.indices.filter { !isJoined[present.count + $0] && !carried[$0].isEmpty }
        let costs = rows.map { row in
            columns.map { column -> Double in
                let distance = Self.distance(present[row], carried[column], in: g)
                guard distance <= Self.farthestMm else { return 1e6 }
                let ratio = max(presentMg[row], 0.01) / max(priorMg[column], 0.01)
                return distance / Self.farthestMm + abs(naturalLogarithm(ratio))
            }
        }
        for (row, column) in zip(rows, Assignment.cheapest(costs, alone: Self.alonePrice)) {
            if let column { forest[root(row)] = root(present.count + columns[column]) }
        }
        var members: [Int: Group] = [:]
        for n in forest.indices {
            var group = members[root(n)] ?? Group(present: [], prior: [])
            if n < present.count { group.present.append(n) } else { group.prior.append(n - present.count) }
            members[root(n)] = group
        }
        groups = members.values.sorted {
            ($0.prior.first ?? .max, $0.present.first ?? .max) < (
                $1.prior.first ?? .max, $1.present.first ?? .max
            )
        }
    }

    /// Share of the smaller one of two lesions that lies within the tolerance of the other.
    private static func overlaps(
        _ present: [[Int]], _ carried: [[Int]], in g: GridGeometry
    ) -> [((Int, Int), Double)] {
        var owner: [Int: Int] = [:]
        for (n, voxels) in present.enumerated() { for voxel in voxels { owner[voxel] = n } }
        let ball = ball(radiusMm: toleranceMm, in: g)
        var result: [((Int, Int), Double)] = []
        for (q, voxels) in carried.enumerated() {
            var counts: [Int: Int] = [:]
            for voxel in voxels {
                let (i, j, k) = (voxel % g.columns, voxel / g.columns % g.rows, voxel / (g.columns * g.rows))
                var touched: Set<Int> = []
                for (a, b, c) in ball {
                    let (x, y, z) = (i + a, j + b, k + c)
                    guard x >= 0, y >= 0, z >= 0, x < g.columns, y < g.rows, z < g.slices else { continue }
                    if let n = owner[g.index(x, y, z)] { touched.insert(n) }
                }
                for n in touched { counts[n, default: 0] += 1 }
            }
            for (n, count) in counts.sorted(by: { $0.key < $1.key }) {
                result.append(((n, q), Double(count) / Double(max(1, min(voxels.count, present[n].count)))))
            }
        }
        return result
    }

    private static func ball(radiusMm: Double, in g: GridGeometry) -> [(Int, Int, Int)] {
        let (a, b, c) = (
            Int(radiusMm / g.columnSpacingMm), Int(radiusMm / g.rowSpacingMm), Int(radiusMm / g.sliceSpacingMm)
        )
        var result: [(Int, Int, Int)] = []
        for z in -c...c {
            for y in -b...b {
                for x in -a...a where norm(GridPoint(Double(x), Double(y), Double(z)) * g.spacing) <= radiusMm {
                    result.append((x, y, z))
                }
            }
        }
        return result
    }

    /// Least distance in mm between two sets of voxels, from at most 200 of each.
    private static func distance(_ a: [Int], _ b: [Int], in g: GridGeometry) -> Double {
        func points(_ voxels: [Int]) -> [GridPoint] {
            stride(from: 0, to: voxels.count, by: max(1, voxels.count / 200)).map { g.gridPoint(ofVoxel: voxels[$0]) }
        }
        let other = points(b)
        return points(a).map { p in other.map { norm($0 - p) }.min() ?? .infinity }.min() ?? .infinity
    }
}
