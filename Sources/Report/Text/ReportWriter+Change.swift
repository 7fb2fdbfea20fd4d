import DualEnergyCT

// What has changed: since the prior examination, and since the report that a revision replaces.

extension ReportWriter {
    /// `2025-01-08`, or words where the date is not known.
    var priorDate: String {
        facts.priorDate ?? say("the prior examination", "l'examen antérieur")
    }

    var changeSentences: [String] {
        guard let comparison = findings.comparison else { return [] }
        if let obstacle = comparison.obstacle {
            return [
                say("Not compared with ", "Sans comparaison avec ") + priorDate + say(": ", " : ")
                    + say.obstacle(obstacle) + "."
            ]
        }
        var parts: [String] = []
        if let mass = comparison.totalMassPercent { parts.append(totalChange(mass, comparison)) }
        let counts = outcomeCounts(comparison)
        if !counts.isEmpty { parts.append(counts) }
        guard !parts.isEmpty else { return [] }
        return [
            say("Since ", "Depuis le ") + priorDate + say(": ", " : ") + parts.joined(separator: say("; ", " ; ")) + "."
        ]
    }

    private func totalChange(_ mass: Estimate, _ comparison: Comparison) -> String {
        let smallest = comparison.smallestDetectableMassPercent
        let interval =
            "\(say.percent(mass.value, number)) (\(say.percent(mass.low, number)) … \(say.percent(mass.high, number)))"
        let isReal = smallest.map { mass.value.magnitude > $0 } ?? (mass.low > 0 || mass.high < 0)
        let outcome: String
        if !isReal {
            outcome = say("stable", "stable")
        } else {
            let band = say.percent(DepositChange.clinicalBandPercent, number).replacingPlus
            let isBeyond = mass.value.magnitude > DepositChange.clinicalBandPercent
            outcome =
                (mass.value > 0 ? say("increased", "augmentation") : say("decreased", "diminution"))
                + (isBeyond
                    ? say(", beyond the \(band) band", ", au-delà de la bande de \(band)")
                    : say(", within the \(band) band", ", dans la bande de \(band)"))
        }
        let limit = smallest.map {
            let text = say.percent($0, number).replacingPlus
            return say(
                " (smallest detectable change \(text))", " (plus petite variation détectable \(text))")
        }
        return say("HA mass ", "masse HA ") + interval + ", \(outcome)" + (limit ?? "")
    }

