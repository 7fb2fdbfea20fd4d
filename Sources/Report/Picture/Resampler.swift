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

    /// Water-equivalent thickness in mm along `depth`, row by row: the sum of CT number + 1000 over 1000.
    func sums(
        origin: PatientVector, right: PatientVector, down: PatientVector, columns: Int, rows: Int,
        depth: PatientVector, lengthMm: Double, stepMm: Double
    ) -> [Double] {
        let start = Self.index(origin, in: geometry)
        let (across, along, into) = (indexStep(right), indexStep(down), indexStep(stepMm * depth))
        let steps = Int(lengthMm / stepMm) + 1
        return values.withUnsafeBufferPointer { values in
            var result = [Double](repeating: 0, count: columns * rows)
            result.withUnsafeMutableBufferPointer { result in
                let result = result
                concurrently(rows, voxels: columns * rows * steps) { rows in
                    for row in rows {
                        for column in 0..<columns {
                            let (c, r) = (Double(column), Double(row))
                            var i = start.i + c * across.i + r * along.i
                            var j = start.j + c * across.j + r * along.j
                            var k = start.k + c * across.k + r * along.k
                            var sum = 0.0
                            for _ in 0..<steps {
                                if let value = Self.value(values, geometry, i, j, k), value > -950 {
                                    sum += value + 1000
                                }
                                i += into.i
                                j += into.j
                                k += into.k
                            }
                            result[row * columns + column] = sum * stepMm / 1000
                        }
                    }
                }
            }
            return result
        }
    }
}
