import DualEnergyCT
import Testing

/// Calcium that belongs to vessels and to other things than calcinosis, and calcinosis that looks like it.
struct CalcificationTests {
    @Test(arguments: [Float(3), 4.2, 5])
    func platesOnAnArteryInFatAreOfTheVessel(radiusMm: Float) {
        var limb = LimbScene(vesselRadiusMm: radiusMm)
        limb.calcify(heights: -18...(-8), angles: -50...60, thicknessMm: 1.2, density: 700)
        limb.calcify(heights: 2...12, angles: 120...250, thicknessMm: 1, density: 500)
        // A speck alone proves nothing; on the wall of a vessel that is known it is the vessel's.
        limb.calcify(heights: 17...20, angles: 60...110, thicknessMm: 1.4, density: 600)
        let findings = limb.findings(seed: 3)
        #expect(limb.scene.painted(under: SegmentLabel.vascular, in: findings) == [1, 2, 3])
        #expect(findings.deposits.isEmpty)
        let vessels = findings.otherMineral?.first { $0.kind == .vascular }
        #expect((vessels?.hydroxyapatiteMassMg ?? 0) > 20)
        #expect(findings.totals?.count == 0)
    }

    @Test func aRingBetweenMusclesIsAVessel() {
        var limb = LimbScene(vesselRadiusMm: 3.4, inFat: false)
        limb.calcify(heights: -14...14, angles: -180...180, thicknessMm: 1, density: 600)
        let findings = limb.findings(seed: 8)
        #expect(limb.scene.painted(under: SegmentLabel.vascular, in: findings) == [1])
        #expect(findings.deposits.isEmpty)
    }

    /// Between muscles no fat shows the tube; short arcs that bend around one line in two places do.
    @Test func arcsInLineBetweenMusclesAreAVessel() {
        var limb = LimbScene(vesselRadiusMm: 4.2, inFat: false)
        limb.calcify(heights: -15...(-9), angles: -100...90, thicknessMm: 1, density: 700)
        limb.calcify(heights: 6...12, angles: 60...260, thicknessMm: 1, density: 700)
        // Too little of a wall to be judged alone.
        limb.calcify(heights: -4...2, angles: 150...230, thicknessMm: 1.2, density: 600)
        let findings = limb.findings(seed: 8)
        #expect(limb.scene.painted(under: SegmentLabel.vascular, in: findings) == [1, 2, 3])
        #expect(findings.deposits.isEmpty)
    }

    /// On the psoas an artery of the trunk has fat on no side; the length of its arc tells it.
    @Test func aLongArcOfAWideVesselIsTheVesselsInTheTrunkAlone() {
        var limb = LimbScene(vesselRadiusMm: 5, inFat: false)
        limb.calcify(heights: -18...18, angles: -65...70, thicknessMm: 1.2, density: 700)
        let findings = limb.findings(seed: 9, region: .pelvis)
        #expect(limb.scene.painted(under: SegmentLabel.vascular, in: findings) == [1])
        #expect(findings.deposits.isEmpty)
        #expect(limb.findings(seed: 9, region: .thigh).deposits.count == 1)
    }

    /// A short solid rod beside a lean tube is no part of the tube's wall, in the trunk either.
    @Test func anEggBesideAVesselIsNoPlate() {
        var limb = LimbScene(vesselRadiusMm: 4.2)
        let beside = limb.vessel + SIMD3(5.6, 0, 0)
        limb.scene.paint(
            Matter.muscle.with(hydroxyapatite: 600), kind: .deposit,
            where: Shape.rod(from: beside - SIMD3(0, 0, 1.6), to: beside + SIMD3(0, 0, 1.6), radius: { _ in 1.4 }))
        let findings = limb.findings(seed: 4, region: .pelvis)
        #expect(limb.scene.painted(under: SegmentLabel.firstDeposit, in: findings) == [1])
    }

