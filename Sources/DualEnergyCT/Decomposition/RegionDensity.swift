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
    /// The tissue moves along the curve of soft tissues through what is measured around (`TissueField`): fat, half
    /// fat, muscle, tendon and skin are all on it, and so is a phantom's water. Noise enters with its correlation, the
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
    private var curve: SoftTissueCurve
    /// Where the surroundings lie on the curve, and how far the region may be from them; nil: anywhere.
    private let position: Double
    private let deviation: Double?

    /// Tissues differ from the curve by this many HU at both energies (composition from person to person).
    private static let departureHU = 4.0

    /// However well a scanner is calibrated, the response at a place is known within this share: the path through the
    /// body, mineral on it, the water correction. The free solution makes 3 % of density of 1 % of ratio.
    private static let responseDeviation = 0.01

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
        response = mapper.paths.response(i, j, k)
        var slopes = mapper.calibration
        slopes.independent = max(slopes.independent, Self.responseDeviation)
        calibration = slopes
        let texture = NoiseTexture(low: low, high: high, box: Self.neighbourhood(of: places, in: g))
        noise = texture?.mean(over: region, of: g) ?? (1 / (count * count)) * mapper.noise.sum(over: region.count)
        let around = mapper.tissue.value(i, j, k)
        curve = SoftTissueCurve(response)
        position = curve.pass(throughLow: around.low, high: around.high, noise: mapper.noise.voxel)
        deviation = prior == .unknown ? nil : around.fatVariance.squareRoot()
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
        let tissue = curve.tissue(at: best.position)
        let weights = weights(at: best.position, covariance)
        let slopes = slopes(at: best.position)
        func deviation(_ covariance: NoiseCovariance) -> Double {
            covariance.quadratic(weights.low, weights.high).squareRoot()
        }
        let matrix = self.deviation.map { along(at: best.position, $0) } ?? NoiseCovariance(low: 0, high: 0)
        let departure = Self.departureHU * Self.departureHU
        return RegionDensity(
            mgPerCm3: best.density, noise: deviation(noise),
            tissue: deviation(matrix + NoiseCovariance(low: departure, high: departure, both: departure)),
            calibration: deviation(
                calibration.covariance(low: best.density * slopes.low, high: best.density * slopes.high)),
            tissueLowHU: tissue.low, tissueHighHU: tissue.high)
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
        let away = deviation.map { (position - self.position) / $0 } ?? 0
        return weights.0 * x + weights.1 * y + away * away
    }

    /// Covariance of the tissue by a deviation along the curve.
    private func along(at position: Double, _ deviation: Double) -> NoiseCovariance {
        let step = 0.01
        let (a, b) = (curve.tissue(at: position - step), curve.tissue(at: position + step))
        return NoiseCovariance(low: 0, high: 0).adding(
            deviation, along: (b.low - a.low) / (2 * step), (b.high - a.high) / (2 * step))
    }

    /// Change of the density with each of the two means, the tissue following them.
    private func weights(at position: Double, _ covariance: NoiseCovariance) -> (low: Double, high: Double) {
        let k = slopes(at: position)
        let total = covariance + along(at: position, deviation ?? 100)
        let weights = total.solve(k.low, k.high)
        let information = weights.0 * k.low + weights.1 * k.high
        return (weights.0 / information, weights.1 / information)
    }
}
