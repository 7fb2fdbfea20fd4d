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

/// The three passes of the transform: along columns by two sweeps, along rows and slices by lower envelopes.
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
        squared = [Float](repeating: cap, count: mask.voxels.count)
        nearest = wantsNearest ? [Int32](repeating: -1, count: mask.voxels.count) : []
        sweepRows(of: mask)
    }

    mutating func run() {
        let g = geometry
        let area = g.columns * g.rows
        let (cap, wantsNearest) = (cap, wantsNearest)
        squared.withUnsafeMutableBufferPointer { squared in
            nearest.withUnsafeMutableBufferPointer { nearest in
                let field = DistanceField(squared: squared, nearest: nearest, cap: cap, wantsNearest: wantsNearest)
                concurrently(g.slices, voxels: g.voxelCount) { slices in
                    for k in slices {
                        field.envelopes(
                            start: k * area, columns: g.columns, count: g.rows, stride: g.columns,
                            spacing: Float(g.rowSpacingMm))
                    }
                }
                concurrently(g.rows, voxels: g.voxelCount) { rows in
                    for j in rows {
                        field.envelopes(
                            start: j * g.columns, columns: g.columns, count: g.slices, stride: area,
                            spacing: Float(g.sliceSpacingMm))
                    }
                }
            }
        }
    }

    /// Distance along each row, by one sweep each way.
    private mutating func sweepRows(of mask: Volume<UInt8>) {
        let columns = geometry.columns
        let spacing = Float(geometry.columnSpacingMm)
        let cap = cap
        let wantsNearest = wantsNearest
        mask.voxels.withUnsafeBufferPointer { mask in
            squared.withUnsafeMutableBufferPointer { squared in
                nearest.withUnsafeMutableBufferPointer { nearest in
                    for row in 0..<(geometry.rows * geometry.slices) {
                        let base = row * columns
                        var last = -1
                        for i in 0..<columns {
                            if mask[base + i] != 0 { last = i }
                            if last >= 0 {
                                let d = Float(i - last) * spacing
                                if d * d < cap {
                                    squared[base + i] = d * d
                                    if wantsNearest { nearest[base + i] = Int32(base + last) }
                                }
                            }
                        }
                        if last < 0 { continue }
                        var next = -1
                        for i in (0..<columns).reversed() {
                            if mask[base + i] != 0 { next = i }
                            if next >= 0 {
                                let d = Float(next - i) * spacing
                                if d * d < squared[base + i] {
                                    squared[base + i] = d * d
                                    if wantsNearest { nearest[base + i] = Int32(base + next) }
                                }
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
    let squared: UnsafeMutableBufferPointer<Float>
    let nearest: UnsafeMutableBufferPointer<Int32>
    let cap: Float
    let wantsNearest: Bool

    /// Lower envelopes along `columns` neighbouring lines of `count` voxels, in tiles that are contiguous in memory.
    func envelopes(start: Int, columns: Int, count: Int, stride: Int, spacing: Float) {
        let tile = 16
        var values = [Float](repeating: 0, count: tile * count)
        var indices = [Int32](repeating: -1, count: wantsNearest ? tile * count : 0)
        var envelope = LowerEnvelope(capacity: count, spacing: spacing, cap: cap)
        for first in Swift.stride(from: 0, to: columns, by: tile) {
            let width = min(tile, columns - first)
            var hasFinite = false
            for n in 0..<count {
                let source = start + n * stride + first
                for c in 0..<width {
                    let value = squared[source + c]
                    if value < cap { hasFinite = true }
                    values[c * count + n] = value
                    if wantsNearest { indices[c * count + n] = nearest[source + c] }
                }
            }
            if !hasFinite { continue }
            for c in 0..<width {
                guard envelope.build(values, from: c * count, count: count) else { continue }
                envelope.evaluate(count: count) { n, value, parabola in
                    squared[start + n * stride + first + c] = value
                    if wantsNearest {
                        nearest[start + n * stride + first + c] = parabola < 0 ? -1 : indices[c * count + parabola]
                    }
                }
            }
        }
    }
}

/// The lower envelope of parabolas rooted at the samples of one line.
private struct LowerEnvelope {
    let spacing: Float
    let cap: Float
    var roots: [Int32]
    var heights: [Float]
    var borders: [Float]
    var size = 0

    init(capacity: Int, spacing: Float, cap: Float) {
        self.spacing = spacing
        self.cap = cap
        roots = [Int32](repeating: 0, count: capacity)
        heights = [Float](repeating: 0, count: capacity)
        borders = [Float](repeating: 0, count: capacity + 1)
    }

    /// Builds the envelope of the samples below the cap; false when there is none.
    mutating func build(_ values: [Float], from offset: Int, count: Int) -> Bool {
        size = 0
        for n in 0..<count {
            let height = values[offset + n]
            if height >= cap { continue }
            var border = -Float.infinity
            while size > 0 {
                let root = Int(roots[size - 1])
                let x = Float(n - root) * spacing
                // Abscissa, in mm from sample 0, where the new parabola falls below the last one.
                border = (height - heights[size - 1]) / (2 * x) + Float(n + root) * spacing / 2
                if border > borders[size - 1] { break }
                size -= 1
                border = -Float.infinity
            }
            roots[size] = Int32(n)
            heights[size] = height
            borders[size] = border
            size += 1
        }
        return size > 0
    }

    /// Calls `body` with each sample, its value under the envelope, and the root it came from (-1 at the cap).
    func evaluate(count: Int, _ body: (Int, Float, Int) -> Void) {
        var part = 0
        for n in 0..<count {
            let position = Float(n) * spacing
            while part + 1 < size && borders[part + 1] <= position { part += 1 }
            let root = Int(roots[part])
            let d = Float(n - root) * spacing
            let value = d * d + heights[part]
            if value < cap { body(n, value, root) } else { body(n, cap, -1) }
        }
    }
}
