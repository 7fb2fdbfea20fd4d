import DICOM
import DualEnergyCT

/// What is said of more than one deposit: totals, trust, and what is no deposit.
///
/// Reference: PS3.16 TID 1501 (Measurement and Qualitative Evaluation Group).
struct TID1501MeasurementGroup {
    let context: ReportContext

    private var findings: Findings { context.findings }

    /// Always present for an examination that was analysed, also when nothing was found: a machine reads "none" here.
    func totals(_ totals: Totals, _ urate: UrateStatement) -> ContentItem {
        let name = Phrases(language: .english).place(context.place.region, context.place.laterality)
        var items = numbers(totals)
        items.append(.number(.minimumDetectableUrate, urate.smallestDetectableVolumeMm3, .cubicMillimetre, decimals: 1))
        if urate.verdict != .negative {
            items.append(.number(.urateVolume, urate.volumeMm3, .cubicMillimetre, decimals: 1))
        }
        items += comparison
        for side in [nil] + BodySide.allCases.map({ $0 as BodySide? }) where isWhole(side) {
            items += density(of: side) + score(of: side)
        }
        items += (findings.boneFlags ?? []).filter { $0.digit == nil && isWhole($0.side) }.flatMap(measured)
        items += [
            .code(.contains, .calcinosis, presence(totals)),
            .code(.contains, .urateDeposit, Code(urate.verdict)),
            .code(.contains, .vascularPresence, presence(of: .vascular)),
            .code(.contains, .otherPresence, presence(of: .other)),
        ]
        items += BoneFlag.Kind.allCases.filter { $0 != .dislocation && $0 != .collapse || isAssessed($0) }.map {
            .code(.contains, Code($0), Code(summary(of: $0)))
        }
        return group("Total \(name)", finding: .calcification, site: wholeSite, items)
    }

    /// Count, volume and mass with what could have been seen.
    func numbers(_ totals: Totals) -> [ContentItem] {
        [
            .number(.numberOfCalcifications, Double(totals.count), .noUnits, decimals: 0),
            .estimate(.totalVolume, totals.volumeMm3, .cubicMillimetre, maximumDecimals: 2),
            .estimate(.totalMass, totals.hydroxyapatiteMassMg, .milligram, maximumDecimals: 2),
            .number(
                .minimumDetectableCalcinosis, totals.smallestDetectableVolumeMm3, .cubicMillimetre, decimals: 1),
        ]
    }

    /// - Parameter uid: of a lesion that was known before.
    func group(
        _ identifier: String, uid: UID? = nil, finding: Code, site: ContentItem, _ items: [ContentItem]
    ) -> ContentItem {
        .container(
            .measurementGroup, template: "1501",
            children: [
                .text(.hasObservationContext, .trackingIdentifier, identifier),
                .uid(
                    .hasObservationContext, .trackingUniqueIdentifier,
                    uid ?? context.identity.trackingUID(identifier)),
                .code(.contains, .finding, finding),
                site,
            ] + items)
    }

    /// The scanned region with the side of the examination.
    var wholeSite: ContentItem {
        context.findingSite(context.place.siteCode, side: context.place.lateralityCode)
    }

    // MARK: - Parts of the totals

    private var comparison: [ContentItem] {
        guard let comparison = findings.comparison else {
            let smallest = findings.deposits.calcium.smallestDetectableChange
            return context.changes(
                volume: nil, smallestVolume: smallest.volumePercent, mass: nil, smallestMass: smallest.massPercent)
                + [.code(.contains, .change, context.isBaseline ? .changeBaseline : .changeNotComparable)]
        }
        guard comparison.obstacle == nil else { return [.code(.contains, .change, .changeNotComparable)] }
        var items = context.changes(
            volume: comparison.totalVolumePercent, smallestVolume: comparison.smallestDetectableVolumePercent,
            mass: comparison.totalMassPercent, smallestMass: comparison.smallestDetectableMassPercent)
        if let residual = comparison.registrationResidualMm {
            items.append(.number(.registrationResidual, residual, .millimetre, decimals: 2))
        }
        return items
    }

    /// Whether the group of the whole examination speaks for a side: for the one that was scanned, and for none.
    func isWhole(_ side: BodySide?) -> Bool {
        switch context.place.laterality {
        case .right: side != .left
        case .left: side != .right
        case .both, .unknown: side == nil
        }
    }

    /// Mineral density of the bones of a side.
    func density(of side: BodySide?) -> [ContentItem] {
        findings.boneDensity.filter { $0.side == side }.flatMap { density in
            [
                .estimate(.boneDensity, density.meanMgPerCm3, .milligramPerCubicCentimetre, maximumDecimals: 0),
                .number(.boneVolume, density.volumeMm3, .cubicMillimetre, decimals: 0),
            ]
        }
    }

    /// Area in cm2 times density class, summed: an arbitrary number without a unit of its own.
    func score(of side: BodySide?) -> [ContentItem] {
        findings.radiographicScores.filter { $0.side == side }.map {
            .number(.radiographicScore, $0.value, .noUnits, decimals: 1)
        }
    }

    private func presence(_ totals: Totals) -> Code {
        if totals.count > 0 { return .present }
        return findings.deposits.contains { $0.material == .indeterminate } ? .indeterminate : .absent
    }

    private func presence(of kind: OtherMineral.Kind) -> Code {
        guard let minerals = findings.otherMineral else { return .flagNotAssessed }
        return minerals.contains { $0.kind == kind && $0.count > 0 } ? .present : .absent
    }

    private func isAssessed(_ kind: BoneFlag.Kind) -> Bool { summary(of: kind) != .notAssessed }

    /// Flagged when any bone is, clear when at least one was looked at.
    private func summary(of kind: BoneFlag.Kind) -> BoneFlag.State {
        let states = (findings.boneFlags ?? []).filter { $0.kind == kind }.map(\.state)
        return states.contains(.flagged) ? .flagged : states.contains(.notFlagged) ? .notFlagged : .notAssessed
    }
}
