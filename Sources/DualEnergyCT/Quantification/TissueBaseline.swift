/// The CT numbers that the place of a deposit would have without it, with their uncertainty.
///
/// The fat fraction of the tissue around runs on under the deposit, and the skin's profile under the surface. What the
/// tissue in sight reads beyond that (tendon, shading, a border of fat and muscle) is carried under the deposit as far
/// as tissue resembles its neighbourhood: simple kriging of a random field, whose strength is measured in the tissue
/// around.
struct TissueBaseline {
    /// Correction of the baseline of each shell in HU.
    let offsets: [(low: Double, high: Double)]
    /// Covariance of the mean baseline of the shells, in HU squared: all shells at low energy, then all at high energy.
    let covariance: CovarianceMatrix

    /// Tissues that are no mixtures of fat and muscle, and shading, depart by this many HU at both energies.
    private static let departureHU = 20.0
    private static let departureMm = 8.0
    private static let departureAtHigh = 0.9
    /// Fat fractions that are no further apart than this resemble each other.
    private static let fatMm = 2.5
    /// The fat fraction of a place is not known better than this, however uniform the tissue around looks.
    private static let leastFatDeviation = 0.06
    /// Without any tissue in sight.
    private static let unknownFatDeviation = 0.25
    private static let samples = 32

    /// - Parameter excess: over the mixture and the spill of mineral, in HU.
    init(
        _ region: DepositRegion, shells: DepositShells, low: [Float], high: [Float], response: PairResponse,
        noise: NoiseEstimate
    ) {
        let fat = (
            low: response.low.adiposeHU - response.low.muscleHU, high: response.high.adiposeHU - response.high.muscleHU
        )
        let tissue = shells.tissue.map { TissueSample($0, low: low, high: high) }
        let deviation = Self.fatDeviation(tissue, fat: fat, noise: noise)
        let groups = shells.shells.map(\.voxels) + shells.tissue
        let places = groups.map { Self.places($0, region) }
        let count = groups.count
        // Covariance of the mean baselines of all groups.
        var prior = CovarianceMatrix(count: 2 * count)
        for a in 0..<count {
            for b in 0...a {
                let fatPart = deviation * deviation * Self.resemblance(places[a], places[b], withinMm: Self.fatMm)
                let departure =
                    Self.departureHU * Self.departureHU
                    * Self.resemblance(places[a], places[b], withinMm: Self.departureMm)
                let r = Self.departureAtHigh
                let values = (
                    low: fatPart * fat.low * fat.low + departure, both: fatPart * fat.low * fat.high + r * departure,
                    high: fatPart * fat.high * fat.high + r * r * departure
                )
                for (p, q) in [(a, b), (b, a)] {
                    prior[p, q] = values.low
                    prior[p, count + q] = values.both
                    prior[count + p, q] = values.both
                    prior[count + p, count + q] = values.high
                }
            }
        }
        (offsets, covariance) = Self.conditioned(prior, on: tissue, noise: noise)
    }

    /// What is known of the shells once the tissue has been seen.
    private static func conditioned(
        _ prior: CovarianceMatrix, on tissue: [TissueSample], noise: NoiseEstimate
    ) -> ([(low: Double, high: Double)], CovarianceMatrix) {
        let count = prior.count / 2
        let shellCount = count - tissue.count
        func shell(_ n: Int) -> Int { n < shellCount ? n : count + n - shellCount }
        func octant(_ n: Int) -> Int { n < tissue.count ? shellCount + n : count + shellCount + n - tissue.count }
        var posterior = CovarianceMatrix(count: 2 * shellCount)
        for a in 0..<posterior.count { for b in 0..<posterior.count { posterior[a, b] = prior[shell(a), shell(b)] } }
        var means = [Double](repeating: 0, count: 2 * shellCount)
        if !tissue.isEmpty {
            var seen = CovarianceMatrix(count: 2 * tissue.count)
            for a in 0..<seen.count { for b in 0..<seen.count { seen[a, b] = prior[octant(a), octant(b)] } }
            for (n, sample) in tissue.enumerated() {
                let own = (1 / Double(sample.count)) * noise.sum(over: 1)
                seen[n, n] += own.low
                seen[tissue.count + n, tissue.count + n] += own.high
                seen[n, tissue.count + n] += own.both
                seen[tissue.count + n, n] += own.both
            }
            let factor = seen.factor()
            let values = tissue.map(\.low) + tissue.map(\.high)
            let weighted = factor.solve(values)
            for a in 0..<posterior.count {
                let row = (0..<seen.count).map { prior[shell(a), octant($0)] }
                means[a] = zip(row, weighted).reduce(0) { $0 + $1.0 * $1.1 }
                let explained = factor.solve(row)
                for b in 0..<posterior.count {
                    posterior[a, b] -= (0..<seen.count).reduce(0) { $0 + explained[$1] * prior[shell(b), octant($1)] }
                }
            }
        }
        return ((0..<shellCount).map { (means[$0], means[shellCount + $0]) }, posterior)
    }

    /// Standard deviation of the fat fraction about its smooth course, from what both energies show alike.
    private static func fatDeviation(
        _ tissue: [TissueSample], fat: (low: Double, high: Double), noise: NoiseEstimate
    ) -> Double {
        guard !tissue.isEmpty else { return unknownFatDeviation }
        let voxels = tissue.reduce(0) { $0 + $1.count }
        let common = tissue.reduce(0) { $0 + Double($1.count) * $1.covariance } / Double(voxels)
        let variance = max(0, (common - noise.voxel.both) / (fat.low * fat.high))
        return min(max(variance.squareRoot(), leastFatDeviation), unknownFatDeviation)
    }

    private static func places(_ voxels: [Int], _ region: DepositRegion) -> [SIMD3<Double>] {
        let step = max(1, voxels.count / samples)
        return stride(from: step / 2, to: voxels.count, by: step).map { region.positionMm(voxels[$0]) }
    }

    /// Mean over all pairs of places of a correlation that falls exponentially with distance.
    private static func resemblance(_ a: [SIMD3<Double>], _ b: [SIMD3<Double>], withinMm length: Double) -> Double {
        var sum = 0.0
        for p in a {
            for q in b {
                let d = p - q
                sum += exponential(-(d * d).sum().squareRoot() / length)
            }
        }
        return sum / Double(max(a.count * b.count, 1))
    }
}

/// What one direction of the tissue around reads above the mixture of fat and muscle.
private struct TissueSample {
    let count: Int
    /// Means without the tenth at either end, ordered by the sum of both energies: vessels and stray mineral drop out.
    let low: Double
    let high: Double
    /// Of both energies over the voxels.
    let covariance: Double

    init(_ voxels: [Int], low: [Float], high: [Float]) {
        let sorted = voxels.map { (Double(low[$0]), Double(high[$0])) }.sorted { $0.0 + $0.1 < $1.0 + $1.1 }
        let cut = sorted.count / 10
        let kept = sorted[cut..<(sorted.count - cut)]
        let share = 1 / Double(kept.count)
        count = kept.count
        let mean = kept.reduce((0.0, 0.0)) { ($0.0 + share * $1.0, $0.1 + share * $1.1) }
        (self.low, self.high) = mean
        covariance = sorted.reduce(0) { $0 + ($1.0 - mean.0) * ($1.1 - mean.1) } / Double(sorted.count)
    }
}
