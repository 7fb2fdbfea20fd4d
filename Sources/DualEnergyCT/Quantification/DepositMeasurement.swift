/// The measured quantities of one deposit before it has a number.
package struct DepositMeasurement: Sendable {
    package var material: MaterialClass
    package var massMg: Estimate
    package var volumeMm3: Estimate
    package var meanDensityMgPerCm3: Estimate
    package var peakDensityMgPerCm3: Double
    package var ratio: Estimate
    /// Standard deviations of the mass by cause, in mg: noise with tissue, and calibration (shared by all deposits).
    package var massNoiseMg: Double
    package var massCalibrationMg: Double
    package var volumeDeviationMm3: Double
}

/// Measures one deposit on the raw images.
///
/// Mass is the excess over the local tissue, summed over the deposit's whole blur, so that partial volume costs
/// nothing: no threshold enters it. The excess at both energies is turned into mass by generalised least squares with
/// everything that is uncertain in the covariance: noise with its correlation, the tissue's baseline, the matrix of the
/// deposit (its fat may differ from the tissue around), and the calibration.
package struct DepositMeter {
    let region: DepositRegion
    let context: MeasurementContext
    let response: PairResponse
    let baseline: TissueBaseline
    /// Excess over tissue and over the blur of bone at each voxel of the region's box, in HU.
    private let excessLow: [Float]
    private let excessHigh: [Float]
    private let inRegion: [Int]

    package init(voxels: [Int], context: MeasurementContext) {
        self.context = context
        let g = context.low.geometry
        let middle = voxels.reduce((0, 0, 0)) {
            ($0.0 + $1 % g.columns, $0.1 + $1 / g.columns % g.rows, $0.2 + $1 / (g.columns * g.rows))
        }
        response = context.paths.response(
            middle.0 / voxels.count, middle.1 / voxels.count, middle.2 / voxels.count)
        region = DepositRegion(voxels: voxels, context: context)
        baseline = TissueBaseline(region, response: response, noise: context.noise)
        (excessLow, excessHigh) = Self.excess(region, baseline, sigmaMm: context.pointSpreadSigmaMm)
        inRegion = region.mask.voxels.indices.filter { [region] in region.isInRegion($0) }
    }

    /// Excess over the baseline, without the tail of bone: its local peak times the blurred step at its surface.
    private static func excess(
        _ region: DepositRegion, _ baseline: TissueBaseline, sigmaMm: Double
    ) -> ([Float], [Float]) {
        let count = region.mask.voxels.count
        var low = [Float](repeating: 0, count: count)
        var high = low
        let peaks = BonePeaks(region)
        for n in 0..<count where region.skinMm.voxels[n] > 0 {
            let tissue = baseline.value(fatFraction: Double(region.fatFraction.voxels[n]))
            var (x, y) = (Double(region.low.voxels[n]) - tissue.low, Double(region.high.voxels[n]) - tissue.high)
            let distance = region.boneSurfaceMm(n)
            if distance < 3 * sigmaMm, let peak = peaks.peak(nearestTo: n) {
                let share = 0.5 * (1 - errorFunction(distance / (sigmaMm * 2.0.squareRoot())))
                x -= share * max(0, peak.low - tissue.low)
                y -= share * max(0, peak.high - tissue.high)
            }
            (low[n], high[n]) = (Float(x), Float(y))
        }
        return (low, high)
    }

    package func measure() -> DepositMeasurement {
        let voxelMm3 = region.geometry.voxelVolumeMm3
        let captured = capturedShare()
        var (sumLow, sumHigh) = (0.0, 0.0)
        for n in inRegion {
            sumLow += Double(excessLow[n])
            sumHigh += Double(excessHigh[n])
        }
        let scale = voxelMm3 / captured
        let (signalLow, signalHigh) = (sumLow * scale, sumHigh * scale)
        let count = Double(inRegion.count)
        let random =
            (scale * scale)
            * (context.noise.sum(over: inRegion.count) + (count * count) * baseline.covariance)
        let shape = halfMaximum()
        let base = baseline.value(fatFraction: meanFatFraction())
        let kLow = response.low.hydroxyapatite(inTissueAt: base.low)
        let kHigh = response.high.hydroxyapatite(inTissueAt: base.high)
        let matrix = MeasurementContext.matrixFatDeviation(around: meanFatFraction()) * shape.volumeMm3
        let tissue = random.adding(
            matrix, along: response.low.adiposeHU - response.low.muscleHU,
            response.high.adiposeHU - response.high.muscleHU)
        // The calibration's covariance depends on the mass: two rounds settle it.
        var mass = 0.0
        var total = tissue
        for round in 0..<3 {
            let weights = total.solve(kLow, kHigh)
            mass = (weights.0 * signalLow + weights.1 * signalHigh) / (weights.0 * kLow + weights.1 * kHigh)
            guard round < 2 else { break }
            total = tissue + context.calibration.covariance(low: mass * kLow, high: mass * kHigh)
        }
        let weights = total.solve(kLow, kHigh)
        let information = weights.0 * kLow + weights.1 * kHigh
        let massMg = mass / 1000
        let noiseMg = (tissue.quadratic(weights.0, weights.1)).squareRoot() / information / 1000
        let calibrationMg =
            context.calibration.covariance(low: mass * kLow, high: mass * kHigh)
            .quadratic(weights.0, weights.1).squareRoot() / information / 1000
        let massDeviation = (noiseMg * noiseMg + calibrationMg * calibrationMg).squareRoot()
        let volume = trueVolume(shape: shape, massMg: massMg)
        let relative =
            ((massDeviation / max(massMg, 1e-9)) * (massDeviation / max(massMg, 1e-9))
            + (volume.deviation / volume.value) * (volume.deviation / volume.value)).squareRoot()
        let density = massMg / volume.value * 1000
        let ratio = pooledRatio()
        let material = classify(ratio)
        if material == .urate {
            // Urate holds no hydroxyapatite, whatever its brightness would weigh as such.
            let none = Estimate(value: 0, low: 0, high: 0)
            return DepositMeasurement(
                material: material, massMg: none, volumeMm3: .normal(shape.volumeMm3, volume.deviation, atLeast: 0),
                meanDensityMgPerCm3: none, peakDensityMgPerCm3: 0, ratio: ratio, massNoiseMg: 0, massCalibrationMg: 0,
                volumeDeviationMm3: volume.deviation)
        }
        return DepositMeasurement(
            material: material, massMg: .normal(massMg, massDeviation, atLeast: 0),
            volumeMm3: .normal(volume.value, volume.deviation, atLeast: 0),
            meanDensityMgPerCm3: .normal(density, density * relative, atLeast: 0),
            peakDensityMgPerCm3: shape.peak, ratio: ratio, massNoiseMg: noiseMg, massCalibrationMg: calibrationMg,
            volumeDeviationMm3: volume.deviation)
    }

    private func meanFatFraction() -> Double {
        let own = region.mask.voxels.indices.filter { region.mask.voxels[$0] != 0 }
        return own.reduce(0) { $0 + Double(region.fatFraction.voxels[$1]) } / Double(max(own.count, 1))
    }

    /// Share of the deposit's blurred signal that lies in its region: bone and skin cut some of it off.
    ///
    /// What falls nearer to another deposit is not missing: as much of that deposit's falls here.
    private func capturedShare() -> Double {
        let blurred = Volume(geometry: region.geometry, voxels: region.mask.voxels.map { Float($0) })
            .gaussianSmoothed(sigmaMm: context.pointSpreadSigmaMm)
        var (kept, lost) = (0.0, 0.0)
        var isIn = [Bool](repeating: false, count: region.mask.voxels.count)
        for n in inRegion { isIn[n] = true }
        for n in blurred.voxels.indices where blurred.voxels[n] > 1e-4 {
            let value = Double(blurred.voxels[n])
            if isIn[n] || region.toSelf.voxels[n] > region.toOthers.voxels[n] { kept += value } else { lost += value }
        }
        return min(1, max(0.5, kept / max(kept + lost, 1e-9)))
    }

    /// Hydroxyapatite density of a voxel in mg/cm3: the two excesses with the weights of least noise.
    private func densityWeights() -> (low: Double, high: Double) {
        let base = baseline.value(fatFraction: meanFatFraction())
        let kLow = response.low.hydroxyapatite(inTissueAt: base.low)
        let kHigh = response.high.hydroxyapatite(inTissueAt: base.high)
        let weights = context.noise.voxel.solve(kLow, kHigh)
        let information = weights.0 * kLow + weights.1 * kHigh
        return (weights.0 / information, weights.1 / information)
    }

    private struct HalfMaximum {
        var volumeMm3 = 0.0
        /// Area of the surface at half maximum in mm2.
        var surfaceMm2 = 0.0
        /// Density of the inside in mg/cm3, with its standard deviation.
        var plateau = 0.0
        var plateauDeviation = 0.0
        /// 95th percentile of the voxels' densities in mg/cm3.
        var peak = 0.0
    }

    private func halfMaximum() -> HalfMaximum {
        let weight = densityWeights()
        let g = region.geometry
        func density(_ n: Int) -> Double { weight.low * Double(excessLow[n]) + weight.high * Double(excessHigh[n]) }
        var result = HalfMaximum()
        let values = region.mask.voxels.indices.filter { region.mask.voxels[$0] != 0 }.map(density).sorted()
        guard let largest = values.last else { return result }
        // The upper tail of a small mask is noise: the mean of its last tenth (at least 3 voxels) stands for the 95th
        // percentile.
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
        var faces = 0.0
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
            for (m, area) in sides where m < 0 || !isInside[m] { faces += area }
        }
        result.surfaceMm2 = faces / 1.5
        return result
    }

    /// Volume with its standard deviation: at half maximum, and for objects of the blur's size from mass and peak.
    private func trueVolume(shape: HalfMaximum, massMg: Double) -> (value: Double, deviation: Double) {
        let sigma = context.pointSpreadSigmaMm
        let equivalentRadius = cubeRoot(shape.volumeMm3 * 3 / (4 * .pi))
        var value = shape.volumeMm3
        if equivalentRadius < 3 * sigma, massMg > 0 {
            let quotient = massMg * 1000 / max(shape.peak, shape.plateau)
            let radius = min(
                BlurredSphere.radius(massOverPeakMm3: quotient, sigmaMm: sigma), 1.3 * equivalentRadius)
            let sphere = 4 / 3 * .pi * radius * radius * radius
            // From all sphere at two standard deviations to all half maximum at three.
            let share = min(1, max(0, 3 - equivalentRadius / sigma))
            value = share * sphere + (1 - share) * shape.volumeMm3
        }
        // The surface is uncertain by a fifth of the blur, and by the plateau's noise through the edge's slope.
        let slope = shape.plateau / (sigma * (2 * Double.pi).squareRoot())
        let shift = shape.plateauDeviation / 2 / slope
        let blur = 0.2 * sigma + 0.2 * region.halfVoxelMm
        let deviation = shape.surfaceMm2 * (blur * blur + shift * shift).squareRoot()
        return (max(value, region.geometry.voxelVolumeMm3 / 2), deviation)
    }

    /// Excess at low over excess at high energy, pooled over the deposit's own voxels, clear of bone where it can be.
    private func pooledRatio() -> Estimate {
        let own = region.mask.voxels.indices.filter { region.mask.voxels[$0] != 0 }
        let clear = own.filter { region.boneSurfaceMm($0) > 2.5 * context.pointSpreadSigmaMm }
        let used = clear.count * 3 >= own.count && clear.count >= 8 ? clear : own
        var (x, y) = (0.0, 0.0)
        for n in used {
            x += Double(excessLow[n])
            y += Double(excessHigh[n])
        }
        let count = Double(used.count)
        let matrix = MeasurementContext.matrixFatDeviation(around: meanFatFraction()) * count
        let covariance = (context.noise.sum(over: used.count) + (count * count) * baseline.covariance).adding(
            matrix, along: response.low.adiposeHU - response.low.muscleHU,
            response.high.adiposeHU - response.high.muscleHU)
        return FiellerInterval.ratio(x: x, y: y, covariance: covariance)
    }

    /// Density-weighted centre as fractional indices in the cropped volume.
    package func centre() -> (Double, Double, Double) {
        let g = region.geometry
        var (x, y, z, total) = (0.0, 0.0, 0.0, 0.0)
        for n in region.mask.voxels.indices where region.mask.voxels[n] != 0 {
            let weight = max(Double(excessLow[n]) + Double(excessHigh[n]), 1)
            x += weight * Double(n % g.columns)
            y += weight * Double(n / g.columns % g.rows)
            z += weight * Double(n / (g.columns * g.rows))
            total += weight
        }
        return (
            x / total + Double(region.box.columns.lowerBound), y / total + Double(region.box.rows.lowerBound),
            z / total + Double(region.box.slices.lowerBound)
        )
    }

    private func classify(_ ratio: Estimate) -> MaterialClass {
        MaterialRatio(response: response, noise: context.noise.voxel).classify(ratio)
    }
}

