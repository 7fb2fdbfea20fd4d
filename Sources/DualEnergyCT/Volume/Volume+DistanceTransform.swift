/// Distances to a set of voxels, with the voxel that is nearest.
package struct DistanceMap: Sendable {
    /// Squared distance in mm2 between voxel centres; `capMm * capMm` where the set is further than the cap.
    package var squaredMm2: Volume<Float>
    /// Linear index of the nearest voxel of the set; -1 beyond the cap.
    package var nearest: [Int32]
}

extension Volume where Element == UInt8 {
    /// Exact squared Euclidean distance in mm2 from each voxel's centre to that of the nearest non-zero voxel.
    ///
    /// Distances beyond `capMm`, and all of them when no voxel is set, are `capMm * capMm`. Anisotropic voxels are
    /// exact too.
    ///
    /// Felzenszwalb and Huttenlocher, "Distance transforms of sampled functions", Theory of Computing 8 (2012).
    public func squaredDistancesMm2(capMm: Double = 1000) -> Volume<Float> {
        var transform = DistanceTransform(mask: self, capMm: capMm, wantsNearest: false)
        transform.run()
        return Volume<Float>(geometry: geometry, voxels: transform.squared)
    }

    /// `squaredDistancesMm2` with the nearest voxel of each.
    package func distanceMap(capMm: Double) -> DistanceMap {
        var transform = DistanceTransform(mask: self, capMm: capMm, wantsNearest: true)
        transform.run()
        return DistanceMap(
            squaredMm2: Volume<Float>(geometry: geometry, voxels: transform.squared), nearest: transform.nearest)
    }
}

/// The three passes of the transform: along columns by two sweeps, along rows and slices by lower envelopes, or by
/// comparing neighbours where the cap leaves few.
private struct DistanceTransform {
    let geometry: GridGeometry
    let cap: Float
    let wantsNearest: Bool
    var squared: [Float]
    var nearest: [Int32]

    init(mask: Volume<UInt8>, capMm: Double, wantsNearest: Bool) {
        geometry = mask.geometry
        cap = Float(capMm * capMm)
        self.wantsNearest = wantsNearest
        let count = mask.voxels.count
        // Every row is written by the sweep.
        squared = [Float](unsafeUninitializedCapacity: count) { $1 = count }
        nearest = wantsNearest ? [Int32](unsafeUninitializedCapacity: count) { $1 = count } : []
        sweepRows(of: mask)
    }

    mutating func run() {
        let g = geometry
        guard g.voxelCount > 0 else { return }
        let area = g.columns * g.rows
        let (cap, wantsNearest) = (cap, wantsNearest)
        squared.withUnsafeMutableBufferPointer { squared in
            nearest.withUnsafeMutableBufferPointer { nearest in
                let field = DistanceField(
                    squared: squared.baseAddress!, nearest: wantsNearest ? nearest.baseAddress! : nil, cap: cap)
                concurrently(g.slices, voxels: g.voxelCount) { slices in
                    var lines = field.lines(count: g.rows, stride: g.columns, spacing: Float(g.rowSpacingMm))
                    for k in slices { lines.settle(start: k * area, lines: g.columns) }
                }
                let width = 64
                concurrently((area + width - 1) / width, voxels: g.voxelCount) { blocks in
                    var lines = field.lines(count: g.slices, stride: area, spacing: Float(g.sliceSpacingMm))
                    for block in blocks {
                        lines.settle(start: block * width, lines: min(width, area - block * width))
                    }
                }
            }
        }
    }

