extension Volume where Element == Float {
    /// The largest value in a box of `radiusMm` to each side.
    ///
    /// A box and not a ball: the three axes separate.
    package func maximumFiltered(radiusMm: Double) -> Volume<Float> {
        let g = geometry
        guard g.voxelCount > 0 else { return self }
        var result = map { $0 }
        let area = g.columns * g.rows
        func radius(_ spacingMm: Double, _ count: Int) -> Int { min(Int((radiusMm / spacingMm).rounded()), count - 1) }
        result.voxels.withUnsafeMutableBufferPointer { data in
            let first = data.baseAddress!
            concurrently(g.rows * g.slices, voxels: data.count) { rows in
                var line = RunningMaximum(count: g.columns, width: 1, radius: radius(g.columnSpacingMm, g.columns))
                for row in rows { line.run(first + row * g.columns, stride: 1, width: 1) }
            }
            concurrently(g.slices, voxels: data.count) { slices in
                var lines = RunningMaximum(count: g.rows, radius: radius(g.rowSpacingMm, g.rows))
                for k in slices { lines.runAll(first + k * area, lines: g.columns, stride: g.columns) }
            }
            let width = RunningMaximum.width
            concurrently((area + width - 1) / width, voxels: data.count) { blocks in
                var lines = RunningMaximum(count: g.slices, radius: radius(g.sliceSpacingMm, g.slices))
                for block in blocks {
                    lines.run(first + block * width, stride: area, width: min(width, area - block * width))
                }
            }
        }
        return result
    }
}

/// The running maximum of neighbouring lines at once.
///
/// Windows grow by doubling: the maximum over 2n voxels is the larger of two over n. A window that is no power of two
/// is covered by two that overlap.
private struct RunningMaximum {
    /// Lines that are worked on together: what a cache holds.
    static let width = 64
    let count: Int
    let radius: Int
    private var values: [Float]

    init(count: Int, width: Int = RunningMaximum.width, radius: Int) {
        self.count = count
        self.radius = radius
        values = [Float](repeating: -.infinity, count: (count + 2 * radius) * width)
    }

    /// Runs over `lines` lines that begin side by side.
    mutating func runAll(_ data: UnsafeMutablePointer<Float>, lines: Int, stride: Int) {
        for start in Swift.stride(from: 0, to: lines, by: Self.width) {
            run(data + start, stride: stride, width: min(Self.width, lines - start))
        }
    }

    /// `width` lines that begin side by side, each of `count` voxels `stride` apart.
    mutating func run(_ data: UnsafeMutablePointer<Float>, stride: Int, width: Int) {
        guard radius > 0 else { return }
        let (count, radius, window) = (count, radius, 2 * radius + 1)
        // One line along the columns is contiguous as it is.
        let runs = stride == width ? 1 : count
        let length = count * width / runs
        values.withUnsafeMutableBufferPointer { values in
            let first = values.baseAddress!
            var isUniform = true
            for n in 0..<runs {
                let source = data + n * stride
                let target = first + radius * width + n * length
                target.update(from: source, count: length)
                isUniform = isUniform && (0..<length).allSatisfy { source[$0] == data[0] }
            }
            if isUniform { return }
            for x in 0..<(radius * width) { first[x] = -.infinity }
            for x in ((radius + count) * width)..<((count + 2 * radius) * width) { first[x] = -.infinity }
            var covered = 1
            while 2 * covered <= window {
                Self.raise(first, by: first + covered * width, count: (count + 2 * radius - covered) * width)
                covered *= 2
            }
            let last = first + (window - covered) * width
            for n in 0..<runs {
                let target = data + n * stride
                let (a, b) = (first + n * length, last + n * length)
                for x in 0..<length { target[x] = a[x] > b[x] ? a[x] : b[x] }
            }
        }
    }

    /// The larger of both; `other` lies further on in the same memory.
    private static func raise(_ values: UnsafeMutablePointer<Float>, by other: UnsafePointer<Float>, count: Int) {
        for x in 0..<count { values[x] = values[x] > other[x] ? values[x] : other[x] }
    }
}
