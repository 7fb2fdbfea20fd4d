import DualEnergyCT

/// Which two stacks of a study are the two energies, or why none are.
enum PairChoice {
    case pair(low: SliceStack, high: SliceStack)
    /// The study has one energy: it is left alone.
    case singleEnergy
    case setAside([FateReason])

    /// - Parameters:
    ///   - stacks: what may be one of the two energies.
    ///   - others: CT images that never are, whose headers may still say that the study has two energies.
    init(among stacks: [SliceStack], others: [ImageHeader], rules: VendorRules) {
        let pairs = Self.pairs(among: stacks, rules: rules)
        guard let best = pairs.min(by: { Self.rank($0) < Self.rank($1) }) else {
            self = Self.noPair(stacks: stacks, others: others, rules: rules)
            return
        }
        if let reason = Self.objection(to: best, pairs: pairs, stacks: stacks) {
            self = .setAside([reason])
        } else {
            self = .pair(low: best.low, high: best.high)
        }
    }

    private typealias Pair = (low: SliceStack, high: SliceStack)

    private static func pairs(among stacks: [SliceStack], rules: VendorRules) -> [Pair] {
        var tubes: [Pair] = []
        var monoenergetic: [Pair] = []
        for low in stacks {
            for high in stacks where low.differences(from: high.first).isEmpty {
                switch (low.claim.beam, high.claim.beam) {
                case (.tube(let a, _)?, .tube(let b, _)?) where b - a >= rules.smallestTubeDifferenceKV:
                    tubes.append((low, high))
                case (.monoenergetic(let a)?, .monoenergetic(let b)?)
                where b - a >= rules.smallestMonoenergeticDifferenceKeV:
                    monoenergetic.append((low, high))
                default: break
                }
            }
        }
        // The tubes' own images are what the physics is about; calculated ones are taken where these were not sent.
        guard tubes.isEmpty else { return tubes }
        func distance(_ pair: Pair) -> Double {
            guard case .monoenergetic(let a)? = pair.low.claim.beam, case .monoenergetic(let b)? = pair.high.claim.beam
            else { return .infinity }
            return abs(a - rules.preferredMonoenergeticKeV.low) + abs(b - rules.preferredMonoenergeticKeV.high)
        }
        let nearest = monoenergetic.map(distance).min()
        return monoenergetic.filter { distance($0) == nearest }
    }

    /// Lower is better: a kernel made for numbers before one made for edges, thin slices before thick ones, many
    /// before few, then the order of the series so that the choice is always the same.
    private static func rank(_ pair: Pair) -> (Int, Double, Int, Int, String) {
        (
            isEdgeKernel(pair.low.first.kernel) ? 1 : 0, pair.low.first.sliceThickness ?? .infinity,
            -min(pair.low.headers.count, pair.high.headers.count), pair.low.first.seriesNumber ?? .max,
            pair.low.first.seriesInstanceUID + pair.high.first.seriesInstanceUID
        )
    }

    private static func objection(to best: Pair, pairs: [Pair], stacks: [SliceStack]) -> FateReason? {
        for contradiction in [best.low.claim.contradiction, best.high.claim.contradiction] {
            guard let contradiction else { continue }
            return FateReason(
                .energyContradicts, "The header contradicts itself: \(contradiction).",
                remedy: "Ask the scanner's service; correct the description of the series and send it again.")
        }
        if pairs.contains(where: { !sameExamination($0, best) }) {
            return FateReason(
                .severalAcquisitions, "The study holds several dual-energy acquisitions of different places.",
                remedy: "Analyse each acquisition by itself: give its series alone to apatite analyze.")
        }
        for chosen in [best.low, best.high] {
            if let reason = stray(besides: chosen, stacks: stacks) { return reason }
        }
        return nil
    }

    /// Images of the chosen series that claim its energy and do not lie on its grid.
    private static func stray(besides chosen: SliceStack, stacks: [SliceStack]) -> FateReason? {
        let strays = stacks.filter {
            $0.first.seriesInstanceUID == chosen.first.seriesInstanceUID && $0.claim == chosen.claim
                && !chosen.differences(from: $0.first).isEmpty
        }
        guard let stray = strays.first else { return nil }
        let count = strays.reduce(0) { $0 + $1.headers.count }
        return FateReason(
            .contradictoryGeometry,
            "\(count) of \(count + chosen.headers.count) images of \(chosen.name) have another "
                + chosen.differences(from: stray.first).joined(separator: ", ") + ".",
            remedy: "Send \(chosen.name) again.")
    }

    /// Whether two pairs show the same place: reconstructions of one acquisition, or a repeated one.
    private static func sameExamination(_ a: Pair, _ b: Pair) -> Bool {
        guard a.low.first.frameOfReferenceUID == b.low.first.frameOfReferenceUID else { return false }
        func extent(_ pair: Pair) -> ClosedRange<Double> {
            // Along the head-to-foot axis, which every orientation of a limb in one frame of reference shares.
            let z = pair.low.headers.map { $0.position[2] }
            return (z.min() ?? 0)...(z.max() ?? 0)
        }
        let (first, second) = (extent(a), extent(b))
        let shared = min(first.upperBound, second.upperBound) - max(first.lowerBound, second.lowerBound)
        let shorter = min(first.upperBound - first.lowerBound, second.upperBound - second.lowerBound)
        return shared >= 0.5 * shorter
    }
}

/// Whether a kernel is made to show edges: its overshoot changes the CT numbers of small structures.
///
/// Siemens counts sharpness (Qr40, B70f), GE names it, Philips and Canon have letters and numbers.
public func isEdgeKernel(_ kernel: String) -> Bool {
    let name = kernel.uppercased()
    if ["BONE", "EDGE", "LUNG", "SHARP", "ULTRA"].contains(where: { name.contains($0) }) { return true }
    if ["D", "E", "YD", "YE", "L"].contains(name) { return true }
    if let match = name.prefixMatch(of: /FC(\d{2})/), let number = Int(match.1) {
        return (30...39).contains(number) || (50...59).contains(number) || (80...89).contains(number)
    }
    if let match = name.prefixMatch(of: /[A-Z]{1,2}(\d{2})/), let number = Int(match.1) { return number >= 54 }
    return false
}