    /// `2 new, 1 resolved`: what a total hides.
    private func outcomeCounts(_ comparison: Comparison) -> String {
        let new = findings.deposits.count { $0.change?.outcome == .new }
        let parts = [
            new > 0 ? say.count(new, "new", "new", "nouveau", "nouveaux") : nil,
            comparison.resolved.isEmpty
                ? nil : say.count(comparison.resolved.count, "resolved", "resolved", "disparu", "disparus"),
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    /// Lines of the section on change: which deposits are new, which are gone.
    var changeLines: [String] {
        guard let comparison = findings.comparison else { return [] }
        var lines: [String] = []
        let new = findings.deposits.filter { $0.change?.outcome == .new }.map(identifier)
        if !new.isEmpty { lines.append(say("New: ", "Nouveaux : ") + list(new) + ".") }
        let gone = comparison.resolved.map { former($0) }
        if !gone.isEmpty { lines.append(say("Resolved: ", "Disparus : ") + list(gone) + ".") }
        let faint = comparison.stillMeasured.map { deposit in
            former(deposit)
                + say(", now ", ", maintenant ") + number.interval(deposit.remainingMassMg, unit: "mg")
        }
        if !faint.isEmpty {
            lines.append(
                say(
                    "No longer outlined, yet still measured at their place: ",
                    "Plus délimités, mais toujours mesurés à leur place : ") + list(faint, separator: "; ") + ".")
        }
        return lines
    }

    /// Where a deposit of the prior lay and how large it was.
    func former(_ deposit: ResolvedDeposit) -> String {
        let place = say.place(deposit.place, in: facts.place.region)
        let volume = number.short(deposit.priorVolumeMm3)
        let mass = number.short(deposit.priorHydroxyapatiteMassMg)
        let name = deposit.priorName.map { $0 + " " } ?? ""
        return name + (place.isEmpty ? "" : "\(deposit.place?.side.map { "\($0.letter) " } ?? "")\(place) ")
            + say("(was \(volume) mm3, \(mass) mg)", "(\(volume) mm3, \(mass) mg auparavant)")
    }

    private func list(_ names: [String], separator: String = ", ") -> String {
        names.prefix(8).joined(separator: separator) + (names.count > 8 ? " ..." : "")
    }

    // MARK: - Revision

    /// What a revision says of the report that it replaces; empty for the first one.
    ///
    /// - Parameter isBrief: for the impression, which has little room.
    func revisionSentence(isBrief: Bool = false) -> String {
        guard facts.revision > 1 else { return "" }
        let head = say(
            "Revision \(facts.revision): replaces the earlier report of this study.",
            "Révision \(facts.revision) : remplace le compte rendu précédent de cet examen.")
        guard let before = facts.predecessor else { return head }
        let changes = revisionChanges(since: before, isBrief: isBrief)
        let text =
            changes.isEmpty
            ? say("The findings have not changed.", "Les résultats n'ont pas changé.")
            : say("Changed: ", "Modifié : ") + changes.joined(separator: say("; ", " ; ")) + "."
        return "\(head) \(text)"
    }

    /// The section on the revision: what was said above, then the images of each series before and now.
    var revisionLines: [String] {
        guard facts.revision > 1 else { return [] }
        return [revisionSentence()] + (facts.predecessor.map(imageLines) ?? [])
    }

    /// `80 kV: 136 → 160 images; new: 137-160.`, one line for each series whose images are others than before.
    private func imageLines(since before: PredecessorSummary) -> [String] {
        zip([facts.lowBeam, facts.highBeam], facts.series).compactMap { beam, now in
            guard let then = before.series.first(where: { $0.seriesInstanceUID == now.seriesInstanceUID }), then != now
            else { return nil }
            var parts = [
                say(
                    "\(beam) \(facts.beamUnit): \(then.imageCount) → \(now.imageCount) images",
                    "\(beam) \(facts.beamUnit) : \(then.imageCount) → \(now.imageCount) images")
            ]
            if let old = then.imageNumbers, let new = now.imageNumbers {
                let (came, went) = (new.subtracting(old), old.subtracting(new))
                if !came.isEmpty { parts.append(say("came late: ", "arrivées après : ") + came.text) }
                if !went.isEmpty { parts.append(say("no longer used: ", "plus utilisées : ") + went.text) }
            }
            return parts.joined(separator: say("; ", " ; ")) + "."
        }
    }

    private func revisionChanges(since before: PredecessorSummary, isBrief: Bool) -> [String] {
        var changes: [String] = []
        func changed(_ name: String, _ old: String?, _ new: String?) {
            guard old != new else { return }
            changes.append("\(name) \(old ?? "–") → \(new ?? "–")")
        }
        let added = facts.series.reduce(0) { $0 + $1.imageCount } - before.series.reduce(0) { $0 + $1.imageCount }
        if added > 0 {
            changes.append(say.count(added, "image added", "images added", "image ajoutée", "images ajoutées"))
        } else if added < 0 {
            changes.append(say.count(-added, "image fewer", "images fewer", "image de moins", "images de moins"))
        }
        if before.series.map(\.seriesInstanceUID) != facts.series.map(\.seriesInstanceUID) {
            changes.append(say("other series were analysed", "d'autres séries ont été analysées"))
        }
        func hand(_ isReviewed: Bool) -> String {
            isReviewed ? say("reviewed by a reader", "revus par un lecteur") : say("automatic", "automatiques")
        }
        changed(say("contours", "contours"), hand(before.isReviewed), hand(facts.isReviewed))
        changed(say("deposits", "dépôts"), before.depositCount.map(String.init), findings.totals.map { "\($0.count)" })
        changed(
            "volume", before.volumeMm3.map { "\(number.short($0)) mm3" },
            findings.totals.map { "\(number.short($0.volumeMm3.value)) mm3" })
        if !isBrief {
            changed(
                say("HA mass", "masse HA"), before.hydroxyapatiteMassMg.map { "\(number.short($0)) mg" },
                findings.totals.map { "\(number.short($0.hydroxyapatiteMassMg.value)) mg" })
            changed(
                say("urate", "urate"), before.urate.map(say.verdict), findings.urate.map { say.verdict($0.verdict) })
        }
        changed(
            say("status", "état"), say.status(before.trust).lowercased(), say.status(findings.trust.status).lowercased()
        )
        changed(say("version", "version"), before.algorithmVersion, facts.algorithmVersion)
        return changes
    }
}

extension String {
    /// A limit has no sign.
    fileprivate var replacingPlus: String { hasPrefix("+") ? String(dropFirst()) : self }
}
