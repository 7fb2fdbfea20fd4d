/// The measured quantities of one deposit before it has a number.
package struct DepositMeasurement: Sendable {
    package var material: MaterialClass
    package var massMg: Estimate
    package var volumeMm3: Estimate
    package var meanDensityMgPerCm3: Estimate
    package var peakDensityMgPerCm3: Double
    /// Standard deviation of the peak in mg/cm3.
    package var peakDensityDeviation: Double
    package var ratio: Estimate
    /// Standard deviations of the mass by cause, in mg: noise with tissue, matrix and bone's surface; calibration, which
    /// all deposits share; the matrix alone, a part of the first.
    package var massNoiseMg: Double
    package var massCalibrationMg: Double
    package var massMatrixMg: Double
    /// Both together.
    package var massDeviationMg: Double {
        (massNoiseMg * massNoiseMg + massCalibrationMg * massCalibrationMg).squareRoot()
    }
    package var volumeDeviationMm3: Double
}

/// Measures one deposit on the raw images.
///
/// Mass is the excess over the local tissue, summed over the deposit's whole blur, so that partial volume costs
/// nothing: no threshold enters it. See `MassEstimate` for how the excess at both energies becomes mass.
package struct DepositMeter {
    let region: DepositRegion
    let context: MeasurementContext
    let response: PairResponse
    let shells: DepositShells
    let baseline: TissueBaseline
    let spill: MineralSpill
    /// Excess over tissue and over the spill of other mineral at each voxel of the region's box, in HU.
    let excessLow: [Float]
    let excessHigh: [Float]
    let inRegion: [Int]

    package init(voxels: [Int], context: MeasurementContext) {
        self.context = context
        response = context.paths.response(over: voxels, of: context.low.geometry)
        let region = DepositRegion(voxels: voxels, context: context)
        self.region = region
        shells = DepositShells(region, context: context)
        var (low, high) = Self.overMixture(region, response: response, skin: context.skin)
        spill = MineralSpill(region, low: low, high: high, context: context)
        for n in low.indices {
            low[n] -= spill.low[n]
            high[n] -= spill.high[n]
        }
        baseline = TissueBaseline(
            region, shells: shells, low: low, high: high, response: response, noise: context.noise)
        for (shell, offset) in zip(shells.shells, baseline.offsets) {
            for n in shell.voxels {
                low[n] -= Float(offset.low)
                high[n] -= Float(offset.high)
            }
        }
        (excessLow, excessHigh) = (low, high)
        inRegion = shells.shells.flatMap(\.voxels).sorted()
    }

    /// Excess over the mixture of fat and muscle around and the skin's profile.
    private static func overMixture(
        _ region: DepositRegion, response: PairResponse, skin: SkinProfile
    ) -> (low: [Float], high: [Float]) {
        var low = [Float](repeating: 0, count: region.mask.voxels.count)
        var high = low
        for n in low.indices where region.skinMm.voxels[n] > 0 {
            let fat = Double(region.fatFraction.voxels[n])
            // Where the deposit is, skin has given way to it or holds it: half of what skin reads more than fat. Air's
            // blur remains.
            let depth = skin.value(depthMm: Double(region.skinMm.voxels[n]))
            let share = 1 - 0.5 * Double(region.template.voxels[n])
            let (skinLow, skinHigh) = (
                depth.low > 0 ? share * depth.low : depth.low, depth.high > 0 ? share * depth.high : depth.high
            )
            low[n] = Float(Double(region.low.voxels[n]) - response.low.tissueHU(fatFraction: fat) - skinLow)
            high[n] = Float(Double(region.high.voxels[n]) - response.high.tissueHU(fatFraction: fat) - skinHigh)
        }
        return (low, high)
    }

    package func measure() -> DepositMeasurement {
        let shape = halfMaximum()
        let estimate = MassEstimate(input(volumeMm3: shape.volumeMm3))
        let massMg = estimate.mass / 1000
        let noiseMg = estimate.measurementVariance.squareRoot() / 1000
        let calibrationMg = estimate.calibrationVariance.squareRoot() / 1000
        let massDeviation = (noiseMg * noiseMg + calibrationMg * calibrationMg).squareRoot()
        let volume = trueVolume(shape: shape, massMg: massMg, massNoiseMg: noiseMg)
        // Mass over volume: what moves both the same way cancels.
        let (ofMass, ofVolume) = (noiseMg / max(massMg, 1e-9), volume.byMassMm3 / volume.mm3)
        let own = max(0, volume.deviationMm3 * volume.deviationMm3 - volume.byMassMm3 * volume.byMassMm3)
        let shared = calibrationMg / max(massMg, 1e-9)
        let relative =
            ((ofMass - ofVolume) * (ofMass - ofVolume) + own / (volume.mm3 * volume.mm3) + shared * shared)
            .squareRoot()
        let density = massMg / volume.mm3 * 1000
        let peak = shape.peakOverMean
        let peakRelative =
            (peak.value * peak.value * relative * relative + peak.deviation * peak.deviation).squareRoot()
        let excess = pooledExcess()
        let ratio = FiellerInterval.ratio(x: excess.low, y: excess.high, covariance: excess.covariance)
        let material = MaterialRatio(response: response, noise: context.noise.voxel)
            .classify(x: excess.low, y: excess.high, covariance: excess.covariance)
        if material == .urate {
            // Urate holds no hydroxyapatite, whatever its brightness would weigh as such.
            let none = Estimate(value: 0, low: 0, high: 0)
            return DepositMeasurement(
                material: material, massMg: none, volumeMm3: .normal(shape.volumeMm3, volume.deviationMm3, atLeast: 0),
                meanDensityMgPerCm3: none, peakDensityMgPerCm3: 0, peakDensityDeviation: 0, ratio: ratio,
                massNoiseMg: 0, massCalibrationMg: 0,
                massMatrixMg: 0, volumeDeviationMm3: volume.deviationMm3)
        }
        return DepositMeasurement(
            material: material, massMg: .normal(massMg, massDeviation, atLeast: 0),
            volumeMm3: .normal(volume.mm3, volume.deviationMm3, atLeast: 0),
            meanDensityMgPerCm3: .normal(density, density * relative, atLeast: 0),
            peakDensityMgPerCm3: density * peak.value,
            peakDensityDeviation: density * peakRelative, ratio: ratio, massNoiseMg: noiseMg,
            massCalibrationMg: calibrationMg, massMatrixMg: estimate.matrixVariance.squareRoot() / 1000,
            volumeDeviationMm3: volume.deviationMm3)
    }

    /// The sums of all shells with their covariance.
    private func input(volumeMm3: Double) -> MassEstimate.Input {
        let voxelMm3 = region.geometry.voxelVolumeMm3
        let groups = shells.shells
        let count = groups.count
        func sum(_ field: [Float]) -> [Double] {
            groups.map { $0.voxels.reduce(0) { $0 + Double(field[$1]) } * voxelMm3 }
        }
        let volumes = groups.map { Double($0.voxels.count) * voxelMm3 }
        var covariance = CovarianceMatrix(count: 2 * count)
        for a in 0..<count {
            let noise = (voxelMm3 * voxelMm3) * context.noise.sum(over: groups[a].voxels.count)
            covariance[a, a] += noise.low
            covariance[count + a, count + a] += noise.high
            covariance[a, count + a] += noise.both
            covariance[count + a, a] += noise.both
            for b in 0..<count {
                for (p, q) in [(a, b), (a, count + b), (count + a, b), (count + a, count + b)] {
                    covariance[p, q] += volumes[a] * volumes[b] * baseline.covariance[p, q]
                }
            }
        }
        // Half of the blurred step lies outside bone.
        let contactMm2 = 2 * sum(spill.slope).reduce(0, +)
        let edge = region.boneSurfaceDeviationMm(overMm2: contactMm2)
        Self.add(edge, along: (sum(spill.edgeLow), sum(spill.edgeHigh)), to: &covariance)
        let (scatter, holds) = skinDeviations()
        Self.add(1, along: (scatter, scatter), to: &covariance)
        Self.add(1, along: (holds, holds), to: &covariance)
        let base = meanFatFraction()
        let matrix = DepositMatrix(around: base)
        return MassEstimate.Input(
            sums: sum(excessLow) + sum(excessHigh), shares: groups.map(\.share),
            sharesByEdge: groups.map(\.shareByEdge), covariance: covariance,
            slope: slopes(inMatrixWithFat: base + matrix.fatDifference),
            fat: (
                response.low.adiposeHU - response.low.muscleHU, response.high.adiposeHU - response.high.muscleHU
            ), volumeMm3: volumeMm3, matrix: matrix, calibration: context.calibration)
    }

    /// HU per mg/cm3 of mineral that takes the place of a mixture of fat and muscle.
    func slopes(inMatrixWithFat fat: Double) -> (low: Double, high: Double) {
        (
            response.low.hydroxyapatite(inTissueAt: response.low.tissueHU(fatFraction: fat)),
            response.high.hydroxyapatite(inTissueAt: response.high.tissueHU(fatFraction: fat))
        )
    }

    /// Half of an error's variance moves all shells together, half of it each shell on its own: no edge is drawn in or
    /// out by the same everywhere.
    private static func add(
        _ deviation: Double, along shells: (low: [Double], high: [Double]), to covariance: inout CovarianceMatrix
    ) {
        let count = shells.low.count
        let variance = deviation * deviation / 2
        covariance.add(variance, along: shells.low + shells.high)
        for n in 0..<count {
            covariance[n, n] += variance * shells.low[n] * shells.low[n]
            covariance[count + n, count + n] += variance * shells.high[n] * shells.high[n]
            covariance[n, count + n] += variance * shells.low[n] * shells.high[n]
            covariance[count + n, n] += variance * shells.low[n] * shells.high[n]
        }
    }

    /// What the skin may be wrong by in each shell, in HU times mm3: a third of the scatter about its profile, and
    /// whether the deposit holds skin.
    private func skinDeviations() -> (scatter: [Double], holds: [Double]) {
        let voxelMm3 = region.geometry.voxelVolumeMm3
        var (scatter, holds) = ([Double](), [Double]())
        for shell in shells.shells {
            var sums = (0.0, 0.0)
            for n in shell.voxels {
                let depth = context.skin.value(depthMm: Double(region.skinMm.voxels[n]))
                sums.0 += depth.deviation / 3
                sums.1 += 0.5 * Double(region.template.voxels[n]) * max(0, depth.low)
            }
            scatter.append(sums.0 * voxelMm3)
            holds.append(sums.1 * voxelMm3)
        }
        return (scatter, holds)
    }

    func meanFatFraction() -> Double {
        let own = region.mask.voxels.indices.filter { region.mask.voxels[$0] != 0 }
        return own.reduce(0) { $0 + Double(region.fatFraction.voxels[$1]) } / Double(max(own.count, 1))
    }

    /// Hydroxyapatite density of a voxel in mg/cm3: the two excesses with the weights of least noise.
    func densityWeights() -> (low: Double, high: Double) {
        let slope = slopes(inMatrixWithFat: meanFatFraction())
        let weights = context.noise.voxel.solve(slope.low, slope.high)
        let information = weights.0 * slope.low + weights.1 * slope.high
        return (weights.0 / information, weights.1 / information)
    }

    /// Excess at both energies over the deposit's matrix, summed over its own voxels, clear of bone where it can be.
    private func pooledExcess() -> (low: Double, high: Double, covariance: NoiseCovariance) {
        let own = region.mask.voxels.indices.filter { region.mask.voxels[$0] != 0 }
        let clear = own.filter { region.boneSurfaceMm($0) > 2.5 * context.pointSpreadSigmaMm }
        let used = clear.count * 3 >= own.count && clear.count >= 8 ? clear : own
        var (x, y) = (0.0, 0.0)
        for n in used {
            x += Double(excessLow[n])
            y += Double(excessHigh[n])
        }
        let count = Double(used.count)
        let matrix = DepositMatrix(around: meanFatFraction())
        let (fatLow, fatHigh) = (
            response.low.adiposeHU - response.low.muscleHU, response.high.adiposeHU - response.high.muscleHU
        )
        x -= count * matrix.fatDifference * fatLow
        y -= count * matrix.fatDifference * fatHigh
        let covariance = (context.noise.sum(over: used.count) + (count * count) * baselineCovariance()).adding(
            count * matrix.fatDeviation, along: fatLow, fatHigh)
        return (x, y, covariance)
    }

    /// Of the baseline of the innermost shell.
    private func baselineCovariance() -> NoiseCovariance {
        let count = shells.shells.count
        guard count > 0 else { return NoiseCovariance(low: 0, high: 0) }
        return NoiseCovariance(
            low: baseline.covariance[0, 0], high: baseline.covariance[count, count],
            both: baseline.covariance[0, count])
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
}

extension Estimate {
    /// A value with a normal 95 % interval that does not pass a bound.
    static func normal(_ value: Double, _ deviation: Double, atLeast bound: Double = -.infinity) -> Estimate {
        Estimate(value: value, low: max(bound, value - 1.96 * deviation), high: max(bound, value + 1.96 * deviation))
    }
}