/// The brightest bone near each bone voxel of a region: what blurs into the soft tissue beside it.
private struct BonePeaks {
    private let low: Volume<Float>
    private let high: Volume<Float>
    private let nearest: [Int32]

    init(_ region: DepositRegion) {
        func peaks(_ image: Volume<Int16>) -> Volume<Float> {
            let bone = Volume(
                geometry: region.geometry,
                voxels: image.voxels.indices.map {
                    region.labels.voxels[$0] == TissueLabel.bone ? Float(image.voxels[$0]) : -1000
                })
            return bone.maximumFiltered(radiusMm: 1.2)
        }
        low = peaks(region.low)
        high = peaks(region.high)
        nearest = region.toBone.nearest
    }

    func peak(nearestTo n: Int) -> (low: Double, high: Double)? {
        let m = Int(nearest[n])
        guard m >= 0 else { return nil }
        return (Double(low.voxels[m]), Double(high.voxels[m]))
    }
}

extension Estimate {
    /// A value with a normal 95 % interval that does not pass a bound.
    static func normal(_ value: Double, _ deviation: Double, atLeast bound: Double = -.infinity) -> Estimate {
        Estimate(value: value, low: max(bound, value - 1.96 * deviation), high: max(bound, value + 1.96 * deviation))
    }
}
