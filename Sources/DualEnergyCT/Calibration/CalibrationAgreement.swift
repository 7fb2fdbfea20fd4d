/// How the slopes of rods differ from those that the model table has for their beams.
public struct TableComparison: Sendable, Equatable {
    /// The rods' slope over the table's at each energy, less one.
    public var low: Double
    public var high: Double
    /// How far both lie from the slopes behind the nearest of the filtrations in use, in standard deviations of what
    /// rods and table say of themselves: the rods' noise and tolerance, the spectrum model's own error.
    public var deviations: Double
}

extension RodCalibration {
    /// The rods against the model table behind the phantom's path, the filtration taken for unknown.
    ///
    /// Far off is a scanner whose beam is not what the header says, or rods that are not what their list says.
    public func comparedWithTable() -> TableComparison {
        func slope(_ beam: BeamQuality, _ filtration: Filtration) -> Double {
            HardeningModel(DetectedSpectrum(beam, filtration: filtration), materials: [.hydroxyapatite]).hounsfield(
                waterCm: pathCm, mineralGPerCm2: 0)[0] / (1000 * Material.hydroxyapatite.densityGPerCm3)
        }
        func difference(_ filtration: Filtration) -> (low: Double, high: Double) {
            (lowSlope / slope(lowBeam, filtration) - 1, highSlope / slope(highBeam, filtration) - 1)
        }
        let covariance =
            CalibrationUncertainty.modelCovariance(lowBeam, highBeam)
            .adding(CalibrationUncertainty.imageDeviation, along: 1, 1) + relativeCovariance
        let squares = FiltrationPrior.gridMm.filter(FiltrationPrior.inUseMm.contains).map { mm in
            let (low, high) = difference(.effective(aluminiumMm: mm))
            let weights = covariance.solve(low, high)
            return max(0, weights.0 * low + weights.1 * high)
        }
        let standard = difference(.standard)
        return TableComparison(
            low: standard.low, high: standard.high, deviations: (squares.min() ?? 0).squareRoot())
    }
}

extension BoneLine {
    /// Relative standard deviation of this line's slope over the one expected from rods: the line's own, what bone is
    /// made of, the rods' ratio behind the bone's path, and 1 % for what the model makes of hardening in and around bone.
    package func ratioDeviation(byRods rods: RodCalibration) -> Double {
        let model = BoneModel(
            low: BoneModel.hardening(rods.lowBeam, filtration: rods.filtration),
            high: BoneModel.hardening(rods.highBeam, filtration: rods.filtration), path: path)
        let slopes = rods.uncertainty(pathCm: path.waterCm).covariance(low: 1, high: 1)
        let variance = model.covariance(of: self).low + max(0, slopes.low + slopes.high - 2 * slopes.both) + 0.01 * 0.01
        return variance.squareRoot()
    }
}
