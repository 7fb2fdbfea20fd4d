extension RodScan {
    /// What a calibration makes of the rods: their densities in mg/cm3 with their standard uncertainties, the
    /// calibration's own included.
    ///
    /// The constrained maximum-likelihood estimate of both energies on the measured base. How much the rods harden the
    /// beam follows from the measured densities, never from the named ones.
    public func densities(by calibration: RodCalibration) -> [(mgPerCm3: Double, standardUncertainty: Double)] {
        let low = ResponseTable(calibration.lowBeam, filtration: calibration.filtration)
        let high = ResponseTable(calibration.highBeam, filtration: calibration.filtration)
        let (lowHU, highHU) = (excesses(.low), excesses(.high))
        let remaining = calibration.uncertainty(pathCm: pathCm)
        let k = (low.response(waterCm: pathCm).hydroxyapatite, high.response(waterCm: pathCm).hydroxyapatite)
        var densities = readings.indices.map { lowHU[$0].value / (calibration.lowFactor * k.0) }
        var uncertainties = densities
        // Hardening by mineral is a tenth of the slope at most: three rounds settle it to 0.01 %.
        for _ in 0..<4 {
            let before = densities
            for n in readings.indices {
                let slope = (
                    calibration.lowFactor * paths.slope(n, low, densities: before, baseHU: baseLowHU),
                    calibration.highFactor * paths.slope(n, high, densities: before, baseHU: baseHighHU)
                )
                let noise = readings[n].covariance
                let weights = noise.solve(slope.0, slope.1)
                let information = weights.0 * slope.0 + weights.1 * slope.1
                densities[n] = (weights.0 * lowHU[n].value + weights.1 * highHU[n].value) / information
                let share = (weights.0 * slope.0 / information, weights.1 * slope.1 / information)
                let relative = remaining.covariance(low: 1, high: 1).quadratic(share.0, share.1)
                uncertainties[n] = (1 / information + densities[n] * densities[n] * relative).squareRoot()
            }
        }
        return zip(densities, uncertainties).map { ($0, $1) }
    }
}