    /// Distance along each row, from both ends of each clear stretch.
    private mutating func sweepRows(of mask: Volume<UInt8>) {
        let (columns, rows) = (geometry.columns, geometry.rows * geometry.slices)
        let spacing = Float(geometry.columnSpacingMm)
        let (cap, wantsNearest) = (cap, wantsNearest)
        mask.voxels.withUnsafeBufferPointer { mask in
            squared.withUnsafeMutableBufferPointer { squared in
                nearest.withUnsafeMutableBufferPointer { nearest in
                    let (squared, nearest) = (squared, nearest)
                    concurrently(rows, voxels: mask.count) { range in
                        for row in range {
                            let base = row * columns
                            var last = -1
                            var i = 0
                            while i < columns {
                                if mask[base + i] != 0 {
                                    squared[base + i] = 0
                                    if wantsNearest { nearest[base + i] = Int32(base + i) }
                                    (last, i) = (i, i + 1)
                                    continue
                                }
                                var next = i + 1
                                while next < columns && mask[base + next] == 0 { next += 1 }
                                for n in i..<next {
                                    // Below the cap; the voxel before where both are as near.
                                    var (least, from) = (cap, -1)
                                    if last >= 0 {
                                        let d = Float(n - last) * spacing
                                        if d * d < least { (least, from) = (d * d, base + last) }
                                    }
                                    if next < columns {
                                        let d = Float(next - n) * spacing
                                        if d * d < least { (least, from) = (d * d, base + next) }
                                    }
                                    squared[base + n] = least
                                    if wantsNearest { nearest[base + n] = Int32(from) }
                                }
                                i = next
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The squared distances so far, of which different lines may be worked on at once.
private struct DistanceField {
    let squared: UnsafeMutablePointer<Float>
    let nearest: UnsafeMutablePointer<Int32>?
    let cap: Float

    /// Along so few neighbours to each side the comparison of all is faster than an envelope.
    static let mostNeighbours = 16

    func lines(count: Int, stride: Int, spacing: Float) -> DistanceLines {
        let reach = min(Int((cap.squareRoot() / spacing).rounded(.up)), count - 1)
        return DistanceLines(
            field: self, count: count, stride: stride, spacing: spacing,
            reach: nearest == nil && reach <= Self.mostNeighbours ? reach : nil)
    }
}

/// Neighbouring lines along one axis, in tiles that are contiguous in memory.
private struct DistanceLines {
    private let field: DistanceField
    private let count: Int
    private let stride: Int
    private let spacing: Float
    /// Neighbours to compare on each side; nil for the lower envelope.
    private let reach: Int?
    private let tile: Int
    private var values: [Float]
    private var indices: [Int32]
    private var envelope: LowerEnvelope
    private var canChange: [Bool]
    private var canLend: [Bool]

    init(field: DistanceField, count: Int, stride: Int, spacing: Float, reach: Int?) {
        self.field = field
        self.count = count
        self.stride = stride
        self.spacing = spacing
        self.reach = reach
        tile = reach == nil ? 16 : 64
        values = [Float](repeating: field.cap, count: tile * (count + 2 * (reach ?? 0)))
        indices = [Int32](repeating: -1, count: field.nearest == nil ? 0 : tile * count)
        envelope = LowerEnvelope(capacity: reach == nil ? count : 0, spacing: spacing, cap: field.cap)
        canChange = [Bool](repeating: false, count: count)
        canLend = [Bool](repeating: false, count: count + 2 * (reach ?? 0))
    }

    /// Carries the distances of `lines` lines that begin side by side along the axis.
    mutating func settle(start: Int, lines: Int) {
        for first in Swift.stride(from: 0, to: lines, by: tile) {
            let width = min(tile, lines - first)
            guard isOpen(start + first, width: width) else { continue }
            if let reach {
                compare(start + first, width: width, reach: reach)
            } else {
                descend(start + first, width: width)
            }
        }
    }

    /// Whether the lines can change: some voxel lies within the cap, and some outside of the set.
    private func isOpen(_ start: Int, width: Int) -> Bool {
        var (least, largest) = (Float.infinity, -Float.infinity)
        for n in 0..<count {
            let row = extremes(of: field.squared + (start + n * stride), width: width)
            (least, largest) = (min(least, row.least), max(largest, row.largest))
            if least < field.cap && largest > 0 { return true }
        }
        return false
    }

    @inline(__always)
    private func extremes(of row: UnsafeMutablePointer<Float>, width: Int) -> (least: Float, largest: Float) {
        var (least, largest) = (Float.infinity, -Float.infinity)
        for c in 0..<width {
            least = row[c] < least ? row[c] : least
            largest = row[c] > largest ? row[c] : largest
        }
        return (least, largest)
    }

    private mutating func compare(_ start: Int, width: Int, reach: Int) {
        let (field, count, stride, spacing, tile) = (field, count, stride, spacing, tile)
        // Of each line across: whether any voxel can become less, and whether any can lend to others.
        for n in 0..<count {
            let row = extremes(of: field.squared + (start + n * stride), width: width)
            canChange[n] = row.largest > 0
            canLend[n + reach] = row.least < field.cap
        }
        let (canChange, canLend) = (canChange, canLend)
        values.withUnsafeMutableBufferPointer { values in
            let first = values.baseAddress! + reach * tile
            for n in 0..<count {
                (first + n * tile).update(from: field.squared + (start + n * stride), count: width)
            }
            for n in 0..<count where canChange[n] {
                let target = field.squared + (start + n * stride)
                for offset in 1...max(reach, 1)
                where offset <= reach && (canLend[n + reach - offset] || canLend[n + reach + offset]) {
                    let d = Float(offset) * spacing
                    let added = d * d
                    let (before, after) = (first + (n - offset) * tile, first + (n + offset) * tile)
                    for c in 0..<width {
                        let least = before[c] < after[c] ? before[c] : after[c]
                        let value = added + least
                        target[c] = value < target[c] ? value : target[c]
                    }
                }
            }
        }
    }

    private mutating func descend(_ start: Int, width: Int) {
        let (field, stride, tile) = (field, stride, tile)
        let part = changing(start, width: width)
        let count = part.count
        values.withUnsafeMutableBufferPointer { values in
            for n in 0..<count {
                let row = field.squared + (start + (part.lowerBound + n) * stride)
                if width == tile {
                    for c in 0..<tile { values[c * count + n] = row[c] }
                } else {
                    for c in 0..<width { values[c * count + n] = row[c] }
                }
            }
        }
        if let nearest = field.nearest {
            for n in 0..<count {
                let row = nearest + (start + (part.lowerBound + n) * stride)
                for c in 0..<width { indices[c * count + n] = row[c] }
            }
        }
        for c in 0..<width {
            let isAny = values.withUnsafeBufferPointer {
                envelope.build($0.baseAddress! + c * count, first: part.lowerBound, count: count)
            }
            guard isAny else { continue }
            indices.withUnsafeBufferPointer { indices in
                envelope.evaluate(first: part.lowerBound, count: count) { n, value, parabola in
                    field.squared[start + n * stride + c] = value
                    if let nearest = field.nearest {
                        nearest[start + n * stride + c] =
                            parabola < 0 ? -1 : indices[c * count + parabola - part.lowerBound]
                    }
                }
            }
        }
    }

    /// The samples between the first and the last that can change, with one on each side: beyond it all lie in the set,
    /// and a nearer one of those there decides.
    private func changing(_ start: Int, width: Int) -> Range<Int> {
        func isFixed(_ n: Int) -> Bool {
            let row = field.squared + (start + n * stride)
            return (0..<width).allSatisfy { row[$0] == 0 }
        }
        let first = (0..<count).first { !isFixed($0) } ?? 0
        let last = (0..<count).last { !isFixed($0) } ?? count - 1
        return max(first - 1, 0)..<min(last + 2, count)
    }
}
