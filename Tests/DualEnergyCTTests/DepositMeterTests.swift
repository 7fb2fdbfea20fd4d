import DualEnergyCT
import Testing

/// One ball in a block of tissue, with the numbers of an independent forward model (see `Matter`).
struct BallScene {
    let input: SegmentationInput
    let context: MeasurementContext
    let voxels: [Int]

    init(
        diameterMm: Float, densityMgPerCm3: Float, tissue: Matter, matrix: Matter? = nil, seed: UInt64,
        content: Matter? = nil, beside: (content: Matter, offsetMm: SIMD3<Float>)? = nil, noiseLow: Float = 15,
        noiseHigh: Float = 12, airAtMm: Float? = nil
    ) {
        var scene = SyntheticScene(columns: 64, rows: 64, slices: 56, spacingMm: 0.5, sliceSpacingMm: 0.5)
        let all: (SIMD3<Float>) -> Float = { _ in -10 }
        scene.paint(tissue, where: all)
        let centre = 0.5 * scene.sizeMm + SIMD3(0.13, -0.2, 0.21)
        if let airAtMm { scene.paint(.air) { centre.y + airAtMm - $0.y } }
        scene.paint(
            content ?? Self.mineral(densityMgPerCm3, in: matrix ?? tissue), kind: .deposit,
            where: Shape.ball(centre, diameterMm / 2))
        if let beside {
            scene.paint(
                beside.content, kind: .deposit, where: Shape.ball(centre + beside.offsetMm, diameterMm / 2))
        }
        let input = scene.images(seed: seed, noiseLow: noiseLow, noiseHigh: noiseHigh)
        // The mask a segmentation would give: half the contrast.
        let g = input.low.geometry
        let half = Volume<Float>(geometry: g, voxels: scene.deposits.voxels.map { $0 > 0 ? 1 : 0 })
        let blurred = half.gaussianSmoothed(sigmaMm: 0.42)
        let level = 0.5 * Float(BlurredSphere.peak(radiusMm: Double(diameterMm) / 2, sigmaMm: 0.5))
        let mask = blurred.voxels.map { $0 > level }
        let fat = (Float(tissue.low) - Matter.muscle.low) / (Matter.fat.low - Matter.muscle.low)
        let body = BodyMask.make(low: input.low) ?? Volume(geometry: g, repeating: 1)
        let segmentation = SegmentationResult(
            labels: Volume(geometry: g, voxels: mask.map { $0 ? TissueLabel.deposit : TissueLabel.none }),
            componentIndex: Volume(geometry: g, voxels: mask.map { $0 ? 1 : 0 }), componentCount: 1,
            body: body, distanceToSkinMm: body.complement().squaredDistancesMm2(capMm: 10).map { $0.squareRoot() },
            localFatFraction: Volume(geometry: g, repeating: fat), exclusions: [])
        let low = ResponseTable(.tube(kilovolts: 80, tinMm: 0))
        let high = ResponseTable(.tube(kilovolts: 150, tinMm: 0.6))
        self.input = input
        voxels = mask.indices.filter { mask[$0] }
        // The scene is painted with the slopes behind 5 cm of water, and its block is smaller.
        let paths = PathMap(of: (input.low, input.high), tables: (low, high))
        context = MeasurementContext(
            low: input.low, high: input.high, segmentation: segmentation,
            paths: paths.scaled(
                low: Double(Matter.mineralLow) / paths.typical.low.hydroxyapatite,
                high: Double(Matter.mineralHigh) / paths.typical.high.hydroxyapatite),
            noise: NoiseEstimate.measure(low: input.low, high: input.high)
                ?? NoiseEstimate(voxel: NoiseCovariance(low: 1, high: 1), correlationVoxels: 1, voxelCount: 0),
            // The scene's blur with the aperture of its voxels.
            pointSpreadSigmaMm: 0.449,
            calibration: CalibrationUncertainty(commonLow: 0.03, commonHigh: 0.005, independent: 0.01))
    }

