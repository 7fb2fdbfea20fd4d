import DualEnergyCT

extension ReportWriter {
    /// The largest deposits, the right side's first where the sides are told apart.
    func table(_ totals: Totals) -> ReportModel.Table {
        let largest = findings.deposits.prefix(ReportModel.maximumRows)
        let shown = largest.enumerated().sorted { a, b in
            let (left, right) = (order(a.element), order(b.element))
            return left == right ? a.offset < b.offset : left < right
        }.map(\.element)
        let columns = columns(for: shown)
        return ReportModel.Table(
            heading: heading(totals), columns: columns.map(\.title), units: columns.map(\.unit),
            rows: shown.map { row in columns.map { $0.text(row) } },
            notes: notes(shown: shown))
    }

    private func order(_ deposit: Deposit) -> Int {
        switch deposit.place?.side {
        case .right: 0
        case .left: 1
        case nil: 2
        }
    }

    /// Totals of each side, or of the whole examination.
    private func heading(_ totals: Totals) -> String {
        func line(_ name: String, _ totals: Totals) -> String {
            let volume = number.interval(totals.volumeMm3, unit: "mm3")
            let mass = number.interval(totals.hydroxyapatiteMassMg, unit: "mg")
            return name.uppercased() + say(": ", " : ")
                + say.count(
                    totals.count, "calcium deposit", "calcium deposits", "dépôt calcique", "dépôts calciques")
                + (totals.count > 0 ? ", \(volume), \(mass)" : "")
        }
        guard facts.place.laterality == .both, sides.count > 1 else { return line(place, totals) }
        return sides.map { side in
            line(say.place(facts.place.region, side.side == .right ? .right : .left), side.totals)
        }.joined(separator: " · ")
    }

    private func notes(shown: [Deposit]) -> [String] {
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
        notes.append(unitsNote)
        if shown.contains(where: isAtSkin) {
            notes.append(say("* within 1 mm of the skin", "* à moins de 1 mm de la peau"))
        }
        let lines = shown.filter(\.mayBeVessel).map(identifier)
        if !lines.isEmpty {
            notes.append(
                lines.joined(separator: ", ")
                    + say(
                        ": a line of one calibre, vessel or sheath",
                        " : ligne de calibre constant, vaisseau ou gaine"))
        }
        return notes
    }

    var unitsNote: String {
        say(
            "Peak: 95th percentile of the density. Brackets and ±: 95 % interval.",
            "Max. : 95e centile de la densité. Parenthèses et ± : intervalle à 95 %.")
    }

    // MARK: - Columns

    private struct Column {
        var title: String
        var unit = ""
        var text: (Deposit) -> String
    }

    /// A column that says the same in every row, or nothing, is left out.
    private func columns(for deposits: [Deposit]) -> [Column] {
        let namesPlace = deposits.contains { !say.place($0.place, in: facts.place.region).isEmpty }
        let namesMaterial = findings.deposits.contains { $0.material != .hydroxyapatite }
        let namesForm = deposits.contains { $0.morphology != nil }
        let namesChange = deposits.contains { $0.change != nil }
        let all: [Column?] = [
            Column(title: say("id", "n°"), text: identifier),
            Column(title: say("image", "image")) { "\(facts.imageNumber(ofSlice: $0.centreSlice))" },
            namesPlace
                ? Column(title: say("where", "siège")) { say.place($0.place, in: facts.place.region) } : nil,
            namesMaterial ? Column(title: say("material", "matériau")) { say.material($0.material) } : nil,
            Column(title: say("volume", "volume"), unit: "mm3") { number.interval($0.volumeMm3) },
            Column(title: say("HA mass", "masse HA"), unit: "mg") {
                $0.material == .urate ? "–" : number.interval($0.hydroxyapatiteMassMg)
            },
            Column(title: say("mean / peak", "moy. / max."), unit: "mg/cm3", text: density),
            Column(title: say("diam.", "diam."), unit: "mm") { number.text($0.largestDiameterMm, decimals: 1) },
            Column(title: say("to skin", "à la peau"), unit: "mm") {
                number.text($0.distanceToSkinMm, decimals: 1) + (isAtSkin($0) ? " *" : "")
            },
            Column(title: say("to bone", "à l'os"), unit: "mm") {
                $0.distanceToBoneMm.map { $0 <= 0 ? "0" : number.text($0, decimals: 1) } ?? "–"
            },
            namesForm ? Column(title: say("form", "forme")) { $0.morphology.map(say.morphology) ?? "–" } : nil,
            namesChange ? Column(title: say("change", "évolution"), text: change) : nil,
        ]
        return all.compactMap { $0 }
    }

    private func density(_ deposit: Deposit) -> String {
        guard deposit.material != .urate else { return "–" }
        return number.text(deposit.meanDensityMgPerCm3.value, decimals: 0) + " / "
            + number.text(deposit.peakDensityMgPerCm3, decimals: 0)
            + (deposit.peakDensityDeviationMgPerCm3 > 0
                ? " ±\(number.text(1.96 * deposit.peakDensityDeviationMgPerCm3, decimals: 0))" : "")
    }

    /// A deposit in two lines: where it lies and what it is, then its numbers with their units.
    func caption(_ deposit: Deposit) -> (what: String, numbers: String) {
        let place = say.place(deposit.place, in: facts.place.region)
        let form = deposit.morphology.map(say.morphology)
        let what = [place, say.material(deposit.material), form ?? "", image(deposit)]
        let isUrate = deposit.material == .urate
        let numbers = [
            number.interval(deposit.volumeMm3, unit: "mm3"),
            isUrate ? "" : number.interval(deposit.hydroxyapatiteMassMg, unit: "mg HA"),
            isUrate ? "" : density(deposit) + " mg/cm3",
            say("to skin ", "à la peau ") + number.text(deposit.distanceToSkinMm, decimals: 1) + " mm",
            deposit.distanceToBoneMm.map {
                say("to bone ", "à l'os ") + ($0 <= 0 ? "0" : number.text($0, decimals: 1)) + " mm"
            } ?? "",
            deposit.change == nil ? "" : change(deposit),
        ]
        func joined(_ parts: [String]) -> String {
            parts.filter { !$0.isEmpty && $0 != "–" }.joined(separator: "   ")
        }
        return (joined(what), joined(numbers))
    }

    private func change(_ deposit: Deposit) -> String {
        guard let change = deposit.change else { return "–" }
        let percent = (change.massPercent ?? change.volumePercent).map { say.percent($0.value, number) + " " }
        return (percent ?? "") + say.outcome(change.outcome)
    }

    private func isAtSkin(_ deposit: Deposit) -> Bool { deposit.distanceToSkinMm < 1 }

    func identifier(_ deposit: Deposit) -> String { names[deposit.number] }

    func image(_ deposit: Deposit) -> String { "image \(facts.imageNumber(ofSlice: deposit.centreSlice))" }
}
