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
    /// remains of second differences along the axis of the grid that has the smallest ones.
    public static func measure(low: Volume<Int16>, high: Volume<Int16>) -> NoiseEstimate? {
        let estimates = (0..<3).compactMap { SecondDifferences(low, high, axis: $0)?.estimate() }
        return estimates.min { $0.voxel.low * $0.voxel.high < $1.voxel.low * $1.voxel.high }
    }
}

/// Second differences of both images along one axis of the grid at voxels of soft tissue.
private struct SecondDifferences {
    /// Distance between the three samples in mm: beyond the grain of the noise.
    private static let reachMm = 1.5
    /// Soft tissue and fat at any tube voltage, with room for the noise.
    private static let softTissueHU: ClosedRange<Int16> = -250...250
    private static let sampleLimit = 200_000
    private static let leastSamples = 500

    private let geometry: GridGeometry
    private let low: Volume<Int16>
    private let high: Volume<Int16>
    private let step: Int
    private let samples: [Int]

    init?(_ low: Volume<Int16>, _ high: Volume<Int16>, axis: Int) {
        let g = low.geometry
        let spacing = [g.columnSpacingMm, g.rowSpacingMm, g.sliceSpacingMm][axis]
        let stride = [1, g.columns, g.columns * g.rows][axis]
        let lag = max(2, Int((Self.reachMm / spacing).rounded(.up)))
        // Room for the differences and for the lags of the correlation on all sides.
        let margin = [0, 1, 2].map { $0 == axis ? lag + Self.lags : Self.lags }
        guard g.columns > 2 * margin[0], g.rows > 2 * margin[1], g.slices > 2 * margin[2] else { return nil }
        var found: [Int] = []
        low.voxels.withUnsafeBufferPointer { v in
            for k in margin[2]..<(g.slices - margin[2]) {
                for j in margin[1]..<(g.rows - margin[1]) {
                    let row = g.index(0, j, k)
                    for i in margin[0]..<(g.columns - margin[0]) {
                        let n = row + i
                        // The whole stretch is soft tissue: no skin edge and no bone between the samples.
                        guard Self.softTissueHU.contains(v[n]), Self.softTissueHU.contains(v[n - lag * stride]),
                            Self.softTissueHU.contains(v[n + lag * stride])
                        else { continue }
                        found.append(n)
                    }
                }
            }
        }
        guard found.count >= Self.leastSamples else { return nil }
        let thinning = (found.count + Self.sampleLimit - 1) / Self.sampleLimit
        samples =
            thinning <= 1 ? found : Swift.stride(from: 0, to: found.count, by: thinning).map { found[$0] }
        geometry = g
        step = lag * stride
        self.low = low
        self.high = high
    }

    private static let lags = 3

    func estimate() -> NoiseEstimate {
        low.voxels.withUnsafeBufferPointer { a in
            high.voxels.withUnsafeBufferPointer { b in
                let x = samples.map { difference(a, $0) }
                let y = samples.map { difference(b, $0) }
                let (deviationLow, deviationHigh) = (Self.deviation(x), Self.deviation(y))
                let grain = grain(a, x, limit: 3 * deviationLow)
                // x(-1) - 2 x(0) + x(1) of independent samples has six times the variance of one.
                let correlation = Self.correlation(
                    x, y, limits: (3 * deviationLow, 3 * deviationHigh))
                let (sdLow, sdHigh) = (
                    max(0.5, deviationLow / 6.0.squareRoot()), max(0.5, deviationHigh / 6.0.squareRoot())
                )
                return NoiseEstimate(
                    voxel: NoiseCovariance(
                        low: sdLow * sdLow, high: sdHigh * sdHigh, both: correlation * sdLow * sdHigh),
                    correlationVoxels: grain, voxelCount: samples.count)
            }
        }
    }

    private func difference(_ v: UnsafeBufferPointer<Int16>, _ n: Int) -> Double {
        Double(Int(v[n - step]) - 2 * Int(v[n]) + Int(v[n + step]))
    }

    /// Standard deviation from the 35th percentile of the absolute values (0.454 deviations of a normal variable):
    /// edges and texture make the upper part.
    private static func deviation(_ values: [Double]) -> Double {
        let sorted = values.map(abs).sorted()
        // The mean over ten ranks to either side smooths the steps of whole HU.
        let around = sorted[(sorted.count * 25 / 100)..<(sorted.count * 45 / 100)]
        return around.reduce(0, +) / Double(around.count) / 0.4538
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
    private func grain(_ v: UnsafeBufferPointer<Int16>, _ x: [Double], limit: Double) -> Double {
        let strides = [1, geometry.columns, geometry.columns * geometry.rows]
        var result = 1.0
        for stride in strides {
            var sum = 1.0
            for lag in 1...Self.lags {
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
