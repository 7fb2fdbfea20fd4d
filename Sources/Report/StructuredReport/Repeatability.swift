import DualEnergyCT

extension [Deposit] {
    /// Change of their summed mass, in percent, below which a later scan like this one could differ by the noise of both
    /// alone: 1.96 standard deviations of the difference. Nil where the repeatability of one is not known.
    var smallestMassChangePercent: Double? {
        let deviations = compactMap(\.massRepeatabilityMg)
        let mass = reduce(0) { $0 + $1.hydroxyapatiteMassMg.value }
        guard !isEmpty, deviations.count == count, mass > 0 else { return nil }
        let variance = deviations.reduce(0) { $0 + $1 * $1 }
        return 196 * (2 * variance).squareRoot() / mass
    }

    /// The deposits that count as calcinosis.
    var calcium: [Deposit] { filter { $0.material == .hydroxyapatite } }
}
