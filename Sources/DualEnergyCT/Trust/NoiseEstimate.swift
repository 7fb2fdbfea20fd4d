/// Noise of a pair of images, measured in soft tissue.
public struct NoiseEstimate: Sendable, Equatable {
    /// Covariance of a voxel's two CT numbers, in HU squared.
    public var voxel: NoiseCovariance
    /// Neighbouring voxels share their noise: the variance of a sum over n voxels is n times this times a voxel's.
    public var correlationVoxels: Double
    /// Voxels of soft tissue that the estimate rests on.
    public var voxelCount: Int

    package init(voxel: NoiseCovariance, correlationVoxels: Double, voxelCount: Int) {
        self.voxel = voxel
        self.correlationVoxels = correlationVoxels
        self.voxelCount = voxelCount
    }

    /// The covariance of a sum over voxels, in HU squared.
    func sum(over voxels: Int) -> NoiseCovariance { (Double(voxels) * correlationVoxels) * voxel }

    /// Nil when there is too little soft tissue in the images.
    ///
    /// A finger has no 3 mm of one tissue, but along one direction its tissues run on for a centimetre: noise is what
    /// remains of second differences along the axis of the grid that has the smallest ones, at quiet places. A place is
    /// quiet by what lies a few millimetres to its sides, which shares its tissue's texture and not its noise: choosing
    /// by its own differences would choose low noise.
    public static func measure(low: Volume<Int16>, high: Volume<Int16>) -> NoiseEstimate? {
        let estimates = (0..<3).compactMap { SecondDifferences(low, high, axis: $0)?.estimate() }
        return estimates.min { $0.voxel.low * $0.voxel.high < $1.voxel.low * $1.voxel.high }
    }
}

/// Second differences of both images along one axis of the grid at voxels of soft tissue.
private struct SecondDifferences {
    /// Distance between the three samples in mm, and to the places that tell whether it is quiet: beyond the grain of
    /// the noise.
    private static let reachMm = 1.5
    /// Soft tissue and fat at any tube voltage, with room for the noise.
    private static let softTissueHU: ClosedRange<Int16> = -250...250
    private static let sampleLimit = 400_000
    private static let leastSamples = 500
    /// Share of the places that count as quiet.
    private static let quietShare = 0.3
    private static let lags = 3

    private let geometry: GridGeometry
    private let low: Volume<Int16>
    private let high: Volume<Int16>
    private let step: Int
    private let axis: Int
    private let axisLag: Int
    private let samples: [Int]
    /// Offsets to the places beside a sample.
    private let sides: [Int]

    init?(_ low: Volume<Int16>, _ high: Volume<Int16>, axis: Int) {
        let g = low.geometry
        let spacings = [g.columnSpacingMm, g.rowSpacingMm, g.sliceSpacingMm]
        let strides = [1, g.columns, g.columns * g.rows]
        let lags = spacings.map { max(2, Int((Self.reachMm / $0).rounded(.up))) }
        // Room for the differences and for the lags of the correlation on all sides.
        let margin = lags.map { $0 + Self.lags }
        guard g.columns > 2 * margin[0], g.rows > 2 * margin[1], g.slices > 2 * margin[2] else { return nil }
        let along = lags[axis] * strides[axis]
        let sides = (0..<3).filter { $0 != axis }.flatMap { [lags[$0] * strides[$0], -lags[$0] * strides[$0]] }
        let stretch = ([0] + sides).flatMap { [$0, $0 - along, $0 + along] }
        let slices = g.slices - 2 * margin[2]
        var foundInSlice = [[Int]](repeating: [], count: slices)
        foundInSlice.withUnsafeMutableBufferPointer { foundInSlice in
            let foundInSlice = foundInSlice
            low.voxels.withUnsafeBufferPointer { v in
                concurrently(slices, voxels: v.count) { slices in
                    for slice in slices {
                        for j in margin[1]..<(g.rows - margin[1]) {
                            let row = g.index(0, j, slice + margin[2])
                            for i in margin[0]..<(g.columns - margin[0]) where Self.softTissueHU.contains(v[row + i]) {
                                // The whole stretch is soft tissue: no skin edge and no bone between the samples.
                                if stretch.allSatisfy({ Self.softTissueHU.contains(v[row + i + $0]) }) {
                                    foundInSlice[slice].append(row + i)
                                }
                            }
                        }
                    }
                }
            }
        }
        let found = Array(foundInSlice.joined())
        guard found.count >= Self.leastSamples else { return nil }
        let thinning = (found.count + Self.sampleLimit - 1) / Self.sampleLimit
        samples = thinning <= 1 ? found : stride(from: 0, to: found.count, by: thinning).map { found[$0] }
        geometry = g
        step = along
        self.axis = axis
        axisLag = lags[axis]
        self.sides = sides
        self.low = low
        self.high = high
    }

