/// What lies under the skin's surface reads above the mixture of fat and muscle around it, by depth.
///
/// Skin is no such mixture, and the blur of air reaches a millimetre into it. Both are the same all over one hand, so
/// the hand itself says what a depth reads where there is no deposit.
package struct SkinProfile: Sendable {
    static let stepMm = 0.25
    static let depthMm = 4.0
    private static let bins = Int(depthMm / stepMm)
    private static let leastVoxels = 60

    /// Median by depth in HU, and how much more single voxels scatter about it there than deeper down.
    private var low: [Double]
    private var high: [Double]
    private var deviation: [Double]

    /// Nothing is known: tissue runs on as it is up to the surface.
    static let none = SkinProfile()

    private init() {
        low = [Double](repeating: 0, count: Self.bins)
        high = low
        deviation = low
    }

    init(low: Volume<Int16>, high: Volume<Int16>, segmentation: SegmentationResult, paths: PathMap) {
        self.init()
        let g = low.geometry
        // Histograms of 4 HU: medians of millions of voxels without sorting them.
        var histograms = [DepthHistogram](repeating: DepthHistogram(), count: 2 * Self.bins)
        for k in 0..<g.slices {
            for j in 0..<g.rows {
                let row = g.index(0, j, k)
                for i in 0..<g.columns {
                    let depth = Double(segmentation.distanceToSkinMm.voxels[row + i])
                    guard depth > 0, depth < Self.depthMm, segmentation.labels.voxels[row + i] == TissueLabel.none
                    else { continue }
                    let bin = Int(depth / Self.stepMm)
                    let response = paths.response(i, j, k)
                    let fat = Double(segmentation.localFatFraction.voxels[row + i])
                    histograms[2 * bin].add(Double(low.voxels[row + i]) - response.low.tissueHU(fatFraction: fat))
                    histograms[2 * bin + 1].add(
                        Double(high.voxels[row + i]) - response.high.tissueHU(fatFraction: fat))
                }
            }
        }
        for bin in 0..<Self.bins {
            let (a, b) = (histograms[2 * bin], histograms[2 * bin + 1])
            guard a.count >= Self.leastVoxels else { continue }
            self.low[bin] = a.quantile(0.5)
            self.high[bin] = b.quantile(0.5)
            deviation[bin] = (a.quantile(0.84) - a.quantile(0.16)) / 2
        }
        // What single voxels scatter at any depth is noise and the tissue's texture, not the surface.
        let deep = deviation.filter { $0 > 0 }.min() ?? 0
        deviation = deviation.map { max(0, $0 * $0 - deep * deep).squareRoot() }
    }

    /// HU above the mixture at a depth in mm between voxel centres, with the deviation of single voxels for the depth.
    func value(depthMm: Double) -> (low: Double, high: Double, deviation: Double) {
        let bin = Int(depthMm / Self.stepMm)
        guard depthMm > 0, bin < Self.bins else { return (0, 0, 0) }
        return (low[bin], high[bin], deviation[bin])
    }
}

/// Counts of CT numbers in steps of 4 HU between -1200 and 800.
private struct DepthHistogram {
    private var counts = [Int32](repeating: 0, count: 500)
    private(set) var count = 0

    mutating func add(_ value: Double) {
        counts[min(max(Int((value + 1200) / 4), 0), counts.count - 1)] += 1
        count += 1
    }

    func quantile(_ share: Double) -> Double {
        var left = share * Double(count)
        for (n, value) in counts.enumerated() {
            if left <= Double(value) { return -1200 + 4 * (Double(n) + (value > 0 ? left / Double(value) : 0)) }
            left -= Double(value)
        }
        return 800
    }
}

extension BeamResponse {
    /// CT number of a mixture of fat and muscle.
    func tissueHU(fatFraction: Double) -> Double { muscleHU + fatFraction * (adiposeHU - muscleHU) }
}
