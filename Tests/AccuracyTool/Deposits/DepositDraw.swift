import DualEnergyCT
import Phantom

/// Deposits for experiments with the meter alone.
enum DepositDraw {
    /// A deposit drawn from what hands show, in a place, with a grid, a sharpness and a noise of its own.
    static func draw(
        _ place: DepositScene.Place, diameterMm: ClosedRange<Float>, seed number: UInt64
    ) -> DepositScene.Options {
        let seed = number &* 16 &+ UInt64(DepositScene.Place.allCases.firstIndex(of: place) ?? 0)
        var generator = SeededNumbers(seed: seed)
        var options = DepositScene.Options()
        options.place = place
        options.seed = seed
        options.noiseSeed = seed &+ 500_000
        options.diameterMm = Double(generator.real(diameterMm))
        options.mgPerCm3 = Double(generator.real(100...800))
        let isSquare = generator.real() < 0.7
        options.columnMm = Double(generator.real(0.3...0.5))
        options.rowMm = isSquare ? options.columnMm : Double(generator.real(0.25...0.6))
        options.sliceMm = Double(generator.real(0.5...1.0))
        options.thicknessMm = options.sliceMm * Double(generator.real(1...1.4))
        options.blurSigmaMm = Double(generator.real(0.35...0.5))
        options.noiseLowHU = Double(generator.real(8...18))
        options.noiseHighHU = Double(generator.real(8...16))
        options.grainMm = Double(generator.real(0.25...0.4))
        options.shift = SIMD3(generator.real(-0.5...0.5), generator.real(-0.5...0.5), generator.real(-0.5...0.5))
        return options
    }

    /// With slopes that are wrong as their stated uncertainty says.
    static func withCalibrationError(_ options: DepositScene.Options) -> DepositScene.Options {
        var numbers = SeededNumbers(seed: options.seed &+ 31)
        var result = options
        let (common, low, high) = (numbers.normal(), numbers.normal(), numbers.normal())
        let uncertainty = options.calibration
        result.slopeErrorLow = uncertainty.commonLow * common + uncertainty.independent * low
        result.slopeErrorHigh = uncertainty.commonHigh * common + uncertainty.independent * high
        return result
    }
}
