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
        let pairs = Self.ofOneField(Self.pairs(among: stacks, rules: rules))
        guard let best = pairs.min(by: Self.isBetter) else {
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

    /// The pairs whose images lie over each other. Each hand may have a reconstruction of its own: the low energy of
    /// one is no partner of the high energy of the other. Without any such pair all are kept, for their grids to say
    /// how far they are apart.
    private static func ofOneField(_ pairs: [Pair]) -> [Pair] {
        let matching = pairs.filter { $0.low.offsetMm(of: $0.high) <= 0.1 * $0.low.first.pixelSpacing[0] }
        return matching.isEmpty ? pairs : matching
    }

    /// Lower is better: a kernel made for numbers before one made for edges, thin slices before thick ones, many
    /// before few; then energies that were acquired together, since of a repeated scan the one would move against the
    /// other; then the order of the series so that the choice is always the same.
    private static func rank(_ pair: Pair) -> (quality: (Int, Double, Int), order: (Int, Int, Int, String)) {
        let (low, high) = (pair.low.first, pair.high.first)
        let isOneAcquisition = low.acquisitionNumber == high.acquisitionNumber
        let (first, second) = (low.seriesNumber ?? 0, high.seriesNumber ?? 0)
        return (
            (
                isEdgeKernel(low.kernel) ? 1 : 0, low.sliceThickness ?? .infinity,
                -min(pair.low.headers.count, pair.high.headers.count)
            ),
            (
                isOneAcquisition ? 0 : 1,
                Int(clamping: second.subtractingReportingOverflow(first).partialValue.magnitude),
                low.seriesNumber ?? .max, low.seriesInstanceUID + " " + high.seriesInstanceUID
            )
        )
    }

    private static func isBetter(_ a: Pair, _ b: Pair) -> Bool {
        let (x, y) = (rank(a), rank(b))
        return x.quality == y.quality ? x.order < y.order : x.quality < y.quality
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
                + chosen.differences(from: stray.first).map(\.rawValue).joined(separator: ", ") + ".",
            remedy: "Send \(chosen.name) again.")
    }

    /// Part of the smaller field that two reconstructions of one place share along each axis.
    private static let leastSharedPart = 0.7

    /// Whether two pairs show the same place: reconstructions of one acquisition, or a repeated one.
    private static func sameExamination(_ a: Pair, _ b: Pair) -> Bool {
        guard a.low.first.frameOfReferenceUID == b.low.first.frameOfReferenceUID else { return false }
        let (first, second) = (a.low.extents, b.low.extents)
        // A reconstruction of a part shares that part; those of two hands share the space between them.
        return (0..<3).allSatisfy { axis in
            let (one, other) = (first[axis], second[axis])
            let shared = min(one.upperBound, other.upperBound) - max(one.lowerBound, other.lowerBound)
            let shorter = min(one.upperBound - one.lowerBound, other.upperBound - other.lowerBound)
            return shared >= leastSharedPart * shorter
        }
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