    /// The shoulder's recess hangs in fat below and behind the head of the humerus.
    @Test func aRoundBodyInTheFatBesideTheHeadOfTheHumerusIsLoose() {
        var scene = SyntheticScene(columns: 130, rows: 130, slices: 56, spacingMm: 0.9, sliceSpacingMm: 1.2)
        let middle = 0.5 * scene.sizeMm
        func tube(_ radius: Float) -> (SIMD3<Float>) -> Float {
            { Shape.length(SIMD3($0.x - middle.x, $0.y - middle.y, 0)) - radius }
        }
        scene.paint(.skin, where: tube(54))
        scene.paint(.fat, where: tube(52))
        scene.paint(.muscle, where: tube(44))
        scene.paint(.fat, where: tube(34))
        let head = Shape.ball(middle - SIMD3(0, 8, 0), 17)
        scene.paint(.cortex, kind: .bone, where: head)
        scene.paint(Matter.fat.with(hydroxyapatite: 130), kind: .bone, where: { head($0) + 2 })
        let stone = Matter.muscle.with(hydroxyapatite: 500)
        scene.paint(stone, kind: .deposit, where: Shape.ball(middle + SIMD3(0, 14.5, 0), 2.4))
        // As deep, and far from the head.
        scene.paint(stone, kind: .deposit, where: Shape.ball(middle + SIMD3(-16, 22, 0), 2.4))
        var options = AnalysisOptions()
        options.limits.motionMm = (3, 3)
        let findings = analyse(scene.pair(seed: 6, region: .shoulder, fullWidthMm: 1.4), options: options)
        #expect(scene.painted(under: SegmentLabel.otherCalcification, in: findings) == [1])
        #expect(findings.otherMineral?.contains { $0.cause == .looseBody } == true)
        #expect(scene.painted(under: SegmentLabel.firstDeposit, in: findings) == [2])
    }

    /// Alone each piece might be anything; what is open at both ends, lighter inside and in line with others is an artery.
    @Test(arguments: [BodyRegion.wrist, .foot])
    func ringsAndTramTracksInLineAreOfASmallArtery(region: BodyRegion) {
        var limb = LimbScene(vesselRadiusMm: 1.9)
        limb.calcify(heights: -20...(-15), angles: -180...180, thicknessMm: 0.7, density: 700)
        limb.calcify(heights: -7...4, angles: 10...110, thicknessMm: 0.7, density: 700)
        limb.calcify(heights: -7...4, angles: 190...290, thicknessMm: 0.7, density: 700)
        limb.calcify(heights: 13...17, angles: -180...180, thicknessMm: 0.7, density: 700)
        let findings = limb.findings(seed: 11, region: region)
        #expect(limb.scene.painted(under: SegmentLabel.vascular, in: findings) == [1, 2, 3, 4])
        #expect(findings.deposits.isEmpty)
    }

    @Test(arguments: [BodyRegion.wrist, .foot, .knee])
    func solidStonesInLineStayCalcinosis(region: BodyRegion) {
        var limb = LimbScene(vesselRadiusMm: 1.9)
        for (low, high) in [(Float(-19), Float(-14)), (-7, 3), (11, 17)] {
            limb.scene.paint(
                Matter.muscle.with(hydroxyapatite: 500), kind: .deposit,
                where: Shape.rod(
                    from: limb.vessel + SIMD3(0, 0, low), to: limb.vessel + SIMD3(0, 0, high), radius: { _ in 1.7 }))
        }
        let findings = limb.findings(seed: 12, region: region)
        #expect(limb.scene.painted(under: SegmentLabel.firstDeposit, in: findings) == [1, 2, 3])
        #expect(findings.otherMineral == [])
    }

