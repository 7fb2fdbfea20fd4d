/// Noise of a pair of images, measured in soft tissue.
public struct NoiseEstimate: Sendable, Equatable {
    /// Covariance of a voxel's two CT numbers, in HU squared.
    public var voxel: NoiseCovariance
    /// Neighbouring voxels share their noise: the variance of a sum over n voxels is n times this times a voxel's.
    public var correlationVoxels: Double
    /// Blocks of uniform soft tissue that the estimate rests on.
    public var blockCount: Int

    /// The covariance of a sum over voxels, in HU squared.
    func sum(over voxels: Int) -> NoiseCovariance { (Double(voxels) * correlationVoxels) * voxel }

    /// Edge of the blocks in mm: larger than the grain of the noise, smaller than a muscle of the hand.
    private static let blockMm = 3.0
    /// Blocks are sorted by how uneven they are; texture and edges are in the upper part.
    private static let uniformShare = 0.3
    /// Soft tissue and fat at any tube voltage, with room for the noise.
    private static let softTissueHU: ClosedRange<Double> = -160...160

    /// Nil when no uniform soft tissue is in the images.
    public static func measure(low: Volume<Int16>, high: Volume<Int16>) -> NoiseEstimate? {
        let g = low.geometry
        let size = (
            max(2, 2 * Int((blockMm / g.columnSpacingMm / 2).rounded())),
            max(2, 2 * Int((blockMm / g.rowSpacingMm / 2).rounded())),
            max(2, 2 * Int((blockMm / g.sliceSpacingMm / 2).rounded()))
        )
        var blocks: [Block] = []
        low.voxels.withUnsafeBufferPointer { lowVoxels in
            high.voxels.withUnsafeBufferPointer { highVoxels in
                for k in stride(from: 0, through: g.slices - size.2, by: size.2) {
                    for j in stride(from: 0, through: g.rows - size.1, by: size.1) {
                        for i in stride(from: 0, through: g.columns - size.0, by: size.0) {
                            let middle = g.index(i + size.0 / 2, j + size.1 / 2, k + size.2 / 2)
                            guard lowVoxels[middle] > -300, lowVoxels[middle] < 400 else { continue }
                            let block = Block(lowVoxels, highVoxels, g, at: (i, j, k), size: size)
                            if softTissueHU.contains(block.meanLow), softTissueHU.contains(block.meanHigh) {
                                blocks.append(block)
                            }
                        }
                    }
                }
            }
        }
        guard blocks.count >= 8 else { return nil }
        // The lower quartile of the blocks: texture and edges are in the upper ones, and in uniform tissue the quartile
        // lies 6 % below the standard deviation at most.
        let typicalLow = blocks.map(\.voxel.low).sorted()[blocks.count / 4]
        let typicalHigh = blocks.map(\.voxel.high).sorted()[blocks.count / 4]
        func unevenness(_ block: Block) -> Double {
            block.voxel.low / max(typicalLow, 1e-6) + block.voxel.high / max(typicalHigh, 1e-6)
        }
        blocks.sort { unevenness($0) < unevenness($1) }
        let uniform = blocks.prefix(max(8, Int(Double(blocks.count) * uniformShare)))
        let mean = uniform.reduce(NoiseCovariance(low: 0, high: 0)) { $0 + $1.voxel }
        let parts = uniform.reduce(NoiseCovariance(low: 0, high: 0)) { $0 + $1.part }
        let correlation = mean.both / max((mean.low * mean.high).squareRoot(), 1e-9)
        let voxel = NoiseCovariance(
            low: max(typicalLow, 0.25), high: max(typicalHigh, 0.25),
            both: correlation * (typicalLow * typicalHigh).squareRoot())
        let grain = (parts.low + parts.high) / max(mean.low + mean.high, 1e-9)
        return NoiseEstimate(voxel: voxel, correlationVoxels: max(1, grain), blockCount: uniform.count)
    }
}

/// Moments of one block of voxels.
private struct Block {
    let meanLow: Double
    let meanHigh: Double
    /// Covariance of a voxel.
    var voxel: NoiseCovariance
    /// Covariance of the mean of an eighth of the block, times its voxels: equal to `voxel` for white noise.
    var part: NoiseCovariance

    init(
        _ low: UnsafeBufferPointer<Int16>, _ high: UnsafeBufferPointer<Int16>, _ g: GridGeometry,
        at corner: (Int, Int, Int), size: (Int, Int, Int)
    ) {
        var sums = [Double](repeating: 0, count: 16)
        var (lowSquares, highSquares, products) = (0.0, 0.0, 0.0)
        for k in 0..<size.2 {
            for j in 0..<size.1 {
                let row = g.index(corner.0, corner.1 + j, corner.2 + k)
                for i in 0..<size.0 {
                    let (x, y) = (Double(low[row + i]), Double(high[row + i]))
                    let eighth = (2 * i / size.0) + 2 * (2 * j / size.1) + 4 * (2 * k / size.2)
                    sums[eighth] += x
                    sums[8 + eighth] += y
                    lowSquares += x * x
                    highSquares += y * y
                    products += x * y
                }
            }
        }
        let n = Double(size.0 * size.1 * size.2)
        meanLow = sums[0..<8].reduce(0, +) / n
        meanHigh = sums[8..<16].reduce(0, +) / n
        voxel = NoiseCovariance(
            low: (lowSquares - n * meanLow * meanLow) / (n - 1),
            high: (highSquares - n * meanHigh * meanHigh) / (n - 1),
            both: (products - n * meanLow * meanHigh) / (n - 1))
        var between = NoiseCovariance(low: 0, high: 0)
        for eighth in 0..<8 {
            let x = sums[eighth] / (n / 8) - meanLow
            let y = sums[8 + eighth] / (n / 8) - meanHigh
            between = between + NoiseCovariance(low: x * x, high: y * y, both: x * y)
        }
        part = (n / 8 / 7) * between
    }
}
