/// What bone and other deposits blur into the surroundings of a deposit, in HU at each voxel.
///
/// The excess over tissue inside all mineral is traced back to sources that lie in the mineral's masks and explain it
/// when blurred (constrained iterations after Van Cittert, Physica 18, 1931). Those outside the deposit then give what
/// they spill. A thin cortex shows less than its density and spills accordingly; so does a small neighbour.
struct MineralSpill {
    let low: [Float]
    let high: [Float]
    /// What a shift of the bone's surface by 1 mm would add, in HU.
    let edgeLow: [Float]
    let edgeHigh: [Float]
    /// Change of the blurred step of unit height for 1 mm.
    let slope: [Float]

    private static let iterations = 6
    /// How far the edge of bone is followed, in standard deviations of the blur.
    private static let edgeDeviations = 3.0

    /// - Parameter excess: over the tissue, in HU.
    init(_ region: DepositRegion, low excessLow: [Float], high excessHigh: [Float], context: MeasurementContext) {
        let count = excessLow.count
        var isSource = [Bool](repeating: false, count: count)
        var isOwn = isSource
        var hasOthers = false
        for n in 0..<count {
            isOwn[n] = region.mask.voxels[n] != 0
            let label = region.labels.voxels[n]
            isSource[n] =
                isOwn[n] || label == TissueLabel.bone || label == TissueLabel.deposit || label == TissueLabel.metal
            hasOthers = hasOthers || (isSource[n] && !isOwn[n])
        }
        let none = [Float](repeating: 0, count: count)
        guard hasOthers else {
            (low, high, edgeLow, edgeHigh, slope) = (none, none, none, none, none)
            return
        }
        let g = region.geometry
        func spill(_ excess: [Float]) -> (spill: [Float], strongest: Volume<Float>) {
            var sources = Volume<Float>(geometry: g, repeating: 0)
            for n in 0..<count where isSource[n] { sources.voxels[n] = excess[n] }
            for _ in 0..<Self.iterations {
                let seen = context.blurred(sources)
                for n in 0..<count where isSource[n] { sources.voxels[n] += excess[n] - seen.voxels[n] }
            }
            for n in 0..<count where isOwn[n] { sources.voxels[n] = 0 }
            let spill = context.blurred(sources).voxels
            for n in 0..<count where region.labels.voxels[n] != TissueLabel.bone { sources.voxels[n] = 0 }
            return (spill, sources.maximumFiltered(radiusMm: 1.2))
        }
        let (lowSpill, lowPeak) = spill(excessLow)
        let (highSpill, highPeak) = spill(excessHigh)
        (low, high) = (lowSpill, highSpill)
        var (edgeLow, edgeHigh, slope) = (none, none, none)
        let sigma = context.pointSpreadSigmaMm
        for n in 0..<count {
            let distance = region.boneSurfaceMm(n)
            let nearest = Int(region.toBone.nearest[n])
            guard nearest >= 0, distance < Self.edgeDeviations * sigma else { continue }
            slope[n] = Float(exponential(-distance * distance / (2 * sigma * sigma)) / (sigma * 2.50663))
            edgeLow[n] = slope[n] * max(0, lowPeak.voxels[nearest])
            edgeHigh[n] = slope[n] * max(0, highPeak.voxels[nearest])
        }
        (self.edgeLow, self.edgeHigh, self.slope) = (edgeLow, edgeHigh, slope)
    }
}
