/// A smooth image that is asked for values and slopes between its voxels.
package struct RegistrationImage: Sendable {
    package var volume: Volume<Float>
    /// Where the first voxel's centre lies in the frame of the positions, in mm.
    package var start: GridPoint

    package init(_ volume: Volume<Float>, start: GridPoint) {
        self.volume = volume
        self.start = start
    }

    package func smoothed(sigmaMm: Double) -> RegistrationImage {
        RegistrationImage(volume.gaussianSmoothed(sigmaMm: sigmaMm), start: start)
    }

    /// Value and slope (per mm) by linear interpolation; nil outside the grid.
    @inline(__always)
    static func sample(
        _ v: UnsafeBufferPointer<Float>, _ g: GridGeometry, at p: GridPoint
    ) -> (value: Double, slope: GridPoint)? {
        guard p.x >= 0, p.y >= 0, p.z >= 0 else { return nil }
        let (i, j, k) = (Int(p.x), Int(p.y), Int(p.z))
        guard i < g.columns - 1, j < g.rows - 1, k < g.slices - 1 else { return nil }
        let (s, t, u) = (p.x - Double(i), p.y - Double(j), p.z - Double(k))
        let n = (k * g.rows + j) * g.columns + i
        let area = g.columns * g.rows
        let a = SIMD4<Double>(
            Double(v[n]), Double(v[n + g.columns]), Double(v[n + area]), Double(v[n + area + g.columns]))
        let b = SIMD4<Double>(
            Double(v[n + 1]), Double(v[n + g.columns + 1]), Double(v[n + area + 1]), Double(v[n + area + g.columns + 1])
        )
        let c = a + s * (b - a)
        let front = c.x + t * (c.y - c.x)
        let back = c.z + t * (c.w - c.z)
        let d = b - a
        let dx = (d.x * (1 - t) + d.y * t) * (1 - u) + (d.z * (1 - t) + d.w * t) * u
        let dy = (c.y - c.x) * (1 - u) + (c.w - c.z) * u
        return (front + u * (back - front), GridPoint(dx, dy, back - front))
    }
}

/// Both images, or both examinations, on a grid that is fine enough to register and small enough to be quick.
package struct RegistrationGrid: Sendable {
    /// Voxels of the image that are averaged into one, along columns, rows and slices.
    package let factor: (Int, Int, Int)
    package let geometry: GridGeometry
    /// Centre of the first voxel in the frame of the whole image's grid, in mm.
    package let start: GridPoint
    private let box: VoxelBox

    private static let finestMm = 0.8
    private static let voxelLimit = 6_000_000

    /// - Parameter box: the part of the image that matters.
    package init(_ g: GridGeometry, box: VoxelBox, finestMm: Double = Self.finestMm) {
        var finest = finestMm
        var factor = (1, 1, 1)
        var count = Int.max
        while true {
            factor = (
                Self.factor(g.columnSpacingMm, finest), Self.factor(g.rowSpacingMm, finest),
                Self.factor(g.sliceSpacingMm, finest)
            )
            count = box.columns.count / factor.0 * (box.rows.count / factor.1) * (box.slices.count / factor.2)
            if count <= Self.voxelLimit { break }
            finest *= 1.2
        }
        self.factor = factor
        self.box = box
        geometry = GridGeometry(
            columns: max(1, box.columns.count / factor.0), rows: max(1, box.rows.count / factor.1),
            slices: max(1, box.slices.count / factor.2), columnSpacingMm: Double(factor.0) * g.columnSpacingMm,
            rowSpacingMm: Double(factor.1) * g.rowSpacingMm, sliceSpacingMm: Double(factor.2) * g.sliceSpacingMm)
        start = GridPoint(
            (Double(box.columns.lowerBound) + 0.5 * Double(factor.0 - 1)) * g.columnSpacingMm,
            (Double(box.rows.lowerBound) + 0.5 * Double(factor.1 - 1)) * g.rowSpacingMm,
            (Double(box.slices.lowerBound) + 0.5 * Double(factor.2 - 1)) * g.sliceSpacingMm)
    }

    private static func factor(_ spacing: Double, _ finest: Double) -> Int {
        max(1, Int((finest / spacing + 0.26).rounded(.down)))
    }

    /// Means over the blocks of voxels of a function of the image's values.
    package func means<Element>(_ image: Volume<Element>, _ value: (Element) -> Float) -> Volume<Float> {
        let g = image.geometry
        let share = 1 / Float(factor.0 * factor.1 * factor.2)
        var result = Volume<Float>(geometry: geometry, repeating: 0)
        image.voxels.withUnsafeBufferPointer { source in
            result.voxels.withUnsafeMutableBufferPointer { target in
                for k in 0..<(geometry.slices * factor.2) {
                    for j in 0..<(geometry.rows * factor.1) {
                        let from = g.index(box.columns.lowerBound, box.rows.lowerBound + j, box.slices.lowerBound + k)
                        let to = geometry.index(0, j / factor.1, k / factor.2)
                        for i in 0..<geometry.columns {
                            var sum: Float = 0
                            for a in 0..<factor.0 { sum += value(source[from + i * factor.0 + a]) }
                            target[to + i] += share * sum
                        }
                    }
                }
            }
        }
        return result
    }

    /// Where a voxel of this grid lies in the frame of the whole image's grid.
    package func point(_ n: Int) -> GridPoint { start + geometry.gridPoint(ofVoxel: n) }
}
