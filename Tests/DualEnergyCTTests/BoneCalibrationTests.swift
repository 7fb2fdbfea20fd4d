import DualEnergyCT
import Testing

struct BoneCalibrationTests {
    private static let tin = (
        low: BeamQuality.tube(kilovolts: 80, tinMm: 0), high: BeamQuality.tube(kilovolts: 150, tinMm: 0.6)
    )
    private static let open = (
        low: BeamQuality.tube(kilovolts: 80, tinMm: 0), high: BeamQuality.tube(kilovolts: 140, tinMm: 0)
    )

    private static func line(
        _ beams: (low: BeamQuality, high: BeamQuality), aluminiumMm: Double, factor: Double = 1
    ) -> BoneLine {
        let path = RayPath(waterCm: 4, mineralGPerCm2: 0.3)
        let model = BoneModel.line(
            low: beams.low, high: beams.high, filtration: .effective(aluminiumMm: aluminiumMm), path: path)
        return BoneLine(
            slope: factor * model.slope, interceptHU: model.interceptHU, relativeDeviation: 0.001, path: path,
            volumeMm3: 1000)
    }

    @Test(arguments: [4.0, 8, 12])
    func behindTinTheLineOfBoneGivesBackTheFiltration(_ aluminiumMm: Double) throws {
        let line = Self.line(Self.tin, aluminiumMm: aluminiumMm)
        let bone = try #require(BoneCalibration.fit(line, low: Self.tin.low, high: Self.tin.high, behind: line.path))
        #expect(abs(bone.aluminiumMm - aluminiumMm) < bone.deviationMm)
        #expect(bone.gain > 0.35)
        let slopes = bone.uncertainty.covariance(low: 1, high: 1)
        #expect(slopes.low.squareRoot() < 0.025)
        #expect(slopes.high.squareRoot() < 0.02)
        // Bone knows the ratio of the slopes better than either of them.
        #expect((slopes.low + slopes.high - 2 * slopes.both).squareRoot() < 0.015)
        #expect(bone.contradiction < 0.5)
    }

    @Test
    func withoutTinBoneTellsLittleAndTheIntervalStaysWide() throws {
        let line = Self.line(Self.open, aluminiumMm: 5)
        let bone = try #require(BoneCalibration.fit(line, low: Self.open.low, high: Self.open.high, behind: line.path))
        let table = CalibrationUncertainty.table(low: Self.open.low, high: Self.open.high)
        #expect(bone.gain < 0.3)
        #expect(bone.uncertainty.commonLow > 0.6 * table.commonLow)
        #expect(table.commonLow > 0.05)
    }

    /// The prior counts all filters as aluminium.
    @Test(arguments: [80.0, 140])
    func aMillimetreOfTitaniumHardensAsThePriorSays(_ kilovolts: Double) {
        func slope(_ filtration: Filtration) -> Double {
            ResponseTable(.tube(kilovolts: kilovolts, tinMm: 0), filtration: filtration).response(waterCm: 6)
                .hydroxyapatite
        }
        for (aluminium, titanium) in [(3.0, 0.9), (6, 0.45), (9, 0.9)] {
            let mixed = slope(Filtration(aluminiumMm: aluminium, titaniumMm: titanium, anodeAngleDegrees: 8))
            let alone = slope(.effective(aluminiumMm: aluminium + 8.2 * titanium))
            #expect(abs(mixed / alone - 1) < 0.005, "\(aluminium) mm Al and \(titanium) mm Ti: \(mixed), \(alone)")
        }
    }

    @Test
    func boneThatNoFiltrationExplainsIsAContradiction() throws {
        let line = Self.line(Self.tin, aluminiumMm: 9, factor: 0.8)
        let bone = try #require(BoneCalibration.fit(line, low: Self.tin.low, high: Self.tin.high, behind: line.path))
        #expect(bone.contradiction > 3)
        var trust = TrustAssessment()
        trust.boneContradiction = bone.contradiction
        let reasons = trust.verdict(TrustLimits()).reasons
        #expect(reasons.contains { $0.kind == .calibration && $0.unit == "spectra" })
    }

    @Test
    func imagesAtOneEnergyKnowNoFiltration() {
        let line = Self.line(Self.tin, aluminiumMm: 9)
        let found = BoneCalibration.fit(
            line, low: .monoenergetic(kiloelectronvolts: 50), high: .monoenergetic(kiloelectronvolts: 80),
            behind: line.path)
        #expect(found == nil)
    }

    /// Tubes of cortex with fatty marrow, of three densities, blurred by partial volume, noisy and displaced.
    @Test(arguments: [0.5, 0.75, 1.0])
    func theLineDependsNeitherOnDensityNorOnPartialVolume(_ density: Double) throws {
        let g = GridGeometry(
            columns: 60, rows: 60, slices: 12, columnSpacingMm: 0.5, rowSpacingMm: 0.5, sliceSpacingMm: 0.5)
        var low = Volume<Int16>(geometry: g, repeating: 46)
        var high = Volume<Int16>(geometry: g, repeating: 41)
        var labels = Volume<UInt8>(geometry: g, repeating: TissueLabel.none)
        var generator = SeededNoise(seed: 5)
        func share(_ x: Double, _ y: Double) -> (cortex: Double, marrow: Double) {
            let r = (x * x + y * y).squareRoot()
            func step(_ edge: Double) -> Double { min(max((edge - r) / 0.8 + 0.5, 0), 1) }
            return (step(6) - step(4), step(4))
        }
        for k in 0..<12 {
            for j in 0..<60 {
                for i in 0..<60 {
                    let (x, y) = (Double(i) * 0.5 - 15, Double(j) * 0.5 - 15)
                    let a = share(x, y)
                    let b = share(x + 0.1, y)
                    func hu(_ s: (cortex: Double, marrow: Double), _ cortex: Double, _ marrow: Double, _ muscle: Double)
                        -> Double
                    {
                        let c = density * s.cortex
                        return c * cortex + (s.marrow + s.cortex - c) * marrow + (1 - s.marrow - s.cortex) * muscle
                    }
                    low[i, j, k] = Int16((hu(a, 2300, -85, 46) + 12 * generator.normal()).rounded())
                    high[i, j, k] = Int16((hu(b, 1060, -45, 41) + 10 * generator.normal()).rounded())
                    if x * x + y * y < 6.3 * 6.3 { labels[i, j, k] = TissueLabel.bone }
                }
            }
        }
        let tables = (ResponseTable(Self.tin.low), ResponseTable(Self.tin.high))
        let line = try #require(
            BoneLine.measure(
                low: low, high: high, labels: labels, paths: PathMap(of: (low, high), tables: tables),
                noise: NoiseEstimate(voxel: NoiseCovariance(low: 144, high: 100), correlationVoxels: 1, voxelCount: 1),
                minimumMm3: 200))
        // From marrow 2385/1105 = 2.158, from muscle 2254/1019 = 2.212, and 1 % for the displacement of 0.1 mm.
        #expect(line.slope > 2.136 && line.slope < 2.234, "\(line.slope)")
        #expect(line.relativeDeviation < 0.01)
    }
}

/// Normal deviates, the same every time.
private struct SeededNoise {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// Sum of twelve uniform numbers less six.
    mutating func normal() -> Double {
        var sum = -6.0
        for _ in 0..<12 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            sum += Double(state >> 11) / Double(1 << 53)
        }
        return sum
    }
}
