/// Displacement between the two images, from the skin's edge: the one edge that has the same height in both.
package struct Misregistration: Sendable {
    /// Shift of the high-energy image against the other in mm along columns, rows and slices.
    package var shiftMm: (Double, Double, Double)
    /// Length of the largest shift found in a part of the volume, in mm.
    package var largestMm: Double
    /// Edge voxels used; 0 when the images show no skin.
    package var voxelCount: Int

    /// Parts of the volume along slices and columns that are measured on their own: fingers move separately.
    private static let parts = (slices: 5, columns: 3)
    private static let sampleLimit = 240_000
    /// Fewest edge voxels for a part to count.
    private static let partMinimum = 1500

    package static func measure(low: Volume<Int16>, high: Volume<Int16>) -> Misregistration {
        let g = low.geometry
        let edges = edgeVoxels(low)
        guard edges.count >= 200 else { return Misregistration(shiftMm: (0, 0, 0), largestMm: 0, voxelCount: 0) }
        let whole = shift(low, high, edges, ridge: 0.004)
        var largest = length(whole)
        var groups = [[Int]](repeating: [], count: parts.slices * parts.columns)
        for n in edges {
            let i = n % g.columns
            let k = n / (g.columns * g.rows)
            groups[k * parts.slices / g.slices * parts.columns + i * parts.columns / g.columns].append(n)
        }
        for group in groups where group.count >= partMinimum {
            largest = max(largest, length(shift(low, high, group, ridge: 0.03)))
        }
        return Misregistration(shiftMm: whole, largestMm: largest, voxelCount: edges.count)
    }

    private static func length(_ v: (Double, Double, Double)) -> Double {
        (v.0 * v.0 + v.1 * v.1 + v.2 * v.2).squareRoot()
    }

    /// Voxels of the skin's edge, at most `sampleLimit`, evenly taken.
    private static func edgeVoxels(_ image: Volume<Int16>) -> [Int] {
        let g = image.geometry
        let margin = 6
        guard g.columns > 2 * margin, g.rows > 2 * margin, g.slices > 2 * margin else { return [] }
        var result: [Int] = []
        image.voxels.withUnsafeBufferPointer { v in
            for k in margin..<(g.slices - margin) {
                for j in margin..<(g.rows - margin) {
                    let row = g.index(0, j, k)
                    for i in margin..<(g.columns - margin) where v[row + i] > -850 && v[row + i] < -150 {
                        result.append(row + i)
                    }
                }
            }
        }
        let step = (result.count + sampleLimit - 1) / sampleLimit
        return step <= 1 ? result : stride(from: 0, to: result.count, by: step).map { result[$0] }
    }

    /// Gauss-Newton on the squared difference of both images at the given voxels.
    ///
    /// A side of a finger says nothing of the shift along it: `ridge`, as a share of all gradients, holds such
    /// directions at zero.
    private static func shift(
        _ low: Volume<Int16>, _ high: Volume<Int16>, _ edges: [Int], ridge: Double
    ) -> (Double, Double, Double) {
        let g = low.geometry
        var shift = (0.0, 0.0, 0.0)
        for _ in 0..<8 {
            var normal = NormalEquations()
            low.voxels.withUnsafeBufferPointer { a in
                high.voxels.withUnsafeBufferPointer { b in
                    for n in edges { normal.add(at: n, low: a, high: b, geometry: g, shift: shift) }
                }
            }
            normal.hold(shift, ridge: ridge)
            guard let step = normal.solution() else { return (0, 0, 0) }
            shift = (shift.0 + step.0, shift.1 + step.1, shift.2 + step.2)
            let limit = 5.0
            if abs(shift.0) > limit || abs(shift.1) > limit || abs(shift.2) > limit { break }
            if abs(step.0) + abs(step.1) + abs(step.2) < 0.005 { break }
        }
        return (shift.0 * g.columnSpacingMm, shift.1 * g.rowSpacingMm, shift.2 * g.sliceSpacingMm)
    }
}

