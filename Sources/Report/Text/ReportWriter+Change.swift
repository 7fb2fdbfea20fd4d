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
        let gone = comparison.resolved.map { deposit in
            let place = say.place(deposit.place, in: facts.place.region)
            let volume = number.short(deposit.priorVolumeMm3)
            return (place.isEmpty ? "" : "\(deposit.place?.side.map { "\($0.letter) " } ?? "")\(place) ")
                + say("(was \(volume) mm3)", "(\(volume) mm3 auparavant)")
        }
        if !gone.isEmpty { lines.append(say("Resolved: ", "Disparus : ") + list(gone) + ".") }
        return lines
    }

    private func list(_ names: [String]) -> String {
        names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " ..." : "")
    }

    // MARK: - Revision

    /// What a revision says of the report that it replaces; empty for the first one.
    var revisionSentence: String {
        guard facts.revision > 1 else { return "" }
        let head = say(
            "Revision \(facts.revision): replaces the earlier report of this study.",
            "Révision \(facts.revision) : remplace le compte rendu précédent de cet examen.")
        guard let before = facts.predecessor else { return head }
        let changes = revisionChanges(since: before)
        let text =
            changes.isEmpty
            ? say("The findings have not changed.", "Les résultats n'ont pas changé.")
            : say("Changed: ", "Modifié : ") + changes.joined(separator: say("; ", " ; ")) + "."
        return "\(head) \(text)"
    }

    private func revisionChanges(since before: PredecessorSummary) -> [String] {
        var changes: [String] = []
        func changed(_ name: String, _ old: String?, _ new: String?) {
            guard old != new else { return }
            changes.append("\(name) \(old ?? "–") → \(new ?? "–")")
        }
        let added = facts.imageCount - before.imageCount
        if added > 0 {
            changes.append(say.count(added, "image added", "images added", "image ajoutée", "images ajoutées"))
        } else if added < 0 {
            changes.append(say.count(-added, "image fewer", "images fewer", "image de moins", "images de moins"))
        }
        if Set(before.seriesInstanceUIDs) != Set(facts.seriesInstanceUIDs) {
            changes.append(say("other series were analysed", "d'autres séries ont été analysées"))
        }
        changed(say("deposits", "dépôts"), before.depositCount.map(String.init), findings.totals.map { "\($0.count)" })
        changed(
            "volume", before.volumeMm3.map { "\(number.short($0)) mm3" },
            findings.totals.map { "\(number.short($0.volumeMm3.value)) mm3" })
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
