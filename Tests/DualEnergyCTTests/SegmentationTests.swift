import DualEnergyCT
import Testing

/// What a segmentation found of the deposits that were painted.
struct SegmentationScore {
    /// Share of each deposit's voxels that is labelled deposit, by number from 1.
    var found: [Double]
    /// Share of each deposit's voxels that is labelled bone.
    var lostToBone: [Double]
    /// Volume of bone labelled deposit.
    var boneCalledDepositMm3: Double
    /// Components that hold no voxel of a painted deposit.
    var falseComponents: Int
    /// Share of the painted bone that is labelled bone.
    var boneFound: Double

    init(_ result: SegmentationResult, _ scene: SyntheticScene) {
        var total = [Double](repeating: 0, count: scene.depositCount)
        var hits = total
        var lost = total
        var touched = Set<UInt16>()
        var boneVoxels = 0
        var boneHits = 0
        var wrong = 0
        for n in result.labels.voxels.indices {
            let label = result.labels.voxels[n]
            let number = Int(scene.deposits.voxels[n])
            if number > 0 {
                total[number - 1] += 1
                if label == TissueLabel.deposit {
                    hits[number - 1] += 1
                    touched.insert(result.componentIndex.voxels[n])
                }
                if label == TissueLabel.bone { lost[number - 1] += 1 }
            }
            if scene.bone.voxels[n] != 0 {
                boneVoxels += 1
                if label == TissueLabel.bone { boneHits += 1 }
                if label == TissueLabel.deposit { wrong += 1 }
            }
        }
        found = zip(hits, total).map { $0 / max($1, 1) }
        lostToBone = zip(lost, total).map { $0 / max($1, 1) }
        boneCalledDepositMm3 = Double(wrong) * scene.geometry.voxelVolumeMm3
        falseComponents = result.componentCount - touched.count
        boneFound = Double(boneHits) / Double(max(boneVoxels, 1))
    }
}

@Suite struct SegmentationTests {
    enum Finger: String, CaseIterable {
        case usual, thinCortex, thickCortex, demineralised, solidTip, oblique, coarseSlices, thickSlices

        var options: FingerScene.Options {
            var options = FingerScene.Options()
            switch self {
            case .usual: break
            case .thinCortex: options.cortexMm = 0.4
            case .thickCortex: options.cortexMm = 1.5
            case .demineralised:
                options.cortexMm = 0.5
                options.cortex = Matter.muscle.with(hydroxyapatite: 550)
            case .solidTip: options.hasSolidTip = true
            case .oblique: options.along = SIMD3(0.5, 0.3, 0.8)
            case .coarseSlices:
                options.spacingMm = 0.4
                options.sliceSpacingMm = 1.0
            case .thickSlices:
                options.spacingMm = 0.35
                options.sliceSpacingMm = 1.4
            }
            return options
        }
    }

    @Test(arguments: Finger.allCases) func aHealthyFingerHasNoDeposit(finger: Finger) {
        let scene = FingerScene(finger.options).scene
        let result = segment(scene.images(seed: 21))
        let score = SegmentationScore(result, scene)
        #expect(result.componentCount == 0)
        #expect(score.boneFound > 0.97)
    }

    /// A fingertip's pad, calcium 3 mm wide in fat, 2 mm from a shaft, and against a shaft.
    static func withDeposits(_ finger: Finger) -> SyntheticScene {
        let clean = FingerScene(finger.options)
        var scene = clean.scene
        let muscle = Matter.muscle
        scene.paint(
            muscle.with(hydroxyapatite: 300), kind: .deposit, where: Shape.ball(clean.at(60, palmar: 4.5), 1.75))
        scene.paint(
            Matter.fat.with(hydroxyapatite: 200), kind: .deposit,
            where: Shape.ball(clean.at(36, palmar: -2, side: 5.5), 1.5))
        let sphere = Shape.ball(clean.at(12, side: 5.5), 2.2)
        let toBone = clean.toBone
        scene.paint(muscle.with(hydroxyapatite: 500), kind: .deposit) { max(sphere($0), -toBone($0)) }
        scene.paint(muscle.with(hydroxyapatite: 400), kind: .deposit, where: Shape.ball(clean.at(30, side: -7), 1.5))
        return scene
    }

