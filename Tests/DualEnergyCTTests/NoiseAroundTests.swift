import DualEnergyCT
import Testing

/// Faint pieces against what the tissue around them does by noise.
struct NoiseAroundTests {
    @Test func whatStandsOutNoFurtherThanTheTissueAroundIsNoise() throws {
        let limb = LimbScene()
        let input = limb.scene.images(seed: 3)
        let fields = try #require(TissueFields(input))
        let solver = TwoEnergySolver(input)
        let finder = CandidateFinder(input: input, fields: fields, solver: solver)
        var surface = BoneSurface(
            seeds: MarrowSeeds.find(fields, solver: solver, input: input), fields: fields, edge: finder.edge)
        surface.settleThickness()
        let height = BoneHeights(surface: surface, skinDistanceMm: fields.skinDistanceMm)
        // In the middle of a muscle 26 mm wide.
        let ball = Shape.ball(limb.middle + SIMD3(-15, 2, 0), 2.2)
        let voxels = (0..<fields.geometry.voxelCount).filter { ball(fields.geometry.gridPosition($0)) < 0 }
        var piece = finder.describe(
            voxels, densities: voxels.map { fields.onMuscle.voxels[$0] }, height: height,
            widthsMm: finder.widths(of: surface))
        piece.fate = .deposit
        func fate(raisedBy density: Float) -> Candidate.Fate {
            var raised = fields
            for n in voxels {
                raised.onLocalTissue.voxels[n] += density
                raised.onMuscle.voxels[n] += density
            }
            var candidates = [piece]
            NoiseAround(fields: raised, solver: solver, height: height).sort(&candidates)
            return candidates[0].fate
        }
        #expect(fate(raisedBy: 0) == .tissue)
        #expect(fate(raisedBy: 60) == .deposit)
    }
}