    /// A tendon is denser than muscle at both energies.
    @Test func aStoneOnBoneAlongATendonAndInFatLieInTheirCompartments() {
        var limb = LimbScene(vesselRadiusMm: 1.5)
        let (middle, tendon) = (limb.middle, limb.middle + SIMD3(3, 3, 0))
        limb.scene.paint(Matter(low: 118, high: 113)) { p in
            Shape.length(SIMD3(p.x - tendon.x, p.y - tendon.y, 0)) - 2.6
        }
        let stone = Matter.muscle.with(hydroxyapatite: 400)
        let (low, high) = (tendon + SIMD3(-2.8, -2.8, -6), tendon + SIMD3(-2.8, -2.8, 3))
        limb.scene.paint(stone, kind: .deposit, where: Shape.rod(from: low, to: high, radius: { _ in 1.8 }))
        limb.scene.paint(stone, kind: .deposit, where: Shape.ball(middle + SIMD3(0, 26.4, 12), 2.6))
        limb.scene.paint(stone, kind: .deposit, where: Shape.ball(middle + SIMD3(4, -23, -10), 2.2))
        let findings = limb.findings(seed: 6, region: .foot)
        let places = findings.deposits.map { $0.place?.compartment }
        #expect(Set(places) == [.tendonSheath, .periarticular, .subcutaneous])
        #expect(places.count == 3)
    }

    /// A gap narrower than the blur shows as contact, over a small part of the stone.
    @Test func aStoneThatOnlyComesNearBoneIsNotPeriarticular() throws {
        var limb = LimbScene(vesselRadiusMm: 1.5)
        limb.scene.paint(
            Matter.fat.with(hydroxyapatite: 400), kind: .deposit,
            where: Shape.ball(limb.middle + SIMD3(0, 27.8, 0), 2.2))
        let findings = limb.findings(seed: 6, region: .foot)
        let deposit = try #require(findings.deposits.first)
        #expect(deposit.place?.compartment == .subcutaneous)
    }

    @Test func aPieceThatHidesAThinTendonInFatIsInItsSheath() throws {
        var limb = LimbScene(vesselRadiusMm: 1.5)
        let tendon = limb.middle + SIMD3(0, -24, 0)
        limb.scene.paint(.tendon) { p in Shape.length(SIMD3(p.x - tendon.x, p.y - tendon.y, 0)) - 1.4 }
        limb.scene.paint(
            Matter.muscle.with(hydroxyapatite: 400), kind: .deposit,
            where: Shape.rod(from: tendon - SIMD3(0, 0, 3), to: tendon + SIMD3(0, 0, 3), radius: { _ in 2 }))
        let findings = limb.findings(seed: 3, region: .foot)
        #expect(try #require(findings.deposits.first).place?.compartment == .tendonSheath)
    }

    /// Walls that are calcified over different lengths, and a lumen that the blur half fills.
    @Test func aNarrowTramTrackWhoseWallsAreOffsetIsAVessel() {
        var limb = LimbScene(vesselRadiusMm: 1.5)
        limb.calcify(heights: -7...3, angles: -50...50, thicknessMm: 0.5, density: 800)
        limb.calcify(heights: -3...7, angles: 130...230, thicknessMm: 0.5, density: 800)
        let findings = limb.findings(seed: 4, region: .foot)
        #expect(limb.scene.painted(under: SegmentLabel.vascular, in: findings) == [1, 2])
        #expect(findings.deposits.isEmpty)
    }

    @Test(arguments: [BodyRegion.knee, .foot])
    func aRoundStoneWithALucentMiddleIsOfAVeinAndASolidOneIsNot(region: BodyRegion) {
        var limb = LimbScene(vesselRadiusMm: 1.5)
        let stone = Matter.muscle.with(hydroxyapatite: 220)
        let (hollow, solid) = (limb.middle + SIMD3(-4, -25, -10), limb.middle + SIMD3(2, -25, 8))
        limb.scene.paint(stone, kind: .deposit, where: Shape.ball(hollow, 2.4))
        limb.scene.paint(.muscle, kind: .inside, where: Shape.ball(hollow, 1.1))
        limb.scene.paint(stone, kind: .deposit, where: Shape.ball(solid, 2.4))
        let findings = limb.findings(seed: 9, region: region)
        #expect(limb.scene.painted(under: SegmentLabel.otherCalcification, in: findings) == [1])
        #expect(findings.otherMineral?.map(\.cause) == [.phlebolith])
        #expect(findings.deposits.count == 1)
    }

