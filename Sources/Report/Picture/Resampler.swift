import DualEnergyCT

/// Reads an image between its voxels, at points of the patient.
struct Resampler {
    private let geometry: GridGeometry
    private let values: [Int16]
    /// One step of index along each axis for one mm in the patient.
    private let perMm: (column: PatientVector, row: PatientVector, slice: PatientVector)

    init(_ image: Volume<Int16>) {
        geometry = image.geometry
        values = image.voxels
        perMm = (
            (1 / geometry.columnSpacingMm) * geometry.rowDirection,
            (1 / geometry.rowSpacingMm) * geometry.columnDirection,
            (1 / geometry.sliceSpacingMm) * geometry.sliceDirection
        )
    }

    /// Index of a point, with fractions.
    static func index(_ point: PatientVector, in geometry: GridGeometry) -> (i: Double, j: Double, k: Double) {
        let offset = point - geometry.origin
        return (
            offset.dot(geometry.rowDirection) / geometry.columnSpacingMm,
            offset.dot(geometry.columnDirection) / geometry.rowSpacingMm,
            offset.dot(geometry.sliceDirection) / geometry.sliceSpacingMm
        )
    }

    /// Step of the index for a step in the patient.
    private func indexStep(_ step: PatientVector) -> (i: Double, j: Double, k: Double) {
        (step.dot(perMm.column), step.dot(perMm.row), step.dot(perMm.slice))
    }

    /// Trilinear value, nil outside the grid.
    @inline(__always)
    static func value(
        _ values: UnsafeBufferPointer<Int16>, _ geometry: GridGeometry, _ i: Double, _ j: Double, _ k: Double
    ) -> Double? {
        guard i >= 0, j >= 0, k >= 0, i <= Double(geometry.columns - 1), j <= Double(geometry.rows - 1),
            k <= Double(geometry.slices - 1)
        else { return nil }
        let (i0, j0, k0) = (Int(i), Int(j), Int(k))
        let (i1, j1, k1) = (
            min(i0 + 1, geometry.columns - 1), min(j0 + 1, geometry.rows - 1), min(k0 + 1, geometry.slices - 1)
        )
        let (u, v, w) = (i - Double(i0), j - Double(j0), k - Double(k0))
        func line(_ j: Int, _ k: Int) -> Double {
            let start = (k * geometry.rows + j) * geometry.columns
            return Double(values[start + i0]) * (1 - u) + Double(values[start + i1]) * u
        }
        let near = line(j0, k0) * (1 - v) + line(j1, k0) * v
        let far = line(j0, k1) * (1 - v) + line(j1, k1) * v
        return near * (1 - w) + far * w
    }

    /// Values at `origin + column * right + row * down`, row by row; outside the image what `outside` says.
    func plane(
        origin: PatientVector, right: PatientVector, down: PatientVector, columns: Int, rows: Int, outside: Double
    ) -> [Double] {
        let start = Self.index(origin, in: geometry)
        let (across, along) = (indexStep(right), indexStep(down))
        return values.withUnsafeBufferPointer { values in
            var result: [Double] = []
            result.reserveCapacity(columns * rows)
            for row in 0..<rows {
                for column in 0..<columns {
                    let (c, r) = (Double(column), Double(row))
                    result.append(
                        Self.value(
                            values, geometry, start.i + c * across.i + r * along.i,
                            start.j + c * across.j + r * along.j, start.k + c * across.k + r * along.k) ?? outside)
                }
            }
            return result
        }
    }

