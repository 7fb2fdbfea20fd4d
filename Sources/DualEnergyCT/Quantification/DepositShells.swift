/// The voxels of a deposit's region in groups that share what is known of them: by how much of the deposit they show,
/// and whether bone or air blurs into them.
struct DepositShells {
    struct Shell {
        var voxels: [Int] = []
        /// Share of the deposit's mass that a deposit uniform in its mask shows in this group.
        var share = 0.0
        /// Change of the share for each mm by which the mask is too small.
        var shareByEdge = 0.0
    }

    private(set) var shells: [Shell] = []
    /// Plain tissue around, in the octants seen from the deposit's middle.
    private(set) var tissue: [[Int]] = []

    /// Borders between the groups, as shares of the largest value of the template.
    private static let levels: [Float] = [0.75, 0.4, 0.1]
    /// An octant with fewer voxels says nothing.
    private static let leastTissueVoxels = 8

    init(_ region: DepositRegion, context: MeasurementContext) {
        let g = region.geometry
        let maskMm3 = Double(region.mask.voxels.count { $0 != 0 })
        let step = (g.columnSpacingMm + g.rowSpacingMm + g.sliceSpacingMm) / 3
        let wider = context.blurred(
            Volume(
                geometry: g,
                voxels: region.toSelf.voxels.map { min(max(1 - (Float($0) - Float(step) / 2) / Float(step), 0), 1) }))
        let widerMm3 = wider.voxels.reduce(0) { $0 + Double($1) }
        // The ramp beyond the mask's last centres draws its surface out by half a voxel.
        let drawnMm = step / 2
        let peak = region.template.voxels.max() ?? 1
        var groups = [Shell](repeating: Shell(), count: 3 * (Self.levels.count + 1))
        var octants = [[Int]](repeating: [], count: 8)
        for n in region.mask.voxels.indices {
            if region.isInRegion(n) {
                let level = Self.levels.firstIndex { region.template.voxels[n] >= $0 * peak } ?? Self.levels.count
                let zone =
                    Double(region.skinMm.voxels[n]) <= DepositRegion.skinMm
                    ? 2 : region.boneSurfaceMm(n) < 2.5 * context.pointSpreadSigmaMm ? 1 : 0
                let group = zone * (Self.levels.count + 1) + level
                groups[group].voxels.append(n)
                let share = Double(region.template.voxels[n]) / maskMm3
                groups[group].share += share
                groups[group].shareByEdge += (Double(wider.voxels[n]) / widerMm3 - share) / drawnMm
            } else if region.isInShell(n) {
                let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
                octants[(i < region.centre.0 ? 0 : 1) + (j < region.centre.1 ? 0 : 2) + (k < region.centre.2 ? 0 : 4)]
                    .append(n)
            }
        }
        shells = groups.filter { !$0.voxels.isEmpty }
        tissue = octants.filter { $0.count >= Self.leastTissueVoxels }
    }
}
