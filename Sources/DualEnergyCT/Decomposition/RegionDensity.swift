/// The mean hydroxyapatite density of a region, whatever tissue it lies in.
public struct RegionDensity: Sendable, Equatable {
    /// Hydroxyapatite in mg/cm3 of volume.
    public var mgPerCm3: Double
    /// Standard uncertainties in mg/cm3: of noise, of the tissue, of the slopes.
    public var noise: Double
    public var tissue: Double
    public var calibration: Double
    /// All three together.
    public var standardUncertainty: Double {
        (noise * noise + tissue * tissue + calibration * calibration).squareRoot()
    }
    /// What the tissue of the region reads without its mineral, in HU, low and high.
    public var tissueLowHU: Double
    public var tissueHighHU: Double
}

/// How freely a region's tissue may differ from the tissue around it.
public enum RegionTissue: Sendable, Equatable {
    /// Any soft tissue: the two energies alone decide, without a prior.
    case unknown
    /// Like the tissue around it, within the deviation of a deposit's matrix.
    case likeSurroundings
}

extension MaterialMapper {
    /// The density of a region by generalised least squares, with its tissue as a second unknown.
    ///
    /// The tissue moves along the curve of soft tissues through what is measured around (`RegionSurroundings`): fat,
    /// half fat, muscle, tendon and skin are all on it, and so is a phantom's water. Noise enters with its correlation, the
    /// slopes with their uncertainty; where the slopes are poorly known, the surroundings have more say.
    /// - Parameter region: indices of the region's voxels, `geometry.index`; not empty.
    public func density(of region: [Int], tissue prior: RegionTissue = .likeSurroundings) -> RegionDensity {
        precondition(!region.isEmpty, "a region has voxels")
        let fit = RegionFit(self, region, prior)
        return fit.solve()
    }
}

/// The least-squares problem of one region.
private struct RegionFit {
    private let mean: (low: Double, high: Double)
    private let noise: NoiseCovariance
    private let response: PairResponse
    private let calibration: CalibrationUncertainty
    private let curve: SoftTissueCurve
    /// Where the surroundings lie on the curve.
    private let position: Double
    /// What is known of the region's own place on it before it is measured; nil: nothing.
    private let prior: TissuePrior?

    /// Tissues differ from the curve by this many HU at both energies (composition from person to person).
    private static let departureHU = 4.0

    /// However well a scanner is calibrated, the response at a place is known within this share at each energy: the path
    /// through the body, mineral on it, the water correction. In phantoms of another forward model the paths leave 0.2 %;
    /// a scanner's own correction is taken for twice that again. The free solution makes 3 % of density of 1 % of ratio.
    private static let responseDeviation = 0.005

    /// So far along the curve nothing is tied.
    private static let freeDeviation = 100.0

    init(_ mapper: MaterialMapper, _ region: [Int], _ prior: RegionTissue) {
        let g = mapper.geometry
        let (low, high) = (mapper.pair.low, mapper.pair.high)
        let count = Double(region.count)
        mean = (
            region.reduce(0) { $0 + Double(low.voxels[$1]) } / count,
            region.reduce(0) { $0 + Double(high.voxels[$1]) } / count
        )
        let places = region.map { ($0 % g.columns, $0 / g.columns % g.rows, $0 / (g.columns * g.rows)) }
        let centre = places.reduce((0, 0, 0)) { ($0.0 + $1.0, $0.1 + $1.1, $0.2 + $1.2) }
        let (i, j, k) = (centre.0 / region.count, centre.1 / region.count, centre.2 / region.count)
        response = mapper.paths.response(over: region, of: g)
        var slopes = mapper.calibration
        slopes.independent = max(slopes.independent, Self.responseDeviation)
        calibration = slopes
        let texture = NoiseTexture(low: low, high: high, box: Self.neighbourhood(of: places, in: g))
        noise = texture?.mean(over: region, of: g) ?? (1 / (count * count)) * mapper.noise.sum(over: region.count)
        let field = mapper.tissue.value(i, j, k)
        let around = RegionSurroundings(mapper, places: places)
        var curve = SoftTissueCurve(response)
        position = curve.pass(
            throughLow: around?.low ?? field.low, high: around?.high ?? field.high, noise: mapper.noise.voxel)
        self.curve = curve
        let fatVariance = around?.fatVariance ?? field.fatVariance
        self.prior = prior == .unknown ? nil : TissuePrior(around: position, fatVariance: fatVariance)
    }

    /// The region's box and 15 mm around it.
    private static func neighbourhood(of places: [(Int, Int, Int)], in g: GridGeometry) -> VoxelBox {
        func range(_ values: [Int], _ spacing: Double, _ count: Int) -> Range<Int> {
            let margin = Int(15 / spacing)
            return max(0, (values.min() ?? 0) - margin)..<min(count, (values.max() ?? 0) + margin + 1)
        }
        return VoxelBox(
            columns: range(places.map(\.0), g.columnSpacingMm, g.columns),
            rows: range(places.map(\.1), g.rowSpacingMm, g.rows),
            slices: range(places.map(\.2), g.sliceSpacingMm, g.slices))
    }