    /// Water-equivalent thickness in mm along `depth`, row by row: the sum of CT number + 1000 over 1000. With another
    /// image of the same grid, the same of that one.
    func sums(
        and other: Volume<Int16>? = nil, origin: PatientVector, right: PatientVector, down: PatientVector, columns: Int,
        rows: Int, depth: PatientVector, lengthMm: Double, stepMm: Double
    ) -> (own: [Double], other: [Double]?) {
        let start = Self.index(origin, in: geometry)
        let (across, along, into) = (indexStep(right), indexStep(down), indexStep(stepMm * depth))
        let steps = Int(lengthMm / stepMm) + 1
        let blocks = RayBlocks(values, other?.voxels ?? values, geometry)
        var sums = [SIMD2<Double>](repeating: .zero, count: columns * rows)
        values.withUnsafeBufferPointer { values in
            (other?.voxels ?? self.values).withUnsafeBufferPointer { others in
                sums.withUnsafeMutableBufferPointer { sums in
                    let sums = sums
                    concurrently(rows, voxels: columns * rows * steps) { rows in
                        for row in rows {
                            for column in 0..<columns {
                                let (c, r) = (Double(column), Double(row))
                                var i = start.i + c * across.i + r * along.i
                                var j = start.j + c * across.j + r * along.j
                                var k = start.k + c * across.k + r * along.k
                                var sum = SIMD2<Double>.zero
                                for _ in 0..<steps {
                                    let content = blocks.content(i, j, k)
                                    if content != RayBlocks.air,
                                        let value = Self.value(values, geometry, i, j, k)
                                    {
                                        let second =
                                            content == RayBlocks.tissue
                                            ? value : Self.value(others, geometry, i, j, k) ?? -1000
                                        if value > -950 { sum.x += value + 1000 }
                                        if second > -950 { sum.y += second + 1000 }
                                    }
                                    i += into.i
                                    j += into.j
                                    k += into.k
                                }
                                sums[row * columns + column] = sum
                            }
                        }
                    }
                }
            }
        }
        return (sums.map { $0.x * stepMm / 1000 }, other == nil ? nil : sums.map { $0.y * stepMm / 1000 })
    }
}

/// What a ray can meet in each block of an image and of another one of the same grid: most of both is air, and most of
/// the rest the same.
private struct RayBlocks {
    static let air: UInt8 = 0
    /// The same in both images.
    static let tissue: UInt8 = 1
    private static let different: UInt8 = 2

    private static let shift = 3
    /// Whatever lies between values up to this adds nothing, by a whole number less than what a sum begins at.
    private static let airHU: Int16 = -951

    private let geometry: GridGeometry
    private let columns, rows: Int
    private let contents: [UInt8]

    init(_ values: [Int16], _ others: [Int16], _ g: GridGeometry) {
        func blocks(_ count: Int) -> Int { ((count - 1) >> Self.shift) + 1 }
        let (columns, rows, slices) = (blocks(g.columns), blocks(g.rows), blocks(g.slices))
        (geometry, self.columns, self.rows) = (g, columns, rows)
        let side = 1 << Self.shift
        var contents = [UInt8](repeating: Self.air, count: columns * rows * slices)
        contents.withUnsafeMutableBufferPointer { contents in
            let contents = contents
            values.withUnsafeBufferPointer { values in
                others.withUnsafeBufferPointer { others in
                    concurrently(slices, voxels: values.count) { parts in
                        for slice in parts {
                            // One voxel more: a value lies between two voxels.
                            for k in (slice * side)..<min((slice + 1) * side + 1, g.slices) {
                                for j in 0..<g.rows {
                                    let from = g.index(0, j, k)
                                    for column in 0..<columns {
                                        var content = Self.air
                                        for i in (column * side)..<min((column + 1) * side + 1, g.columns) {
                                            let (a, b) = (values[from + i], others[from + i])
                                            if a > Self.airHU { content |= Self.tissue }
                                            if a != b { content |= Self.different }
                                        }
                                        guard content != Self.air else { continue }
                                        contents[(slice * rows + (j >> Self.shift)) * columns + column] |= content
                                        if j & (side - 1) == 0, j > 0 {
                                            contents[(slice * rows + (j >> Self.shift) - 1) * columns + column] |=
                                                content
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        self.contents = contents
    }

    /// Of the block that holds a place, by its index; air outside of the grid.
    @inline(__always)
    func content(_ i: Double, _ j: Double, _ k: Double) -> UInt8 {
        guard i >= 0, j >= 0, k >= 0, i <= Double(geometry.columns - 1), j <= Double(geometry.rows - 1),
            k <= Double(geometry.slices - 1)
        else { return Self.air }
        let block = (Int(k) >> Self.shift, Int(j) >> Self.shift, Int(i) >> Self.shift)
        return contents[(block.0 * rows + block.1) * columns + block.2]
    }
}