    /// The blur fills a narrow middle for the most part; in a solid ball nothing would be lighter there.
    @Test func aStoneWithANarrowLucentMiddleIsOfAVein() {
        var limb = LimbScene(vesselRadiusMm: 1.5)
        let (hollow, solid) = (limb.middle + SIMD3(-4, -25, -10), limb.middle + SIMD3(2, -25, 8))
        for place in [hollow, solid] {
            limb.scene.paint(
                Matter.muscle.with(hydroxyapatite: 600), kind: .deposit, where: Shape.ball(place, 2.6))
        }
        limb.scene.paint(.muscle, kind: .inside, where: Shape.ball(hollow, 0.65))
        let findings = limb.findings(seed: 9, region: .knee)
        #expect(limb.scene.painted(under: SegmentLabel.otherCalcification, in: findings) == [1])
        #expect(findings.deposits.count == 1)
    }

    /// A middle that the blur would hide proves nothing.
    @Test(arguments: [UInt64(1), 2, 3]) func aSmallSolidStoneInFatIsOfNoVein(seed: UInt64) {
        var limb = LimbScene(vesselRadiusMm: 1.5)
        limb.scene.paint(
            Matter.fat.with(hydroxyapatite: 950), kind: .deposit,
            where: Shape.ball(limb.middle + SIMD3(2.3, -25.2, 0.4), 1.3))
        let findings = limb.findings(seed: seed, region: .foot)
        #expect(findings.deposits.count == 1)
        #expect(findings.otherMineral == [])
    }

    /// A sheet on the fascia of a muscle bends like a wall, but what it bends around is no tube.
    @Test func aSheetOnMuscleAndAStoneBesideAVesselStayCalcinosis() {
        var limb = LimbScene()
        let (middle, vessel) = (limb.middle, limb.vessel)
        let centre = middle + SIMD3(-15, 2, 0)
        limb.scene.paint(Matter.muscle.with(hydroxyapatite: 400), kind: .deposit) { p in
            let off = SIMD3(p.x - centre.x, p.y - centre.y, 0)
            let around = abs(p.y - centre.y) - 7
            return max(max(abs(Shape.length(off) - 13.4) - 0.8, around), max(abs(p.z - middle.z) - 8, p.x - centre.x))
        }
        limb.scene.paint(
            Matter.fat.with(hydroxyapatite: 350), kind: .deposit, where: Shape.ball(vessel + SIMD3(8, 1, 5), 2.6))
        let findings = limb.findings(seed: 5)
        #expect(findings.deposits.count { $0.material == .hydroxyapatite } == 2)
        #expect(limb.scene.painted(under: SegmentLabel.firstDeposit, in: findings) == [1, 2])
    }

    /// In a hand nothing but the course tells an artery from a sheath: where no digit is known the deposit stays one.
    @Test func aLineInAHandStaysADepositWithANote() throws {
        let clean = FingerScene()
        var scene = clean.scene
        scene.paint(
            Matter.muscle.with(hydroxyapatite: 500), kind: .deposit,
            where: Shape.rod(from: clean.at(2, palmar: 5.4, side: 5.2), to: clean.at(20, palmar: 5.4, side: 5.2)) { _ in
                0.7
            })
        let findings = analyse(scene.pair(seed: 7, region: .hand))
        let deposit = try #require(findings.deposits.first)
        #expect(findings.deposits.count == 1)
        #expect(deposit.mayBeVessel, "\(deposit.distanceToBoneMm ?? -1) mm from bone, \(deposit.voxelCount) voxels")
        #expect(findings.otherMineral == [])
    }

    @Test func aThickSheathIsNoVessel() throws {
        let clean = FingerScene()
        var scene = clean.scene
        let tendon = Shape.rod(from: clean.at(4, palmar: 5.4), to: clean.at(30, palmar: 5.2), radius: { _ in 1.6 })
        let sheath = Shape.rod(from: clean.at(8, palmar: 5.4), to: clean.at(26, palmar: 5.2), radius: { _ in 2.7 })
        scene.paint(Matter.muscle.with(hydroxyapatite: 350), kind: .deposit) { max(sheath($0), -tendon($0)) }
        let findings = analyse(scene.pair(seed: 2, region: .hand))
        #expect(findings.deposits.count >= 1)
        #expect(findings.otherMineral == [])
        #expect(!findings.deposits.contains { $0.mayBeVessel })
    }
}
