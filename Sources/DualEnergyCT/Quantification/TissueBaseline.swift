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

    /// A shell counts when it sees the deposit from at least this many of the eight octants around it.
    private static let leastOctants = 5
    private static let leastInOctant = 8

    package init(_ region: DepositRegion, response: PairResponse, noise: NoiseEstimate) {
        self.response = response
        let clearance = region.reachMm
        // Skin is 1 to 2 mm thick and not the tissue a deposit lies in; where nothing else is left, it has to do.
        let skin = 1.2 + clearance
        var octants: [[(Double, Double)]] = []
        for (width, clear, skin) in [
            (DepositRegion.shellMm, clearance, skin), (4.0, clearance, skin), (DepositRegion.shellMm, clearance, 1.3),
            (4.5, 0.6 * clearance, 1.2),
        ] {
            let shell = region.mask.voxels.indices.filter {
                region.isInShell($0, widthMm: width, clearanceMm: clear, skinMm: skin)
            }
            octants = Self.residuals(of: shell, in: region, response: response)
            if octants.count >= Self.leastOctants { break }
        }
        shellVoxels = octants.reduce(0) { $0 + $1.count }
        guard octants.count >= 2 else {
            // No tissue in sight: the mixture of fat and muscle alone, as uncertain as soft tissues differ.
            (offsetLow, offsetHigh) = (0, 0)
            covariance = NoiseCovariance(low: 225, high: 225, both: 200)
            return
        }
        // Every direction counts alike: the side with the thicker layer of tissue is not the truer one.
        let means = octants.map(Self.trimmedMean)
        let count = Double(means.count)
        let centre = means.reduce((0.0, 0.0)) { ($0.0 + $1.0 / count, $0.1 + $1.1 / count) }
        let scatter = means.reduce(NoiseCovariance(low: 0, high: 0)) { total, mean in
            let (x, y) = (mean.0 - centre.0, mean.1 - centre.1)
            return total + NoiseCovariance(low: x * x, high: y * y, both: x * y)
        }
        let measured =
            (1 / (count * (count - 1))) * scatter + (1 / Double(shellVoxels * shellVoxels))
            * noise.sum(over: shellVoxels)
        // The shell lies beside the deposit, the fat fraction runs on under it: both have their say, by how far tissue
        // departs from a mixture of fat and muscle and by how much it changes within a few millimetres.
        let prior = Self.departureHU * Self.departureHU
        let shell = 0.5 * (measured.low + measured.high) + Self.changeHU * Self.changeHU
        let share = prior / (prior + shell)
        (offsetLow, offsetHigh) = (share * centre.0, share * centre.1)
        covariance = NoiseCovariance(low: 1, high: 1).adding((share * shell).squareRoot(), along: 1, 0.8)
    }

    /// Tendon, skin and shading differ from mixtures of fat and muscle by this many HU (standard deviation).
    private static let departureHU = 25.0
    /// The tissue beside a deposit differs from that under it by this many HU.
    private static let changeHU = 12.0

    /// What the tissue of each octant around the deposit reads above the mixture of fat and muscle; poor ones left out.
    private static func residuals(
        of shell: [Int], in region: DepositRegion, response: PairResponse
    ) -> [[(Double, Double)]] {
        let g = region.geometry
        let centre = region.centre
        var octants = [[(Double, Double)]](repeating: [], count: 8)
        for n in shell {
            let fat = Double(region.fatFraction.voxels[n])
            let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
            let octant = (i < centre.0 ? 0 : 1) + (j < centre.1 ? 0 : 2) + (k < centre.2 ? 0 : 4)
            octants[octant].append(
                (
                    Double(region.low.voxels[n]) - mixture(response.low, fat),
                    Double(region.high.voxels[n]) - mixture(response.high, fat)
                ))
        }
        return octants.filter { $0.count >= leastInOctant }
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
}
