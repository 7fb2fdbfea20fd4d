package import DualEnergyCT

/// Why a scan cannot be trusted and what helps, as the report says it: for who reads no report.
package func trustReasonText(
    _ reason: Trust.Reason, language: ReportLanguage
) -> (message: String, remedy: String) {
    let say = Phrases(language: language)
    return (say.sentence(for: reason, number: NumberText(language: language)), say.remedy(reason.kind))
}

extension Phrases {
    /// What was measured and the limit it broke; words alone where nothing was measured.
    func sentence(for reason: Trust.Reason, number: NumberText) -> String {
        switch (reason.kind, reason.unit) {
        case (.iodine, "agent"):
            return self("The header names a contrast agent.", "L'en-tête indique un produit de contraste.")
        case (.kernel, "edge kernel"):
            return self(
                "The reconstruction kernel is made to show edges.",
                "Le noyau de reconstruction est conçu pour les contours.")
        case (.coverage, "soft tissue"):
            return self(
                "Too little soft tissue in the field to measure noise in.",
                "Trop peu de tissus mous dans le champ pour mesurer le bruit.")
        case (.calibration, "days"):
            return self(
                "The site's rod calibration had expired: it was \(number.text(reason.measured, decimals: 0)) days old "
                    + "(limit \(number.text(reason.limit, decimals: 0))).",
                "L'étalonnage par tiges du site avait expiré : il datait de "
                    + "\(number.text(reason.measured, decimals: 0)) jours "
                    + "(limite \(number.text(reason.limit, decimals: 0))).")
        case (.calibration, "scanner"):
            return self(
                "The site's rod calibrations are of other scanners.",
                "Les étalonnages par tiges du site sont d'autres scanners.")
        case (.calibration, "pair"), (.calibration, "filter"):
            return self(
                "The site's rod calibration of this scanner is of another pair of energies.",
                "L'étalonnage par tiges de ce scanner est d'une autre paire d'énergies.")
        case (.calibration, "kernel"):
            return self(
                "The site's rod calibration of this scanner is of another kernel.",
                "L'étalonnage par tiges de ce scanner est d'un autre noyau de reconstruction.")
        case (.calibration, "before"), (.calibration, "undated"):
            return self(
                "The site's rod calibration is younger than the study, or the study has no date.",
                "L'étalonnage par tiges du site est postérieur à l'examen, ou l'examen n'est pas daté.")
        case (.side, _):
            return self(
                "The images show another side than the header names: no side is stated.",
                "Les images montrent un autre côté que l'en-tête : aucun côté n'est indiqué.")
        case (.calibration, "bone"):
            return self(
                "The patient's bone contradicts the site's rods: its dual-energy ratio is "
                    + "\(number.text(reason.measured, decimals: 2)) of the expected one "
                    + "(limit \(number.text(reason.limit, decimals: 2))).",
                "L'os du patient contredit les tiges du site : son rapport bi-énergie est "
                    + "\(number.text(reason.measured, decimals: 2)) fois celui attendu "
                    + "(limite \(number.text(reason.limit, decimals: 2))).")
        case (.calibration, "spectra"):
            return self(
                "The patient's bone contradicts the computed spectra by "
                    + "\(number.text(reason.measured, decimals: 1)) standard deviations "
                    + "(limit \(number.text(reason.limit, decimals: 1))).",
                "L'os du patient contredit les spectres calculés de "
                    + "\(number.text(reason.measured, decimals: 1)) écarts-types "
                    + "(limite \(number.text(reason.limit, decimals: 1))).")
        case (.calibration, "table"):
            return self(
                "The site's rods contradict the computed spectra by "
                    + "\(number.text(reason.measured, decimals: 1)) standard deviations "
                    + "(limit \(number.text(reason.limit, decimals: 1))).",
                "Les tiges du site contredisent les spectres calculés de "
                    + "\(number.text(reason.measured, decimals: 1)) écarts-types "
                    + "(limite \(number.text(reason.limit, decimals: 1))).")
        case (.bone, _):
            let share = number.text(reason.measured, decimals: 0)
            return self(
                "What was counted as deposit has \(share) % of the volume of the imaged bone "
                    + "(limit \(number.text(reason.limit, decimals: 0)) %): bone may be among it.",
                "Ce qui est compté comme dépôt a \(share) % du volume de l'os examiné "
                    + "(limite \(number.text(reason.limit, decimals: 0)) %) : il peut s'y trouver de l'os.")
        case (.coverage, "digits"):
            let (complete, seen) = (number.text(reason.measured, decimals: 0), number.text(reason.limit, decimals: 0))
            return self(
                "The tips of only \(complete) of \(seen) digits lie inside the scan.",
                "Seules les extrémités de \(complete) doigts sur \(seen) sont dans le champ.")
        case (.coverage, "%"):
            let share = number.text(reason.measured, decimals: reason.measured >= 10 ? 0 : 1)
            return self(
                "\(share) % of the body lies outside the field of the second energy's images.",
                "\(share) % du corps est hors du champ des images de la seconde énergie.")
        default: break
        }
        func text(_ value: Double) -> String {
            number.text(value, decimals: value.magnitude >= 10 ? 0 : value.magnitude >= 1 ? 1 : 2)
        }
        let unit = reason.unit.isEmpty ? "" : " \(reason.unit)"
        let isThickness = reason.kind == .kernel && reason.unit == "mm"
        let name = isThickness ? self("Slice thickness", "Épaisseur de coupe") : self.reason(reason.kind)
        return name + self(": ", " : ") + text(reason.measured) + unit + self(" (limit ", " (limite ")
            + text(reason.limit) + "\(unit))."
    }
}