    func solve() -> RegionDensity {
        var covariance = noise
        var best = (position: position, density: 0.0)
        // The calibration's covariance depends on the density: a few rounds settle it.
        for _ in 0..<4 {
            best.position = SoftTissueCurve.minimum { misfit(at: $0, covariance) }
            best.density = density(at: best.position, covariance)
            let slopes = slopes(at: best.position)
            covariance =
                noise + calibration.covariance(low: best.density * slopes.low, high: best.density * slopes.high)
        }
        var spread = 0.0
        if prior != nil {
            let posterior = posterior(covariance)
            best = (posterior.position, posterior.density)
            spread = posterior.deviation
        }
        let tissue = curve.tissue(at: best.position)
        let weights = weights(at: best.position, covariance)
        let slopes = slopes(at: best.position)
        func deviation(_ covariance: NoiseCovariance) -> Double {
            covariance.quadratic(weights.low, weights.high).squareRoot()
        }
        let departure = Self.departureHU * Self.departureHU
        let ofDeparture = deviation(NoiseCovariance(low: departure, high: departure, both: departure))
        return RegionDensity(
            mgPerCm3: best.density, noise: deviation(noise),
            tissue: (spread * spread + ofDeparture * ofDeparture).squareRoot(),
            calibration: deviation(
                calibration.covariance(low: best.density * slopes.low, high: best.density * slopes.high)),
            tissueLowHU: tissue.low, tissueHighHU: tissue.high)
    }

    /// Mean of the density over all tissues that the means and the prior allow, and its deviation among them.
    ///
    /// Two tissues can explain one pair of means, with hardly one between them: the likeliest alone would hide that.
    private func posterior(_ covariance: NoiseCovariance) -> (position: Double, density: Double, deviation: Double) {
        let range = SoftTissueCurve.positions
        let positions = (0...120).map { range.lowerBound + Double($0) / 120 * (range.upperBound - range.lowerBound) }
        let misfits = positions.map { misfit(at: $0, covariance) }
        let least = misfits.min() ?? 0
        let weights = misfits.map { exponential(-0.5 * ($0 - least)) }
        let densities = positions.map { density(at: $0, covariance) }
        let total = weights.reduce(0, +)
        func mean(_ values: [Double]) -> Double { zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 } / total }
        let middle = mean(densities)
        let variance = mean(densities.map { ($0 - middle) * ($0 - middle) })
        return (mean(positions), middle, variance.squareRoot())
    }

    /// HU per mg/cm3 of mineral that displaces the tissue at a position.
    private func slopes(at position: Double) -> (low: Double, high: Double) {
        let tissue = curve.tissue(at: position)
        return (
            response.low.hydroxyapatite(inTissueAt: tissue.low), response.high.hydroxyapatite(inTissueAt: tissue.high)
        )
    }

    private func density(at position: Double, _ covariance: NoiseCovariance) -> Double {
        let (tissue, k) = (curve.tissue(at: position), slopes(at: position))
        let weights = covariance.solve(k.low, k.high)
        return (weights.0 * (mean.low - tissue.low) + weights.1 * (mean.high - tissue.high))
            / (weights.0 * k.low + weights.1 * k.high)
    }

    /// Minus twice the logarithm of the likelihood, with the prior.
    private func misfit(at position: Double, _ covariance: NoiseCovariance) -> Double {
        let (tissue, k) = (curve.tissue(at: position), slopes(at: position))
        let density = density(at: position, covariance)
        let x = mean.low - tissue.low - density * k.low
        let y = mean.high - tissue.high - density * k.high
        let weights = covariance.solve(x, y)
        return weights.0 * x + weights.1 * y - 2 * naturalLogarithm(prior?.density(at: position) ?? 1)
    }

    /// Covariance of the tissue by a deviation along the curve.
    private func along(at position: Double, _ deviation: Double) -> NoiseCovariance {
        let step = 0.01
        let (a, b) = (curve.tissue(at: position - step), curve.tissue(at: position + step))
        return NoiseCovariance(low: 0, high: 0).adding(
            deviation, along: (b.low - a.low) / (2 * step), (b.high - a.high) / (2 * step))
    }

    /// Change of the density with each of the two means: on one tissue, or with an unknown one following them.
    private func weights(at position: Double, _ covariance: NoiseCovariance) -> (low: Double, high: Double) {
        let k = slopes(at: position)
        let total = prior == nil ? covariance + along(at: position, Self.freeDeviation) : covariance
        let weights = total.solve(k.low, k.high)
        let information = weights.0 * k.low + weights.1 * k.high
        return (weights.0 / information, weights.1 / information)
    }
}

/// How likely a region's tissue lies where on the curve of soft tissues.
///
/// Half of the deposits lie in the tissue that is around them, others are as a deposit's matrix is, one in five holds any
/// tissue. A single Gaussian would draw what is plainly another tissue a seventh of the way back, a tenth of 100 mg/cm3 in
/// fat, and leave the tissue around too little say where nothing contradicts.
private struct TissuePrior {
    private let middle: Double
    private let matrixMiddle: Double
    private let sameDeviation: Double
    private let matrixDeviation: Double

    private static let shares = (same: 0.5, matrix: 0.3, any: 0.2)
    /// One tissue differs by so much of the way from fat to muscle from place to place.
    private static let leastDeviation = 0.1

    /// - Parameters:
    ///   - position: of the tissue around.
    ///   - fatVariance: of its fat fraction from place to place.
    init(around position: Double, fatVariance: Double) {
        let matrix = DepositMatrix(around: 1 - position)
        middle = position
        matrixMiddle = position - matrix.fatDifference
        sameDeviation = (Self.leastDeviation * Self.leastDeviation + fatVariance).squareRoot()
        matrixDeviation = (matrix.fatDeviation * matrix.fatDeviation + fatVariance).squareRoot()
    }

    func density(at position: Double) -> Double {
        func normal(_ middle: Double, _ deviation: Double) -> Double {
            let away = (position - middle) / deviation
            return exponential(-0.5 * away * away) / (deviation * (2 * Double.pi).squareRoot())
        }
        let length = SoftTissueCurve.positions.upperBound - SoftTissueCurve.positions.lowerBound
        return Self.shares.same * normal(middle, sameDeviation)
            + Self.shares.matrix * normal(matrixMiddle, matrixDeviation) + Self.shares.any / length
    }
}
