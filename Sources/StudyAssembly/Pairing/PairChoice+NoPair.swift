import DualEnergyCT

extension PairChoice {
    /// Why a study without a pair has none. Only what the headers themselves say of two energies makes the operator's
    /// concern of it: two series at different voltages alone may be two single-energy scans.
    static func noPair(stacks: [SliceStack], others: [ImageHeader], rules: VendorRules) -> PairChoice {
        let claiming = stacks.filter(\.claim.saysDualEnergy)
        if let contradiction = claiming.lazy.compactMap(\.claim.contradiction).first {
            return .setAside([
                FateReason(
                    .energyContradicts, "The header contradicts itself: \(contradiction).",
                    remedy: "Ask the scanner's service; correct the description of the series and send it again.")
            ])
        }
        if claiming.isEmpty {
            return others.contains { claimsTwoEnergies($0, rules: rules) }
                ? .setAside([neitherEnergy]) : .singleEnergy
        }
        if let reason = reconstructedDifferently(claiming, rules: rules) { return .setAside([reason]) }
        return .setAside([missingPartner(of: claiming)])
    }

    private static func claimsTwoEnergies(_ header: ImageHeader, rules: VendorRules) -> Bool {
        switch ImageKind(of: header, rules: rules) {
        case .spectralBase: true
        case .own, .other, .localizer: false
        default: EnergyClaim(of: header, rules: rules).saysDualEnergy
        }
    }

    private static var neitherEnergy: FateReason {
        FateReason(
            .energyMissing,
            "This is a dual-energy study of which only mixed or calculated images came: both energies are missing.",
            remedy: "Send the series of both energies, or two monoenergetic series such as 50 and 80 keV.")
    }

    /// Two energies are there and lie on different grids: the nearest two tell what to change.
    private static func reconstructedDifferently(_ stacks: [SliceStack], rules: VendorRules) -> FateReason? {
        var nearest: (low: SliceStack, high: SliceStack, names: [GridAttribute])?
        for low in stacks {
            for high in stacks where isPartner(low.claim.beam, high.claim.beam, rules: rules) {
                let names = low.differences(from: high.first)
                if names.count < nearest?.names.count ?? .max { nearest = (low, high, names) }
            }
        }
        guard let nearest else { return nil }
        return FateReason(
            .reconstructedDifferently,
            "\(nearest.low.name) and \(nearest.high.name) differ in "
                + nearest.names.map { $0.words(nearest.low.first, nearest.high.first) }.joined(separator: ", ") + ".",
            remedy: nearest.names.contains(.frameOfReference)
                ? "Send both energies of one acquisition: between two frames of reference nothing says what lies over what."
                : "Reconstruct both energies with the same field of view, matrix, slices and kernel.")
    }

    private static func isPartner(_ low: BeamQuality?, _ high: BeamQuality?, rules: VendorRules) -> Bool {
        switch (low, high) {
        case (.tube(let a, _)?, .tube(let b, _)?): b - a >= rules.smallestTubeDifferenceKV
        case (.monoenergetic(let a)?, .monoenergetic(let b)?): b - a >= rules.smallestMonoenergeticDifferenceKeV
        default: false
        }
    }

    private static func missingPartner(of stacks: [SliceStack]) -> FateReason {
        let stack = stacks[0]
        switch stack.claim.beam {
        case .tube(let kilovolts, let tin)?:
            // No scanner pairs two beams above, or two below this voltage.
            let which = kilovolts < 120 && tin == 0 ? "high" : "low"
            return FateReason(
                .energyMissing, "The \(which)-energy series is missing: only \(stack.name) came.",
                remedy: "Send the \(which)-energy series of the same reconstruction.")
        case .detectorLayer?, .photonCounting?:
            return FateReason(
                .energyMissing, "Only \(stack.name) came: the detector's other energy is missing.",
                remedy: "Send both energies of the same reconstruction.")
        case .monoenergetic?:
            return FateReason(
                .energyMissing, "Only \(stack.name) came: a second monoenergetic series is missing.",
                remedy: "Send two monoenergetic series, such as 50 and 80 keV.")
        case nil:
            return FateReason(
                .energyMissing, "The headers claim two energies and name none of them.",
                remedy: "Send the series of both energies with their tube voltage.")
        }
    }
}
