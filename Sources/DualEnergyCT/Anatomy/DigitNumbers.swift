/// Which chain of bones is which digit: the hand whose lengths of bones, places of the joints at the palm and stance of
/// the thumb together fit best.
///
/// No single sign decides. A chain may be no digit, a digit may have no chain; each digit stands only as far as no other
/// reading is nearly as good.
struct DigitNumbers {
    /// For each chain, as they were given.
    private(set) var digits: [Digit?]
    private(set) var fitted: [BoneChain]
    /// Towards the thumb, perpendicular to the hand's axis; nil when both edges could hold it.
    private(set) var towardsThumb: SIMD3<Float>?

    /// A reading stands against those that cost this much more: likelihoods as 1 to 4 (half a square of a deviation each), and 1 to 20 where the side of the
    /// hand hangs on it.
    private static let leastLead: Float = 3
    private static let leastLeadOfSide: Float = 6
    /// What it costs that a digit has no chain, and a chain no digit, by its length in mm and at most.
    private static let lostDigit: Float = 2.5
    private static let spareMm: Float = 6
    private static let mostForSpare: Float = 12
    /// Fewer joints fix no hand.
    private static let fewestDigits = 3
    /// More chains than these are fragments: the longest are looked at.
    private static let mostChains = 8
    /// Angle in radians between the thumb and the fingers' mean, and between a finger and the others, with their scatter.
    private static let thumbAngle: (mean: Float, spread: Float) = (0.7, 0.3)
    private static let fingerAngle: (mean: Float, spread: Float) = (0.1, 0.2)
    private static let mostForAngle: Float = 4

    private struct Reading {
        var numbers: [Digit?]
        var isMirrored: Bool
        var scale: Float
        var cost: Float
    }

    private let chains: [BoneChain]
    private let distal: SIMD3<Float>
    private let across: SIMD3<Float>
    /// For each chain the mean direction of the others, the long ones first of all.
    private let others: [SIMD3<Float>]

    init(_ chains: [BoneChain], distal: SIMD3<Float>) {
        self.chains = chains
        self.distal = distal
        across =
            PrincipalAxes(chains.map { $0.centre.perpendicular(to: distal) }).axis.perpendicular(to: distal).direction
        others = chains.indices.map { n in
            chains.indices.filter { $0 != n }
                .reduce(SIMD3<Float>(repeating: 0)) { $0 + chains[$1].totalMm * chains[$1].direction }.direction
        }
        digits = chains.map { _ in nil }
        fitted = chains
        read()
    }

    private func flat(_ p: SIMD3<Float>) -> SIMD2<Float> { SIMD2(p.dot(across), p.dot(distal)) }

    private mutating func read() {
        let longest = chains.indices.sorted { chains[$0].totalMm > chains[$1].totalMm }.prefix(Self.mostChains)
        let order = longest.sorted { chains[$0].centre.dot(across) < chains[$1].centre.dot(across) }
        var readings: [Reading] = []
        var least = Float.infinity
        for scale in DigitLengths.scales {
            var fits: [[Digit: DigitLengths.Fit]] = Array(repeating: [:], count: chains.count)
            for n in order {
                for digit in Digit.allCases {
                    fits[n][digit] = DigitLengths(digit: digit, scale: scale).fit(chains[n].bones)
                }
            }
            for isMirrored in [true, false] {
                // Along x the thumb comes last, mirrored first.
                let places = isMirrored ? order : order.reversed()
                enumerate(places, fits) { numbers, cost in
                    let cost = cost + DigitLengths.cost(ofScale: scale)
                    guard cost < least + Self.leastLeadOfSide else { return }
                    let named = order.filter { numbers[$0] != nil }
                    let template = HandTemplate(
                        digits: named.map { numbers[$0]! },
                        joints: named.map { flat(fits[$0][numbers[$0]!]!.base) }, scale: scale, isMirrored: isMirrored)
                    least = min(least, cost + template.cost)
                    readings.append(
                        Reading(
                            numbers: numbers, isMirrored: isMirrored, scale: scale, cost: cost + template.cost))
                }
            }
        }
        settle(readings)
    }

    /// All ways to give the chains, in their order from the thumb's edge, rising digits. The thumb may lie across the
    /// palm: any of them.
    private func enumerate(
        _ places: [Int], _ fits: [[Digit: DigitLengths.Fit]], _ found: ([Digit?], Float) -> Void
    ) {
        var numbers = [Digit?](repeating: nil, count: chains.count)
        func cost(_ n: Int, _ digit: Digit) -> Float {
            let fit = fits[n][digit]!
            return fit.cost + angleCost(of: fit, n, digit)
        }
        func next(_ at: Int, _ last: Int, _ count: Int, _ sum: Float) {
            guard at < places.count else {
                if count >= Self.fewestDigits { found(numbers, sum + Float(5 - count) * Self.lostDigit) }
                return
            }
            let n = places[at]
            guard numbers[n] != .first else { return next(at + 1, last, count, sum) }
            next(at + 1, last, count, sum + min(chains[n].totalMm / Self.spareMm, Self.mostForSpare))
            for digit in Digit.allCases where digit.rawValue > last {
                numbers[n] = digit
                next(at + 1, digit.rawValue, count + 1, sum + cost(n, digit))
            }
            numbers[n] = nil
        }
        next(0, 1, 0, 0)
        for thumb in places {
            numbers[thumb] = .first
            next(0, 1, 1, cost(thumb, .first))
            numbers[thumb] = nil
        }
    }

    /// What the stance of a chain costs as a digit's.
    private func angleCost(of fit: DigitLengths.Fit, _ n: Int, _ digit: Digit) -> Float {
        let expected = digit == .first ? Self.thumbAngle : Self.fingerAngle
        // The chord stands for the angle: within 2 % below 40 degrees.
        let off = ((fit.direction - others[n]).magnitude - expected.mean) / expected.spread
        return min(off * off, Self.mostForAngle)
    }

    private mutating func settle(_ readings: [Reading]) {
        guard let best = readings.min(by: { $0.cost < $1.cost }) else { return }
        let close = readings.filter { $0.cost < best.cost + Self.leastLead }
        digits = best.numbers.indices.map { n in
            // That a chain may be none at all is no other reading of it: its only name stands, if it is free.
            let names = Set(close.compactMap { $0.numbers[n] })
            guard names.count == 1, let name = names.first else { return nil }
            let isTaken = best.numbers.indices.contains { $0 != n && best.numbers[$0] == name }
            return isTaken ? nil : name
        }
        if !readings.contains(where: { $0.isMirrored != best.isMirrored && $0.cost < best.cost + Self.leastLeadOfSide })
        {
            towardsThumb = (best.isMirrored ? -1 : 1) * across
        }
        // The names of the bones once more, now that it is known where each digit joins the palm.
        let named = chains.indices.filter { best.numbers[$0] != nil }
        func lengths(_ n: Int) -> DigitLengths { DigitLengths(digit: best.numbers[n], scale: best.scale) }
        let template = HandTemplate(
            digits: named.map { best.numbers[$0]! }, joints: named.map { flat(lengths($0).fit(chains[$0].bones).base) },
            scale: best.scale, isMirrored: best.isMirrored)
        for n in named {
            let fit = lengths(n).fit(chains[n].bones) { template.cost(of: best.numbers[n]!, at: flat($0)) }
            (fitted[n].bones, fitted[n].roles) = (fit.bones, fit.roles)
        }
    }
}
