import DICOM
import DualEnergyCT

// Groups of each side and digit, of mineral that is no calcinosis, of what was excluded, and of what is gone.

extension TID1501MeasurementGroup {
    /// A part of the examination that has a group of its own.
    private struct Part: Hashable {
        var side: BodySide?
        var digit: Digit?

        /// Right before left, the whole side before its digits.
        var order: Int { (side == .right ? 0 : side == .left ? 100 : 200) + (digit?.rawValue ?? 0) }
    }

    /// One group for each side and digit that was told apart, also where the count is 0.
    func regions() -> [ContentItem] {
        let findings = context.findings
        let parts = Set(
            findings.regions.map { Part(side: $0.side, digit: $0.digit) }
                + (findings.boneFlags ?? []).map { Part(side: $0.side, digit: $0.digit) }
                + findings.boneDensity.map { Part(side: $0.side, digit: nil) }
                + findings.radiographicScores.map { Part(side: $0.side, digit: nil) })
        return parts.filter { $0.digit != nil || !isWhole($0.side) }.sorted { $0.order < $1.order }.map { part in
            let totals = findings.regions.first { $0.side == part.side && $0.digit == part.digit }?.totals
            var items = totals.map(numbers) ?? []
            if part.digit == nil { items += density(of: part.side) + score(of: part.side) }
            let flags = (findings.boneFlags ?? []).filter { $0.side == part.side && $0.digit == part.digit }
            items += flags.flatMap(measured)
            if let totals { items.append(.code(.contains, .calcinosis, totals.count > 0 ? .present : .absent)) }
            items += flags.map { .code(.contains, Code($0.kind), Code($0.state)) }
            return group(
                "Total \(name(of: part))", finding: totals == nil ? .bone : .calcification, site: site(of: part), items)
        }
    }

    private func name(of part: Part) -> String {
        let say = Phrases(language: .english)
        guard let digit = part.digit else {
            return say.place(context.place.region, part.side == .right ? .right : .left)
        }
        // The meaning of its code, which for a toe does not say which.
        let code = context.place.code(of: digit)
        let digitName = code == .toe ? say.digit(digit, in: context.place.region) : code.concept.meaning.lowercased()
        let name = [part.side.map { say.side($0) }, digitName]
        return name.compactMap { $0 }.joined(separator: " ")
    }

    private func site(of part: Part) -> ContentItem {
        context.findingSite(
            part.digit.map { context.place.code(of: $0) } ?? context.place.siteCode,
            side: part.side.map { Code($0) } ?? context.place.depositLateralityCode)
    }

    /// What a flag rests on; only of a flag that is up, and of one whose unit has a code.
    func measured(_ flag: BoneFlag) -> [ContentItem] {
        guard flag.state == .flagged, let value = flag.measured, let unit = Code(unit: flag.unit) else { return [] }
        let kind = ContentItem.code(.hasConceptModifier, .derivation, Code(flag.kind))
        return [.number(.flagMeasured, value, unit, decimals: 2, children: [kind])]
            + (flag.limit.map { [.number(.flagLimit, $0, unit, decimals: 2, children: [kind])] } ?? [])
    }

    // MARK: - No calcinosis

    /// Calcified vessels and what is neither calcinosis nor vessel, where there are any.
    func otherMineral() -> [ContentItem] {
        (context.findings.otherMineral ?? []).filter { $0.count > 0 }.map { mineral in
            let isVascular = mineral.kind == .vascular
            let cause = mineral.cause.map { ": " + Phrases(language: .english).cause($0) } ?? ""
            return group(
                isVascular ? "Vascular calcification" : "Other calcification" + cause,
                finding: isVascular ? .vascularCalcification : .otherCalcification, site: wholeSite,
                [
                    .number(.numberOfCalcifications, Double(mineral.count), .noUnits, decimals: 0),
                    .number(isVascular ? .vascularVolume : .volume, mineral.volumeMm3, .cubicMillimetre, decimals: 1),
                    .number(
                        isVascular ? .vascularMass : .hydroxyapatiteMass, mineral.hydroxyapatiteMassMg, .milligram,
                        decimals: 2),
                ] + (mineral.cause.map { [.code(.contains, .otherCause, Code($0))] } ?? []))
        }
    }

    /// What was seen and is not reported as a deposit, by cause.
    func exclusions() -> [ContentItem] {
        let say = Phrases(language: .english)
        let writer = ReportWriter(findings: context.findings, facts: context.facts)
        return context.findings.exclusions.filter { $0.count > 0 }.map { exclusion in
            group(
                "Excluded: \(say.cause(exclusion.cause))", finding: .regionExcluded, site: wholeSite,
                [
                    .number(.excludedCount, Double(exclusion.count), .noUnits, decimals: 0),
                    .number(.volume, exclusion.volumeMm3, .cubicMillimetre, decimals: 1),
                    .code(.contains, .exclusionCause, Code(exclusion.cause)),
                    .text(.contains, .comment, writer.exclusionLine(exclusion)),
                ])
        }
    }

    // MARK: - What could have been seen

    /// The smallest deposits that this scan would have shown, a group for each kind of place.
    func detectionLimits() -> [ContentItem] {
        let say = Phrases(language: .english)
        return (context.findings.detectionLimits ?? []).map { limit in
            group(
                "Detection limit: \(say.anyCompartment(limit.compartment))",
                finding: .imagingStudyQuality, site: wholeSite,
                [.number(.minimumDetectableCalcinosis, limit.calciumMm3, .cubicMillimetre, decimals: 1)]
                    + (limit.urateMm3.map {
                        [.number(.minimumDetectableUrate, $0, .cubicMillimetre, decimals: 1)]
                    } ?? []) + [.code(.contains, .compartment, Code(limit.compartment))])
        }
    }

    // MARK: - Gone

    /// Deposits of the prior that this examination does not outline, under the UIDs they had: those that are gone, and
    /// those that are still measured at their place.
    func formerDeposits() -> [ContentItem] {
        let comparison = context.findings.comparison
        return (comparison?.resolved ?? []).map { former($0, "Resolved", .changeResolved, volume: 0) }
            + (comparison?.stillMeasured ?? []).map { former($0, "Still measured", .changeStillMeasured, volume: nil) }
    }

    private func former(_ deposit: ResolvedDeposit, _ word: String, _ change: Code, volume: Double?) -> ContentItem {
        let name = "\(word) \(deposit.priorNumber)"
        let writer = ReportWriter(findings: context.findings, facts: context.facts)
        return group(
            name, uid: deposit.identity.map { context.identity.trackingUID(name, identity: $0) },
            finding: .calcification, site: context.findingSite(deposit.place),
            (volume.map { [.number(.volume, $0, .cubicMillimetre, decimals: 2)] } ?? []) + [
                .estimate(.hydroxyapatiteMass, deposit.remainingMassMg, .milligram, maximumDecimals: 2),
                .number(.priorVolume, deposit.priorVolumeMm3, .cubicMillimetre, decimals: 2),
                .number(.priorMass, deposit.priorHydroxyapatiteMassMg, .milligram, decimals: 2),
                .code(.contains, .change, change),
                .text(.contains, .comment, writer.capitalised(writer.former(deposit))),
            ])
    }
}
