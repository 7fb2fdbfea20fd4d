import DualEnergyCT
import Phantom
import Testing

/// Limbs and trunk: what is in them and where the truth says it is.
@Suite struct RegionPhantomTests {
    private static let pair = SpectrumPair(low: .kv80, high: .tin150)

    /// The whole region, coarsely.
    private static func phantom(_ region: PhantomRegion, seed: UInt64 = 1, deposits: Int = 8) -> RegionPhantom {
        var parameters = RegionParameters(region)
        parameters.depositCount = deposits
        parameters.hasMetal = true
        var scan = ScanParameters()
        (scan.columns, scan.rows, scan.slices) = (0, 0, 0)
        scan.pixelSpacingMm = 0.8
        scan.sliceSpacingMm = 1
        return RegionPhantom(parameters, scan: scan, seed: seed)
    }

    @Test(arguments: PhantomRegion.allCases) func everyRegionHasBoneVesselsAndDeposits(_ region: PhantomRegion) {
        let phantom = Self.phantom(region)
        let labels = phantom.truthLabels()
        var counts = [Int](repeating: 0, count: 256)
        for label in labels.voxels { counts[Int(label)] += 1 }
        let voxel = labels.geometry.voxelVolumeMm3
        #expect(Double(counts[Int(TruthLabel.bone)]) * voxel > 12_000)
        #expect(counts[Int(TruthLabel.vascular)] > 5)
        #expect(counts[Int(TruthLabel.metal)] > 0 || region == .wrist || region == .shoulder)
        let truth = phantom.truth(mode: .quick, pair: Self.pair)
        #expect(truth.deposits.count >= 6)
        for deposit in truth.deposits {
            let labelled = Double(counts[100 + deposit.number]) * voxel
            #expect(
                abs(labelled - deposit.volumeMm3) < 0.1 * deposit.volumeMm3 + 4, "\(region) deposit \(deposit.number)")
            #expect(deposit.touchesBone || deposit.compartment != .periarticular)
        }
        for calcification in truth.otherCalcifications ?? [] { #expect(calcification.volumeMm3 > 0) }
    }

    @Test(arguments: PhantomRegion.allCases) func somethingOfEveryRegionIsOtherCalcification(_ region: PhantomRegion) {
        let counts = (1...4 as ClosedRange<UInt64>).map {
            Self.phantom(region, seed: $0, deposits: 0).truth(mode: .quick, pair: Self.pair).otherCalcifications?.count
                ?? 0
        }
        #expect(counts.reduce(0, +) > 0)
    }

    @Test func calcinosisOfAShoulderLeavesTheCuffToTendinitis() throws {
        var parameters = RegionParameters(.shoulder)
        parameters.depositCount = 16
        parameters.mix.sites = [.tendonSheath]
        var scan = ScanParameters()
        (scan.columns, scan.rows, scan.slices) = (0, 0, 0)
        (scan.pixelSpacingMm, scan.sliceSpacingMm) = (1, 1.5)
        for seed in 1...3 as ClosedRange<UInt64> {
            let phantom = RegionPhantom(parameters, scan: scan, seed: seed)
            let truth = phantom.truth(mode: .quick, pair: Self.pair)
            #expect(truth.deposits.count > 2)
            // The cuff passes over the head, the long tendon of the biceps in front of it and below its top: patient
            // coordinates are the phantom's own, the head's middle at 0.
            for deposit in truth.deposits { #expect(deposit.centreMm[2] < 18, "seed \(seed) \(deposit.centreMm)") }
        }
    }

    @Test func granulomasOfInjectionsLieUnderFat() {
        var seen = 0
        for seed in 1...4 as ClosedRange<UInt64> {
            let phantom = Self.phantom(.pelvis, seed: seed, deposits: 0)
            let granulomas = (phantom.truth(mode: .quick, pair: Self.pair).otherCalcifications ?? []).filter {
                $0.kind == .injectionGranuloma
            }
            let labels = phantom.truthLabels()
            let g = labels.geometry
            for granuloma in granulomas {
                seen += 1
                let from =
                    PatientVector(
                        granuloma.centreMm[0], granuloma.centreMm[1], granuloma.centreMm[2]) - g.origin
                let (i, j, k) = (
                    Int((from.dot(g.rowDirection) / g.columnSpacingMm).rounded()),
                    Int((from.dot(g.columnDirection) / g.rowSpacingMm).rounded()),
                    Int((from.dot(g.sliceDirection) / g.sliceSpacingMm).rounded())
                )
                let behind = (j..<g.rows).map { labels[i, $0, k] }
                let skin = behind.firstIndex(of: TruthLabel.air) ?? behind.count
                let end = behind.lastIndex(of: TruthLabel.otherCalcification) ?? 0
                #expect(Double(skin - end) * g.rowSpacingMm > 4, "seed \(seed)")
            }
        }
        #expect(seen > 2)
    }

    @Test func aShortScanOfTheKneeReadsAsItsTissues() throws {
        var scan = ScanParameters()
        (scan.columns, scan.rows, scan.slices) = (0, 0, 6)
        scan.pixelSpacingMm = 0.8
        let phantom = RegionPhantom(RegionParameters(.knee), scan: scan, seed: 2)
        let images = phantom.simulate(mode: .projection, pair: Self.pair)
        let labels = phantom.truthLabels()
        let soft = zip(images.low.voxels, labels.voxels).filter { $0.1 == TruthLabel.tissue }.map { Double($0.0) }
        let mean = soft.reduce(0, +) / Double(soft.count)
        #expect((-110...70).contains(mean), "between fat and muscle: \(mean)")
        let bone = zip(images.low.voxels, labels.voxels).filter { $0.1 == TruthLabel.bone }.map { Double($0.0) }
        #expect(bone.reduce(0, +) / Double(bone.count) > 250)
    }

    @Test func aRepetitionIsTheSameBodyWithOtherNoise() {
        var scan = ScanParameters()
        (scan.columns, scan.rows, scan.slices) = (0, 0, 4)
        scan.pixelSpacingMm = 0.8
        let first = RegionPhantom(RegionParameters(.elbow), scan: scan, seed: 3)
        let again = RegionPhantom(RegionParameters(.elbow), scan: scan, seed: 3, repetition: 1)
        let same = RegionPhantom(RegionParameters(.elbow), scan: scan, seed: 3)
        let images = first.simulate(mode: .quick, pair: Self.pair)
        #expect(images.low == same.simulate(mode: .quick, pair: Self.pair).low)
        #expect(images.low.voxels != again.simulate(mode: .quick, pair: Self.pair).low.voxels)
        #expect(
            first.truth(mode: .quick, pair: Self.pair).deposits.count
                == again.truth(mode: .quick, pair: Self.pair).deposits.count)
    }

    @Test func densitiesFollowTheMixThatWasAskedFor() {
        var parameters = HandParameters()
        parameters.depositCount = 40
        parameters.mix.mgPerCm3 = 80...1000
        parameters.mix.faintShare = 1.0 / 3
        var scan = ScanParameters()
        scan.slices = 380
        let densities = HandPhantom(parameters, scan: scan, seed: 4).truth(mode: .quick, pair: Self.pair).deposits
            .map(\.densityMgPerCm3)
        #expect(densities.allSatisfy { (80...1000).contains($0) })
        let faint = Double(densities.count { $0 <= 250 }) / Double(densities.count)
        #expect((0.15...0.55).contains(faint), "\(faint)")
    }
}
