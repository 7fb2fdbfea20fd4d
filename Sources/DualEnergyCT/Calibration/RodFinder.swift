/// Finds round rods in a coarse scan: denser than the base, anywhere, at any angle to the slices.
struct RodFinder {
    let scan: CoarseScan
    /// Position of the coarse grid's first voxel in the fine grid's millimetres.
    let offset: SIMD3<Double>

    /// A rod and the mean of its coarse image, in HU above the base.
    struct Candidate {
        var rod: Rod
        var excessHU: Double
    }

    /// Radii that are looked for, in mm: below the first nothing is left within the blur of its edge.
    private static let radiiMm = 1.5...30.0

    /// - Parameter floorHU: what stands less above the base is not looked at.
    func candidates(above floorHU: Double) -> [Candidate] {
        let g = scan.image.geometry
        let level = Float(scan.baseHU + floorHU)
        var mask = Volume<UInt8>(geometry: g, repeating: 0)
        for n in mask.voxels.indices where scan.inside.voxels[n] != 0 && scan.image.voxels[n] > level {
            mask.voxels[n] = 1
        }
        let parts = ConnectedComponents(of: mask, connectivity: .faces)
        var found: [Candidate] = []
        for list in parts.voxelLists() where list.count >= 12 { found += split(list, depth: 0) }
        return found
    }

    /// The densest rod of a component at half of its own height, then what remains beside it.
    private func split(_ list: [Int], depth: Int) -> [Candidate] {
        guard list.count >= 12, depth < 12 else { return [] }
        let values = list.map { Double(scan.image.voxels[$0]) - scan.baseHU }
        let plateau = values.sorted()[values.count * 4 / 5]
        let core = zip(list, values).filter { $0.1 > plateau / 2 }.map(\.0)
        let pieces = Self.connected(core, in: scan.image.geometry)
        var found: [Candidate] = []
        var taken = Set<Int>()
        for piece in pieces where piece.count >= 8 {
            taken.formUnion(piece)
            if let rod = rod(piece) {
                let mean = piece.reduce(0) { $0 + Double(scan.image.voxels[$1]) } / Double(piece.count)
                found.append(Candidate(rod: rod, excessHU: mean - scan.baseHU))
            }
        }
        // The blurred rim of what was taken is no rod of its own.
        let rest = list.filter { n in !taken.contains(n) && !isBeside(n, taken) }
        for piece in Self.connected(rest, in: scan.image.geometry) where piece.count >= 12 {
            found += split(piece, depth: depth + 1)
        }
        return found
    }

    private func isBeside(_ n: Int, _ taken: Set<Int>) -> Bool {
        let g = scan.image.geometry
        let (i, j, k) = g.coordinates(n)
        for dk in -1...1 where (0..<g.slices).contains(k + dk) {
            for dj in -2...2 where (0..<g.rows).contains(j + dj) {
                for di in -2...2 where (0..<g.columns).contains(i + di) {
                    if taken.contains(g.index(i + di, j + dj, k + dk)) { return true }
                }
            }
        }
        return false
    }

    private static func connected(_ list: [Int], in g: GridGeometry) -> [[Int]] {
        var left = Set(list)
        var pieces: [[Int]] = []
        // In the order of the list: the same scan always gives the same rods in the same order.
        for start in list where left.contains(start) {
            left.remove(start)
            var piece = [start]
            var next = 0
            while next < piece.count {
                let (i, j, k) = g.coordinates(piece[next])
                next += 1
                let near = [(i - 1, j, k), (i + 1, j, k), (i, j - 1, k), (i, j + 1, k), (i, j, k - 1), (i, j, k + 1)]
                for (a, b, c) in near
                where (0..<g.columns).contains(a) && (0..<g.rows).contains(b) && (0..<g.slices).contains(c) {
                    if left.remove(g.index(a, b, c)) != nil { piece.append(g.index(a, b, c)) }
                }
            }
            pieces.append(piece)
        }
        return pieces
    }

    /// The cylinder that a piece is, cut into sections along the axis of the grid that fits; nil for another shape.
    private func rod(_ piece: [Int]) -> Rod? {
        let g = scan.image.geometry
        let spacing = SIMD3(g.columnSpacingMm, g.rowSpacingMm, g.sliceSpacingMm)
        let points = piece.map { n -> SIMD3<Double> in
            let c = g.coordinates(n)
            return SIMD3(Double(c.i), Double(c.j), Double(c.k)) * spacing + offset
        }
        // Most rods stand on the slices.
        for direction in [2, 1, 0] {
            if let rod = Sections(points, along: direction, spacing: spacing, offset: offset).rod,
                Self.radiiMm.contains(rod.radiusMm)
            {
                return rod
            }
        }
        return nil
    }
}