    /// Mineral takes the place of its volume of tissue: 1 mg/cm3 of it displaces 1/3160.
    private static func mineral(_ density: Float, in tissue: Matter) -> Matter {
        let volume = density / 3160
        return Matter(
            low: tissue.low + density * Matter.mineralLow - volume * tissue.low,
            high: tissue.high + density * Matter.mineralHigh - volume * tissue.high)
    }

    func measure() -> DepositMeasurement { DepositMeter(voxels: voxels, context: context).measure() }
}

struct DepositMeterTests {
    static let halfFat = Matter(low: -31.5, high: -11)

    /// Limits on the mean error over seeds and on each single error, in per cent of the true mass.
    @Test(arguments: [
        (2.0, 300.0, 12.0, 30.0), (3, 200, 8, 20), (3, 400, 6, 12), (4, 200, 6, 12), (5, 100, 8, 15), (5, 400, 5, 8),
    ])
    func massOfABallIsRightInFatInMuscleAndBetween(
        _ diameter: Double, _ density: Double, _ meanLimit: Double, _ singleLimit: Double
    ) {
        let truth = Double.pi / 6 * diameter * diameter * diameter * density / 1000
        for tissue in [Matter.fat, Matter.muscle, Self.halfFat] {
            let errors = (1...4).map { seed in
                let scene = BallScene(
                    diameterMm: Float(diameter), densityMgPerCm3: Float(density), tissue: tissue, seed: UInt64(seed))
                return 100 * (scene.measure().massMg.value / truth - 1)
            }
            let mean = errors.reduce(0, +) / 4
            #expect(abs(mean) < meanLimit, "\(diameter) mm \(density) mg/cm3: \(errors) %")
            #expect(errors.allSatisfy { abs($0) < singleLimit }, "\(diameter) mm \(density) mg/cm3: \(errors) %")
        }
    }

    @Test
    func massOfAFibrousDepositInFatIsNotTakenForTheFatItReplaces() {
        // Without the matrix in the covariance this reads 35 % too much.
        let truth = Double.pi / 6 * 125 * 200 / 1000
        let scene = BallScene(
            diameterMm: 5, densityMgPerCm3: 200, tissue: .fat, matrix: .muscle, seed: 3)
        let mass = scene.measure().massMg
        #expect(abs(mass.value / truth - 1) < 0.12)
        #expect(mass.low < truth && truth < mass.high)
    }

    @Test(arguments: [(2.0, 300.0), (3, 200), (4, 300), (6, 300)])
    func volumeAndMeanDensityOfABallAreNotThoseOfItsBlur(_ diameter: Double, _ density: Double) {
        let truth = Double.pi / 6 * diameter * diameter * diameter
        let measured = BallScene(
            diameterMm: Float(diameter), densityMgPerCm3: Float(density), tissue: .muscle, seed: 5
        ).measure()
        #expect(abs(measured.volumeMm3.value / truth - 1) < 0.33, "\(measured.volumeMm3) instead of \(truth)")
        #expect(measured.volumeMm3.low < truth && truth < measured.volumeMm3.high)
        #expect(measured.meanDensityMgPerCm3.low < density && density < measured.meanDensityMgPerCm3.high)
    }

    /// Three tenths of its diameter beyond the surface: by half of its density alone it would lose 6 to 16 % of it.
    @Test(arguments: [(4.0, 200.0), (4, 500), (6, 200), (6, 500)])
    func volumeOfABareDepositReachesToTheAir(_ diameter: Double, _ density: Double) {
        let truth = Double.pi / 6 * diameter * diameter * diameter
        let errors = (1...3).map { seed in
            let measured = BallScene(
                diameterMm: Float(diameter), densityMgPerCm3: Float(density), tissue: .muscle, seed: UInt64(seed),
                airAtMm: 0.2 * Float(diameter)
            ).measure()
            return measured.volumeMm3.value / truth - 1
        }
        #expect(abs(errors.reduce(0, +) / 3) < 0.05, "\(errors)")
    }

