/// Bones cut at their necks and joints: the parts of a limb that move each on its own.
///
/// Cut rather too often than too seldom. Two halves of one bone find the same motion; two bones in one piece cannot
/// find theirs.
package struct BonePieces: Sendable {
    /// 0 outside bone, else the piece's number from 1.
    package let labels: Volume<UInt16>
    package let count: Int

    /// A neck counts as a cut when it is thinner than this share of the thinner side, and by half a millimetre.
    private static let neckShare: Float = 0.75
    private static let neckMm: Float = 0.5
    /// Below this a piece belongs to its neighbour, or to nothing.
    private static let smallestMm3 = 120.0

    /// - Parameter bone: bones with or without their marrow.
    package init(of bone: Volume<UInt8>) {
        let filled = bone.holesFilled()
        var flood = PieceFlood(filled, neckShare: Self.neckShare, neckMm: Self.neckMm)
        flood.run()
        flood.joinSmall(below: Int(Self.smallestMm3 / bone.geometry.voxelVolumeMm3))
        (labels, count) = flood.numbered()
    }
}

/// Watershed on the distance to the bone's surface, from the middle outwards.
private struct PieceFlood {
    private let geometry: GridGeometry
    private let depth: [Float]
    private let neckShare: Float
    private let neckMm: Float
    private var basinOf: [Int32]
    private var parents: [Int32] = []
    private var peaks: [Float] = []
    private var sizes: [Int] = []
    /// Depth of the deepest neck between two basins, by the numbers they had when they met.
    private var necks: [(a: Int32, b: Int32, depth: Float)] = []
    private let order: [Int]

    init(_ mask: Volume<UInt8>, neckShare: Float, neckMm: Float) {
        geometry = mask.geometry
        self.neckShare = neckShare
        self.neckMm = neckMm
        let inside = mask.complement().squaredDistancesMm2(capMm: 30).voxels.map { $0.squareRoot() }
        depth = inside
        basinOf = [Int32](repeating: -1, count: inside.count)
        order = mask.voxels.indices.filter { mask.voxels[$0] != 0 }.sorted {
            inside[$0] == inside[$1] ? $0 < $1 : inside[$0] > inside[$1]
        }
    }

    private mutating func root(_ basin: Int32) -> Int32 {
        var at = basin
        while parents[Int(at)] != at {
            parents[Int(at)] = parents[Int(parents[Int(at)])]
            at = parents[Int(at)]
        }
        return at
    }

    mutating func run() {
        let g = geometry
        var near: [Int32] = []
        for n in order {
            let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
            near.removeAll(keepingCapacity: true)
            for c in max(0, k - 1)...min(g.slices - 1, k + 1) {
                for b in max(0, j - 1)...min(g.rows - 1, j + 1) {
                    for a in max(0, i - 1)...min(g.columns - 1, i + 1) {
                        let other = basinOf[g.index(a, b, c)]
                        guard other >= 0 else { continue }
                        let top = root(other)
                        if !near.contains(top) { near.append(top) }
                    }
                }
            }
            basinOf[n] = place(depth[n], among: near)
        }
    }

    /// The basin that a voxel of this depth joins: a new one where it touches none.
    private mutating func place(_ depth: Float, among near: [Int32]) -> Int32 {
        guard var main = near.max(by: { (peaks[Int($0)], $1) < (peaks[Int($1)], $0) }) else {
            parents.append(Int32(parents.count))
            peaks.append(depth)
            sizes.append(1)
            return Int32(parents.count - 1)
        }
        for other in near where other != main {
            let peak = min(peaks[Int(other)], peaks[Int(main)])
            if peak - depth < neckMm || depth > neckShare * peak {
                join(other, into: main)
                main = root(main)
            } else {
                necks.append((main, other, depth))
            }
        }
        sizes[Int(main)] += 1
        return main
    }

    private mutating func join(_ a: Int32, into b: Int32) {
        let (from, to) = (root(a), root(b))
        guard from != to else { return }
        parents[Int(from)] = to
        peaks[Int(to)] = max(peaks[Int(to)], peaks[Int(from)])
        sizes[Int(to)] += sizes[Int(from)]
    }

    /// Small basins join the neighbour over their widest neck.
    mutating func joinSmall(below least: Int) {
        let ordered = necks.sorted { $0.depth > $1.depth }
        for neck in ordered {
            let (a, b) = (root(neck.a), root(neck.b))
            guard a != b, min(sizes[Int(a)], sizes[Int(b)]) < least else { continue }
            join(a, into: b)
        }
        for n in sizes.indices where root(Int32(n)) == Int32(n) && sizes[n] < least { sizes[n] = 0 }
    }

    mutating func numbered() -> (Volume<UInt16>, Int) {
        var numbers: [Int32: UInt16] = [:]
        var result = Volume<UInt16>(geometry: geometry, repeating: 0)
        for n in order.sorted() {
            let basin = root(basinOf[n])
            guard sizes[Int(basin)] > 0 else { continue }
            if let number = numbers[basin] {
                result.voxels[n] = number
            } else if numbers.count < 4000 {
                numbers[basin] = UInt16(numbers.count + 1)
                result.voxels[n] = UInt16(numbers.count)
            }
        }
        return (result, numbers.count)
    }
}
