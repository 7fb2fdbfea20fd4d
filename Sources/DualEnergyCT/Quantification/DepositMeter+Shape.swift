/// Size and inner spread of a deposit, on its voxels' densities.
extension DepositMeter {
    struct HalfMaximum {
        var volumeMm3 = 0.0
        /// Area of the surface at half maximum in mm2.
        var surfaceMm2 = 0.0
        /// Density of the inside in mg/cm3, with its standard deviation.
        var plateau = 0.0
        var plateauDeviation = 0.0
        /// Largest density that the blurred images show in mg/cm3.
        var peak = 0.0
        /// 95th percentile of the voxels' densities over their mean, both without partial volume.
        var peakOverMean = (value: 1.0, deviation: 0.3)
        /// Area in mm2 over which the surface at half maximum meets bone.
        var contactMm2 = 0.0
    }

    func halfMaximum() -> HalfMaximum {
        let weight = densityWeights()
        let g = region.geometry
        func density(_ n: Int) -> Double { weight.low * Double(excessLow[n]) + weight.high * Double(excessHigh[n]) }
        var result = HalfMaximum()
        let values = region.mask.voxels.indices.filter { region.mask.voxels[$0] != 0 }.map(density).sorted()
        guard let largest = values.last else { return result }
        // The upper tail of a small mask is noise: the mean of its last tenth (at least 3 voxels) stands for it.
        let tail = values.suffix(max(3, values.count / 10))
        result.peak = max(0, min(largest, tail.reduce(0, +) / Double(tail.count)))
        let upper = values.suffix(max(4, values.count / 3))
        result.plateau = max(1, upper.reduce(0, +) / Double(upper.count))
        let voxelNoise = context.noise.voxel.quadratic(weight.low, weight.high).squareRoot()
        result.plateauDeviation =
            voxelNoise * (context.noise.correlationVoxels / Double(upper.count)).squareRoot()
        var isInside = [Bool](repeating: false, count: g.voxelCount)
        var count = 0
        let near = region.halfVoxelMm * 2.2
        for n in inRegion where Double(region.toSelf.voxels[n]) <= near && density(n) > result.plateau / 2 {
            isInside[n] = true
            count += 1
        }
        result.volumeMm3 = Double(max(count, 1)) * g.voxelVolumeMm3
        // Faces of a voxelised sphere overstate its area by a half.
        var (faces, contact) = (0.0, 0.0)
        for n in inRegion where isInside[n] {
            let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
            let sides = [
                (i > 0 ? n - 1 : -1, g.rowSpacingMm * g.sliceSpacingMm),
                (i + 1 < g.columns ? n + 1 : -1, g.rowSpacingMm * g.sliceSpacingMm),
                (j > 0 ? n - g.columns : -1, g.columnSpacingMm * g.sliceSpacingMm),
                (j + 1 < g.rows ? n + g.columns : -1, g.columnSpacingMm * g.sliceSpacingMm),
                (k > 0 ? n - g.columns * g.rows : -1, g.columnSpacingMm * g.rowSpacingMm),
                (k + 1 < g.slices ? n + g.columns * g.rows : -1, g.columnSpacingMm * g.rowSpacingMm),
            ]
            for (m, area) in sides where m < 0 || !isInside[m] {
                faces += area
                if m >= 0, region.labels.voxels[m] == TissueLabel.bone { contact += area }
            }
        }
        result.surfaceMm2 = faces / 1.5
        result.contactMm2 = contact / 1.5
        result.peakOverMean = peakOverMean(inside: isInside, density: density)
        return result
    }

    /// 95th percentile of the voxels' densities over their mean, at least 1, with its standard deviation.
    ///
    /// Blur lowers the voxels at the rim: each is divided by what a uniform body of this shape would show there, and
    /// the rim is left out. The mean of the last tenth (at least 3 voxels)
    /// stands for the percentile. Noise alone has such a tail: what remains of it is the share of the voxels' variance
    /// that noise does not explain.
    private func peakOverMean(inside: [Bool], density: (Int) -> Double) -> (value: Double, deviation: Double) {
        let expected = context.blurred(Volume(geometry: region.geometry, voxels: inside.map { $0 ? Float(1) : 0 }))
        let largest = expected.voxels.max() ?? 0
        func shown(_ share: Float) -> [Int] { inRegion.filter { inside[$0] && expected.voxels[$0] > share * largest } }
        // The core where there is one: at the rim the shape's own errors are divided by little.
        let core = shown(0.85)
        let used = core.count >= 20 ? core : shown(0.5)
        guard used.count >= 3 else { return (1, 0.3) }
        let count = Double(used.count)
        let mean = used.reduce(0.0) { $0 + density($1) } / used.reduce(0.0) { $0 + Double(expected.voxels[$1]) }
        guard mean > 0 else { return (1, 0.3) }
        let corrected = used.map { density($0) / Double(expected.voxels[$0]) }.sorted()
        let variance = corrected.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let weight = densityWeights()
        let voxelVariance = context.noise.voxel.quadratic(weight.low, weight.high)
        let noise = used.reduce(0.0) { $0 + voxelVariance / Double(expected.voxels[$1] * expected.voxels[$1]) } / count
        let tail = corrected.suffix(max(3, corrected.count / 10))
        let above = tail.reduce(0, +) / Double(tail.count) / mean - 1
        let real = max(0, 1 - noise / max(variance, 1e-9)).squareRoot()
        // The tail's own noise, and the share's, which is worth about half of what it takes off.
        let tailNoise = (noise * min(1, context.noise.correlationVoxels / Double(tail.count))).squareRoot() / mean
        let taken = 0.5 * above * (1 - real)
        return (1 + max(0, above) * real, (tailNoise * tailNoise + taken * taken).squareRoot())
    }

    /// Volume with its standard deviation: at half maximum, and for objects of the blur's size from mass and peak.
    func trueVolume(shape: HalfMaximum, massMg: Double) -> (value: Double, deviation: Double) {
        let sigma = context.pointSpreadSigmaMm
        let equivalentRadius = cubeRoot(shape.volumeMm3 * 3 / (4 * .pi))
        // Blur draws the half-maximum surface of a convex body inwards.
        let drawn = BlurredSphere.radius(halfMaximumRadiusMm: equivalentRadius, sigmaMm: sigma) / equivalentRadius
        var value = shape.volumeMm3 * drawn * drawn * drawn
        if equivalentRadius < 3 * sigma, massMg > 0 {
            let quotient = massMg * 1000 / max(shape.peak, shape.plateau)
            let radius = min(
                BlurredSphere.radius(massOverPeakMm3: quotient, sigmaMm: sigma), 1.3 * equivalentRadius)
            let sphere = 4 / 3 * .pi * radius * radius * radius
            // From all sphere at two standard deviations to all half maximum at three.
            let share = min(1, max(0, 3 - equivalentRadius / sigma))
            value = share * sphere + (1 - share) * value
        }
        // The surface is uncertain by a part of blur and voxel, by the plateau's noise through the edge's slope, and
        // by the surface of bone where it touches.
        let slope = shape.plateau / (sigma * (2 * Double.pi).squareRoot())
        let shift = shape.plateauDeviation / 2 / slope
        let blur = 0.12 * sigma + 0.12 * region.halfVoxelMm
        let free = shape.surfaceMm2 * (blur * blur + shift * shift).squareRoot()
        let bone = shape.contactMm2 * region.boneSurfaceDeviationMm(overMm2: shape.contactMm2)
        let deviation = (free * free + bone * bone).squareRoot()
        return (max(value, region.geometry.voxelVolumeMm3 / 2), deviation)
    }
}
