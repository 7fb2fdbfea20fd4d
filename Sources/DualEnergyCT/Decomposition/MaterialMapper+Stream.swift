extension MaterialMapper {
    /// Slices that are mapped with one look at their surroundings, and how far that look goes, in mm.
    private static let chunkMm = 24.0
    private static let surroundingsMm = 12.0

    /// Maps of a scan that is not in memory: what is held at a time does not grow with the scan.
    ///
    /// Noise is measured in a few parts of the whole scan, paths and tissue in chunks with 12 mm on both sides. Threads
    /// share a scan by taking slices of their own each.
    /// - Parameters:
    ///   - grid: of the whole scan.
    ///   - slices: those to map.
    ///   - read: gives the pair of some slices, on the grid cut to them.
    ///   - write: takes the maps of some slices in the order of `maps`; slabs come in order.
    public static func stream(
        _ grid: GridGeometry, _ slices: Range<Int>, _ maps: [MaterialMap],
        options: DecompositionOptions = DecompositionOptions(), read: (Range<Int>) throws -> DualEnergyPair,
        write: (Range<Int>, [[Float]]) throws -> Void
    ) rethrows {
        var estimates: [NoiseEstimate] = []
        for part in NoiseSample.slices(of: grid.slices) {
            let pair = try read(part)
            if let estimate = NoiseEstimate.measure(low: pair.low, high: pair.high) { estimates.append(estimate) }
        }
        let noise = NoiseSample.median(estimates) ?? assumedNoise
        let mean =
            options.keepsEdges
            ? MeanNoise.measure(
                noise.voxel,
                try NoiseSample.slices(of: grid.slices).map {
                    let pair = try read($0)
                    return (pair.low, pair.high)
                }) : nil
        let unit = PathMap.slicesPerCell(spacingMm: grid.sliceSpacingMm)
        func units(_ mm: Double) -> Int { max(1, Int((mm / grid.sliceSpacingMm / Double(unit)).rounded(.up))) * unit }
        let (chunk, margin) = (units(chunkMm), units(surroundingsMm))
        let area = grid.columns * grid.rows
        var buffers: [[Float]] = []
        for first in stride(from: slices.lowerBound / unit * unit, to: slices.upperBound, by: chunk) {
            let around = max(0, first - margin)..<min(grid.slices, first + chunk + margin)
            let mapper = MaterialMapper(pair: try read(around), options: options, noise: noise, mean: mean)
            let wanted = max(first, slices.lowerBound)..<min(first + chunk, slices.upperBound)
            for slab in stride(from: wanted.lowerBound, to: wanted.upperBound, by: unit) {
                let part = slab..<min(slab + unit, wanted.upperBound)
                if buffers.first?.count != part.count * area {
                    buffers = maps.map { _ in [Float](repeating: 0, count: part.count * area) }
                }
                let own = (part.lowerBound - around.lowerBound)..<(part.upperBound - around.lowerBound)
                mapper.write(own, maps, into: &buffers)
                try write(part, buffers)
            }
        }
    }
}
