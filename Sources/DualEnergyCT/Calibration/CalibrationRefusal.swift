/// Why rods give no calibration.
public enum CalibrationRefusal: Error, Sendable, Equatable {
    /// Fewer than three densities above 0 were named.
    case tooFewNamed
    /// No object of 3 cm or more lies in the images.
    case noPhantom
    /// - found: round rods that read like hydroxyapatite at both energies.
    /// - noiseHU: deviation of the images that were searched, after averaging; limitHU is where the faintest rod drowns.
    case rodsMissing(found: Int, named: Int, noiseHU: Double, limitHU: Double)
    /// More round inserts than can be told apart.
    case tooManyInserts(Int)
    /// The rods are thinner than the blur allows to measure, in mm.
    case rodsTooThin(diameterMm: Double)
    /// The base reads differently from what was named, in HU at both energies.
    case baseUnexpected(lowHU: Double, highHU: Double)
    /// The line through the rods misses the base by this, in HU: the rods' base is not the body's.
    case baseDiffers(HU: Double)
    /// A denser rod reads less than one before it.
    case notMonotone(densityMgPerCm3: Double)
    /// A rod lies off the line by this, in mg/cm3.
    case notLinear(densityMgPerCm3: Double, residualMgPerCm3: Double)
    /// Slopes over those of the named beams.
    case wrongPair(lowFactor: Double, highFactor: Double)
    /// Relative standard uncertainty of a slope, from noise.
    case noise(relative: Double, limit: Double)
    /// The rods lie in other places at the two energies, in mm.
    case motion(mm: Double)
    /// Mean water-equivalent path in cm, beyond what the model's tables hold.
    case tooLarge(pathCm: Double)
}
