/// The line on which a body's bone lies in the plane of both CT numbers.
///
/// Every voxel of bone is some cortex in marrow or soft tissue, at any share: the cloud runs from soft tissue to dense
/// cortex, and neither bone's density nor partial volume turns it. Its direction is what bone says of the beams.
package struct BoneLine: Sendable, Equatable {
    /// Rise of the low-energy image over that of the high-energy image.
    package var slope: Double
    /// CT number in HU at low energy where the line reads 0 HU at high energy.
    package var interceptHU: Double
    /// Relative standard uncertainty of the slope by noise and by what does not lie on the line.
    package var relativeDeviation: Double
    /// Mean of what the rays through the bone have passed.
    package var path: RayPath
    package var volumeMm3: Double

    package init(
        slope: Double, interceptHU: Double, relativeDeviation: Double, path: RayPath, volumeMm3: Double
    ) {
        self.slope = slope
        self.interceptHU = interceptHU
        self.relativeDeviation = relativeDeviation
        self.path = path
        self.volumeMm3 = volumeMm3
    }

    /// Mean of both images in HU from which a voxel of bone counts: above any soft tissue, so that neither urate nor
    /// the tissue beside the bone turns the line.
    static let floorHU = 200
    /// Above it metal may be, or the end of the stored range, in HU at low energy.
    static let ceilingHU: Int16 = 2900
    /// Bone of which the densest tenth does not rise by this at high energy has no lever.
    private static let leastSpreadHU = 60.0
    /// Below this correlation the voxels lie on no line: the images do not fit together.
    private static let leastCorrelation = 0.95

    /// Nil where there is too little bone, or the two images of it do not lie on a line.
    ///
    /// The slope is that of the reduced major axis, the quotient of both standard deviations with the noise taken out: a
    /// displacement between the images, which scatters edges to both sides, does not bend it. Slices are taken apart in
    /// slabs, since fingers and wrist lie behind different paths.
    package static func measure(
        low: Volume<Int16>, high: Volume<Int16>, labels: Volume<UInt8>, paths: PathMap, noise: NoiseEstimate,
        minimumMm3: Double
    ) -> BoneLine? {
        let g = low.geometry
        let perSlab = max(1, Int(6 / g.sliceSpacingMm))
        var pooled = Moments()
        var (sumLow, sumHigh, water, mineral, weight) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for first in stride(from: 0, to: g.slices, by: perSlab) {
            var slab = Moments()
            for k in first..<min(first + perSlab, g.slices) {
                for j in 0..<g.rows {
                    let start = g.index(0, j, k)
                    for i in 0..<g.columns where labels.voxels[start + i] == TissueLabel.bone {
                        let (l, h) = (low.voxels[start + i], high.voxels[start + i])
                        guard l < ceilingHU, Int(l) + Int(h) > 2 * floorHU else { continue }
                        slab.add(Double(l), Double(h))
                        let path = paths.path(i, j, k)
                        // Dense bone has the lever, so its path counts.
                        let lever = Double(h)
                        water += lever * path.waterCm
                        mineral += lever * path.mineralGPerCm2
                        weight += lever
                    }
                }
            }
            sumLow += slab.low
            sumHigh += slab.high
            pooled.addWithin(slab)
        }
        let volume = pooled.count * g.voxelVolumeMm3
        guard volume >= minimumMm3, weight > 0 else { return nil }
        let lowVariance = pooled.lowLow / pooled.count - noise.voxel.low
        let highVariance = pooled.highHigh / pooled.count - noise.voxel.high
        let covariance = pooled.lowHigh / pooled.count - noise.voxel.both
        guard lowVariance > 0, highVariance > leastSpreadHU * leastSpreadHU else { return nil }
        let correlation = covariance / (lowVariance * highVariance).squareRoot()
        guard correlation > leastCorrelation else { return nil }
        let slope = (lowVariance / highVariance).squareRoot()
        let scatter =
            max(0, 1 - correlation * correlation) + noise.voxel.low / lowVariance + noise.voxel.high / highVariance
        return BoneLine(
            slope: slope, interceptHU: (sumLow - slope * sumHigh) / pooled.count,
            relativeDeviation: (scatter * noise.correlationVoxels / pooled.count).squareRoot(),
            path: RayPath(waterCm: water / weight, mineralGPerCm2: mineral / weight), volumeMm3: volume)
    }
}

/// Sums over voxels of both CT numbers, and of their products about the mean.
private struct Moments {
    private(set) var count = 0.0
    private(set) var low = 0.0
    private(set) var high = 0.0
    private(set) var lowLow = 0.0
    private(set) var lowHigh = 0.0
    private(set) var highHigh = 0.0

    /// Raw products while one slab is summed: the values are integers of a few thousand, so nothing is lost.
    mutating func add(_ l: Double, _ h: Double) {
        count += 1
        low += l
        high += h
        lowLow += l * l
        lowHigh += l * h
        highHigh += h * h
    }

    /// Adds the spread of a group about its own mean.
    mutating func addWithin(_ group: Moments) {
        guard group.count > 1 else { return }
        count += group.count
        lowLow += group.lowLow - group.low * group.low / group.count
        lowHigh += group.lowHigh - group.low * group.high / group.count
        highHigh += group.highHigh - group.high * group.high / group.count
    }
}
