/// A mean over the neighbourhood in which a voxel counts the less, the less likely noise alone sets it apart.
///
/// The bilateral filter of both images together: one weight for both, from their difference over the noise covariance
/// with its correlation. So it lowers noise along with across the direction in which decomposition amplifies it, keeps
/// what stands out at either energy, and commutes with every linear solution: the map of the means is the mean of the
/// map. For seeing; numbers are measured on the images themselves.
///
/// Reference: C. Tomasi, R. Manduchi, ICCV 1998; for spectral images with the covariance in the range term Phys Med Biol
/// 61 (2016) 3867.
package struct EdgeKeepingMean: Sendable {
    /// Both images after the mean, and the share of a voxel's variance that it would leave of white noise.
    package struct Result: Sendable {
        package var low: Volume<Int16>
        package var high: Volume<Int16>
        package var share: Volume<Float>
    }

    /// Standard deviation in mm of the weight by distance, and how far it reaches.
    static let scaleMm = 0.8
    static let reachMm = 1.3
    static let mostVoxels = 2
    /// Below this sum of both CT numbers in HU a voxel is air and stays as it is: there is nothing to see in it.
    static let airSumHU: Float = -1000
    /// Breadth b of the weight `(b / (b + d2))^4` by the squared distance in deviations: near `exp(-d2 / 2)` where it
    /// matters, and made of what processors do fast.
    fileprivate static let breadth: Float = 8

    private let inverse: (low: Float, high: Float, both: Float)

    /// - Parameter noise: of a voxel. The difference of two has twice as much.
    package init(noise: NoiseCovariance) {
        let determinant = 2 * (noise.low * noise.high - noise.both * noise.both)
        inverse = (
            Float(noise.high / determinant), Float(noise.low / determinant), Float(-2 * noise.both / determinant)
        )
    }

    package func callAsFunction(_ low: Volume<Int16>, _ high: Volume<Int16>) -> Result {
        let g = low.geometry
        var result = Result(low: low, high: high, share: Volume(geometry: g, repeating: 1))
        let steps = Self.steps(g)
        result.low.voxels.withUnsafeMutableBufferPointer { newLow in
            result.high.voxels.withUnsafeMutableBufferPointer { newHigh in
                result.share.voxels.withUnsafeMutableBufferPointer { share in
                    nonisolated(unsafe) let (newLow, newHigh, share) = (newLow, newHigh, share)
                    concurrently(g.slices * g.rows, voxels: g.voxelCount * steps.count / 8) { lines in
                        var row = Row(columns: g.columns)
                        for line in lines {
                            let (k, j) = (line / g.rows, line % g.rows)
                            guard row.begin(low, high, line * g.columns) else { continue }
                            for step in steps {
                                let (y, z) = (j + step.row, k + step.slice)
                                guard y >= 0, y < g.rows, z >= 0, z < g.slices else { continue }
                                row.add(low, high, g.index(0, y, z), step, inverse)
                            }
                            row.end(newLow, newHigh, share, line * g.columns)
                        }
                    }
                }
            }
        }
        return result
    }

    private struct Step {
        let column, row, slice: Int
        let weight: Float
    }

    /// The neighbours within reach, without the voxel itself.
    private static func steps(_ g: GridGeometry) -> [Step] {
        func reach(_ spacing: Double) -> Int { min(mostVoxels, Int(reachMm / spacing)) }
        let (a, b, c) = (reach(g.columnSpacingMm), reach(g.rowSpacingMm), reach(g.sliceSpacingMm))
        var steps: [Step] = []
        for dk in -c...c {
            for dj in -b...b {
                for di in -a...a where (di, dj, dk) != (0, 0, 0) {
                    let (x, y, z) = (
                        Double(di) * g.columnSpacingMm, Double(dj) * g.rowSpacingMm, Double(dk) * g.sliceSpacingMm
                    )
                    let squared = (x * x + y * y + z * z) / (scaleMm * scaleMm)
                    steps.append(Step(column: di, row: dj, slice: dk, weight: Float(exponential(-0.5 * squared))))
                }
            }
        }
        return steps
    }

    /// The sums of one row of voxels.
    private struct Row {
        private var low, high, weights, squares, sumLow, sumHigh: [Float]

        init(columns: Int) {
            low = [Float](repeating: 0, count: columns)
            (high, weights, squares, sumLow, sumHigh) = (low, low, low, low, low)
        }

        /// - Returns: false for a row of air.
        mutating func begin(_ a: Volume<Int16>, _ b: Volume<Int16>, _ start: Int) -> Bool {
            var most = -Float.infinity
            for i in low.indices {
                (low[i], high[i]) = (Float(a.voxels[start + i]), Float(b.voxels[start + i]))
                (weights[i], squares[i], sumLow[i], sumHigh[i]) = (1, 1, low[i], high[i])
                most = max(most, low[i] + high[i])
            }
            return most > EdgeKeepingMean.airSumHU
        }

        mutating func add(
            _ a: Volume<Int16>, _ b: Volume<Int16>, _ start: Int, _ step: Step,
            _ inverse: (low: Float, high: Float, both: Float)
        ) {
            let count = low.count
            let columns = max(0, -step.column)..<min(count, count - step.column)
            guard !columns.isEmpty else { return }
            let first = start + step.column
            let others = (first + columns.lowerBound)..<(first + columns.upperBound)
            let otherLow = a.voxels.span.extracting(others)
            let otherHigh = b.voxels.span.extracting(others)
            let (low, high) = (low, high)
            Self.add(
                otherLow, otherHigh, low.span.extracting(columns), high.span.extracting(columns), step.weight, inverse,
                from: columns.lowerBound, &weights, &squares, &sumLow, &sumHigh)
        }

        private static func add(
            _ otherLow: Span<Int16>, _ otherHigh: Span<Int16>, _ low: Span<Float>, _ high: Span<Float>,
            _ weightByDistance: Float, _ inverse: (low: Float, high: Float, both: Float), from: Int,
            _ weights: inout [Float], _ squares: inout [Float], _ sumLow: inout [Float], _ sumHigh: inout [Float]
        ) {
            var w = weights.mutableSpan
            var w2 = squares.mutableSpan
            var x = sumLow.mutableSpan
            var y = sumHigh.mutableSpan
            for i in 0..<low.count {
                let (p, q) = (Float(otherLow[i]), Float(otherHigh[i]))
                let (dx, dy) = (p - low[i], q - high[i])
                let distance = inverse.low * dx * dx + inverse.high * dy * dy + inverse.both * dx * dy
                let base = EdgeKeepingMean.breadth / (EdgeKeepingMean.breadth + distance)
                let square = base * base
                let weight = weightByDistance * square * square
                w[from + i] += weight
                w2[from + i] += weight * weight
                x[from + i] += weight * p
                y[from + i] += weight * q
            }
        }

        func end(
            _ a: UnsafeMutableBufferPointer<Int16>, _ b: UnsafeMutableBufferPointer<Int16>,
            _ share: UnsafeMutableBufferPointer<Float>, _ start: Int
        ) {
            for i in low.indices where low[i] + high[i] > EdgeKeepingMean.airSumHU {
                a[start + i] = Int16((sumLow[i] / weights[i]).rounded())
                b[start + i] = Int16((sumHigh[i] / weights[i]).rounded())
                share[start + i] = squares[i] / (weights[i] * weights[i])
            }
        }
    }
}
