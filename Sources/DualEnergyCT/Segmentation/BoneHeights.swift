/// Height of each voxel above the expected bone surface.
package struct BoneHeights {
    let surface: BoneSurface
    let skinDistanceMm: Volume<Float>

    /// Up to this height in mm a voxel is bone.
    package static let edgeMm: Float = 0.05

    package init(surface: BoneSurface, skinDistanceMm: Volume<Float>) {
        self.surface = surface
        self.skinDistanceMm = skinDistanceMm
    }

    /// In mm: -1 in marrow, infinite where no bone is near and outside the skin.
    @inline(__always)
    package subscript(n: Int) -> Float {
        guard skinDistanceMm.voxels[n] > CandidateFinder.leastSkinDistanceMm else { return .infinity }
        let squared = surface.squaredMm2.voxels[n]
        if squared == 0 { return -1 }
        guard let p = surface.pointIndex(nearestTo: n) else { return .infinity }
        return squared.squareRoot() - surface.points[p].thickness
    }

    /// How well the height of a voxel is known for the grid's sake, in mm: half a step of the grid across the surface of
    /// the bone nearest to it, beyond half of its smallest; 0 far from bone.
    @inline(__always)
    package func stepMm(_ n: Int) -> Float {
        surface.pointIndex(nearestTo: n).map { surface.halfStepMm(along: surface.points[$0].normal) } ?? 0
    }
}

extension BoneHeights {
    /// Mean height in mm, of which none counts as more than a bone's surface reaches.
    package func meanMm(_ voxels: [Int]) -> Float {
        voxels.reduce(Float(0)) { $0 + min(self[$1], Float(BoneSurface.reachMm)) } / Float(max(voxels.count, 1))
    }
}

extension Candidate {
    /// Describes how it stands to the bones near it, of which `height` has the surface; what touches none keeps its values.
    ///
    /// - Parameter density: in mg/cm3 on muscle.
    package mutating func measure(against height: BoneHeights, density: Volume<Float>) {
        guard touchesBone else { return }
        let surface = height.surface
        meanHeightMm = height.meanMm(voxels)
        let near = voxels.filter { surface.pointIndex(nearestTo: $0) != nil }
        heightStepMm = near.reduce(0) { $0 + height.stepMm($1) } / Float(max(near.count, 1))
        guard let nearest = near.min(by: { height[$0] < height[$1] }),
            let point = surface.pointIndex(nearestTo: nearest)
        else { return }
        var (densities, densest) = (ValueHistogram(step: 8), Float(0))
        for n in voxels {
            densities.add(density.voxels[n])
            densest = max(densest, density.voxels[n])
        }
        relativeDensity = (densities.percentile(0.75) ?? densest) / max(surface.points[point].fullDensity, 1)
        let between = voxels.count {
            surface.facing($0, within: CandidateRules.widestJointMm - max(height[$0], 0)) != nil
        }
        gapShare = Double(between) / Double(voxels.count)
    }
}
