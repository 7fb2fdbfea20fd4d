import DualEnergyCT
import Testing

/// A column of mineral in a column of tissue in muscle, 5 cm wide: what a region reads whatever it lies in.
struct RegionDensityTests {
    private static let tissues: [(name: String, matter: Matter)] = [
        ("fat", .fat), ("half fat", Matter(low: -31.5, high: -11)), ("muscle", .muscle),
        ("skin", Matter(low: 70, high: 76)),
        ("tendon", Matter(low: 97, high: 100)),
    ]

    private static func mapper(
        _ own: Matter, around: Matter, density: Float, seed: UInt64, noise: Float = 12
    ) -> MaterialMapper {
        var scene = SyntheticScene(columns: 64, rows: 64, slices: 16, spacingMm: 1, sliceSpacingMm: 1)
        func column(_ radius: Float) -> (SIMD3<Float>) -> Float {
            { Shape.length(SIMD3($0.x - 32, $0.y - 32, 0)) - radius }
        }
        scene.paint(.muscle, where: column(29))
        scene.paint(around, where: column(12))
        scene.paint(own.with(hydroxyapatite: density), where: column(5))
        let images = scene.images(seed: seed, noiseLow: noise, noiseHigh: 10 * noise / 12)
        return MaterialMapper(
            pair: DualEnergyPair(
                low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
                highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: 1))
    }

    private static let region: [Int] = (0..<(64 * 64 * 16)).filter { n in
        let (x, y, k) = (Double(n % 64) - 31.5, Double(n / 64 % 64) - 31.5, n / 4096)
        return x * x + y * y < 6.25 && (5..<11).contains(k)
    }

    @Test(arguments: tissues.indices)
    func aRegionReadsItsDensityInEveryTissue(_ index: Int) {
        let tissue = Self.tissues[index]
        for density: Float in [100, 300] {
            let found = Self.mapper(tissue.matter, around: tissue.matter, density: density, seed: 3)
                .density(of: Self.region)
            // The scene is painted with rounded slopes of another model.
            let limit = 0.06 * Double(density) + 3 * found.noise
            #expect(abs(found.mgPerCm3 - Double(density)) < limit, "\(found.mgPerCm3) of \(density) in \(tissue.name)")
        }
    }

    /// Weak mineral reaches beyond the region: taken for tissue it would hide a part of itself.
    @Test
    func weakMineralAroundARegionIsNotTakenForItsTissue() {
        let found = (0..<8).map { seed in
            Self.mapper(.fat, around: .fat, density: 60, seed: UInt64(200 + seed)).density(of: Self.region).mgPerCm3
        }
        #expect(abs(found.reduce(0, +) / 8 - 60) < 5, "\(found)")
    }

    /// A limit within the noise would leave those cells of tissue that happen to hold too little, and give all of it to
    /// the region.
    @Test
    func noiseOfTheTissueAroundMovesNoDensity() {
        func found(noise: Float) -> [RegionDensity] {
            (0..<12).map { seed in
                Self.mapper(.muscle, around: .muscle, density: 200, seed: UInt64(300 + seed), noise: noise)
                    .density(of: Self.region, tissue: .unknown)
            }
        }
        let (quiet, noisy) = (found(noise: 4), found(noise: 20))
        func mean(_ list: [RegionDensity]) -> Double { list.reduce(0) { $0 + $1.mgPerCm3 } / Double(list.count) }
        #expect(
            abs(mean(noisy) - mean(quiet)) < 3 * noisy[0].noise / 12.0.squareRoot(),
            "\(mean(quiet)) \(mean(noisy)) +- \(noisy[0].noise)")
    }

    @Test
    func theStatedNoiseIsTheScatterOfRepeats() {
        let found = (0..<24).map { seed in
            Self.mapper(.fat, around: .fat, density: 200, seed: UInt64(100 + seed))
                .density(of: Self.region, tissue: .unknown)
        }
        let mean = found.reduce(0) { $0 + $1.mgPerCm3 } / Double(found.count)
        let variance = found.reduce(0) { $0 + ($1.mgPerCm3 - mean) * ($1.mgPerCm3 - mean) } / Double(found.count - 1)
        let stated = found.reduce(0) { $0 + $1.noise * $1.noise } / Double(found.count)
        // The scatter of 24 repeats is itself known within 30 % (two deviations).
        #expect(
            (0.5...1.9).contains(stated / variance), "stated \(stated.squareRoot()), found \(variance.squareRoot())")
    }

    @Test
    func theCurvePassesThroughEveryTissueAndThroughWhatWasMeasured() {
        let response = PublishedPair.all[1].response
        var curve = SoftTissueCurve(response)
        for (position, low, high) in [
            (0.0, response.low.adiposeHU, response.high.adiposeHU), (1, response.low.muscleHU, response.high.muscleHU),
            (1.5, response.low.skinHU, response.high.skinHU), (2, response.low.tendonHU, response.high.tendonHU),
        ] {
            let tissue = curve.tissue(at: position)
            #expect(abs(tissue.low - low) < 1e-9 && abs(tissue.high - high) < 1e-9)
        }
        let position = curve.pass(throughLow: 0, high: 0, noise: NoiseCovariance(low: 100, high: 100))
        let water = curve.tissue(at: position)
        #expect(abs(water.low) < 1e-9 && abs(water.high) < 1e-9)
        #expect((0.5...0.9).contains(position), "water lies between half fat and muscle")
    }
}
