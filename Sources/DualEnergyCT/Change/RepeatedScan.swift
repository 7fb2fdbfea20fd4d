/// Changes between a scan and a later one like it, in percent, below which noise and repetition alone could be at work.
public struct SmallestChange: Sendable, Equatable {
    /// nil where there is no mass.
    public var massPercent: Double?
    public var volumePercent: Double?
}

extension Collection where Element == Deposit {
    /// Of their sums, by what a comparison allows for: 1.96 standard deviations of the difference of both scans, which
    /// share a calibration.
    public var smallestDetectableChange: SmallestChange {
        var (mass, massVariance, volume, volumeVariance) = (0.0, 0.0, 0.0, 0.0)
        for deposit in self {
            let estimate = deposit.hydroxyapatiteMassMg
            let noise = deposit.massRepeatabilityMg ?? (estimate.high - estimate.value) / 1.96
            let share = ChangeStatement.repeatShare * estimate.value
            mass += estimate.value
            massVariance += noise * noise + share * share
            let volumeShare = ChangeStatement.volumeRepeatShare * deposit.volumeMm3.value
            volume += deposit.volumeMm3.value
            volumeVariance += volumeShare * volumeShare
        }
        return SmallestChange(
            massPercent: mass > 0 ? 196 * (2 * massVariance).squareRoot() / mass : nil,
            volumePercent: volume > 0 ? 196 * (2 * volumeVariance).squareRoot() / volume : nil)
    }
}

extension [Deposit] {
    /// Those that count as calcinosis.
    public var calcium: [Deposit] { filter { $0.material == .hydroxyapatite } }
}
