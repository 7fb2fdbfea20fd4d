/// How much noisier than the images as a whole each part of them is.
///
/// Through both hips a ray meets several times the tissue that it meets beside them: in one pelvis noise changes by a
/// factor of four from the skin to the line between the femoral heads, where it runs in streaks. One standard deviation
/// for all would call those streaks calcium.
struct NoiseUnevenness: Sendable {
    private let factors: Volume<Float>
    private let block: SIMD3<Int>
    private let fine: GridGeometry

    /// Width in mm of the cells in which noise is measured: several times the grain of streaks, a fraction of the body.
    static let cellMm = 12.0
    /// Noise is measured in a cell of which soft tissue fills this share, over this many samples at least, so that chance
    /// moves it by less than the tolerance; the others take it from those around them.
    static let leastShare = 0.5
    static let fewest = 150
    /// Tissue lies this deep under the skin in mm and differs by no more than this from the local tissue in mg/cm3: the
    /// rest is mineral, marrow and gas.
    static let leastSkinMm: Float = 2.5
    static let mostDensity: Float = 60
    /// Cells differ by chance and by the texture of their tissue by this factor.
    static let tolerance: Float = 1.15

    /// - Parameters:
    ///   - density: on the local tissue, in mg/cm3.
    ///   - noise: its standard deviation if noise were the same everywhere.
    init(density: Volume<Float>, noise: Volume<Float>, skinDistanceMm: Volume<Float>) {
        let g = density.geometry
        func count(_ spacing: Double) -> Int { max(1, Int((Self.cellMm / spacing).rounded())) }
        let block = SIMD3(count(g.columnSpacingMm), count(g.rowSpacingMm), count(g.sliceSpacingMm))
        let grid = skinDistanceMm.blockMeans(block).geometry
        let deviations = Volume<Float>(geometry: grid) { range, deviations in
            var sample: [Float] = []
            for cell in range {
                sample.removeAll(keepingCapacity: true)
                let c = grid.coordinates(cell)
                let all = Self.visit(c, block, g) { n in
                    let value = density.voxels[n]
                    if skinDistanceMm.voxels[n] > Self.leastSkinMm, abs(value) < Self.mostDensity {
                        sample.append(value / noise.voxels[n])
                    }
                }
                let isTissue = sample.count >= max(Self.fewest, Int(Self.leastShare * Double(all)))
                (deviations + cell).initialize(to: isTissue ? Self.lowerDeviation(&sample) : 0)
            }
        }
        var weight: Volume<Float> = deviations.map { $0 > 0 ? 1 : 0 }
        var mean = deviations
        mean.smooth(sigmaMm: 0.5 * Self.cellMm)
        weight.smooth(sigmaMm: 0.5 * Self.cellMm)
        mean.update { n, value in
            value = weight.voxels[n] > 1e-3 ? max(1, value / weight.voxels[n] / Self.tolerance) : 1
        }
        (factors, self.block, fine) = (mean, block, g)
    }

    /// Calls `body` with every other voxel along columns and rows of a cell: noise is correlated.
    ///
    /// - Returns: their number.
    private static func visit(
        _ c: (i: Int, j: Int, k: Int), _ block: SIMD3<Int>, _ g: GridGeometry, _ body: (Int) -> Void
    ) -> Int {
        var all = 0
        for k in (c.k * block.z)..<min((c.k + 1) * block.z, g.slices) {
            for j in stride(from: c.j * block.y, to: min((c.j + 1) * block.y, g.rows), by: 2) {
                for i in stride(from: c.i * block.x, to: min((c.i + 1) * block.x, g.columns), by: 2) {
                    all += 1
                    body(g.index(i, j, k))
                }
            }
        }
        return all
    }

    /// Standard deviation from the lower half: calcium and the blur of bone only add.
    private static func lowerDeviation(_ sample: inout [Float]) -> Float {
        sample.sort()
        return sample[sample.count / 2] - sample[Int(0.1587 * Float(sample.count))]
    }

    /// Factor by which noise at a voxel exceeds what it is in the images as a whole; at least 1.
    @inline(__always)
    subscript(n: Int) -> Float {
        let c = fine.coordinates(n)
        return factors[c.i / block.x, c.j / block.y, c.k / block.z]
    }
}
