/// The mass of one deposit from the summed excess of its shells at both energies: generalised least squares with
/// everything that is uncertain in the covariance.
///
/// The sums of all shells together hold the whole mass whatever the deposit's shape; the inner shells alone tell with
/// little noise how much of the excess is mineral and how much is the deposit's matrix, whose fat may differ from the
/// tissue around. Least squares takes of each what it knows best.
struct MassEstimate {
    /// In mg/cm3 times mm3, which is ug.
    let mass: Double
    /// Variances of the mass by cause: noise with tissue, matrix, bone and shape; calibration.
    let measurementVariance: Double
    let calibrationVariance: Double
    /// Of the matrix and the tissue, which may lean the same way in all deposits of one hand; part of the former.
    let matrixVariance: Double

    /// What goes in, in HU times mm3.
    struct Input {
        /// Summed excess of each shell at low energy, then at high energy.
        var sums: [Double]
        var shares: [Double]
        var sharesByEdge: [Double]
        /// Noise, baseline and the edges of bone and skin.
        var covariance: CovarianceMatrix
        var slope: (low: Double, high: Double)
        var fat: (low: Double, high: Double)
        var volumeMm3: Double
        var matrix: DepositMatrix
        var calibration: CalibrationUncertainty
    }

    /// A mask is drawn in or out by this much, in mm.
    static let edgeDeviationMm = 0.15
    /// Density is not the same all over a deposit: shares of the mass vary as if it came in this many lumps.
    static let lumps = 30.0

    init(_ input: Input) {
        let count = input.shares.count
        func spread(_ low: Double, _ high: Double, _ shares: [Double]) -> [Double] {
            shares.map { low * $0 } + shares.map { high * $0 }
        }
        let design = spread(input.slope.low, input.slope.high, input.shares)
        let matrix = spread(input.fat.low, input.fat.high, input.shares)
        let fatVolume = input.volumeMm3 * input.matrix.fatDifference
        let fatVariance = input.volumeMm3 * input.matrix.fatDeviation * input.volumeMm3 * input.matrix.fatDeviation
        let other = spread(1, DepositMatrix.departureAtHigh, input.shares)
        let otherVariance =
            input.volumeMm3 * DepositMatrix.departureHU * input.volumeMm3 * DepositMatrix.departureHU
        let residual = zip(input.sums, matrix).map { $0 - fatVolume * $1 }
        var mass = 0.0
        var fatExcess = fatVolume
        var total = input.covariance
        var calibration = CovarianceMatrix(count: 2 * count)
        // Errors in proportion to the signal need the signal: a few rounds settle it.
        for _ in 0..<4 {
            total = input.covariance
            total.add(fatVariance, along: matrix)
            total.add(otherVariance, along: other)
            let signal = (
                low: mass * input.slope.low + fatExcess * input.fat.low,
                high: mass * input.slope.high + fatExcess * input.fat.high
            )
            total.add(
                Self.edgeDeviationMm * Self.edgeDeviationMm, along: spread(signal.low, signal.high, input.sharesByEdge))
            Self.addLumps(to: &total, signal, shares: input.shares)
            calibration = Self.calibration(input, mass: mass)
            let factor = (total + calibration).factor()
            let weighted = factor.solve(design)
            let information = zip(weighted, design).reduce(0) { $0 + $1.0 * $1.1 }
            mass = zip(weighted, residual).reduce(0) { $0 + $1.0 * $1.1 } / information
            let left = zip(residual, design).map { $0 - mass * $1 }
            fatExcess = fatVolume + fatVariance * zip(factor.solve(left), matrix).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let weighted = (total + calibration).factor().solve(design)
        let information = zip(weighted, design).reduce(0) { $0 + $1.0 * $1.1 }
        let weights = weighted.map { $0 / information }
        self.mass = mass
        measurementVariance = total.quadratic(weights, weights)
        calibrationVariance = calibration.quadratic(weights, weights)
        let along = zip(weights, matrix).reduce(0) { $0 + $1.0 * $1.1 }
        matrixVariance = fatVariance * along * along
    }

    /// The covariance of shares drawn from a Dirichlet distribution: they vary, their sum does not.
    private static func addLumps(
        to total: inout CovarianceMatrix, _ signal: (low: Double, high: Double), shares: [Double]
    ) {
        let count = shares.count
        let sum = max(shares.reduce(0, +), 1e-9)
        for a in 0..<count {
            for b in 0..<count {
                let value = ((a == b ? shares[a] * sum : 0) - shares[a] * shares[b]) / (lumps + 1)
                total[a, b] += value * signal.low * signal.low
                total[count + a, count + b] += value * signal.high * signal.high
                total[a, count + b] += value * signal.low * signal.high
                total[count + a, b] += value * signal.low * signal.high
            }
        }
    }

    private static func calibration(_ input: Input, mass: Double) -> CovarianceMatrix {
        let count = input.shares.count
        let pair = input.calibration.covariance(low: mass * input.slope.low, high: mass * input.slope.high)
        var result = CovarianceMatrix(count: 2 * count)
        for a in 0..<count {
            for b in 0..<count {
                let share = input.shares[a] * input.shares[b]
                result[a, b] = share * pair.low
                result[count + a, count + b] = share * pair.high
                result[a, count + b] = share * pair.both
                result[count + a, b] = share * pair.both
            }
        }
        return result
    }
}

/// What lies between the crystals of a deposit, as far as it is known before it is measured.
struct DepositMatrix {
    /// Mean and standard deviation of its fat fraction less that of the tissue around.
    let fatDifference: Double
    let fatDeviation: Double
    /// Collagen and tendon are no mixture of fat and muscle: standard deviation in HU at low energy.
    static let departureHU = 15.0
    static let departureAtHigh = 0.9

    /// Deposits lie scattered in fat or replace it by fibrous tissue, so their matrix holds at most the fat around them;
    /// in muscle it can only hold more. Between these bounds nothing is known.
    init(around fatFraction: Double) {
        let fat = min(max(fatFraction, 0), 1)
        fatDifference = 0.1 - 0.35 * fat
        fatDeviation = 0.12 + 0.22 * fat
    }
}
