import DualEnergyCT
import Testing

/// What looks like mineral and is none of the body's: named, counted and left out.
struct ArtefactTests {
    private func segmented(_ scene: SyntheticScene, seed: UInt64) -> SegmentationResult {
        var input = scene.images(seed: seed)
        input.iodineRatio = 3.56
        return segment(input)
    }

    private func count(_ cause: Exclusion.Cause, in result: SegmentationResult) -> Int {
        result.exclusions.first { $0.cause == cause }?.count ?? 0
    }

    @Test(arguments: [Float(25), 60]) func contrastMediumInAVesselIsNamed(iodineHU: Float) {
        let limb = LimbScene(vesselRadiusMm: 3.6, inFat: false)
        var scene = limb.scene
        let vessel = limb.vessel
        scene.paint(Matter(low: 50 + 3.56 * iodineHU * 1.5, high: 44 + iodineHU * 1.5)) { p in
            Shape.length(SIMD3(p.x - vessel.x, p.y - vessel.y, 0)) - 3.6
        }
        let result = segmented(scene, seed: 4)
        #expect(result.componentCount == 0)
        #expect(count(.contrastMedium, in: result) >= 1)
    }

    @Test func aSmallLumpIsNoContrastMediumWhateverItsRatio() {
        let limb = LimbScene(vesselRadiusMm: 3.6, inFat: false)
        var scene = limb.scene
        let middle = SIMD3(limb.vessel.x, limb.vessel.y, 0.5 * scene.sizeMm.z)
        scene.paint(
            Matter(low: 50 + 3.56 * 90, high: 44 + 90), kind: .deposit, where: Shape.ball(middle, 2.4))
        let result = segmented(scene, seed: 4)
        #expect(count(.contrastMedium, in: result) == 0)
        #expect(result.labels.voxels.contains(TissueLabel.deposit))
    }

    /// Nothing of the body is that dense without calcium.
    @Test func glassIsAForeignBodyAndNoUrate() {
        let limb = LimbScene()
        var scene = limb.scene
        scene.paint(Matter(low: 2200, high: 1750), where: Shape.ball(limb.middle + SIMD3(-15, 2, 4), 1.6))
        let result = segmented(scene, seed: 6)
        #expect(count(.foreignBody, in: result) == 1)
        #expect(result.componentCount == 0)
    }

    @Test func aDenseTendonIsNoUrate() {
        let limb = LimbScene()
        var scene = limb.scene
        let at = limb.middle + SIMD3(-15, 2, 0)
        scene.paint(
            Matter(low: 178, high: 196),
            where: Shape.rod(from: at - SIMD3(0, 0, 14), to: at + SIMD3(1, 1, 14)) { _ in 2 })
        let result = segmented(scene, seed: 9)
        #expect(result.componentCount == 0)
        #expect(count(.tendon, in: result) == 1)
    }

    @Test func aBarBesideTheLimbIsOutsideTheSkin() {
        let limb = LimbScene()
        var scene = limb.scene
        let at = limb.middle + SIMD3(31, 31, 0)
        scene.paint(
            Matter(low: 420, high: 380),
            where: Shape.rod(from: at - SIMD3(0, 1, 15), to: at + SIMD3(0, 1, 15)) { _ in 1.6 })
        let result = segmented(scene, seed: 5)
        #expect(result.componentCount == 0)
        #expect(count(.outsideSkin, in: result) == 1)
    }

    /// Between dense bones both images are a little wrong: lean tissue then reads as faint calcium in fat does.
    @Test func leanTissueBesideBoneThatReadsAsCalciumInFatIsHardening() throws {
        let (rules, deposit) = try aDepositOfAFinger(besides: 15)
        var candidate = deposit
        candidate.leastHeightMm = 2
        candidate.pooledOnMuscle = 10
        candidate.pooledTail = 0
        candidate.pooledFreeDensity = rules.hardeningDensity - 1
        candidate.pooledFreeNoise = 3
        #expect(rules.fate(of: candidate) == .excluded(.beamHardening))
        candidate.pooledOnMuscle = 80
        #expect(rules.fate(of: candidate) == .deposit, "denser than lean tissue")
        candidate.pooledOnMuscle = 10
        candidate.leastHeightMm = 8
        #expect(rules.fate(of: candidate) == .deposit, "far from bone")
    }

    @Test func aWideFlatPieceLowOnBoneIsBoneAndAThickOneIsADeposit() throws {
        let (rules, deposit) = try aDepositOfAFinger(besides: 16)
        var candidate = deposit
        candidate.leastHeightMm = 0.1
        candidate.largestHeightMm = 1.9
        candidate.proudShare = 0.4
        candidate.shape.extents = SIMD3(5, 4.4, 1.5)
        #expect(rules.fate(of: candidate) == .bone)
        candidate.shape.extents = SIMD3(5, 4.4, 3)
        #expect(rules.fate(of: candidate) == .deposit)
    }

    /// The rules for a scene, and a stone of it that is a deposit.
    private func aDepositOfAFinger(besides seed: UInt64) throws -> (CandidateRules, Candidate) {
        let clean = FingerScene()
        var scene = clean.scene
        scene.paint(
            Matter.muscle.with(hydroxyapatite: 400), kind: .deposit, where: Shape.ball(clean.at(36, side: 6.4), 1.7))
        let images = scene.images(seed: seed)
        let found = segmentWithReasons(images).candidates.first { $0.fate == .deposit }
        return (CandidateRules(input: images), try #require(found))
    }

    /// Two shafts that are grown together: between their marrow cavities bone is solid.
    @Test func solidBoneBetweenTwoCavitiesIsBoneAndAStoneBesideItIsNot() {
        var scene = SyntheticScene(columns: 100, rows: 64, slices: 64, spacingMm: 0.5, sliceSpacingMm: 0.5)
        let middle = 0.5 * scene.sizeMm
        let ends = (middle - SIMD3(18, 0, 0), middle + SIMD3(18, 0, 0))
        scene.paint(.fat, where: Shape.rod(from: ends.0, to: ends.1, radius: { _ in 14 }))
        scene.paint(.cortex, kind: .bone, where: Shape.rod(from: ends.0, to: ends.1, radius: { _ in 5 }))
        for (from, to) in [(ends.0, middle - SIMD3(6, 0, 0)), (middle + SIMD3(6, 0, 0), ends.1)] {
            scene.paint(
                Matter.fat.with(hydroxyapatite: 40), kind: .bone, where: Shape.rod(from: from, to: to) { _ in 3.7 })
        }
        scene.paint(
            Matter.muscle.with(hydroxyapatite: 400), kind: .deposit, where: Shape.ball(middle + SIMD3(-12, 6.4, 0), 2.4)
        )
        let (result, candidates, _) = segmentWithReasons(scene.images(seed: 21))
        let score = SegmentationScore(result, scene)
        #expect(candidates.contains { $0.fate == .bone && $0.volumeMm3 > 50 }, "a piece to decide on")
        #expect(score.found[0] > 0.7)
        #expect(score.falseComponents == 0)
        #expect(score.boneCalledDepositMm3 <= 5)
    }
}
