/// What the edge-keeping mean leaves of the noise where nothing but noise is.
struct MeanNoise: Sendable {
    /// Of a voxel, in HU squared.
    let voxel: NoiseCovariance
    /// `EdgeKeepingMean.Result.share` there.
    let share: Float

    /// Soft tissue at any tube voltage, in HU.
    private static let softTissueHU: ClosedRange<Int16> = -250...250
    private static let fewest = 1000

    /// - Parameters:
    ///   - noise: of the images.
    ///   - parts: of the scan.
    /// - Returns: the images' own noise where no part holds enough soft tissue to measure what is left of it.
    static func measure(
        _ noise: NoiseCovariance, _ parts: [(low: Volume<Int16>, high: Volume<Int16>)]
    ) -> MeanNoise {
        var estimates: [NoiseEstimate] = []
        var shares: [Float] = []
        for part in parts {
            let mean = EdgeKeepingMean(noise: noise)(part.low, part.high)
            guard let estimate = NoiseEstimate.measure(low: mean.low, high: mean.high) else { continue }
            estimates.append(estimate)
            for n in stride(from: 0, to: mean.share.voxels.count, by: 7)
            where softTissueHU.contains(part.low.voxels[n]) { shares.append(mean.share.voxels[n]) }
        }
        guard let estimate = NoiseSample.median(estimates), shares.count >= fewest else {
            return MeanNoise(voxel: noise, share: 1)
        }
        // Edges make the upper part.
        shares.sort()
        return MeanNoise(voxel: estimate.voxel, share: shares[shares.count / 3])
    }
}

/// The images that maps are made of, with their noise.
struct ShownImages: Sendable {
    let low: Volume<Int16>
    let high: Volume<Int16>
    /// Of a voxel in tissue, in HU squared.
    let noise: NoiseCovariance
    /// By how much the standard deviation of a voxel exceeds that; nil where no mean was made.
    private let excess: Volume<Float>?

    /// - Parameter mean: what a mean leaves of the noise; nil for the images as they are.
    init(_ pair: DualEnergyPair, noise raw: NoiseCovariance, mean: MeanNoise?) {
        guard let mean else {
            (low, high, noise, excess) = (pair.low, pair.high, raw, nil)
            return
        }
        let result = EdgeKeepingMean(noise: raw)(pair.low, pair.high)
        (low, high, noise) = (result.low, result.high, mean.voxel)
        // Where a voxel stands alone nothing is averaged: its noise is the image's own.
        let most = Float(max(raw.low / mean.voxel.low, raw.high / mean.voxel.high))
        let usual = mean.share
        excess = result.share.map { min(max($0 / usual, 1), max(most, 1)).squareRoot() }
    }

    /// Raises standard deviations that hold for tissue to those of their own voxels.
    func scaleDeviations(_ values: UnsafeMutablePointer<Float>, _ voxels: Range<Int>) {
        guard let excess else { return }
        for n in voxels { values[n - voxels.lowerBound] *= excess.voxels[n] }
    }
}
