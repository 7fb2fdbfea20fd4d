import DualEnergyCT
import Testing

/// What stands on a bone: its own cap, its blur, or a deposit.
@Suite struct BoneRulesTests {
    private let settled: SettledFinger
    /// A deposit in fat near the bone, whose features the tests replace.
    private let deposit: Candidate

    init() throws {
        settled = try SettledFinger()
        var scene = FingerScene()
        scene.scene.paint(
            Matter.muscle.with(hydroxyapatite: 400), kind: .deposit, where: Shape.ball(scene.at(36, side: 6.4), 1.7))
        let found = segmentWithReasons(scene.scene.images(seed: 15)).candidates.first { $0.fate == .deposit }
        deposit = try #require(found)
    }

    /// The deposit with the voxels of a shape that stand above the bone, measured anew, at a share of the bone's density.
    private func candidate(relativeDensity: Float, where distance: (SIMD3<Float>) -> Float) -> Candidate {
        let geometry = settled.finger.scene.geometry
        var result = deposit
        result.voxels = (0..<geometry.voxelCount).filter {
            distance(geometry.gridPosition($0)) < 0 && settled.height[$0] > BoneHeights.edgeMm
        }
        let heights = result.voxels.map { settled.height[$0] }
        result.volumeMm3 = Double(heights.count) * geometry.voxelVolumeMm3
        result.leastHeightMm = heights.min() ?? .infinity
        result.largestHeightMm = heights.max() ?? .infinity
        result.measure(against: settled.height, density: settled.fields.onMuscle)
        result.relativeDensity = relativeDensity
        result.compactness = geometry.compactness(of: result.voxels)
        return result
    }

    private func isLayer(_ candidate: Candidate) -> Bool {
        settled.rules.isLayer(candidate, BoneFacing(candidate.voxels, height: settled.height))
    }

    @Test func aWideCoatOfBoneIsALayerAndABallOnItIsNone() throws {
        let (finger, bone) = (settled.finger, settled.finger.toBone)
        let ball = Shape.ball(finger.at(36, palmar: -4.15), 1.6)
        let wide = Shape.ball(finger.at(36, palmar: -5.2), 4.5)
        let coat = candidate(relativeDensity: 0.4) { max(bone($0) - 1.1, wide($0)) }
        try #require(coat.volumeMm3 > 10 && coat.touchesBone)
        #expect(isLayer(coat))
        let stone = candidate(relativeDensity: 0.4, where: ball)
        try #require(stone.volumeMm3 > 8 && stone.touchesBone && stone.largestHeightMm < 2.7)
        #expect(!isLayer(stone))
        // As dense as solid bone, no blurred edge looks like it.
        var plaque = coat
        plaque.relativeDensity = 0.8
        #expect(!isLayer(plaque))
    }

    @Test func whatFillsAJointIsNoDepositAndAStoneThatTouchesByAPointIs() throws {
        let finger = settled.finger
        // The first joint is a gap from 24 to 27 mm along the finger.
        let gap = candidate(relativeDensity: 0.4, where: Shape.ball(finger.at(25.5), 2.6))
        try #require(gap.touchesBone && gap.gapShare > 0.5)
        #expect(isLayer(gap))
        let stone = candidate(relativeDensity: 0.4, where: Shape.ball(finger.at(25.5), 1.2))
        try #require(stone.touchesBone && stone.volumeMm3 > 5)
        #expect(!isLayer(stone), "it touches bone by a point")
    }

    @Test func mostlyTheBlurOfTheCortexIsBone() {
        var candidate = deposit
        candidate.leastHeightMm = 0.1
        candidate.pooledTail = 0.5 * max(candidate.pooledFreeDensity, candidate.pooledOnMuscle)
        #expect(settled.rules.fate(of: candidate) == .bone)
        #expect(settled.rules.isBlur(candidate))
        candidate.pooledTail *= 0.4
        #expect(!settled.rules.isBlur(candidate))
        candidate.pooledTail *= 2.5
        candidate.excessHighHU = candidate.excessLowHU
        #expect(!settled.rules.isBlur(candidate), "urate")
    }

    @Test func aSmallStoneThatIsDenseNeedNotRiseAsFarAsAFaintOne() {
        var stone = deposit
        (stone.leastHeightMm, stone.largestHeightMm, stone.proudShare) = (0.1, 1.5, 0.1)
        (stone.volumeMm3, stone.innerRadiusMm, stone.meanHeightMm) = (6, 0.9, 0.65)
        (stone.heightStepMm, stone.gapShare, stone.pooledTail) = (0, 0, 0)
        stone.relativeDensity = 0.5
        #expect(settled.rules.fate(of: stone) == .deposit)
        stone.relativeDensity = 0.3
        #expect(settled.rules.fate(of: stone) == .bone)
        (stone.relativeDensity, stone.gapShare) = (0.5, 0.8)
        #expect(settled.rules.fate(of: stone) == .bone, "between two bones their blur is as dense")
        (stone.gapShare, stone.meanHeightMm) = (0, 0.5)
        #expect(settled.rules.fate(of: stone) == .bone)
        stone.relativeDensity = 0.7
        #expect(settled.rules.fate(of: stone) == .deposit, "denser than any rim")
    }