    func estimate() -> NoiseEstimate {
        low.voxels.withUnsafeBufferPointer { a in
            high.voxels.withUnsafeBufferPointer { b in
                let quiet = quietSamples(a, b)
                let x = quiet.map { difference(a, $0) }
                let y = quiet.map { difference(b, $0) }
                let (deviationLow, deviationHigh) = (Self.deviation(x), Self.deviation(y))
                let grain = grain(a, quiet, x, limit: 3 * deviationLow)
                // x(-1) - 2 x(0) + x(1) of independent samples has six times the variance of one.
                let correlation = Self.correlation(
                    x, y, limits: (3 * deviationLow, 3 * deviationHigh))
                let (sdLow, sdHigh) = (
                    max(0.5, deviationLow / 6.0.squareRoot()), max(0.5, deviationHigh / 6.0.squareRoot())
                )
                return NoiseEstimate(
                    voxel: NoiseCovariance(
                        low: sdLow * sdLow, high: sdHigh * sdHigh, both: correlation * sdLow * sdHigh),
                    correlationVoxels: grain, voxelCount: quiet.count)
            }
        }
    }

    /// Samples whose sides differ least in both images.
    private func quietSamples(_ a: UnsafeBufferPointer<Int16>, _ b: UnsafeBufferPointer<Int16>) -> [Int] {
        let scale = (
            max(1, Self.deviation(samples.map { difference(a, $0) })),
            max(1, Self.deviation(samples.map { difference(b, $0) }))
        )
        let unrest = samples.map { n in
            sides.reduce(0.0) { sum, side in
                let (x, y) = (difference(a, n + side) / scale.0, difference(b, n + side) / scale.1)
                return sum + x * x + y * y
            }
        }
        let count = max(Self.leastSamples, Int(Self.quietShare * Double(samples.count)))
        guard count < samples.count else { return samples }
        let limit = nthSmallest(count, of: unrest)
        return samples.indices.filter { unrest[$0] < limit }.map { samples[$0] }
    }

    private func difference(_ v: UnsafeBufferPointer<Int16>, _ n: Int) -> Double {
        Double(Int(v[n - step]) - 2 * Int(v[n]) + Int(v[n + step]))
    }

    /// Standard deviation from the 35th percentile of the absolute values (0.454 deviations of a normal variable):
    /// edges and texture make the upper part.
    ///
    /// - Parameter values: whole numbers.
    private static func deviation(_ values: [Double]) -> Double {
        // Counted, not sorted.
        var counts = [Int](repeating: 0, count: Int(values.reduce(0) { max($0, abs($1)) }) + 1)
        for value in values { counts[Int(abs(value))] += 1 }
        // The mean over ten ranks to either side smooths the steps of whole HU.
        let around = (values.count * 25 / 100)..<(values.count * 45 / 100)
        var (rank, sum) = (0, 0)
        for (value, count) in counts.enumerated() {
            sum += value * (rank..<(rank + count)).clamped(to: around).count
            rank += count
        }
        return Double(sum) / Double(around.count) / 0.4538
    }

    private static func correlation(_ x: [Double], _ y: [Double], limits: (Double, Double)) -> Double {
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for (a, b) in zip(x, y) where abs(a) < limits.0 && abs(b) < limits.1 {
            xx += a * a
            yy += b * b
            xy += a * b
        }
        return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : 0
    }

    /// Voxels that share their noise: the product over the axes of one plus twice the sum of the autocorrelations.
    private func grain(_ v: UnsafeBufferPointer<Int16>, _ samples: [Int], _ x: [Double], limit: Double) -> Double {
        let strides = [1, geometry.columns, geometry.columns * geometry.rows]
        var result = 1.0
        for (number, stride) in strides.enumerated() {
            var sum = 1.0
            // Along the differences' own axis larger lags would meet the next of their three samples.
            for lag in 1...(number == axis ? min(Self.lags, max(1, axisLag / 2)) : Self.lags) {
                var (product, square) = (0.0, 0.0)
                for (n, value) in zip(samples, x) where abs(value) < limit {
                    let other = difference(v, n + lag * stride)
                    guard abs(other) < limit else { continue }
                    product += value * other
                    square += 0.5 * (value * value + other * other)
                }
                if square > 0 { sum += 2 * max(-0.2, product / square) }
            }
            result *= max(0.5, sum)
        }
        return max(1, result)
    }
}
