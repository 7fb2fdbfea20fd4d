/// Size and inner spread of a deposit, on its voxels' densities.
extension DepositMeter {
    struct HalfMaximum {
        var volumeMm3 = 0.0
        /// Area of the surface at half maximum in mm2.
        var surfaceMm2 = 0.0
        /// Density of the inside in mg/cm3, with its standard deviation.
        var plateau = 0.0
        var plateauDeviation = 0.0
        /// Density in the middle that the blur leaves in mg/cm3, with its standard deviation.
        var peak = 0.0
        var peakDeviation = 0.0
        /// Standard deviation of the volume at half maximum by the noise of its surface and by the voxels' size, in mm3.
        var countDeviationMm3 = 0.0
        /// 95th percentile of the voxels' densities over their mean, both without partial volume.
        var peakOverMean = (value: 1.0, deviation: 0.3)
        /// Areas in mm2 over which the surface at half maximum meets bone and air.
        var contactMm2 = 0.0
        var bareMm2 = 0.0
    }

    func halfMaximum() -> HalfMaximum {
        let weight = densityWeights()
        let g = region.geometry
        func density(_ n: Int) -> Double { weight.low * Double(excessLow[n]) + weight.high * Double(excessHigh[n]) }
        var result = HalfMaximum()
        let own = region.mask.voxels.indices.filter { region.mask.voxels[$0] != 0 }
            .map { (voxel: $0, density: density($0)) }.sorted { ($0.density, $0.voxel) < ($1.density, $1.voxel) }
        let values = own.map(\.density)
        guard !values.isEmpty else { return result }
        // The upper tail of a small mask is noise: the mean of its last tenth (at least 3 voxels) stands for it.
        let tail = values.suffix(max(3, values.count / 10))
        let upper = values.suffix(max(4, values.count / 3))
        result.plateau = max(1, upper.reduce(0, +) / Double(upper.count))
        let voxelNoise = context.noise.voxel.quadratic(weight.low, weight.high).squareRoot()
        result.plateauDeviation =
            voxelNoise * min(1, context.noise.correlationVoxels / Double(upper.count)).squareRoot()
        result.peakDeviation = voxelNoise * min(1, context.noise.correlationVoxels / Double(tail.count)).squareRoot()
        var isInside = [Bool](repeating: false, count: g.voxelCount)
        var count = 0
        let near = region.halfVoxelMm * 2.2
        let fat = meanFatFraction()
        let plateauHU =
            response.low.tissueHU(fatFraction: fat) + result.plateau * slopes(inMatrixWithFat: fat).low
        let air = AirEdge(region, context: context, plateauHU: plateauHU)
        for n in inRegion where Double(region.toSelf.voxels[n]) <= near {
            guard density(n) + air.hidden(n, weight) > result.plateau / 2 else { continue }
            isInside[n] = true
            count += 1
        }
        result.volumeMm3 = Double(max(count, 1)) * g.voxelVolumeMm3
        let shown = shownByDensest(own.suffix(tail.count).map(\.voxel), of: own, volumeMm3: result.volumeMm3)
        result.peak = max(0, tail.reduce(0, +) / Double(tail.count)) / shown
        // Faces of a voxelised sphere overstate its area by a half.
        var (faces, contact, open) = (0.0, 0.0, 0.0)
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
                if m >= 0, region.skinMm.voxels[m] <= 0 { open += area }
            }
        }
        result.surfaceMm2 = faces / 1.5
        result.contactMm2 = contact / 1.5
        result.bareMm2 = open / 1.5
        result.countDeviationMm3 = countDeviationMm3(result, voxelNoise: voxelNoise)
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
}

/// What the blur of air takes from a deposit that lies bare in the skin.
///
/// Half of its density is then not half of the way to what is beside it, and the surface at half maximum would lie a
/// millimetre inside: there the body's own edge bounds it.
private struct AirEdge {
    private let region: DepositRegion
    private let skin: SkinProfile
    /// Share of the mask of the body in what each voxel shows; nil where no air is near.
    private let bodyShare: Volume<Float>?
    /// The mask of the body is drawn at one CT number, which lies outside of half of the way from air to something
    /// dense: odds of the body in a voxel over those of its mask. The logistic stands for the normal distribution.
    private let odds: Double
    private static let airHU = -1000.0
    /// Of less body than this nothing can be said; of more nothing is hidden.
    private static let shares = 0.4..<0.98

    /// - Parameter plateauHU: what the deposit reads at low energy.
    init(_ region: DepositRegion, context: MeasurementContext, plateauHU: Double) {
        self.region = region
        skin = context.skin
        let edge = Double(BodyMask.thresholdHU)
        odds = (edge - Self.airHU) / max(plateauHU - edge, 1)
        let reach = Float(region.reachMm)
        let isNear = region.mask.voxels.indices.contains {
            region.mask.voxels[$0] != 0 && region.skinMm.voxels[$0] < reach
        }
        bodyShare = isNear ? context.blurred(region.skinMm.map { $0 > 0 ? Float(1) : 0 }) : nil
    }

    /// Density in mg/cm3 that a voxel's share of air hides, with the weights of density on both energies.
    func hidden(_ n: Int, _ weight: (low: Double, high: Double)) -> Double {
        guard let shown = bodyShare.map({ Double($0.voxels[n]) }), shown < 1, region.skinMm.voxels[n] > 0 else {
            return 0
        }
        let ratio = odds * shown / (1 - shown)
        let share = ratio / (1 + ratio)
        guard Self.shares.contains(share) else { return 0 }
        // The skin's profile holds air's blur where there is no deposit: that has been given back already.
        let profile = skin.value(depthMm: Double(region.skinMm.voxels[n]))
        func part(_ value: Int16, _ profile: Double) -> Double {
            (Double(value) - Self.airHU) * (1 - share) / share + min(profile, 0)
        }
        return weight.low * part(region.low.voxels[n], profile.low)
            + weight.high * part(region.high.voxels[n], profile.high)
    }
}
