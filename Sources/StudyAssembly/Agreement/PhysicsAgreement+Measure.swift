package import DualEnergyCT

extension PhysicsAgreement {
    /// Dense bone without metal: the mean of both images in HU. The mean, since a threshold on one image alone picks
    /// its noise and shifts the ratio.
    private static let boneHU = 500...2500
    /// Path through a limb in cm of water, for the expected ratio.
    private static let limbCm = 6.0

    /// Measures both images on every few voxels, at most about two million of them.
    package init(measuring pair: DualEnergyPair) {
        let count = pair.low.voxels.count
        // A step that shares no factor with usual row lengths samples all columns.
        let step = count > 4_000_000 ? 2 * (count / 4_000_000) + 1 : 1
        var air = (low: [Int](repeating: 0, count: 1025), high: [Int](repeating: 0, count: 1025))
        var moments = Moments()
        var soft = 0
        var softSum = (low: 0.0, high: 0.0)
        var bone = 0
        var boneSum = (low: 0.0, high: 0.0)
        var index = 0
        while index < count {
            let low = Int(pair.low.voxels[index])
            let high = Int(pair.high.voxels[index])
            index += step
            if low < -500 { air.low[max(0, low + 1525)] += 1 }
            if high < -500 { air.high[max(0, high + 1525)] += 1 }
            guard low > -400, high > -400 else { continue }
            moments.add(Double(low), Double(high))
            if abs(low) < 200, abs(high) < 200 {
                soft += 1
                softSum.low += Double(low)
                softSum.high += Double(high)
            } else if Self.boneHU.contains((low + high) / 2), low < 3000 {
                bone += 1
                boneSum.low += Double(low)
                boneSum.high += Double(high)
            }
        }
        airLowHU = Self.mode(air.low)
        airHighHU = Self.mode(air.high)
        softTissueFraction = moments.count > 0 ? Double(soft) / moments.count : 0
        correlation = moments.correlation
        if bone * step >= Self.fewestBoneVoxels, bone > 20, soft > 20 {
            let excessLow = boneSum.low / Double(bone) - softSum.low / Double(soft)
            let excessHigh = boneSum.high / Double(bone) - softSum.high / Double(soft)
            boneRatio = excessLow / excessHigh
        } else {
            boneRatio = .nan
        }
        expectedBoneRatio = Self.expectedRatio(low: pair.lowBeam, high: pair.highBeam)
    }

    /// The peak of the histogram of values below -500 HU, from counts at 1 HU from -1525; padding at the scale's end
    /// counts only when there is nothing else.
    private static func mode(_ counts: [Int]) -> Double {
        let paddingIndex = Int(VolumeReader.outsideHU) + 1525
        var best = -1
        var bestCount = 0
        // Sums over 9 HU: the peak of noisy air is broad, and single counts would jump.
        for centre in 4..<(counts.count - 4) {
            var sum = 0
            for index in (centre - 4)...(centre + 4) where index != paddingIndex { sum += counts[index] }
            if sum > bestCount { (best, bestCount) = (centre, sum) }
        }
        if bestCount < 100 { return counts[paddingIndex] >= 100 ? Double(VolumeReader.outsideHU) : .nan }
        return Double(best - 1525)
    }

    private static func expectedRatio(low: BeamQuality, high: BeamQuality) -> Double {
        let lowResponse = ResponseTable(low).response(waterCm: limbCm)
        let highResponse = ResponseTable(high).response(waterCm: limbCm)
        return (lowResponse.corticalBoneHU - lowResponse.muscleHU)
            / (highResponse.corticalBoneHU - highResponse.muscleHU)
    }
}

/// Sums for a correlation.
private struct Moments {
    var count = 0.0
    private var x = 0.0
    private var y = 0.0
    private var xx = 0.0
    private var yy = 0.0
    private var xy = 0.0

    mutating func add(_ a: Double, _ b: Double) {
        count += 1
        x += a
        y += b
        xx += a * a
        yy += b * b
        xy += a * b
    }

    /// 0 when there is nothing to correlate.
    var correlation: Double {
        guard count > 1 else { return 0 }
        let varianceX = xx - x * x / count
        let varianceY = yy - y * y / count
        guard varianceX > 0, varianceY > 0 else { return 0 }
        return (xy - x * y / count) / (varianceX * varianceY).squareRoot()
    }
}
