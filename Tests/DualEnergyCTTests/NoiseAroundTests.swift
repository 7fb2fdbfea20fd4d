import DualEnergyCT
import Testing

/// Faint pieces against what the tissue around them does by noise.
struct NoiseAroundTests {
    /// A screw takes the photons of the slices that it lies in.
    @Test func theFloorFollowsTheNoiseOfItsSlice() throws {
        let scene = LimbScene().scene
        var input = scene.images(seed: 3)
        let calm = try #require(TissueFields(input))
        #expect(calm.starvation.allSatisfy { $0 == 1 })
        let starved = scene.images(seed: 4, noiseLow: 45, noiseHigh: 36)
        let g = scene.geometry
        let slices = 9..<12
        for n in g.index(0, 0, slices.lowerBound)..<g.index(0, 0, slices.upperBound) {
            (input.low.voxels[n], input.high.voxels[n]) = (starved.low.voxels[n], starved.high.voxels[n])
        }
        let fields = try #require(TissueFields(input))
        for k in 0..<g.slices {
            if slices.contains(k) {
                #expect((2...4).contains(fields.starvation[k]), "\(k): \(fields.starvation[k])")
            } else if !(slices.lowerBound - 1...slices.upperBound).contains(k) {
                #expect(fields.starvation[k] == 1)
            }
        }
        let found = segment(input).componentIndex
        #expect(found.voxels.allSatisfy { $0 == 0 })
    }

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
