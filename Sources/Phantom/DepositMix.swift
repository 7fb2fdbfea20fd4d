/// Which deposits are put into a phantom.
public struct DepositMix: Sendable, Equatable {
    /// Where they lie, one after the other, from the start again when they are more.
    public var sites: [DepositSite] = [
        .fingertipFatPad, .periarticular, .carpalTunnel, .fingertipFatPad, .tendonSheath, .periarticular,
        .besideMuscle, .fingertipFatPad, .periarticular, .carpalTunnel, .subcutaneous, .tendonSheath,
    ]
    /// Densities in mg/cm3, evenly spread.
    public var mgPerCm3: ClosedRange<Float> = 100...700
    /// Share of the deposits whose density lies below `faintMgPerCm3`; nil where the range is one.
    public var faintShare: Float?
    public var faintMgPerCm3: Float = 250
    /// Of all lengths of a deposit.
    public var sizeFactor: Float = 1

    public init() {}

    /// - Parameter u: evenly spread over 0..<1.
    func mgPerCm3(_ u: Float) -> Double {
        let (low, high) = (mgPerCm3.lowerBound, mgPerCm3.upperBound)
        guard let faintShare, faintShare > 0, faintShare < 1 else { return Double(low + u * (high - low)) }
        return Double(
            u < faintShare
                ? mix(low, faintMgPerCm3, u / faintShare)
                : mix(faintMgPerCm3, high, (u - faintShare) / (1 - faintShare)))
    }
}