    @Test func aCompactLumpOnBoneNeedsLessHeightAndDensity() {
        var lump = deposit
        (lump.leastHeightMm, lump.largestHeightMm, lump.proudShare) = (0.1, 1.25, 0.05)
        (lump.volumeMm3, lump.innerRadiusMm, lump.meanHeightMm) = (6.5, 0.95, 0.62)
        (lump.heightStepMm, lump.gapShare, lump.relativeDensity) = (0.2, 0, 0.4)
        (lump.compactness, lump.pooledTail) = (0.9, 0.2 * max(lump.pooledFreeDensity, lump.pooledOnMuscle))
        #expect(settled.rules.fate(of: lump) == .deposit)
        func isBone(_ change: (inout Candidate) -> Void) -> Bool {
            var other = lump
            change(&other)
            return settled.rules.fate(of: other) == .bone
        }
        #expect(isBone { $0.compactness = 0.75 }, "ragged")
        #expect(isBone { $0.pooledTail *= 1.7 }, "a third of it is the cortex' blur")
        #expect(isBone { $0.innerRadiusMm = 0.7 })
        #expect(isBone { $0.shape.extents = SIMD3(5.2, 3.8, 0) }, "a plate of one slice")
        #expect(isBone { $0.largestHeightMm = 1 })
        #expect(isBone { $0.meanHeightMm = 0.5 }, "a layer")
        #expect(isBone { $0.relativeDensity = 0.3 })
    }

    /// Streaks of starved photons are bright in the soft beam and dark in the hard one.
    @Test func noTissueExplainsAStreakAndFatExplainsFaintCalcium() {
        var candidate = deposit
        (candidate.excessLowHU, candidate.excessHighHU) = (100, 2)
        (candidate.pooledFreeDensity, candidate.pooledFreeNoise) = (300, 10)
        (candidate.pooledOnMuscle, candidate.pooledTail) = (-20, 0)
        #expect(!settled.rules.isOnTissue(candidate))
        #expect(settled.rules.fate(of: candidate) == .excluded(.beamHardening))
        (candidate.pooledFreeDensity, candidate.pooledOnMuscle) = (80, 20)
        #expect(settled.rules.isOnTissue(candidate))
    }

    @Test func aSpeckThatReadsFatterThanFatIsAStreak() {
        var speck = deposit
        (speck.volumeMm3, speck.firmVolumeMm3) = (4.5, 4.5)
        (speck.excessLowHU, speck.excessHighHU) = (280, 150)
        (speck.pooledFreeDensity, speck.pooledFreeNoise) = (275, 20)
        (speck.pooledOnMuscle, speck.pooledTail) = (60, 0)
        #expect(settled.rules.fate(of: speck) == .excluded(.beamHardening))
        var larger = speck
        larger.volumeMm3 = 12
        #expect(settled.rules.fate(of: larger) == .deposit)
        speck.pooledOnMuscle = 200
        #expect(settled.rules.fate(of: speck) == .deposit)
    }

    @Test func aThinPlateAsDenseAsCortexIsBoneAndAStoneOnBoneIsNone() throws {
        let (finger, bone) = (settled.finger, settled.finger.toBone)
        let wide = Shape.ball(finger.at(36, palmar: -5.2), 4.5)
        func isLamina(_ c: Candidate) -> Bool {
            settled.rules.isLamina(c, BoneFacing(c.voxels, height: settled.height))
        }
        let plate = candidate(relativeDensity: 1) { max(bone($0) - 1.1, wide($0)) }
        try #require(plate.compactness < 0.75)
        #expect(isLamina(plate))
        var tall = plate
        tall.meanHeightMm = Float(0.35 * cubeRoot(plate.volumeMm3))
        #expect(!isLamina(tall), "as high as a lump")
        var faint = plate
        faint.relativeDensity = 0.5
        #expect(!isLamina(faint))
        let stone = candidate(relativeDensity: 1, where: Shape.ball(finger.at(36, palmar: -4.15), 1.6))
        try #require(stone.compactness > 0.8 && stone.touchesBone)
        #expect(!isLamina(stone))
    }

    @Test func fewVoxelsNearBoneAreNoDeposit() {
        func isCrumb(_ c: Candidate) -> Bool {
            settled.rules.isCrumb(c, BoneFacing(c.voxels, height: settled.height))
        }
        var few = deposit
        (few.voxels, few.leastHeightMm) = (Array(deposit.voxels.prefix(7)), 1.2)
        #expect(isCrumb(few))
        few.leastHeightMm = 2.5
        #expect(!isCrumb(few))
        var more = deposit
        more.leastHeightMm = 1.2
        #expect(!isCrumb(more), "it faces no bone")
        (more.shape.extents, more.volumeMm3) = (SIMD3(4, 2, 0), 5)
        #expect(isCrumb(more), "in one slice")
        more.volumeMm3 = 15
        #expect(isCrumb(more), "in one slice, however wide")
        more.shape.extents = SIMD3(4, 2, 1.5)
        #expect(!isCrumb(more))
    }

