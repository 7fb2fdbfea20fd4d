import DualEnergyCT

extension ReportWriter {
    func analysable(_ totals: Totals, _ urate: UrateStatement) -> Body {
        let outcome =
            switch (totals.count, urate.verdict) {
            case (0, .positive): " - no calcinosis, urate"
            case (0, _): " - no calcinosis"
            case (_, .positive): " - calcinosis, urate"
            default: ""
            }
        return Body(
            conclusion: conclusion(totals, urate),
            table: findings.deposits.isEmpty ? nil : table(totals),
            sections: [
                .init(title: say("CHANGE", "ÉVOLUTION"), lines: changeLines),
                .init(title: say("URATE", "URATE"), lines: [urateLine(urate)]),
                .init(title: say("EXCLUDED", "EXCLU"), lines: exclusionLines),
                .init(title: say("BONE FLAGS", "OS"), lines: boneLines),
                .init(title: say("VESSELS", "VAISSEAUX"), lines: otherMineralLines),
                .init(
                    title: say("TRUST", "FIABILITÉ"), lines: trustLines(totals),
                    details: [smallestChangeLine].filter { !$0.isEmpty } + detectionLimitLines),
                .init(title: say("REVISION", "RÉVISION"), lines: revisionLines),
            ].filter { !$0.lines.isEmpty },
            isNotAnalysable: false, outcome: outcome)
    }

    private func urateLine(_ urate: UrateStatement) -> String {
        let smallest = number.short(urate.smallestDetectableVolumeMm3)
        switch urate.verdict {
        case .negative where facts.isReviewed: return urateSentence(urate)
        case .negative:
            return say(
                "Not detected above \(smallest) mm3. Not searched at the surface of bone, calcium and skin: their edges "
                    + "imitate urate.",
                "Non détecté au-dessus de \(smallest) mm3. Non recherché au contact des os, du calcium et de la peau : "
                    + "leurs bords imitent l'urate.")
        case .indeterminate: return urateSentence(urate)
        case .positive:
            let count = findings.deposits.count { $0.material == .urate }
            return say(
                "Positive: \(say.deposits(count)), see the table. Smallest detectable \(smallest) mm3.",
                "Positif : \(say.deposits(count)), voir le tableau. Plus petit volume détectable \(smallest) mm3.")
        }
    }

    private var exclusionLines: [String] {
        let lines = findings.exclusions.filter { $0.count > 0 }.map(exclusionLine)
        guard !lines.isEmpty else { return [] }
        return [say("Seen and not reported:", "Vu et non rapporté :")] + lines
    }

    /// Cause, number and volume of what was excluded, and why that cause excludes.
    func exclusionLine(_ exclusion: Exclusion) -> String {
        let cause = "\(say.cause(exclusion.cause)) \(exclusion.count) (\(number.short(exclusion.volumeMm3)) mm3)"
        return capitalised(cause) + say(": ", " : ") + say.explanation(exclusion.cause) + "."
    }

    // MARK: - Bone and other mineral

    private var boneLines: [String] {
        var lines: [String] = []
        if let flags = findings.boneFlags {
            let flagged = flaggedBones
            let clear = BoneFlag.Kind.allCases.filter { kind in
                let states = flags.filter { $0.kind == kind }.map(\.state)
                return states.contains(.notFlagged) && !states.contains(.flagged)
            }
            if !flagged.isEmpty {
                lines.append(flagged.joined(separator: say("; ", " ; ")) + say(" (review).", " (à vérifier)."))
            }
            if !clear.isEmpty {
                lines.append(
                    say("None flagged: ", "Aucun signalement : ")
                        + clear.map(clearFlag).joined(separator: ", ") + ".")
            }
            if lines.isEmpty { lines.append(notAssessedBones) }
            lines.append(say("These are flags, not diagnoses.", "Ce sont des signalements, non des diagnostics."))
        } else {
            lines.append(notAssessedBones)
        }
        let scores = findings.radiographicScores.filter { $0.value > 0 }.map { score in
            (score.side.map { say.side($0) + " " } ?? "") + number.text(score.value, decimals: 1)
        }
        if !scores.isEmpty {
            lines.append(
                say("Analogue of a radiographic score (", "Analogue d'un score radiographique (")
                    + say(
                        "shadow in cm2 times density class, summed): ",
                        "ombre en cm2 fois classe de densité, somme) : ")
                    + scores.joined(separator: ", ") + ".")
        }
        let densities = findings.boneDensity.map { density in
            (density.side.map { say.side($0) + " " } ?? "")
                + number.interval(density.meanMgPerCm3, unit: "mg/cm3", maximumDecimals: 0)
        }
        if !densities.isEmpty {
            lines.append(
                say("Mean density of bone: ", "Densité moyenne de l'os : ") + densities.joined(separator: ", ") + ".")
        }
        return lines
    }

