import DualEnergyCT

extension ReportWriter {
    /// What the study says, the most important first.
    func conclusion(_ totals: Totals, _ urate: UrateStatement) -> [Sentence] {
        var result = totals.count > 0 ? positive(totals) : negative(totals)
        let circumstances = changeSentences + [unusedContoursSentence, priorSearchSentence, reviewSentence]
        result.insert(contentsOf: circumstances.filter { !$0.isEmpty }.map { Sentence($0) }, at: 1)
        let unclear = findings.deposits.filter { $0.material == .indeterminate }
        if !unclear.isEmpty {
            let names = unclear.prefix(6).map(identifier).joined(separator: ", ") + (unclear.count > 6 ? " ..." : "")
            let what = say.count(
                unclear.count, "indeterminate dense deposit", "indeterminate dense deposits",
                "dépôt dense indéterminé", "dépôts denses indéterminés")
            result.append(Sentence("\(what)\(say(": ", " : "))\(names)."))
        }
        result.append(Sentence(urateSentence(urate)))
        let flags = flaggedBones
        if !flags.isEmpty {
            result.append(
                Sentence(
                    say("Bone flags, to be reviewed: ", "Signalements osseux, à vérifier : ")
                        + flags.joined(separator: say("; ", " ; ")) + "."))
        }
        if findings.trust.status == .limited, !reasonList.isEmpty {
            result.append(Sentence(say("With limitations. ", "Avec réserves. ") + reasonList))
        }
        return result
    }

    private func positive(_ totals: Totals) -> [Sentence] {
        let volume = number.interval(totals.volumeMm3, unit: "mm3")
        let mass = number.interval(totals.hydroxyapatiteMassMg, unit: say("mg HA-equivalent", "mg équivalent HA"))
        let perSide = sides.map { side in
            "\(side.side.map { say.side($0) } ?? "") \(side.totals.count)"
        }
        let counts = perSide.count > 1 ? " (\(perSide.joined(separator: ", ")))" : ""
        var result = [
            Sentence(
                say(
                    "Calcinosis, \(place): \(say.deposits(totals.count))\(counts), \(volume), \(mass).",
                    "Calcinose, \(place) : \(say.deposits(totals.count))\(counts), \(volume), \(mass)."))
        ]
        if totals.count > 1, let largest = findings.deposits.first(where: { $0.material == .hydroxyapatite }) {
            let place = say.place(largest.place, in: facts.place.region)
            result.append(
                Sentence(
                    say("Largest: ", "Le plus grand : ") + "\(identifier(largest)), "
                        + (place.isEmpty ? "" : "\(place), ")
                        + "\(number.interval(largest.volumeMm3, unit: "mm3")), \(image(largest)).", isOptional: true))
        }
        return result
    }

    private func negative(_ totals: Totals) -> [Sentence] {
        let smallest = smallestDetectable(totals)
        let place = say.placeOfNone(facts.place.region, facts.place.laterality)
        return [
            Sentence(
                say(
                    "No soft-tissue calcinosis detected\(place).",
                    "Pas de calcinose des parties molles détectée\(place).")),
            Sentence(
                say(
                    "Smallest deposit this scan could show: \(smallest) at 100 mg/cm3 or more.",
                    "Plus petit dépôt visible sur cet examen : \(smallest) à 100 mg/cm3 ou plus.")),
        ]
    }

    func urateSentence(_ urate: UrateStatement) -> String {
        let smallest = number.short(urate.smallestDetectableVolumeMm3)
        let volume = number.short(urate.volumeMm3)
        switch urate.verdict {
        case .negative where facts.isReviewed:
            return say("No urate in the reviewed contours.", "Pas d'urate dans les contours revus.")
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

    /// `Acro-osteolysis R D2, R D3`, one text a kind of flag.
    var flaggedBones: [String] {
        BoneFlag.Kind.allCases.compactMap { kind in
            let flags = (findings.boneFlags ?? []).filter { $0.kind == kind && $0.state == .flagged }
            guard !flags.isEmpty else { return nil }
            let names = flags.map { flag in
                [flag.side?.letter, flag.digit.map { "D\($0.rawValue)" }].compactMap { $0 }.joined(separator: " ")
            }
            return ([say.flag(kind)] + [names.filter { !$0.isEmpty }.joined(separator: ", ")]).filter { !$0.isEmpty }
                .joined(separator: " ")
        }
    }
}
