/// What the soft tissue around each place reads at both energies, without the mineral in it, on a coarse grid.
///
/// The baseline decides the bias of every constrained estimate: on a muscle baseline 100 mg/cm3 in fat read 25. It is
/// the smoothed image itself where that is soft tissue, so tendon, skin, a phantom's water and shading are followed as
/// well as fat. Under mineral it runs on from the tissue around, and is the less certain the further away that is.
package struct TissueField: Sendable {
    /// Tissue's CT numbers in HU and the variance of its fat fraction, at the centres of cells.
    package private(set) var low: Volume<Float>
    package private(set) var high: Volume<Float>
    package private(set) var fatVariance: Volume<Float>
    /// Voxels of a cell along columns, rows and slices.
    package let voxelsPerCell: (column: Int, row: Int, slice: Int)

    private static let cellMm = 1.6
    /// Standard deviation in mm of the neighbourhood that counts as local, and of the one beyond where that is empty.
    private static let scaleMm = 1.6
    private static let wideScaleMm = 4.0
    private static let wideShare: Float = 0.05
    /// Standard deviation of the fat fraction inside one tissue.
    private static let leastFatDeviation: Float = 0.06
    /// Below this a voxel is air or its edge, in HU.
    static let airHU: Int16 = -300
    /// Denser than this on muscle, or in the free solution, a place may hold mineral, in mg/cm3.
    private static let mineralOnMuscle = 55.0
    private static let mineralFree = 40.0
    /// A single cell's noise stays below this many standard deviations.
    private static let noiseDeviations = 3.0
    /// How far a voxel's tissue reaches, in mm: beyond, nothing changes it.
    static let reachMm = 3 * (scaleMm + wideScaleMm) + 3 * cellMm

    init(low image: Volume<Int16>, high other: Volume<Int16>, paths: PathMap, noise: NoiseEstimate) {
        let g = image.geometry
        func voxels(_ spacing: Double) -> Int { max(1, Int((Self.cellMm / spacing).rounded())) }
        // Cells along slices divide the path map's slabs: a part of a scan then has the same cells as the whole.
        let wanted = voxels(g.sliceSpacingMm)
        let slab = paths.voxelsPerCell.slice
        let along = (1...slab).filter { slab % $0 == 0 }.min { abs($0 - wanted) < abs($1 - wanted) } ?? 1
        voxelsPerCell = (voxels(g.columnSpacingMm), voxels(g.rowSpacingMm), along)
        let means = CellMeans(image, other, voxelsPerCell: voxelsPerCell, airHU: Self.airHU)
        low = means.low
        high = means.high
        fatVariance = Volume(geometry: means.low.geometry, repeating: 0)
        smooth(means, paths: paths, noise: noise)
    }

    /// At the cell that holds a voxel.
    func value(_ i: Int, _ j: Int, _ k: Int) -> (low: Double, high: Double, fatVariance: Double) {
        let (a, b, c) = (i / voxelsPerCell.column, j / voxelsPerCell.row, k / voxelsPerCell.slice)
        return (Double(low[a, b, c]), Double(high[a, b, c]), Double(fatVariance[a, b, c]))
    }

    private mutating func smooth(_ means: CellMeans, paths: PathMap, noise: NoiseEstimate) {
        let tissue = Self.tissue(means, paths: paths, per: voxelsPerCell, noise: noise)
        var weight = Volume<Float>(geometry: low.geometry, repeating: 0)
        var square = weight
        let line = FatLine(paths.typical, noise: noise.voxel)
        for n in weight.voxels.indices {
            if tissue.voxels[n] != 0 {
                weight.voxels[n] = 1
                let fat = line.fraction(low.voxels[n], high.voxels[n])
                square.voxels[n] = fat * fat
            } else {
                low.voxels[n] = 0
                high.voxels[n] = 0
            }
        }
        for field in [\TissueField.low, \.high] as [WritableKeyPath<TissueField, Volume<Float>>] {
            self[keyPath: field].spread(Self.scaleMm, Self.wideScaleMm, Self.wideShare)
        }
        square.spread(Self.scaleMm, Self.wideScaleMm, Self.wideShare)
        var support = weight
        support.smooth(sigmaMm: Self.scaleMm)
        weight.spread(Self.scaleMm, Self.wideScaleMm, Self.wideShare)
        let least = Self.leastFatDeviation * Self.leastFatDeviation
        let (muscleLow, muscleHigh) = (Float(paths.typical.low.muscleHU), Float(paths.typical.high.muscleHU))
        for n in weight.voxels.indices {
            let total = weight.voxels[n]
            guard total > 1e-6 else {
                (low.voxels[n], high.voxels[n], fatVariance.voxels[n]) = (muscleLow, muscleHigh, 0.25)
                continue
            }
            low.voxels[n] /= total
            high.voxels[n] /= total
            let fat = line.fraction(low.voxels[n], high.voxels[n])
            let matrix = Float(DepositMatrix(around: Double(fat)).fatDeviation)
            let scatter = max(square.voxels[n] / total - fat * fat, least)
            fatVariance.voxels[n] = scatter + (1 - min(1, support.voxels[n])) * matrix * matrix
        }
    }

    /// 1 where a cell is soft tissue and no neighbour holds mineral or air.
    ///
    /// The free solution tells weak mineral in fat from muscle, with much noise: where a limit within the noise would cut
    /// off one side of it, the tissue that is left would be biased. It is judged on the mean of a cell's neighbourhood,
    /// and alone where it stands out of the noise.
    /// - Parameter first: the voxel of the images with which the cells begin.
    static func tissue(
        _ means: CellMeans, paths: PathMap, per: (column: Int, row: Int, slice: Int), noise: NoiseEstimate,
        from first: (Int, Int, Int) = (0, 0, 0)
    ) -> Volume<UInt8> {
        let g = means.low.geometry
        var blocked = Volume<UInt8>(geometry: g, repeating: 0)
        let around = means.aroundEachCell(sigmaMm: scaleMm)
        let weights = ConstrainedForm(paths.typical, noise: NoiseCovariance(low: 1, high: 1)).coefficients
        let free = ThreeMaterialForm(paths.typical).mineral
        let share = noise.correlationVoxels / Double(per.column * per.row * per.slice)
        let deviation = (share * noise.voxel.quadratic(free.low, free.high)).squareRoot()
        func response(_ n: Int) -> PairResponse {
            let (i, j, k) = g.coordinates(n)
            return paths.response(
                first.0 + i * per.column + per.column / 2, first.1 + j * per.row + per.row / 2,
                first.2 + k * per.slice + per.slice / 2)
        }
        blocked.update { n, isBlocked in
            if means.hasAir.voxels[n] != 0 {
                isBlocked = 1
                return
            }
            let response = response(n)
            let (x, y) = (Double(means.low.voxels[n]), Double(means.high.voxels[n]))
            let onMuscle =
                (weights[0] * (x - response.low.muscleHU) + weights[2] * (y - response.high.muscleHU)) / weights[6]
            let free = MaterialDecomposition(response: response).threeMaterials(lowHU: x, highHU: y).mgPerCm3
            if onMuscle > mineralOnMuscle || free > mineralFree + noiseDeviations * deviation { isBlocked = 1 }
        }
        let alone = blocked
        blocked.update { n, isBlocked in
            guard alone.voxels[n] == 0 else { return }
            let free = MaterialDecomposition(response: response(n)).threeMaterials(
                lowHU: Double(around.low.voxels[n]), highHU: Double(around.high.voxels[n])
            ).mgPerCm3
            if free > mineralFree { isBlocked = 1 }
        }
        let near = blocked.dilated(byMm: 1.01 * max(g.columnSpacingMm, g.rowSpacingMm))
        return Volume(geometry: g, voxels: near.voxels.map { $0 == 0 ? 1 : 0 })
    }
}

extension Volume where Element == Float {
    /// A narrow Gaussian and a share of a wide one after it.
    fileprivate mutating func spread(_ narrowMm: Double, _ wideMm: Double, _ share: Float) {
        smooth(sigmaMm: narrowMm)
        add(gaussianSmoothed(sigmaMm: wideMm), times: share)
    }
}

/// The place of tissue on the line from muscle to fat.
struct FatLine {
    private let low, high, constant: Float

    init(_ response: PairResponse, noise: NoiseCovariance) {
        let fatLow = response.low.adiposeHU - response.low.muscleHU
        let fatHigh = response.high.adiposeHU - response.high.muscleHU
        let weights = noise.solve(fatLow, fatHigh)
        let norm = weights.0 * fatLow + weights.1 * fatHigh
        (low, high) = (Float(weights.0 / norm), Float(weights.1 / norm))
        constant = -Float((weights.0 * response.low.muscleHU + weights.1 * response.high.muscleHU) / norm)
    }

    func fraction(_ x: Float, _ y: Float) -> Float { low * x + high * y + constant }

    /// Of the place for images with such noise.
    func variance(_ noise: NoiseCovariance) -> Double { noise.quadratic(Double(low), Double(high)) }
}