    /// A kind of flag that no bone has; of erosion the depth from which on it would be one.
    private func clearFlag(_ kind: BoneFlag.Kind) -> String {
        let name = say.flag(kind).lowercased()
        let limits = (findings.boneFlags ?? []).filter { $0.kind == kind && $0.state == .notFlagged }.map(\.limit)
        guard kind == .erosion, let limit = limits.compactMap({ $0 }).max() else { return name }
        let depth = number.text(limit, decimals: 1)
        return name + say(" from \(depth) mm deep, wrist aside", " dès \(depth) mm de profondeur, poignet exclu")
    }

    private var notAssessedBones: String {
        say("Acro-osteolysis, erosion: not assessed.", "Acro-ostéolyse, érosion : non évaluées.")
    }

    private var otherMineralLines: [String] {
        guard let minerals = findings.otherMineral else {
            return [say("Vascular calcification: not assessed.", "Calcifications vasculaires : non évaluées.")]
        }
        func line(_ kind: OtherMineral.Kind, _ name: String) -> String {
            let found = minerals.filter { $0.kind == kind && $0.count > 0 }
            guard !found.isEmpty else { return name + say(": none found.", " : aucune.") }
            let count = found.reduce(0) { $0 + $1.count }
            let volume = number.short(found.reduce(0) { $0 + $1.volumeMm3 })
            let mass = number.short(found.reduce(0) { $0 + $1.hydroxyapatiteMassMg })
            let causes = found.compactMap { mineral in mineral.cause.map { "\(say.cause($0)) \(mineral.count)" } }
            return name + say(": ", " : ") + "\(count), \(volume) mm3, \(mass) mg"
                + (causes.isEmpty ? "" : " (\(causes.joined(separator: ", ")))")
                + say(", not counted as calcinosis.", ", non comptées comme calcinose.")
        }
        var lines = [line(.vascular, say("Vascular calcification", "Calcifications vasculaires"))]
        // In simulated wrists, elbows, knees and feet most calcified arteries still count as deposits.
        if facts.place.region != .hand {
            lines.append(
                say(
                    "Calcified vessels are not reliably told from deposits in this region: compare with the images.",
                    "Les vaisseaux calcifiés ne sont pas distingués des dépôts de façon fiable dans cette région : "
                        + "comparer avec les images."))
        }
        if minerals.contains(where: { $0.kind == .other && $0.count > 0 }) {
            lines.append(line(.other, say("Other calcification", "Autres calcifications")))
        }
        return lines
    }

    // MARK: - Trust

