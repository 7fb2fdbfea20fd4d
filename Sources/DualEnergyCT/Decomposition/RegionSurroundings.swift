/// The soft tissue around a region, without the region and what it blurs into, without mineral and air.
struct RegionSurroundings {
    /// Mean CT numbers in HU, and the variance of the fat fraction from place to place.
    let low: Double
    let high: Double
    let fatVariance: Double

    /// Beside what touches the region, tissue counts the less the further away it is.
    private static let scaleMm = 3.0
    private static let reachMm = 9.0
    /// Weak mineral stands out of the tissue around it by this many mg/cm3 in the free solution, over these distances:
    /// the level itself says nothing, water reads 30 on the line from fat to muscle.
    private static let weakMineral = 15.0
    private static let nearMm = 1.6
    private static let wideMm = 6.0
    /// With less tissue than this in sight, in cells, nothing is said.
    private static let leastCells = 4.0

    /// - Parameter places: of the region's voxels.
    /// - Returns: nil where there is hardly any soft tissue around the region.
    init?(_ mapper: MaterialMapper, places: [(Int, Int, Int)]) {
        let per = mapper.tissue.voxelsPerCell
        let g = mapper.geometry
        func range(_ values: [Int], _ per: Int, _ spacing: Double, _ count: Int) -> Range<Int> {
            let margin = Int(Self.reachMm / spacing)
            let first = max(0, (values.min() ?? 0) - margin) / per * per
            return first..<min(count, (values.max() ?? 0) + margin + 1)
        }
        let box = VoxelBox(
            columns: range(places.map(\.0), per.column, g.columnSpacingMm, g.columns),
            rows: range(places.map(\.1), per.row, g.rowSpacingMm, g.rows),
            slices: range(places.map(\.2), per.slice, g.sliceSpacingMm, g.slices))
        let first = (box.columns.lowerBound, box.rows.lowerBound, box.slices.lowerBound)
        let means = CellMeans(
            mapper.pair.low.cropped(to: box), mapper.pair.high.cropped(to: box), voxelsPerCell: per,
            airHU: TissueField.airHU)
        let cells = means.low.geometry
        var tissue = TissueField.tissue(means, paths: mapper.paths, per: per, noise: mapper.noise, from: first)
        Self.removeWeakMineral(from: &tissue, means, mapper)
        var region = Volume<UInt8>(geometry: cells, repeating: 0)
        for (i, j, k) in places {
            region[(i - first.0) / per.column, (j - first.1) / per.row, (k - first.2) / per.slice] = 1
        }
        let touching = 1.01 * max(cells.columnSpacingMm, cells.rowSpacingMm)
        let distances = region.squaredDistancesMm2(capMm: 2 * Self.reachMm)
        let share = mapper.noise.correlationVoxels / Double(per.column * per.row * per.slice)
        let line = FatLine(mapper.paths.typical, noise: mapper.noise.voxel)
        var (x, y, fat, square, total) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for n in tissue.voxels.indices where tissue.voxels[n] != 0 {
            let distance = Double(distances.voxels[n]).squareRoot()
            guard distance > touching else { continue }
            let away = (distance - touching) / Self.scaleMm
            let weight = exponential(-0.5 * away * away)
            let fraction = Double(line.fraction(means.low.voxels[n], means.high.voxels[n]))
            x += weight * Double(means.low.voxels[n])
            y += weight * Double(means.high.voxels[n])
            fat += weight * fraction
            square += weight * fraction * fraction
            total += weight
        }
        guard total > Self.leastCells else { return nil }
        (low, high) = (x / total, y / total)
        fatVariance = max(0, square / total - fat / total * fat / total - share * line.variance(mapper.noise.voxel))
    }

    private static func removeWeakMineral(
        from tissue: inout Volume<UInt8>, _ means: CellMeans, _ mapper: MaterialMapper
    ) {
        let form = ThreeMaterialForm(mapper.paths.typical).mineral
        var weight = Volume<Float>(geometry: tissue.geometry, repeating: 0)
        var mineral = weight
        for n in tissue.voxels.indices where tissue.voxels[n] != 0 {
            weight.voxels[n] = 1
            mineral.voxels[n] = Float(form(Double(means.low.voxels[n]), Double(means.high.voxels[n])))
        }
        let (near, nearWeight) = (
            mineral.gaussianSmoothed(sigmaMm: nearMm), weight.gaussianSmoothed(sigmaMm: nearMm)
        )
        let (wide, wideWeight) = (
            mineral.gaussianSmoothed(sigmaMm: wideMm), weight.gaussianSmoothed(sigmaMm: wideMm)
        )
        var weak = Volume<UInt8>(geometry: tissue.geometry, repeating: 0)
        for n in tissue.voxels.indices where tissue.voxels[n] != 0 {
            let excess = near.voxels[n] / nearWeight.voxels[n] - wide.voxels[n] / wideWeight.voxels[n]
            if Double(excess) > weakMineral { weak.voxels[n] = 1 }
        }
        let g = tissue.geometry
        let reached = weak.dilated(byMm: 1.01 * max(g.columnSpacingMm, g.rowSpacingMm))
        for n in tissue.voxels.indices where reached.voxels[n] != 0 { tissue.voxels[n] = 0 }
    }
}
