/// Where each place of one image lies in the other: every bone moves as a whole, soft tissue with the bones around it.
package struct MotionField: Sendable {
    private struct Reach: Sendable {
        /// Distance in mm to the piece, on its part of the registration's grid.
        var distances: Volume<Float>
        /// Centre of the first voxel, in mm.
        var start: GridPoint
        var motion: RigidMotion
    }

    private let reaches: [Reach]
    private let whole: RigidMotion
    /// Beyond this from every bone the whole's motion holds.
    private static let reachMm = 18.0
    /// A piece that is this much further than the nearest one counts 1/e of it.
    private static let blendMm = 1.0

    /// - Parameter motions: of piece n + 1 at n; nil for one that moves with the others.
    init(_ pieces: BonePieces, grid: RegistrationGrid, motions: [RigidMotion?], whole: RigidMotion) {
        self.whole = whole
        let g = grid.geometry
        var boxes = [(GridIndex, GridIndex)?](repeating: nil, count: pieces.count)
        for n in pieces.labels.voxels.indices where pieces.labels.voxels[n] > 0 {
            let piece = Int(pieces.labels.voxels[n]) - 1
            let at = GridIndex(n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
            let (low, high) = boxes[piece] ?? (at, at)
            boxes[piece] = (pointwiseMin(low, at), pointwiseMax(high, at))
        }
        reaches = boxes.indices.compactMap { piece in
            guard let motion = motions[piece], let (low, high) = boxes[piece] else { return nil }
            func range(_ a: Int, _ b: Int, _ spacing: Double, _ count: Int) -> Range<Int> {
                let margin = Int(Self.reachMm / spacing) + 1
                return max(0, a - margin)..<min(count, b + margin + 1)
            }
            let box = VoxelBox(
                columns: range(low.x, high.x, g.columnSpacingMm, g.columns),
                rows: range(low.y, high.y, g.rowSpacingMm, g.rows),
                slices: range(low.z, high.z, g.sliceSpacingMm, g.slices))
            let labels = pieces.labels.cropped(to: box)
            let mask = Volume<UInt8>(
                geometry: labels.geometry, voxels: labels.voxels.map { Int($0) == piece + 1 ? 1 : 0 })
            let squares = mask.squaredDistancesMm2(capMm: Self.reachMm)
            let first = GridPoint(
                Double(box.columns.lowerBound), Double(box.rows.lowerBound), Double(box.slices.lowerBound))
            return Reach(
                distances: Volume(geometry: squares.geometry, voxels: squares.voxels.map { $0.squareRoot() }),
                start: grid.start + first * g.spacing, motion: motion)
        }
    }

    private typealias GridIndex = SIMD3<Int>

    /// The pieces that have a say somewhere within `radius` mm of a place.
    package func candidates(near p: GridPoint, radius: Double) -> [Int] {
        let distances = reaches.map { Self.distance($0, p) }
        let nearest = distances.min() ?? Self.reachMm
        let limit = nearest + 2 * radius + 5 * Self.blendMm
        return distances.indices.filter { distances[$0] < Self.reachMm && distances[$0] <= limit }
    }

    /// Where a place lies in the other image, in mm of that image's grid.
    package func callAsFunction(_ p: GridPoint, among candidates: [Int]) -> GridPoint {
        if candidates.isEmpty { return whole(p) }
        var nearest = Self.reachMm
        var distances = SIMD16<Double>(repeating: Self.reachMm)
        let count = min(16, candidates.count)
        for n in 0..<count {
            distances[n] = Self.distance(reaches[candidates[n]], p)
            nearest = min(nearest, distances[n])
        }
        var weight = exponential((nearest - Self.reachMm) / Self.blendMm)
        var sum = weight > 1e-4 ? weight * whole(p) : .zero
        if weight <= 1e-4 { weight = 0 }
        for n in 0..<count where distances[n] < nearest + 7 * Self.blendMm {
            let share = exponential((nearest - distances[n]) / Self.blendMm)
            sum += share * reaches[candidates[n]].motion(p)
            weight += share
        }
        return sum / weight
    }

    package func callAsFunction(_ p: GridPoint) -> GridPoint { self(p, among: candidates(near: p, radius: 0)) }

    private static func distance(_ reach: Reach, _ p: GridPoint) -> Double {
        let g = reach.distances.geometry
        return reach.distances.voxels.withUnsafeBufferPointer {
            RegistrationImage.sample($0, g, at: (p - reach.start) / g.spacing)?.value ?? reachMm
        }
    }
}

extension VoxelBox {
    /// Its middle in voxels.
    var middle: GridPoint {
        let sums = SIMD3(
            columns.lowerBound + columns.upperBound - 1, rows.lowerBound + rows.upperBound - 1,
            slices.lowerBound + slices.upperBound - 1)
        return GridPoint(Double(sums.x), Double(sums.y), Double(sums.z)) / 2
    }

    /// Calls `body` with the cubes of so many voxels a side that fill the box: what is asked of a motion field once for
    /// each.
    func forEachBlock(side: Int, _ body: (VoxelBox) -> Void) {
        func parts(_ range: Range<Int>) -> [Range<Int>] {
            stride(from: range.lowerBound, to: range.upperBound, by: side).map {
                $0..<min($0 + side, range.upperBound)
            }
        }
        for slices in parts(slices) {
            for rows in parts(rows) {
                for columns in parts(columns) { body(VoxelBox(columns: columns, rows: rows, slices: slices)) }
            }
        }
    }
}
