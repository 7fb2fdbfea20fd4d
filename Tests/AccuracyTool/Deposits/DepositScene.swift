import DualEnergyCT
import Phantom

/// One deposit in a block of tissue, with the borders of tissue, tendon, skin or bone beside it that deposits have.
///
/// What the meter alone is tested on: CT numbers come from the phantom's own spectra and attenuation tables, shapes are
/// sampled finely, blurred by a Gaussian in plane and by the slice profile, and noise has the grain of filtered
/// back-projection. The mask is the truth's, drawn in or out as a segmentation would.
struct DepositScene {
    enum Place: String, CaseIterable {
        case fat, halfFat, muscle, tendonSheath, fibrousInFat, underSkin, throughSkin, nearBone, touchingBone
        case nearDeposit
    }

    struct Options {
        var place = Place.fat
        var diameterMm = 3.0
        var mgPerCm3 = 300.0
        var columnMm = 0.4
        var rowMm = 0.4
        var sliceMm = 0.6
        var thicknessMm = 0.75
        var blurSigmaMm = 0.42
        var noiseLowHU = 11.0
        var noiseHighHU = 10.0
        /// Standard deviation of the grain of the noise in mm.
        var grainMm = 0.32
        var pair = SpectrumPair(low: .kv80, high: .tin150)
        /// What the meter is told of its slopes, and by how much they are wrong: shares of the slope.
        var calibration = CalibrationUncertainty(commonLow: 0.03, commonHigh: 0.005, independent: 0.01)
        var slopeErrorLow = 0.0
        var slopeErrorHigh = 0.0
        /// Of shapes and places.
        var seed: UInt64 = 1
        /// Of the noise.
        var noiseSeed: UInt64 = 1
        /// Moves everything against the grid, in voxels.
        var shift = SIMD3<Float>(0, 0, 0)

        /// Half of the side of the block.
        var halfSideMm: Double { diameterMm * 0.62 + 8.6 }
        /// Mean way of rays through the middle of the block, in cm: a square's mean chord through its centre.
        var waterCm: Double { 1.12 * 2 * halfSideMm / 10 }
    }

    let options: Options
    let geometry: GridGeometry
    let truthMg: Double
    let truthMm3: Double
    let low: Volume<Int16>
    let high: Volume<Int16>
    /// Linear indices of the deposit's voxels.
    let voxels: [Int]
    let context: MeasurementContext

    init(_ options: Options) {
        self.options = options
        let anatomy = SceneAnatomy(options)
        func count(_ spacing: Double) -> Int { 2 * Int(options.halfSideMm / spacing) + 1 }
        let g = GridGeometry(
            columns: count(options.columnMm), rows: count(options.rowMm), slices: count(options.sliceMm),
            columnSpacingMm: options.columnMm, rowSpacingMm: options.rowMm, sliceSpacingMm: options.sliceMm)
        geometry = g
        let painted = PaintedScene(anatomy, geometry: g, shift: options.shift)
        truthMm3 = painted.depositMm3
        truthMg = painted.depositMm3 * options.mgPerCm3 / 1000
        let slice = options.thicknessMm / 2.3548
        func blurred(_ volume: Volume<Float>) -> Volume<Float> {
            SceneFilter.gaussian(volume, inPlaneMm: options.blurSigmaMm, axialMm: slice)
        }
        low = SceneFilter.noisy(
            blurred(painted.low), deviation: options.noiseLowHU, grainMm: options.grainMm, sliceMm: slice,
            seed: options.noiseSeed &* 2)
        high = SceneFilter.noisy(
            blurred(painted.high), deviation: options.noiseHighHU, grainMm: options.grainMm, sliceMm: slice,
            seed: options.noiseSeed &* 2 &+ 1)
        let masks = SceneMasks(
            deposit: blurred(painted.deposit), neighbour: blurred(painted.neighbour), bone: blurred(painted.bone),
            anatomy: anatomy)
        voxels = masks.voxels
        context = Self.context(low: low, high: high, masks: masks, options: options)
    }

