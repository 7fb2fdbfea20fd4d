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
                .init(title: say("URATE", "URATE"), lines: [urateLine(urate)]),
                .init(title: say("EXCLUDED", "EXCLU"), lines: exclusionLines),
                .init(
                    title: say("BONE FLAGS", "OS"),
                    lines: [
                        say(
                            "Acro-osteolysis, erosion: not assessed by this version.",
                            "Acro-ostéolyse, érosion : non évaluées par cette version.")
                    ]),
                .init(
                    title: say("VESSELS", "VAISSEAUX"),
                    lines: [
                        say(
                            "Vascular calcification: not assessed by this version.",
                            "Calcifications vasculaires : non évaluées par cette version.")
                    ]),
                .init(title: say("TRUST", "FIABILITÉ"), lines: trustLines(totals)),
            ].filter { !$0.lines.isEmpty },
            isNotAnalysable: false, outcome: outcome)
    }

    // MARK: - Conclusion

    private func conclusion(_ totals: Totals, _ urate: UrateStatement) -> [String] {
        var result: [String] = []
        if totals.count > 0 {
            let volume = number.interval(totals.volumeMm3, unit: "mm3")
            let mass = number.interval(totals.hydroxyapatiteMassMg, unit: say("mg HA-equivalent", "mg équivalent HA"))
            result.append(
                say(
                    "Calcinosis, \(place): \(say.deposits(totals.count)), \(volume), \(mass).",
                    "Calcinose, \(place) : \(say.deposits(totals.count)), \(volume), \(mass)."))
            if totals.count > 1, let largest = findings.deposits.first(where: { $0.material == .hydroxyapatite }) {
                result.append(
                    say("Largest: ", "Le plus grand : ") + "\(identifier(largest)), "
                        + "\(number.interval(largest.volumeMm3, unit: "mm3")), \(image(largest)).")
            }
        } else {
            let smallest = number.short(totals.smallestDetectableVolumeMm3)
            result.append(
                say(
                    "No soft-tissue calcinosis detected, \(place).",
                    "Pas de calcinose des parties molles détectée, \(place)."))
            result.append(
                say(
                    "Smallest deposit this scan could show: \(smallest) mm3 at 100 mg/cm3 or more.",
                    "Plus petit dépôt visible sur cet examen : \(smallest) mm3 à 100 mg/cm3 ou plus."))
        }
        let unclear = findings.deposits.filter { $0.material == .indeterminate }
        if !unclear.isEmpty {
            let names = unclear.prefix(6).map(identifier).joined(separator: ", ") + (unclear.count > 6 ? " ..." : "")
            let what = say.count(
                unclear.count, "indeterminate dense deposit", "indeterminate dense deposits",
                "dépôt dense indéterminé", "dépôts denses indéterminés")
            result.append("\(what)\(say(": ", " : "))\(names).")
        }
        result.append(urateSentence(urate))
        if findings.trust.status == .limited, !reasonList.isEmpty {
            result.append(say("With limitations. ", "Avec réserves. ") + reasonList)
        }
        return result
    }

    private func urateSentence(_ urate: UrateStatement) -> String {
        let smallest = number.short(urate.smallestDetectableVolumeMm3)
        let volume = number.short(urate.volumeMm3)
        switch urate.verdict {
        case .negative:
            return say(
                "No urate deposit larger than \(smallest) mm3 detected, apart from bone, calcium and skin.",
                "Pas de dépôt d'urate de plus de \(smallest) mm3 détecté, à distance des os, du calcium et de la peau.")
        case .indeterminate:
            return say(
                "Urate: indeterminate (smallest detectable \(smallest) mm3).",
                "Urate : indéterminé (plus petit volume détectable \(smallest) mm3).")
        case .positive:
            let names = findings.deposits.filter { $0.material == .urate }.prefix(6).map(identifier)
            let list = names.isEmpty ? "" : " (\(names.joined(separator: ", ")))"
            return say("URATE DEPOSITS: \(volume) mm3\(list).", "DÉPÔTS D'URATE : \(volume) mm3\(list).")
        }
    }

    // MARK: - Table

    private func table(_ totals: Totals) -> ReportModel.Table {
        let shown = findings.deposits.prefix(ReportModel.maximumRows)
        let rest = findings.deposits.dropFirst(ReportModel.maximumRows)
        var notes: [String] = []
        if !rest.isEmpty {
            let volume = number.text(rest.reduce(0) { $0 + $1.volumeMm3.value }, decimals: 0)
            notes.append(
                say(
                    "... \(rest.count) smaller \(rest.count == 1 ? "deposit" : "deposits"): \(volume) mm3, "
                        + "in the structured report.",
                    "... \(say.count(rest.count, "", "", "dépôt plus petit", "dépôts plus petits")) : "
                        + "\(volume) mm3, dans le compte rendu structuré."))
        }
        notes.append(
            say(
                "mm3, mg, mg/cm3 (mean / 95th percentile), mm. Brackets: 95 % interval.",
                "mm3, mg, mg/cm3 (moyenne / 95e centile), mm. Parenthèses : intervalle à 95 %."))
        if shown.contains(where: isAtSkin) {
            notes.append(say("* within 1 mm of the skin", "* à moins de 1 mm de la peau"))
        }
        let volume = number.interval(totals.volumeMm3, unit: "mm3")
        let mass = number.interval(totals.hydroxyapatiteMassMg, unit: "mg")
        let sums = totals.count > 0 ? ", \(volume), \(mass)" : ""
        return ReportModel.Table(
            heading: place.uppercased() + say(": ", " : ")
                + say.count(
                    totals.count, "calcium deposit", "calcium deposits", "dépôt calcique", "dépôts calciques") + sums,
            columns: [
                say("id", "n°"), say("image", "image"), say("material", "matériau"), say("volume", "volume"),
                say("HA mass", "masse HA"), say("mean / peak", "moy. / max."), say("diam.", "diam."),
                say("to skin", "à la peau"), say("to bone", "à l'os"),
            ].withoutMaterial(namesMaterial),
            rows: shown.map { row($0).withoutMaterial(namesMaterial) }, notes: notes)
    }

    /// A column that says "calcium" in every row tells nothing.
    private var namesMaterial: Bool { findings.deposits.contains { $0.material != .hydroxyapatite } }

    private func row(_ deposit: Deposit) -> [String] {
        let isCalcium = deposit.material != .urate
        let mean = number.text(deposit.meanDensityMgPerCm3.value, decimals: 0)
        let peak = number.text(deposit.peakDensityMgPerCm3, decimals: 0)
        return [
            identifier(deposit),
            "\(facts.imageNumber(ofSlice: deposit.centreSlice))",
            say.material(deposit.material),
            number.interval(deposit.volumeMm3),
            isCalcium ? number.interval(deposit.hydroxyapatiteMassMg) : "–",
            isCalcium ? "\(mean) / \(peak)" : "–",
            number.text(deposit.largestDiameterMm, decimals: 1),
            number.text(deposit.distanceToSkinMm, decimals: 1) + (isAtSkin(deposit) ? " *" : ""),
            deposit.distanceToBoneMm.map { $0 <= 0 ? "0" : number.text($0, decimals: 1) } ?? "–",
        ]
    }

    private func isAtSkin(_ deposit: Deposit) -> Bool { deposit.distanceToSkinMm < 1 }

    func identifier(_ deposit: Deposit) -> String { facts.place.identifier(ofDeposit: deposit.number) }

    private func image(_ deposit: Deposit) -> String {
        "image \(facts.imageNumber(ofSlice: deposit.centreSlice))"
    }

    // MARK: - Sections

    private func urateLine(_ urate: UrateStatement) -> String {
        let smallest = number.short(urate.smallestDetectableVolumeMm3)
        switch urate.verdict {
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
        let parts = findings.exclusions.filter { $0.count > 0 }.map {
            "\(say.cause($0.cause)) \($0.count) (\(number.short($0.volumeMm3)) mm3)"
        }
        guard !parts.isEmpty else { return [] }
        return [
            say("Seen and not reported: ", "Vu et non rapporté : ") + parts.joined(separator: ", ") + "."
        ]
    }

    private func trustLines(_ totals: Totals) -> [String] {
        let trust = findings.trust
        let low = "\(number.text(trust.noiseLowHU, decimals: 0)) HU (\(facts.lowBeam) \(facts.beamUnit))"
        let high = "\(number.text(trust.noiseHighHU, decimals: 0)) HU (\(facts.highBeam) \(facts.beamUnit))"
        let shift = number.text(trust.misregistrationMm, decimals: 1)
        let ratio = number.text(trust.calciumRatio, decimals: 2)
        let smallest = number.short(totals.smallestDetectableVolumeMm3)
        let metal = number.short(trust.metalVolumeMm3)
        var lines = [
            "\(say.status(trust.status)). "
                + say(
                    "Noise \(low), \(high); shift between energies \(shift) mm; calcium ratio \(ratio) ",
                    "Bruit \(low), \(high) ; décalage entre énergies \(shift) mm ; rapport calcique \(ratio) ")
                + say.calibration(trust.calibration)
                + (trust.metalVolumeMm3 > 0 ? say("; metal \(metal) mm3.", " ; métal \(metal) mm3.") : ".")
        ]
        if findings.trust.status == .limited, !reasonList.isEmpty { lines.append(reasonList) }
        lines.append(
            say(
                "Smallest detectable deposit \(smallest) mm3 at 100 mg/cm3.",
                "Plus petit dépôt détectable \(smallest) mm3 à 100 mg/cm3."))
        if totals.count == 0 {
            lines.append(
                say(
                    "\"Not detected\" is not \"absent\": deposits below these limits, or outside the scanned region, "
                        + "cannot be seen.",
                    "« Non détecté » n'est pas « absent » : un dépôt plus petit, ou hors de la région examinée, "
                        + "ne se voit pas."))
        } else {
            // Computed at 80/Sn150 and 80/140 kV: carbonate apatite -2.3 %, calcium oxalate dihydrate -43 %.
            lines.append(
                say(
                    "HA-equivalent: carbonate apatite reads about 2 % low, calcium oxalate about 40 % low.",
                    "Équivalent HA : apatite carbonatée lue environ 2 % trop bas, oxalate de calcium environ 40 %."))
        }
        return lines
    }
}

extension [String] {
    /// A table row, with its third column only when that is wanted.
    fileprivate func withoutMaterial(_ isNamed: Bool) -> [String] {
        isNamed ? self : Array(prefix(2) + dropFirst(3))
    }
}