    @Test(arguments: Finger.allCases) func depositsInFatAndOnBoneAreFoundAndBoneIsLeftOut(finger: Finger) {
        let scene = Self.withDeposits(finger)
        let result = segment(scene.images(seed: 4))
        let score = SegmentationScore(result, scene)
        for share in score.found { #expect(share > 0.75) }
        for share in score.lostToBone { #expect(share < 0.16) }
        #expect(score.boneCalledDepositMm3 <= 5)
        #expect(score.falseComponents == 0)
        #expect(score.boneFound > 0.97)
    }

    @Test func calciumInFatIsFoundWhereTheMuscleBaselineHidesIt() {
        var scene = SyntheticScene(columns: 60, rows: 60, slices: 40, spacingMm: 0.5, sliceSpacingMm: 0.6)
        let middle = 0.5 * scene.sizeMm
        scene.paint(.fat, where: Shape.ball(middle, 11))
        scene.paint(Matter.fat.with(hydroxyapatite: 110), kind: .deposit, where: Shape.ball(middle, 2.5))
        let result = segment(scene.images(seed: 3))
        #expect(result.componentCount == 1)
        #expect(SegmentationScore(result, scene).found[0] > 0.7)
    }

    /// It touches both bones, and is denser than their thin cortex appears.
    @Test func aDenseStoneAtAJointOfThinBonesIsADeposit() {
        var options = FingerScene.Options()
        options.cortexMm = 0.4
        let clean = FingerScene(options)
        var scene = clean.scene
        let (ball, toBone) = (Shape.ball(clean.at(25.5, side: 5.6), 2.3), clean.toBone)
        scene.paint(Matter.muscle.with(hydroxyapatite: 900), kind: .deposit) { max(ball($0), -toBone($0)) }
        #expect(SegmentationScore(segment(scene.images(seed: 5)), scene).found[0] > 0.6)
    }

    /// Strands of muscle in fat: between them neither is the tissue, and the ratio on their mean is no material's.
    @Test func calciumBetweenStrandsOfMuscleInFatIsFound() {
        var scene = SyntheticScene(columns: 80, rows: 80, slices: 50, spacingMm: 0.5, sliceSpacingMm: 0.6)
        let middle = 0.5 * scene.sizeMm
        scene.paint(.fat) { p in Shape.length(SIMD3(p.x - middle.x, p.y - middle.y, 0)) - 17 }
        for n in -2...2 where n != 0 {
            let strand = middle + SIMD3(4.6 * Float(n) - (n > 0 ? 1.6 : -1.6), 0, 0)
            scene.paint(.muscle) { p in
                max(abs(p.x - strand.x) - 1.1, Shape.length(SIMD3(p.x - middle.x, p.y - middle.y, 0)) - 15)
            }
        }
        scene.paint(Matter.fat.with(hydroxyapatite: 110), kind: .deposit, where: Shape.ball(middle, 2))
        let result = segment(scene.images(seed: 3))
        #expect(result.componentCount == 1)
        #expect(SegmentationScore(result, scene).found[0] > 0.5)
    }

    /// Solid bones are looked for at the ends of shafts; a carpal bone has none.
    @Test func aLongDenseDepositBeforeARoundBoneIsNotTheNextBone() {
        var scene = SyntheticScene(columns: 70, rows: 70, slices: 60, spacingMm: 0.45, sliceSpacingMm: 0.5)
        let bone = 0.5 * scene.sizeMm - SIMD3(5, 0, 0)
        scene.paint(.muscle, where: Shape.ball(0.5 * scene.sizeMm, 14))
        scene.paint(.cortex, kind: .bone, where: Shape.ball(bone, 5.5))
        scene.paint(Matter.fat.with(hydroxyapatite: 40), kind: .bone, where: Shape.ball(bone, 4.4))
        scene.paint(
            Matter.muscle.with(hydroxyapatite: 600), kind: .deposit,
            where: Shape.rod(from: bone + SIMD3(8.6, 0, 0), to: bone + SIMD3(12.5, 0, 0), radius: { _ in 1.7 }))
        let result = segment(scene.images(seed: 12))
        #expect(result.componentCount == 1)
        let score = SegmentationScore(result, scene)
        #expect(score.found[0] > 0.75)
        #expect(score.lostToBone[0] < 0.05)
    }

    /// Of two bones that meet at an angle one aims past the other's end, at what stands on it.
    @Test func aStoneOnABonesEndIsNotTheNextBoneOfTheOther() {
        var scene = SyntheticScene(columns: 110, rows: 70, slices: 60, spacingMm: 0.45, sliceSpacingMm: 0.5)
        let middle = 0.5 * scene.sizeMm - SIMD3(0, 2, 0)
        scene.paint(.fat, where: Shape.ball(middle, 22))
        for (from, to) in [
            (SIMD3<Float>(-17, 0, 0), SIMD3<Float>(-5, 0, 0)), (SIMD3<Float>(5, 6.5, 0), SIMD3<Float>(17, 6.5, 0)),
        ] {
            scene.paint(
                .cortex, kind: .bone, where: Shape.rod(from: middle + from, to: middle + to, radius: { _ in 4.5 }))
            scene.paint(
                Matter.fat.with(hydroxyapatite: 40), kind: .bone,
                where: Shape.rod(from: middle + from, to: middle + to, radius: { _ in 3.4 }))
        }
        scene.paint(
            Matter.muscle.with(hydroxyapatite: 700), kind: .deposit,
            where: Shape.rod(from: middle + SIMD3(-6, 6.4, 0), to: middle + SIMD3(-2.5, 6.4, 0), radius: { _ in 1.9 }))
        let result = segment(scene.images(seed: 13))
        let score = SegmentationScore(result, scene)
        #expect(score.found[0] > 0.7)
        #expect(score.lostToBone[0] < 0.16)
    }

    @Test func urateIsKeptAsACandidateAndTheNailIsNot() {
        let clean = FingerScene()
        var scene = clean.scene
        scene.paint(.urate, kind: .deposit, where: Shape.ball(clean.at(36, side: 6), 2))
        let result = segment(scene.images(seed: 6))
        #expect(result.componentCount == 1)
        #expect(SegmentationScore(result, scene).found[0] > 0.6)
        let nail = result.exclusions.first { $0.cause == .nail }
        #expect((nail?.volumeMm3 ?? 0) > 3)
    }

    @Test func metalIsMaskedAndNamed() {
        var scene = FingerScene().scene
        scene.paint(Matter(low: 12000, high: 9000), where: Shape.ball(0.5 * scene.sizeMm + SIMD3(6.5, 0, 0), 1.2))
        let result = segment(scene.images(seed: 2))
        #expect(result.exclusions.contains { $0.cause == .metal })
        #expect(result.componentCount == 0)
    }

    @Test func theSameImagesGiveTheSameLabels() {
        let images = Self.withDeposits(.usual).images(seed: 9)
        let first = segment(images)
        let second = segment(images)
        #expect(first.labels.voxels == second.labels.voxels)
        #expect(first.componentIndex.voxels == second.componentIndex.voxels)
    }

    enum Odd: CaseIterable { case air, block, threeSlices, oneVoxel, noise }

    @Test(arguments: Odd.allCases) func whatIsNoHandEndsWithoutAClaim(kind: Odd) {
        var scene: SyntheticScene
        switch kind {
        case .air: scene = SyntheticScene(columns: 30, rows: 30, slices: 20, spacingMm: 0.5, sliceSpacingMm: 0.5)
        case .block:
            scene = SyntheticScene(columns: 30, rows: 30, slices: 20, spacingMm: 0.5, sliceSpacingMm: 0.5)
            scene.paint(.muscle) { _ in -10 }
        case .threeSlices:
            scene = SyntheticScene(columns: 40, rows: 40, slices: 3, spacingMm: 0.5, sliceSpacingMm: 1)
            scene.paint(.muscle, where: Shape.ball(0.5 * scene.sizeMm, 8))
        case .oneVoxel: scene = SyntheticScene(columns: 1, rows: 1, slices: 1, spacingMm: 0.5, sliceSpacingMm: 1)
        case .noise:
            scene = SyntheticScene(columns: 40, rows: 40, slices: 20, spacingMm: 0.5, sliceSpacingMm: 0.5)
            scene.paint(.muscle, where: Shape.ball(0.5 * scene.sizeMm, 9))
        }
        let noise: Float = kind == .noise ? 60 : 15
        let result = segment(scene.images(seed: 5, noiseLow: noise, noiseHigh: 0.8 * noise))
        #expect(result.labels.voxels.count == scene.geometry.voxelCount)
        #expect(result.componentCount == 0)
    }
}
