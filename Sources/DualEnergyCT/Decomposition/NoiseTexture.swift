/// How much noise a mean over voxels keeps: the covariance of both images and its autocorrelation, measured nearby.
///
/// Second differences along the slices take the anatomy away and leave the noise; over a few slices they are independent,
/// so the differences have the texture in the plane that the noise has.
struct NoiseTexture: Sendable {
    /// Of one voxel, in HU squared.
    let voxel: NoiseCovariance
    private let reach: (column: Int, row: Int, slice: Int)
    /// By lag (column, row, slice) from minus to plus the reach; 1 at lag 0.
    private let correlation: [Double]

    private static let reachMm = 2.5
    private static let lagMm = 1.5
    private static let softTissueHU: ClosedRange<Int16> = -250...250
    private static let leastSamples = 400
    private static let mostSamples = 30_000

    /// Nil where there are too few slices or too little soft tissue in the box.
    init?(low: Volume<Int16>, high: Volume<Int16>, box: VoxelBox) {
        let g = low.geometry
        let lag = max(2, Int((Self.lagMm / g.sliceSpacingMm).rounded(.up)))
        func voxels(_ spacing: Double) -> Int { max(1, min(6, Int((Self.reachMm / spacing).rounded()))) }
        reach = (voxels(g.columnSpacingMm), voxels(g.rowSpacingMm), lag / 2)
        let area = g.columns * g.rows
        func isSoft(_ n: Int) -> Bool { Self.softTissueHU.contains(low.voxels[n]) }
        var samples: [Int] = []
        let slices = max(box.slices.lowerBound, lag)..<max(lag, min(box.slices.upperBound, g.slices - lag))
        for k in slices {
            for j in box.rows {
                for i in box.columns {
                    let n = g.index(i, j, k)
                    if isSoft(n), isSoft(n - lag * area), isSoft(n + lag * area) { samples.append(n) }
                }
            }
        }
        guard samples.count >= Self.leastSamples else { return nil }
        let thinning = (samples.count + Self.mostSamples - 1) / Self.mostSamples
        let isSample = Set(samples)
        let used = stride(from: 0, to: samples.count, by: thinning).map { samples[$0] }
        func difference(_ image: Volume<Int16>, _ n: Int) -> Double {
            Double(Int(image.voxels[n - lag * area]) - 2 * Int(image.voxels[n]) + Int(image.voxels[n + lag * area]))
        }
        let x = used.map { difference(low, $0) }
        let y = used.map { difference(high, $0) }
        func mean(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(a.count)
        }
        // A sixth of a second difference's variance is one voxel's. The rounding to whole HU counts as noise.
        voxel = NoiseCovariance(low: mean(x, x) / 6, high: mean(y, y) / 6, both: mean(x, y) / 6)
        var table: [Double] = []
        for dk in -reach.slice...reach.slice {
            for dj in -reach.row...reach.row {
                for di in -reach.column...reach.column {
                    let shift = g.index(di, dj, dk)
                    var (product, square) = (0.0, 0.0)
                    for (n, (a, b)) in zip(used, zip(x, y)) where isSample.contains(n + shift) {
                        let (c, d) = (difference(low, n + shift), difference(high, n + shift))
                        product += a * c / voxel.low + b * d / voxel.high
                        square += 0.5 * ((a * a + c * c) / voxel.low + (b * b + d * d) / voxel.high)
                    }
                    table.append(square > 0 ? product / square : 0)
                }
            }
        }
        correlation = table
    }

    /// The covariance of the mean over some voxels of a grid, in HU squared.
    func mean(over voxels: [Int], of g: GridGeometry) -> NoiseCovariance {
        let members = Set(voxels)
        var sum = 0.0
        var entry = 0
        for dk in -reach.slice...reach.slice {
            for dj in -reach.row...reach.row {
                for di in -reach.column...reach.column {
                    let shift = g.index(di, dj, dk)
                    let pairs = voxels.count { members.contains($0 + shift) }
                    sum += correlation[entry] * Double(pairs)
                    entry += 1
                }
            }
        }
        // The texture's tail beyond the reach is not known: a mean is never better than ten times white noise's.
        let count = Double(voxels.count)
        return (max(sum, 0.1 * count) / (count * count)) * voxel
    }
}
