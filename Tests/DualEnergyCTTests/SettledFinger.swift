import DualEnergyCT
import Testing

/// The surface of a painted finger's bones, as the segmentation settles it.
struct SettledFinger {
    let finger: FingerScene
    let surface: BoneSurface
    let height: BoneHeights
    let fields: TissueFields
    let rules: CandidateRules
    let solver: TwoEnergySolver

    init() throws {
        finger = FingerScene()
        let input = finger.scene.images(seed: 5)
        let fields = try #require(TissueFields(input))
        let solver = TwoEnergySolver(input)
        let edge = CandidateFinder(input: input, fields: fields, solver: solver).edge
        let seeds = MarrowSeeds.find(fields, solver: solver, input: input)
        var surface = BoneSurface(seeds: seeds, fields: fields, edge: edge)
        surface.settleThickness()
        self.surface = surface
        self.solver = solver
        self.fields = fields
        rules = CandidateRules(input: input)
        height = BoneHeights(surface: surface, skinDistanceMm: fields.skinDistanceMm)
    }

    func voxel(_ place: SIMD3<Float>) -> Int {
        let v = place / finger.scene.geometry.spacingMm
        return finger.scene.geometry.index(Int(v.x.rounded()), Int(v.y.rounded()), Int(v.z.rounded()))
    }
}
