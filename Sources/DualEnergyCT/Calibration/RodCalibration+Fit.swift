/// What one rod says: how far it lies off the line.
public struct RodResidual: Sendable, Equatable {
    public var densityMgPerCm3: Double
    /// Excess over the base in HU.
    public var lowHU: Double
    public var highHU: Double
    /// Measured minus named, in mg/cm3, at each energy.
    public var lowMgPerCm3: Double
    public var highMgPerCm3: Double
    public var diameterMm: Double
}

extension RodScan {
    /// The calibration that the rods give.
    ///
    /// Slopes come from a line through all rods whose steepness follows what each rod's rays have passed; the effective
    /// filtration and the factors are the likeliest that give these slopes.
    public func calibrate() throws(CalibrationRefusal) -> (calibration: RodCalibration, residuals: [RodResidual]) {
        let densities = description.mineral
        let standard = Self.aluminium(like: .standard, lowBeam, pathCm)
        let aluminium = hasTube ? Self.minimum(of: { cost(aluminiumMm: $0, standard) }, in: 1...25) : standard
        let filtration = Filtration(
            aluminiumMm: aluminium, titaniumMm: 0, anodeAngleDegrees: Filtration.standard.anodeAngleDegrees)
        let low = line(.low, filtration, densities)
        let high = line(.high, filtration, densities)
        // Filtration from 1 to 25 mm Al leaves the model within 10 % of any tube; what is left is no tube's.
        guard (0.85...1.15).contains(low.factor), (0.85...1.15).contains(high.factor) else {
            throw .wrongPair(lowFactor: low.factor, highFactor: high.factor)
        }
        let residuals = residuals(low, high)
        for residual in residuals {
            let limit = max(3, 0.03 * residual.densityMgPerCm3)
            let worst = [residual.lowMgPerCm3, residual.highMgPerCm3].max { abs($0) < abs($1) } ?? 0
            guard abs(worst) <= limit else {
                throw .notLinear(densityMgPerCm3: residual.densityMgPerCm3, residualMgPerCm3: worst)
            }
        }
        let misses = [low, high].map(\.offset).max { abs($0) < abs($1) } ?? 0
        guard abs(misses) <= 8 else { throw .baseDiffers(HU: misses) }
        let worst = max(low.variance, high.variance).squareRoot()
        guard worst <= Self.largestRelativeNoise else {
            throw .noise(relative: worst, limit: Self.largestRelativeNoise)
        }
        let tolerance = description.relativeTolerance * description.relativeTolerance
        func slope(_ beam: BeamQuality, _ factor: Double) -> Double {
            factor * ResponseTable(beam, filtration: filtration).response(waterCm: pathCm).hydroxyapatite
        }
        let calibration = RodCalibration(
            lowBeam: lowBeam, highBeam: highBeam, filtration: filtration, lowFactor: low.factor,
            highFactor: high.factor,
            relativeCovariance: NoiseCovariance(
                low: low.variance + tolerance, high: high.variance + tolerance, both: tolerance), pathCm: pathCm,
            lowSlope: slope(lowBeam, low.factor), highSlope: slope(highBeam, high.factor))
        return (calibration, residuals)
    }

    /// Noise of a slope above which a calibration is worth less than the patient's bone.
    private static let largestRelativeNoise = 0.01

    private var hasTube: Bool { lowBeam.tubeKilovolts != nil }

    enum Energy { case low, high }

    /// The line through the rods of one energy: `excess = factor * slope of the model * density + offset`.
    struct Line {
        var factor: Double
        var offset: Double
        /// Of the factor, relative to it, squared.
        var variance: Double
        /// The model's slope for each rod.
        var slopes: [Double]
    }

    func excesses(_ energy: Energy) -> [(value: Double, variance: Double)] {
        let zero = baseReading.map { energy == .low ? $0.excessLowHU : $0.excessHighHU } ?? 0
        return readings.map { reading in
            energy == .low
                ? (reading.excessLowHU - zero, reading.covariance.low)
                : (reading.excessHighHU - zero, reading.covariance.high)
        }
    }

