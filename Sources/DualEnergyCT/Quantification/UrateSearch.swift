/// Finds what may be monosodium urate: denser than any soft tissue, with less contrast between the energies than
/// calcium.
package struct UrateSearch {
    /// CT number at low energy above which gout imaging looks for urate: 150 HU is the established floor of the window.
    static let floorHU = 150.0
    /// Tendon, cartilage and muscle end below it, calcified tissue starts above.
    static let ceilingHU = 900.0
    /// Nail plates and thick skin have the ratio of urate: what lies this near the skin's surface is left out by place.
    static let skinMarginMm = 2.5
    /// Edges of bone and deposits mix to any ratio: their blur in standard deviations of the point spread.
    static let mineralMarginDeviations = 2.5
    /// A ball of 2.5 mm: smaller spots are artefacts in most patients.
    package static let minimumVolumeMm3 = 8.0
    /// Standard deviation in mm of the pooling before the threshold.
    static let poolingMm = 0.8

    /// From the centre of the last mineral voxel, in mm: half a voxel more than from its surface.
    static func marginMm(_ context: MeasurementContext) -> Double {
        let g = context.low.geometry
        return mineralMarginDeviations * context.pointSpreadSigmaMm
            + (g.columnSpacingMm + g.rowSpacingMm + g.sliceSpacingMm) / 6
    }

    /// What the pooled images must exceed in HU.
    static func floors(_ context: MeasurementContext) -> (low: Double, high: Double) {
        let muscle = context.paths.typical
        // Pooling leaves the share of noise that a Gaussian of this width passes.
        let grainMm3 = context.noise.correlationVoxels * context.low.geometry.voxelVolumeMm3
        let pooledMm3 = 8 * 5.568 * poolingMm * poolingMm * poolingMm
        let passed = min(1, grainMm3 / pooledMm3).squareRoot()
        return (
            max(floorHU, muscle.low.muscleHU + 5 * passed * context.noise.voxel.low.squareRoot()),
            max(0.85 * floorHU, muscle.high.muscleHU + 5 * passed * context.noise.voxel.high.squareRoot())
        )
    }

    /// Linear voxel indices of each candidate, in the order of their first voxels.
    package static func candidates(_ context: MeasurementContext) -> [[Int]] {
        let g = context.low.geometry
        let labels = context.segmentation.labels
        let mineral: Volume<UInt8> = labels.map { $0 == TissueLabel.none || $0 == TissueLabel.excluded ? 0 : 1 }
        let marginMm = marginMm(context)
        let toMineral = mineral.squaredDistancesMm2(capMm: marginMm + 1)
        let ratio = MaterialRatio(response: context.paths.typical, noise: context.noise.voxel)
        let muscle = context.paths.typical
        var low = context.low.asFloat
        var high = context.high.asFloat
        low.smooth(sigmaMm: poolingMm)
        high.smooth(sigmaMm: poolingMm)
        let (floorLow, floorHigh) = floors(context)
        let margin = Float(marginMm * marginMm)
        let skin = context.segmentation.distanceToSkinMm
        let mask = Volume<UInt8>(geometry: g) { range, mask in
            for n in range {
                let (a, b) = (low.voxels[n], high.voxels[n])
                let isDense = a > Float(floorLow) && b > Float(floorHigh) && a < Float(ceilingHU)
                let isClear = isDense && skin.voxels[n] > Float(skinMarginMm) && toMineral.voxels[n] > margin
                let (x, y) = (Double(a) - muscle.low.muscleHU, Double(b) - muscle.high.muscleHU)
                (mask + n).initialize(to: isClear && x < ratio.boundary * y ? 1 : 0)
            }
        }
        let components = ConnectedComponents(of: mask, connectivity: .faces)
        let least = Int(minimumVolumeMm3 / g.voxelVolumeMm3)
        return components.voxelLists().filter { $0.count >= least }
    }
}
