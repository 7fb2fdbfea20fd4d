import DualEnergyCT

// What could have been seen, by the kind of place it would have lain in.

extension ReportWriter {
    /// For who plans the next examination; empty where this one is compared, which says it of the two that there are.
    var smallestChangeLine: String {
        guard findings.comparison == nil, let percent = findings.deposits.calcium.smallestDetectableChange.massPercent
        else {
            return ""
        }
        let text = number.text(percent, decimals: 0)
        return say(
            "Between two scans like this one the HA mass may differ by \(text) % without any change.",
            "Entre deux examens semblables, la masse HA peut différer de \(text) % sans aucune évolution.")
    }

    /// `fat pad, subcutaneous 2.6 mm3; periarticular 8.1 mm3`: places with the same limit together. Empty where the
    /// limits are not known by place.
    var detectionLimitLines: [String] {
        let limits = findings.detectionLimits ?? []
        let calcium = byPlace(limits) { $0.calciumMm3 }
        let urate = byPlace(limits) { $0.urateMm3 }
        return [
            calcium.isEmpty
                ? ""
                : say(
                    "Smallest detectable calcium at 100 mg/cm3, by place: \(calcium).",
                    "Plus petit dépôt calcique détectable à 100 mg/cm3, selon le siège : \(calcium)."),
            urate.isEmpty
                ? ""
                : say(
                    "Smallest detectable urate, by place: \(urate).",
                    "Plus petit dépôt d'urate détectable, selon le siège : \(urate)."),
        ].filter { !$0.isEmpty }
    }

    private func byPlace(
        _ limits: [DetectionLimitStatement], _ value: (DetectionLimitStatement) -> Double?
    ) -> String {
        guard limits.contains(where: { value($0) != nil }) else { return "" }
        var order: [String] = []
        var places: [String: [String]] = [:]
        for limit in limits {
            let text = value(limit).map { "\(number.short($0)) mm3" } ?? say("not searched", "non recherché")
            if places[text] == nil { order.append(text) }
            places[text, default: []].append(say.anyCompartment(limit.compartment))
        }
        return order.map { "\(places[$0, default: []].joined(separator: ", ")) \($0)" }
            .joined(separator: say("; ", " ; "))
    }
}