/// Sums of a least-squares problem in three unknowns, in voxels.
private struct NormalEquations {
    var a = [Double](repeating: 0, count: 6)
    var b = (0.0, 0.0, 0.0)

    mutating func add(
        at n: Int, low: UnsafeBufferPointer<Int16>, high: UnsafeBufferPointer<Int16>, geometry g: GridGeometry,
        shift: (Double, Double, Double)
    ) {
        let area = g.columns * g.rows
        let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / area)
        func sample(_ di: Double, _ dj: Double, _ dk: Double) -> Double {
            trilinear(
                high, g, min(max(Double(i) + shift.0 + di, 0), Double(g.columns) - 1.001),
                min(max(Double(j) + shift.1 + dj, 0), Double(g.rows) - 1.001),
                min(max(Double(k) + shift.2 + dk, 0), Double(g.slices) - 1.001))
        }
        // Interpolation blurs a shifted sample: the other image is blurred alike by its six neighbours' mean of the
        // same weights, which cancels to first order since the edge is as often before as behind the voxel.
        let difference = Double(low[n]) - sample(0, 0, 0)
        let x = (sample(1, 0, 0) - sample(-1, 0, 0)) / 2
        let y = (sample(0, 1, 0) - sample(0, -1, 0)) / 2
        let z = (sample(0, 0, 1) - sample(0, 0, -1)) / 2
        a[0] += x * x
        a[1] += x * y
        a[2] += x * z
        a[3] += y * y
        a[4] += y * z
        a[5] += z * z
        b = (b.0 + x * difference, b.1 + y * difference, b.2 + z * difference)
    }

    /// Adds the pull of all three shifts towards zero.
    mutating func hold(_ shift: (Double, Double, Double), ridge: Double) {
        let weight = ridge * (a[0] + a[3] + a[5])
        a[0] += weight
        a[3] += weight
        a[5] += weight
        b = (b.0 - weight * shift.0, b.1 - weight * shift.1, b.2 - weight * shift.2)
    }

    /// Nil when there are no gradients.
    func solution() -> (Double, Double, Double)? {
        let determinant =
            a[0] * (a[3] * a[5] - a[4] * a[4]) - a[1] * (a[1] * a[5] - a[4] * a[2]) + a[2]
            * (a[1] * a[4] - a[3] * a[2])
        let trace = a[0] + a[3] + a[5]
        guard trace > 0, determinant > 1e-9 * trace * trace * trace else { return nil }
        let x = b.0 * (a[3] * a[5] - a[4] * a[4]) - a[1] * (b.1 * a[5] - a[4] * b.2) + a[2] * (b.1 * a[4] - a[3] * b.2)
        let y = a[0] * (b.1 * a[5] - a[4] * b.2) - b.0 * (a[1] * a[5] - a[4] * a[2]) + a[2] * (a[1] * b.2 - b.1 * a[2])
        let z = a[0] * (a[3] * b.2 - b.1 * a[4]) - a[1] * (a[1] * b.2 - b.1 * a[2]) + b.0 * (a[1] * a[4] - a[3] * a[2])
        return (x / determinant, y / determinant, z / determinant)
    }

    private func trilinear(
        _ v: UnsafeBufferPointer<Int16>, _ g: GridGeometry, _ x: Double, _ y: Double, _ z: Double
    ) -> Double {
        let (i, j, k) = (Int(x), Int(y), Int(z))
        let (s, t, u) = (x - Double(i), y - Double(j), z - Double(k))
        let n = g.index(i, j, k)
        let area = g.columns * g.rows
        func row(_ m: Int) -> Double { Double(v[m]) * (1 - s) + Double(v[m + 1]) * s }
        let front = row(n) * (1 - t) + row(n + g.columns) * t
        let back = row(n + area) * (1 - t) + row(n + area + g.columns) * t
        return front * (1 - u) + back * u
    }
}