    /// Each stated in shares of the value: wide enough for the truth, and no wider than what such a ball leaves open.
    @Test(arguments: [(3.0, 0.12, 0.16), (4, 0.08, 0.12), (6, 0.05, 0.09)])
    func intervalsOfVolumeAndDensityAreAsWideAsTheirErrors(
        _ diameter: Double, _ volumeLimit: Double, _ densityLimit: Double
    ) {
        let truth = Double.pi / 6 * diameter * diameter * diameter
        for seed in 1...4 {
            let measured = BallScene(
                diameterMm: Float(diameter), densityMgPerCm3: 300, tissue: seed % 2 == 0 ? .fat : .muscle,
                seed: UInt64(seed)
            ).measure()
            let (volume, density) = (measured.volumeMm3, measured.meanDensityMgPerCm3)
            #expect(volume.low < truth && truth < volume.high, "\(volume) instead of \(truth)")
            #expect(density.low < 300 && 300 < density.high, "\(density)")
            #expect(measured.volumeDeviationMm3 / volume.value < volumeLimit, "\(volume)")
            #expect((density.high - density.value) / 1.96 / density.value < densityLimit, "\(density)")
        }
    }

    @Test(arguments: [(2.0, 300.0), (3, 200), (4, 300), (6, 300), (6, 600)])
    func thePeakOfAUniformBallIsItsDensityAndNotBelowTheMean(_ diameter: Double, _ density: Double) {
        for seed in 1...3 {
            let measured = BallScene(
                diameterMm: Float(diameter), densityMgPerCm3: Float(density), tissue: .muscle, seed: UInt64(seed)
            ).measure()
            #expect(measured.peakDensityMgPerCm3 >= measured.meanDensityMgPerCm3.value)
            #expect(abs(measured.peakDensityMgPerCm3 / density - 1) < 0.35, "\(measured.peakDensityMgPerCm3)")
        }
    }

    @Test
    func intervalsOfTheMassCoverTheTruth() {
        let truth = Double.pi / 6 * 27 * 250 / 1000
        let covered = (1...20).count { seed in
            let mass = BallScene(diameterMm: 3, densityMgPerCm3: 250, tissue: .fat, seed: UInt64(seed)).measure().massMg
            return mass.low <= truth && truth <= mass.high
        }
        #expect(covered >= 18)
    }

    @Test
    func noiseIsMeasuredWithItsGrain() {
        let scene = BallScene(
            diameterMm: 3, densityMgPerCm3: 200, tissue: .muscle, seed: 9, noiseLow: 20, noiseHigh: 10)
        let noise = scene.context.noise
        #expect(abs(noise.voxel.low.squareRoot() / 20 - 1) < 0.08)
        #expect(abs(noise.voxel.high.squareRoot() / 10 - 1) < 0.08)
        // A Gaussian grain of 0.6 voxels makes 44.5 x 0.6^3 = 9.6 voxels share their noise.
        #expect(abs(noise.correlationVoxels / 9.6 - 1) < 0.25, "\(noise.correlationVoxels)")
    }

    @Test
    func calciumAndUrateAreToldApart() {
        let calcium = BallScene(diameterMm: 3, densityMgPerCm3: 150, tissue: .muscle, seed: 1).measure()
        #expect(calcium.material == .hydroxyapatite)
        #expect(calcium.ratio.low > 1.6)
        let urate = BallScene(
            diameterMm: 4, densityMgPerCm3: 0, tissue: .muscle, seed: 2, content: .urate
        ).measure()
        #expect(urate.material == .urate)
        #expect(urate.ratio.low < 1.03 && urate.ratio.high > 1.03)
        let faint = BallScene(diameterMm: 2, densityMgPerCm3: 25, tissue: .muscle, seed: 3).measure()
        #expect(faint.material == .indeterminate)
    }
}