    /// A border of tissues that a deposit has joined is thick somewhere, and one that hardening set off is not.
    @Test func aRaggedBandMayOweMoreToHardeningThanALump() {
        var band = deposit
        (band.leastHeightMm, band.innerRadiusMm, band.pooledTail) = (2, 1.1, 0)
        (band.excessLowHU, band.excessHighHU) = (80, 80 / settled.rules.hydroxyapatiteRatio)
        (band.pooledOnMuscle, band.pooledFreeNoise) = (30, 1)
        band.pooledFreeDensity = 1.4 * settled.rules.hardeningDensity
        band.compactness = 0.5
        #expect(settled.rules.fate(of: band) == .excluded(.beamHardening))
        band.compactness = 0.9
        #expect(settled.rules.fate(of: band) == .deposit)
        (band.compactness, band.innerRadiusMm) = (0.5, 1.8)
        #expect(settled.rules.fate(of: band) == .deposit)
    }

    /// Between dense bones hardening reads as calcium in fat where all around is muscle, and so do streaks of noise anywhere.
    @Test(arguments: [(Float(0.5), 0.5), (.infinity, 0.9)])
    func calciumHasTheFatAroundItThatBothEnergiesAskFor(heightMm: Float, compactness: Double) {
        var piece = deposit
        (piece.leastHeightMm, piece.innerRadiusMm, piece.pooledTail) = (heightMm, 1.1, 0)
        (piece.excessLowHU, piece.excessHighHU) = (70, 1)
        piece.pooledFreeDensity = 2.5 * settled.rules.hardeningDensity
        // As much as where all is fat.
        (piece.pooledOnMuscle, piece.pooledFreeNoise) = (
            piece.pooledFreeDensity + Double(settled.solver.fatOnMuscle), 1
        )
        (piece.compactness, piece.fatAround) = (compactness, 0.1)
        #expect(settled.rules.fate(of: piece) == .excluded(.beamHardening))
        piece.fatAround = 0.9
        #expect(settled.rules.fate(of: piece) == .deposit)
        piece.fatAround = 0.1
        // What the slopes leave open grows with the calcium.
        (piece.pooledFreeDensity, piece.pooledOnMuscle) = (
            4 * piece.pooledFreeDensity, 4 * piece.pooledFreeDensity + Double(settled.solver.fatOnMuscle)
        )
        #expect(settled.rules.fate(of: piece) == .deposit)
    }

    /// Tendon reads denser than muscle by itself, and hardening brightens it beside bone.
    @Test func tendonBesideBoneIsLeanTissueToo() {
        var piece = deposit
        (piece.leastHeightMm, piece.innerRadiusMm, piece.pooledTail) = (1.4, 1.1, 0)
        (piece.excessLowHU, piece.excessHighHU) = (80, 80 / settled.rules.hydroxyapatiteRatio)
        (piece.pooledFreeDensity, piece.pooledFreeNoise) = (0.9 * settled.rules.hardeningDensity, 1)
        (piece.pooledOnMuscle, piece.compactness) = (60, 0.6)
        piece.fatAround = 0
        #expect(settled.rules.fate(of: piece) == .deposit)
        piece.fatAround = -0.3
        #expect(settled.rules.fate(of: piece) == .excluded(.beamHardening))
    }

    @Test func whatTheBlurOfBoneMakesDenseIsNoUrate() {
        var urate = deposit
        (urate.leastHeightMm, urate.volumeMm3, urate.innerRadiusMm) = (0.1, 12, 1)
        (urate.pooledTail, urate.pooledOnMuscle, urate.pooledFreeDensity) = (10, 100, 5)
        let calcium = urate.pooledTail * Double(Matter.mineralLow)
        (urate.excessLowHU, urate.excessHighHU) = (200 + calcium, 190 + urate.pooledTail * Double(Matter.mineralHigh))
        #expect(settled.rules.isDenseWithoutCalcium(urate))
        // The same urate above more blur.
        let more = 50.0
        urate.pooledTail += more
        urate.pooledOnMuscle += more
        urate.excessLowHU += more * Double(Matter.mineralLow)
        urate.excessHighHU += more * Double(Matter.mineralHigh)
        #expect(!settled.rules.isDenseWithoutCalcium(urate))
    }

    @Test func aDepositOnBoneKeepsItsFootAndASheetHasNone() throws {
        let finger = settled.finger
        var stone = candidate(relativeDensity: 1, where: Shape.ball(finger.at(36, palmar: -4.15), 1.6))
        stone.fate = .deposit
        let before = Set(stone.voxels)
        var (deposits, sheets) = ([stone], [stone])
        DepositFoot(height: settled.height).extend(&deposits)
        let foot = Set(deposits[0].voxels).subtracting(before)
        #expect(!foot.isEmpty && before.isSubset(of: deposits[0].voxels))
        for n in foot {
            #expect(settled.height[n] <= BoneHeights.edgeMm && settled.height[n] > -DepositFoot.depthMm)
        }
        sheets[0].compactness = 0.5
        DepositFoot(height: settled.height).extend(&sheets)
        #expect(sheets[0].voxels == stone.voxels)
    }
}