    private func trustLines(_ totals: Totals) -> [String] {
        var lines = [measurements]
        if findings.trust.correctedMotionMm > 0 {
            let corrected = number.text(findings.trust.correctedMotionMm, decimals: 1)
            lines.append(
                say(
                    "Motion of up to \(corrected) mm between the energies was corrected.",
                    "Un mouvement allant jusqu'à \(corrected) mm entre les énergies a été corrigé."))
        }
        if findings.trust.status == .limited, !reasonList.isEmpty { lines.append(reasonList) }
        let smallest = smallestDetectable(totals)
        lines.append(
            say(
                "Smallest detectable deposit \(smallest) at 100 mg/cm3.",
                "Plus petit dépôt détectable \(smallest) à 100 mg/cm3."))
        if !priorSearchRemedy.isEmpty { lines.append(priorSearchRemedy) }
        let lost = unrecognisedDigits
        if !lost.isEmpty {
            lines.append(
                say(
                    "Not told apart, without totals of their own: \(lost.joined(separator: ", ")).",
                    "Non individualisés, sans totaux propres : \(lost.joined(separator: ", "))."))
        }
        return lines + [limit(totals)]
    }

    /// Each side has its own noise, so its own limit.
    func smallestDetectable(_ totals: Totals) -> String {
        let perSide = sides.compactMap { side in
            side.side.map { "\(number.short(side.totals.smallestDetectableVolumeMm3)) mm3 (\(say.side($0)))" }
        }
        return perSide.count > 1
            ? perSide.joined(separator: ", ") : "\(number.short(totals.smallestDetectableVolumeMm3)) mm3"
    }

    /// `R D4`: digits of a hand of which others were told apart.
    private var unrecognisedDigits: [String] {
        sides.flatMap { side in
            let seen = Set(findings.regions.filter { $0.side == side.side }.compactMap(\.digit))
            return Digit.allCases.filter { !seen.isEmpty && !seen.contains($0) }.map { digit in
                [side.side?.letter, "D\(digit.rawValue)"].compactMap { $0 }.joined(separator: " ")
            }
        }
    }

    private var measurements: String {
        let trust = findings.trust
        let low = "\(number.text(trust.noiseLowHU, decimals: 0)) HU (\(facts.lowBeam) \(facts.beamUnit))"
        let high = "\(number.text(trust.noiseHighHU, decimals: 0)) HU (\(facts.highBeam) \(facts.beamUnit))"
        let shift = number.text(trust.misregistrationMm, decimals: 1)
        let ratio = number.text(trust.calciumRatio, decimals: 2)
        let metal = number.short(trust.metalVolumeMm3)
        return "\(say.status(trust.status)). "
            + say(
                "Noise \(low), \(high); shift between energies \(shift) mm; calcium ratio \(ratio) ",
                "Bruit \(low), \(high) ; décalage entre énergies \(shift) mm ; rapport calcique \(ratio) ")
            + say.calibration(trust.calibration)
            + (trust.metalVolumeMm3 > 0 ? say("; metal \(metal) mm3", " ; métal \(metal) mm3") : "") + coverage + "."
    }

    /// Nothing where both energies show the whole of what was scanned.
    private var coverage: String {
        guard let percent = findings.trust.coveredPercent, percent < 99.95 else { return "" }
        let share = number.text(percent, decimals: 1)
        return say("; both energies show \(share) % of the body", " ; les deux énergies montrent \(share) % du corps")
    }

    /// What the numbers cannot say.
    func limit(_ totals: Totals) -> String {
        guard totals.count > 0 else {
            return say(
                "\"Not detected\" is not \"absent\": deposits below these limits, or outside the scanned region, "
                    + "cannot be seen.",
                "« Non détecté » n'est pas « absent » : un dépôt plus petit, ou hors de la région examinée, "
                    + "ne se voit pas.")
                + (isLimitOnBoneKnown
                    ? ""
                    : say(
                        " On bone a deposit must be larger than they say.",
                        " Au contact de l'os, il doit être plus grand."))
        }
        // Computed at 80/Sn150 and 80/140 kV: carbonate apatite -2.3 %, calcium oxalate dihydrate -43 %.
        return say(
            "HA-equivalent: carbonate apatite reads about 2 % low, calcium oxalate about 40 % low.",
            "Équivalent HA : apatite carbonatée lue environ 2 % trop bas, oxalate de calcium environ 40 %.")
    }

    private var isLimitOnBoneKnown: Bool {
        (findings.detectionLimits ?? []).contains { $0.compartment == .periarticular }
    }
}
