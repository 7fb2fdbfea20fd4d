/// The marrow cavities: what mineral encloses in at least two families of planes.
///
/// A gap between two bones, or between a bone and a sheath, is open in most planes; marrow is closed in two or three.
package enum MarrowSeeds {
    /// A rim of less than this density, in mg/cm3 on muscle, is skin, tendon or noise.
    static let leastRim: Float = 70
    /// Least depth of a cavity below its rim in mg/cm3, and in standard deviations of noise.
    static let leastDepth: Float = 25
    static let leastDepthInNoise: Float = 8
    /// A rim of this density is cortex, whatever the inside reads through its blur.
    static let corticalRim: Float = 250
    /// Fat and, in mg/cm3, mineral of which marrow has at least one.
    static let leastFat: Float = 0.15
    static let leastSpongiosa: Float = 30
    static let leastVolumeMm3 = 1.5
    static let leastDeepVolumeMm3 = 0.5

    package static func find(_ fields: TissueFields, solver: TwoEnergySolver, input: SegmentationInput) -> Volume<UInt8>
    {
        let fine = SeedScale(fields, input)
        let depths = twoDeepest(fine)
        var seeds = keepMarrow(depths.second, on: fine, solver: solver)
        if let coarse = SeedScale(coarsened: fields, input, solver: solver) {
            // Where single voxels show most of a cavity they show its wall better, too.
            let wide = keepMarrow(twoDeepest(coarse).second, on: coarse, solver: solver)
            for cells in ConnectedComponents(of: wide, connectivity: .faces).voxelLists() {
                let voxels = cells.flatMap(coarse.voxels)
                let known = voxels.count { seeds.voxels[$0] != 0 }
                if 2 * known < voxels.count { for n in voxels { seeds.voxels[n] = 1 } }
            }
        }
        addTapers(to: &seeds, deepest: depths.first, fields: fields)
        dropCrumbs(from: &seeds)
        return seeds
    }

    /// Takes away what is too small to be a cavity and continues none: the few rays from it would tell the thickness of a
    /// cortex by what lies beyond it.
    private static func dropCrumbs(from seeds: inout Volume<UInt8>) {
        let voxelMm3 = seeds.geometry.voxelVolumeMm3
        let parts = ConnectedComponents(of: seeds, connectivity: .facesEdgesAndCorners).voxelLists()
        for part in parts where Double(part.count) * voxelMm3 < leastVolumeMm3 {
            for n in part { seeds.voxels[n] = 0 }
        }
    }

    /// The largest and the second largest of the three plane families' depths.
    private static func twoDeepest(_ scale: SeedScale) -> (first: Volume<Float>, second: Volume<Float>) {
        scale.onMuscle.deepestCavities(outlet: scale.outlet, range: -40...1600)
    }

    /// What is deep enough, but for what is too small, too shallow, or small and without fat: the inside of a ring of
    /// calcium.
    private static func keepMarrow(
        _ depth: Volume<Float>, on scale: SeedScale, solver: TwoEnergySolver
    ) -> Volume<UInt8> {
        let limit = max(leastDepth, leastDepthInNoise * scale.noise)
        var candidates = Volume<UInt8>(geometry: scale.geometry, repeating: 0)
        candidates.update { n, isIn in
            let depth = depth.voxels[n]
            if depth > limit, depth + max(scale.onMuscle.voxels[n], -40) > leastRim,
                scale.skinDistanceMm.voxels[n] > 1.5
            {
                isIn = 1
            }
        }
        let voxelVolume = candidates.geometry.voxelVolumeMm3
        let components = ConnectedComponents(of: candidates, connectivity: .faces)
        var result = Volume<UInt8>(geometry: candidates.geometry, repeating: 0)
        for voxels in components.voxelLists() {
            let volume = Double(voxels.count) * voxelVolume
            guard volume >= leastVolumeMm3 else { continue }
            let deep = voxels.lazy.filter { depth.voxels[$0] > 2 * limit }.count
            guard Double(deep) * voxelVolume >= leastDeepVolumeMm3 else { continue }
            var rim: Float = 0
            for n in voxels { rim = max(rim, depth.voxels[n] + scale.onMuscle.voxels[n]) }
            let inside = scale.mixture(voxels, solver)
            // Fatty marrow reads 0.5 to 1; the matrix of a deposit seldom holds fat.
            if volume < 60 && rim < corticalRim && inside.fat < leastFat { continue }
            // Blood within a calcified wall holds neither fat nor spongiosa, red marrow both: in the deepest part, clear
            // of the wall's blur. The cortex around hardens the beam and tears both energies apart, so that the solution
            // with both free may read no fat in fat: what is darker than blood in both is fat all the same.
            let deepest = voxels.reduce(Float(0)) { max($0, depth.voxels[$1]) }
            let core = scale.mixture(voxels.filter { depth.voxels[$0] > 0.75 * deepest }, solver)
            if max(core.fat, core.fatAlone) < leastFat && core.density < leastSpongiosa { continue }
            for n in voxels { result.voxels[n] = 1 }
        }
        return result
    }

    /// Adds cavities that are closed in one family only where they continue a seed: tapering ends.
    private static func addTapers(to seeds: inout Volume<UInt8>, deepest: Volume<Float>, fields: TissueFields) {
        let reach = seeds.squaredDistancesMm2(capMm: 2.5)
        seeds.update { n, seed in
            if seed == 0, reach.voxels[n] <= 4, deepest.voxels[n] > 60,
                deepest.voxels[n] + max(fields.onMuscle.voxels[n], -40) > leastRim
            {
                seed = 1
            }
        }
    }
}
