/// The CT numbers that the place of a deposit would have without it, with their uncertainty.
///
/// The fat fraction of the tissue around runs on under the deposit; the tissue itself, measured in a shell, corrects
/// what fat and muscle do not explain (tendon, skin, shading).
package struct TissueBaseline {
    let response: PairResponse
    /// What the shell reads above the mixture of fat and muscle, in HU.
    let offsetLow: Double
    let offsetHigh: Double
    /// Covariance of the baseline as a whole, in HU squared.
    let covariance: NoiseCovariance
    let shellVoxels: Int

    private static let leastVoxels = 40

    package init(_ region: DepositRegion, response: PairResponse, noise: NoiseEstimate) {
        self.response = response
        let clearance = region.reachMm
        var shell: [Int] = []
        for (width, clear) in [(DepositRegion.shellMm, clearance), (4.0, clearance), (4.5, 0.6 * clearance)] {
            shell = region.mask.voxels.indices.filter {
                region.isInShell($0, widthMm: width, clearanceMm: clear)
            }
            if shell.count >= Self.leastVoxels { break }
        }
        shellVoxels = shell.count
        guard shell.count >= Self.leastVoxels else {
            // No tissue in sight: the mixture of fat and muscle alone, as uncertain as soft tissues differ.
            (offsetLow, offsetHigh) = (0, 0)
            covariance = NoiseCovariance(low: 225, high: 225, both: 200)
            return
        }
        let residuals = shell.map { n in
            let fat = Double(region.fatFraction.voxels[n])
            return (
                Double(region.low.voxels[n]) - Self.mixture(response.low, fat),
                Double(region.high.voxels[n]) - Self.mixture(response.high, fat)
            )
        }
        let centre = Self.trimmedMean(residuals)
        (offsetLow, offsetHigh) = centre
        covariance =
            Self.scatterOfOctants(shell, residuals, region) + (1 / Double(shell.count * shell.count))
            * noise.sum(over: shell.count)
    }

    private static func mixture(_ response: BeamResponse, _ fat: Double) -> Double {
        response.muscleHU + fat * (response.adiposeHU - response.muscleHU)
    }

    /// Baseline at a voxel with this fat fraction around it, in HU.
    func value(fatFraction: Double) -> (low: Double, high: Double) {
        (Self.mixture(response.low, fatFraction) + offsetLow, Self.mixture(response.high, fatFraction) + offsetHigh)
    }

    /// Mean without the tenth at either end, ordered by the sum of both energies: vessels and stray mineral drop out.
    private static func trimmedMean(_ values: [(Double, Double)]) -> (Double, Double) {
        let sorted = values.sorted { $0.0 + $0.1 < $1.0 + $1.1 }
        let cut = sorted.count / 10
        let kept = sorted[cut..<(sorted.count - cut)]
        let sum = kept.reduce((0.0, 0.0)) { ($0.0 + $1.0, $0.1 + $1.1) }
        return (sum.0 / Double(kept.count), sum.1 / Double(kept.count))
    }

    /// Variance of the mean from the differences between the eight octants around the deposit: uneven tissue.
    private static func scatterOfOctants(
        _ shell: [Int], _ residuals: [(Double, Double)], _ region: DepositRegion
    ) -> NoiseCovariance {
        let g = region.geometry
        var octants = [[(Double, Double)]](repeating: [], count: 8)
        for (n, residual) in zip(shell, residuals) {
            let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
            let octant = (2 * i < g.columns ? 0 : 1) + (2 * j < g.rows ? 0 : 2) + (2 * k < g.slices ? 0 : 4)
            octants[octant].append(residual)
        }
        let means = octants.filter { $0.count >= 10 }.map(trimmedMean)
        guard means.count >= 2 else { return NoiseCovariance(low: 25, high: 25, both: 20) }
        let count = Double(means.count)
        let centre = means.reduce((0.0, 0.0)) { ($0.0 + $1.0 / count, $0.1 + $1.1 / count) }
        let sum = means.reduce(NoiseCovariance(low: 0, high: 0)) { total, mean in
            let (x, y) = (mean.0 - centre.0, mean.1 - centre.1)
            return total + NoiseCovariance(low: x * x, high: y * y, both: x * y)
        }
        return (1 / (count * (count - 1))) * sum
    }
}
