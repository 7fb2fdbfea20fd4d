/// The measured quantities of one deposit before it has a number.
package struct DepositMeasurement: Sendable {
    package var material: MaterialClass
    package var massMg: Estimate
    package var volumeMm3: Estimate
    package var meanDensityMgPerCm3: Estimate
    package var peakDensityMgPerCm3: Double
    package var ratio: Estimate
    /// Standard deviations of the mass by cause, in mg: noise with tissue and the bone's surface, and calibration (shared by all deposits).
    package var massNoiseMg: Double
    package var massCalibrationMg: Double
    /// Both together.
    package var massDeviationMg: Double {
        (massNoiseMg * massNoiseMg + massCalibrationMg * massCalibrationMg).squareRoot()
    }
    package var volumeDeviationMm3: Double
}

/// Measures one deposit on the raw images.
///
/// Mass is the excess over the local tissue, summed over the deposit's whole blur, so that partial volume costs
/// nothing: no threshold enters it. The excess at both energies is turned into mass by generalised least squares with
/// everything that is uncertain in the covariance: noise with its correlation, the tissue's baseline, the matrix of the
/// deposit (its fat may differ from the tissue around), the surface of the bone it touches, and the calibration.
package struct DepositMeter {
    let region: DepositRegion
    let context: MeasurementContext
    let response: PairResponse
    let baseline: TissueBaseline
    /// Excess over tissue and over the blur of bone at each voxel of the region's box, in HU.
    let excessLow: [Float]
    let excessHigh: [Float]
    let inRegion: [Int]
    /// Change of the summed excess in HU voxels for each mm by which the surface of bone is drawn further out.
    private let boneEdgeLow: Double
    private let boneEdgeHigh: Double
    /// Area in mm2 of the surface of bone whose blur is taken off.
    private let boneContactMm2: Double

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
        let excess = Self.excess(region, baseline, sigmaMm: context.pointSpreadSigmaMm)
        (excessLow, excessHigh) = (excess.low, excess.high)
        inRegion = region.mask.voxels.indices.filter { [region] in region.isInRegion($0) }
        boneEdgeLow = inRegion.reduce(0) { $0 + Double(excess.edgeLow[$1]) }
        boneEdgeHigh = inRegion.reduce(0) { $0 + Double(excess.edgeHigh[$1]) }
        // Half of the blurred step lies outside bone.
        boneContactMm2 = 2 * region.geometry.voxelVolumeMm3 * inRegion.reduce(0) { $0 + Double(excess.slope[$1]) }
    }

    private struct Excess {
        var low: [Float]
        var high: [Float]
        /// What a shift of the bone's surface by 1 mm takes away, in HU.
        var edgeLow: [Float]
        var edgeHigh: [Float]
        /// What a shift by 1 mm changes of the blurred step of unit height.
        var slope: [Float]
    }

    /// Excess over the baseline, without the tail of bone: its local peak times the blurred step at its surface.
    private static func excess(
        _ region: DepositRegion, _ baseline: TissueBaseline, sigmaMm: Double
    ) -> Excess {
        let count = region.mask.voxels.count
        var low = [Float](repeating: 0, count: count)
        var high = low
        var (edgeLow, edgeHigh, slopes) = (low, low, low)
        let peaks = BonePeaks(region)
        for n in 0..<count where region.skinMm.voxels[n] > 0 {
            let tissue = baseline.value(fatFraction: Double(region.fatFraction.voxels[n]))
            var (x, y) = (Double(region.low.voxels[n]) - tissue.low, Double(region.high.voxels[n]) - tissue.high)
            let distance = region.boneSurfaceMm(n)
            if distance < 3 * sigmaMm, let peak = peaks.peak(nearestTo: n) {
                let share = 0.5 * (1 - errorFunction(distance / (sigmaMm * 2.0.squareRoot())))
                x -= share * max(0, peak.low - tissue.low)
                y -= share * max(0, peak.high - tissue.high)
                let slope = exponential(-distance * distance / (2 * sigmaMm * sigmaMm)) / (sigmaMm * 2.50663)
                slopes[n] = Float(slope)
                edgeLow[n] = Float(slope * max(0, peak.low - tissue.low))
                edgeHigh[n] = Float(slope * max(0, peak.high - tissue.high))
            }
            (low[n], high[n]) = (Float(x), Float(y))
        }
        return Excess(low: low, high: high, edgeLow: edgeLow, edgeHigh: edgeHigh, slope: slopes)
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
        let edge = region.boneSurfaceDeviationMm(overMm2: boneContactMm2) * scale
        let tissue = random.adding(
            matrix, along: response.low.adiposeHU - response.low.muscleHU,
            response.high.adiposeHU - response.high.muscleHU
        ).adding(1, along: edge * boneEdgeLow, edge * boneEdgeHigh)
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
            peakDensityMgPerCm3: density * shape.peakOverMean, ratio: ratio, massNoiseMg: noiseMg,
            massCalibrationMg: calibrationMg,
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
    func densityWeights() -> (low: Double, high: Double) {
        let base = baseline.value(fatFraction: meanFatFraction())
        let kLow = response.low.hydroxyapatite(inTissueAt: base.low)
        let kHigh = response.high.hydroxyapatite(inTissueAt: base.high)
        let weights = context.noise.voxel.solve(kLow, kHigh)
        let information = weights.0 * kLow + weights.1 * kHigh
        return (weights.0 / information, weights.1 / information)
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