    private static func context(
        low: Volume<Int16>, high: Volume<Int16>, masks: SceneMasks, options: Options
    ) -> MeasurementContext {
        let beams = [options.pair.low, options.pair.high].map {
            BeamQuality.tube(kilovolts: Double($0.peakKilovoltage), tinMm: $0.tinMm)
        }
        let tables = beams.map { ResponseTable($0) }
        // The block's CT numbers are those behind its own size in water: bone in it hardens nothing.
        let block = Volume<Int16>(geometry: low.geometry, repeating: 0)
        let paths = PathMap(of: (block, block), tables: (tables[0], tables[1]))
            .scaled(low: 1 + options.slopeErrorLow, high: 1 + options.slopeErrorHigh)
        let noise =
            NoiseEstimate.measure(low: low, high: high)
            ?? NoiseEstimate(voxel: NoiseCovariance(low: 100, high: 100), correlationVoxels: 5, voxelCount: 0)
        let typical = paths.typical
        let fields = TissueFields(
            SegmentationInput(
                low: low, high: high, hydroxyapatiteLow: typical.low.hydroxyapatite,
                hydroxyapatiteHigh: typical.high.hydroxyapatite, muscleLowHU: typical.low.muscleHU,
                muscleHighHU: typical.high.muscleHU, fatLowHU: typical.low.adiposeHU,
                fatHighHU: typical.high.adiposeHU, noiseLowHU: noise.voxel.low.squareRoot(),
                noiseHighHU: noise.voxel.high.squareRoot(), sliceThicknessMm: options.thicknessMm,
                pointSpreadSigmaMm: options.blurSigmaMm))!
        let g = low.geometry
        let segmentation = SegmentationResult(
            labels: masks.labels, componentIndex: Volume(geometry: g, repeating: 0), componentCount: 1,
            body: fields.body, distanceToSkinMm: fields.skinDistanceMm, localFatFraction: fields.fatFraction,
            exclusions: [])
        // A real estimate of the sharpness is a few per cent off.
        var generator = SeededNumbers(seed: options.seed &+ 77)
        let off = 1 + 0.05 * generator.normal()
        // Images show the aperture of their voxels as well.
        func shown(_ sigma: Double, _ aperture: Double) -> Double {
            off * (sigma * sigma + aperture * aperture / 12).squareRoot()
        }
        let aperture = (options.columnMm * options.rowMm).squareRoot()
        return MeasurementContext(
            low: low, high: high, segmentation: segmentation, paths: paths, noise: noise,
            pointSpreadSigmaMm: shown(options.blurSigmaMm, aperture),
            axialSigmaMm: shown(options.thicknessMm / 2.3548, options.sliceMm), calibration: options.calibration)
    }

    func measure() -> DepositMeasurement { DepositMeter(voxels: voxels, context: context).measure() }
}

/// Labels as a segmentation would draw them: half of the local maximum, a little in or out.
struct SceneMasks {
    let labels: Volume<UInt8>
    let voxels: [Int]

    init(deposit: Volume<Float>, neighbour: Volume<Float>, bone: Volume<Float>, anatomy: SceneAnatomy) {
        let g = deposit.geometry
        var generator = SeededNumbers(seed: anatomy.options.seed &+ 99)
        let level = 0.5 + 0.1 * Float(generator.normal())
        let waver = SceneField(wavelengthMm: 4, using: &generator)
        let boneLevel = 0.5 + 0.06 * Float(generator.normal())
        let peak = deposit.voxels.max() ?? 1
        let neighbourPeak = max(neighbour.voxels.max() ?? 0, 0.01)
        let spacing = SIMD3(Float(g.columnSpacingMm), Float(g.rowSpacingMm), Float(g.sliceSpacingMm))
        var labels = Volume<UInt8>(geometry: g, repeating: TissueLabel.none)
        var voxels: [Int] = []
        for n in labels.voxels.indices {
            let p = SIMD3(Float(n % g.columns), Float(n / g.columns % g.rows), Float(n / (g.columns * g.rows)))
            let uneven = 0.1 * waver.value(p * spacing)
            if bone.voxels[n] > boneLevel + 0.5 * uneven {
                labels.voxels[n] = TissueLabel.bone
            } else if deposit.voxels[n] > (min(max(level, 0.3), 0.7) + uneven) * peak {
                labels.voxels[n] = TissueLabel.deposit
                voxels.append(n)
            } else if neighbour.voxels[n] > 0.5 * neighbourPeak {
                labels.voxels[n] = TissueLabel.deposit
            }
        }
        if voxels.isEmpty, let n = deposit.voxels.indices.max(by: { deposit.voxels[$0] < deposit.voxels[$1] }) {
            labels.voxels[n] = TissueLabel.deposit
            voxels = [n]
        }
        self.labels = labels
        self.voxels = voxels
    }
}
