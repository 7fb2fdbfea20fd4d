/// The fields in which marrow cavities are looked for: those of the images, or their means over cells of a coarse grid.
///
/// A shaft's cavity is wide, so a coarse grid still shows it, and its noise is a fraction of a voxel's: what the end of a
/// demineralised bone in thick slices holds back is less than noise allows to see in single voxels.
struct SeedScale {
    let geometry: GridGeometry
    /// Hydroxyapatite in mg/cm3 on muscle.
    let onMuscle: Volume<Float>
    /// Standard deviation of `onMuscle` in soft tissue.
    let noise: Float
    let skinDistanceMm: Volume<Float>
    /// 1 outside of the body.
    let outlet: Volume<UInt8>
    private let low: Volume<Int16>
    private let high: Volume<Int16>
    private let fine: GridGeometry
    private let block: SIMD3<Int>

    /// Width of a coarse cell in mm, about: three of them lie in the cavity of a phalanx' shaft.
    static let cellMm = 0.9
    /// Cells this far from the skin in mm, and no further from the local tissue than this in mg/cm3, tell the noise.
    private static let inTissueMm: Float = 2.5
    private static let mostOfTissue: Float = 45

    init(_ fields: TissueFields, _ input: SegmentationInput) {
        (geometry, fine) = (fields.geometry, fields.geometry)
        (onMuscle, noise) = (fields.onMuscle, fields.onMuscleNoise)
        skinDistanceMm = fields.skinDistanceMm
        outlet = fields.body.complement()
        (low, high) = (input.low, input.high)
        block = SIMD3(repeating: 1)
    }

    /// Nil where the voxels are no smaller than the cells.
    init?(coarsened fields: TissueFields, _ input: SegmentationInput, solver: TwoEnergySolver) {
        let g = fields.geometry
        func count(_ spacing: Double) -> Int { max(1, Int((Self.cellMm / spacing).rounded())) }
        block = SIMD3(count(g.columnSpacingMm), count(g.rowSpacingMm), count(g.sliceSpacingMm))
        guard block != SIMD3(repeating: 1) else { return nil }
        fine = g
        onMuscle = fields.onMuscle.blockMeans(block)
        geometry = onMuscle.geometry
        skinDistanceMm = fields.skinDistanceMm.blockMeans(block)
        let body = fields.body.map { Float($0) }.blockMeans(block)
        outlet = body.map { $0 < 0.5 ? 1 : 0 }
        low = input.low.asFloat.blockMeans(block).map { Int16($0.rounded()) }
        high = input.high.asFloat.blockMeans(block).map { Int16($0.rounded()) }
        let fat = fields.fatFraction.blockMeans(block)
        let fatOnMuscle = solver.fatOnMuscle
        var rest: [Float] = []
        for n in onMuscle.voxels.indices where skinDistanceMm.voxels[n] > Self.inTissueMm {
            let value = onMuscle.voxels[n] - fat.voxels[n] * fatOnMuscle
            if abs(value) < Self.mostOfTissue { rest.append(value) }
        }
        guard rest.count >= 16 else { return nil }
        noise = min(medianAndDeviation(rest).deviation, fields.onMuscleNoise)
    }

    /// Mineral and fat of the mean of some voxels, and the fat if there were no mineral.
    func mixture(_ voxels: [Int], _ solver: TwoEnergySolver) -> (density: Float, fat: Float, fatAlone: Float) {
        let count = Double(max(voxels.count, 1))
        let low = voxels.reduce(0.0) { $0 + Double(self.low.voxels[$1]) } / count
        let high = voxels.reduce(0.0) { $0 + Double(self.high.voxels[$1]) } / count
        let free = solver.free(Float(low), Float(high))
        return (free.density, free.fat, solver.fatFraction(Float(low), Float(high)))
    }

    /// The voxels of the images that a cell holds, by their linear index.
    func voxels(ofCell cell: Int) -> [Int] {
        let c = geometry.coordinates(cell)
        var result: [Int] = []
        for k in (c.k * block.z)..<min((c.k + 1) * block.z, fine.slices) {
            for j in (c.j * block.y)..<min((c.j + 1) * block.y, fine.rows) {
                for i in (c.i * block.x)..<min((c.i + 1) * block.x, fine.columns) { result.append(fine.index(i, j, k)) }
            }
        }
        return result
    }
}