    func line(_ energy: Energy, _ filtration: Filtration, _ densities: [Double]) -> Line {
        let table = ResponseTable(energy == .low ? lowBeam : highBeam, filtration: filtration)
        let baseHU = energy == .low ? baseLowHU : baseHighHU
        let slopes = readings.indices.map { paths.slope($0, table, densities: densities, baseHU: baseHU) }
        // The base was measured around the rods, so that the line may miss it by little: 1 HU of what a ring and a
        // core, or the rods' base and the body, differ.
        var (aa, ab, bb, ay, by) = (0.0, 0.0, 1.0, 0.0, 0.0)
        var weights: [Double] = []
        for (n, excess) in excesses(energy).enumerated() {
            let x = slopes[n] * densities[n]
            // No model of hardening is better than 0.3 %: without this the densest rod alone would count.
            let weight = 1 / (excess.variance + 0.003 * 0.003 * x * x)
            weights.append(weight)
            aa += weight * x * x
            ab += weight * x
            bb += weight
            ay += weight * x * excess.value
            by += weight * excess.value
        }
        let determinant = aa * bb - ab * ab
        let factor = (ay * bb - by * ab) / determinant
        let offset = (aa * by - ab * ay) / determinant
        var chi = 0.0
        for (n, excess) in excesses(energy).enumerated() {
            let rest = excess.value - offset - factor * slopes[n] * densities[n]
            chi += weights[n] * rest * rest
        }
        let scatter = max(1, chi / Double(max(1, readings.count - 1)))
        return Line(
            factor: factor, offset: offset, variance: scatter * bb / determinant / (factor * factor), slopes: slopes)
    }

    /// How unlikely a filtration is: what it leaves for the factors, which the model's own error allows 1 % each, and
    /// its distance from a usual tube. 3 to 9 mm Al and 0 to 0.9 mm Ti are in use, 3 to 16 mm of aluminium alone.
    private func cost(aluminiumMm: Double, _ standard: Double) -> Double {
        let filtration = Filtration(
            aluminiumMm: aluminiumMm, titaniumMm: 0, anodeAngleDegrees: Filtration.standard.anodeAngleDegrees)
        let low = naturalLogarithm(max(0.1, line(.low, filtration, description.mineral).factor)) / 0.01
        let high = naturalLogarithm(max(0.1, line(.high, filtration, description.mineral).factor)) / 0.01
        let distance = (aluminiumMm - standard) / 3.2
        return low * low + high * high + distance * distance
    }

    /// The aluminium in mm that gives a beam the slope which a filtration gives it.
    private static func aluminium(like filtration: Filtration, _ beam: BeamQuality, _ pathCm: Double) -> Double {
        let wanted = ResponseTable(beam, filtration: filtration).response(waterCm: pathCm).hydroxyapatite
        var (low, high) = (1.0, 25.0)
        for _ in 0..<12 {
            let middle = 0.5 * (low + high)
            let trial = Filtration(
                aluminiumMm: middle, titaniumMm: 0, anodeAngleDegrees: filtration.anodeAngleDegrees)
            if ResponseTable(beam, filtration: trial).response(waterCm: pathCm).hydroxyapatite > wanted {
                low = middle
            } else {
                high = middle
            }
        }
        return 0.5 * (low + high)
    }

    /// Golden section.
    private static func minimum(of cost: (Double) -> Double, in range: ClosedRange<Double>) -> Double {
        let golden = 0.618_033_988_749_895
        var (a, b) = (range.lowerBound, range.upperBound)
        var (x, y) = (b - golden * (b - a), a + golden * (b - a))
        var (costX, costY) = (cost(x), cost(y))
        while b - a > 0.05 {
            if costX < costY {
                (b, y, costY) = (y, x, costX)
                x = b - golden * (b - a)
                costX = cost(x)
            } else {
                (a, x, costX) = (x, y, costY)
                y = a + golden * (b - a)
                costY = cost(y)
            }
        }
        return 0.5 * (a + b)
    }

    private func residuals(_ low: Line, _ high: Line) -> [RodResidual] {
        let (lowHU, highHU) = (excesses(.low), excesses(.high))
        return readings.indices.map { n in
            let density = description.mineral[n]
            func residual(_ line: Line, _ value: Double) -> Double {
                (value - line.offset) / (line.factor * line.slopes[n]) - density
            }
            return RodResidual(
                densityMgPerCm3: density, lowHU: lowHU[n].value, highHU: highHU[n].value,
                lowMgPerCm3: residual(low, lowHU[n].value), highMgPerCm3: residual(high, highHU[n].value),
                diameterMm: 2 * readings[n].rod.radiusMm)
        }
    }
}