/// A piece of voxels cut across one axis of the grid.
private struct Sections {
    let points: [SIMD3<Double>]
    let direction: Int
    let spacing: SIMD3<Double>
    private var sections: [(height: Double, area: Double, centroid: SIMD3<Double>)] = []

    init(_ points: [SIMD3<Double>], along direction: Int, spacing: SIMD3<Double>, offset: SIMD3<Double>) {
        self.points = points
        self.direction = direction
        self.spacing = spacing
        let step = spacing[direction]
        var groups: [Int: [SIMD3<Double>]] = [:]
        for p in points { groups[Int(((p[direction] - offset[direction]) / step).rounded()), default: []].append(p) }
        let pixel = spacing.x * spacing.y * spacing.z / step
        for (_, members) in groups.sorted(by: { $0.key < $1.key }) {
            let centroid = members.reduce(SIMD3<Double>.zero, +) / Double(members.count)
            sections.append((centroid[direction], Double(members.count) * pixel, centroid))
        }
    }

    var rod: Rod? {
        let largest = sections.map(\.area).sorted()[sections.count * 3 / 4]
        // The ends are cut slantwise or lie partly in a slice.
        let whole = sections.filter { $0.area > 0.6 * largest && $0.area < 1.5 * largest }
        guard let first = whole.first, let last = whole.last, whole.count * 10 >= sections.count * 7 else { return nil }
        let axis = axis(whole)
        let cosine = abs(axis[direction])
        guard cosine > 0.65 else { return nil }
        let middle = whole.reduce(SIMD3<Double>.zero) { $0 + $1.centroid } / Double(whole.count)
        let area = whole.map(\.area).sorted()[whole.count / 2]
        let step = spacing[direction]
        let height = 0.5 * (first.height + last.height)
        let rod = Rod(
            centre: middle + (height - middle[direction]) / axis[direction] * axis, axis: axis,
            radiusMm: (area * cosine / Double.pi).squareRoot(),
            halfLengthMm: 0.5 * (last.height - first.height + step) / cosine)
        return isRound(rod) ? rod : nil
    }

    /// The line through the centroids by least squares; across the grid where there is a single section.
    private func axis(_ whole: [(height: Double, area: Double, centroid: SIMD3<Double>)]) -> SIMD3<Double> {
        var axis = SIMD3<Double>.zero
        axis[direction] = 1
        let mean = whole.reduce(0) { $0 + $1.height } / Double(whole.count)
        let spread = whole.reduce(0) { $0 + ($1.height - mean) * ($1.height - mean) }
        guard whole.count > 2, spread > 0 else { return axis }
        let slope = whole.reduce(SIMD3<Double>.zero) { $0 + ($1.height - mean) * $1.centroid } / spread
        axis = slope
        axis[direction] = 1
        return axis / (axis * axis).sum().squareRoot()
    }

    /// A disc of radius r has the second moment r^2 / 4 along each diameter, and nothing beyond r but its rim.
    private func isRound(_ rod: Rod) -> Bool {
        var u = SIMD3<Double>.zero
        u[(direction + 1) % 3] = 1
        u -= (u * rod.axis).sum() * rod.axis
        u /= (u * u).sum().squareRoot()
        let a = rod.axis
        let v = SIMD3(a.y * u.z - a.z * u.y, a.z * u.x - a.x * u.z, a.x * u.y - a.y * u.x)
        var (uu, vv, uv) = (0.0, 0.0, 0.0)
        var count = 0.0
        var beyond = 0.0
        let rim = 0.75 * max(spacing.x, max(spacing.y, spacing.z))
        for p in points where abs(rod.place(p).along) <= rod.halfLengthMm {
            let w = p - rod.centre
            let (x, y) = ((w * u).sum(), (w * v).sum())
            uu += x * x
            vv += y * y
            uv += x * y
            count += 1
            if (x * x + y * y).squareRoot() > rod.radiusMm * 1.1 + rim { beyond += 1 }
        }
        guard count > 0 else { return false }
        let half = 0.5 * (uu - vv)
        let root = (half * half + uv * uv).squareRoot()
        let (large, small) = (0.5 * (uu + vv) + root, 0.5 * (uu + vv) - root)
        let filled = (uu + vv) / count / (0.5 * rod.radiusMm * rod.radiusMm)
        return small > 0.65 * large && (0.8...1.3).contains(filled) && beyond < 0.06 * count
    }
}
