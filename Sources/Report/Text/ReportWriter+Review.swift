// What is said of contours that a reader reviewed, and of a prior that could not be looked for.

extension ReportWriter {
    /// Empty where the contours are our own.
    var reviewSentence: String {
        guard facts.isReviewed else { return "" }
        if facts.isReviewKept {
            return say(
                "Measured on contours that a reader reviewed for an earlier revision; no other deposit was looked for, "
                    + "nor any in images that came since.",
                "Mesuré sur des contours revus par un lecteur pour une révision antérieure ; aucun autre dépôt n'a été "
                    + "recherché, ni dans les images arrivées depuis.")
        }
        return say(
            "Measured on contours reviewed by a reader; no other deposit was looked for.",
            "Mesuré sur des contours revus par un lecteur ; aucun autre dépôt n'a été recherché.")
    }

    /// Empty unless somebody expects contours to be measured that are not.
    var unusedContoursSentence: String {
        guard let unused = facts.unusedContours else { return "" }
        let message = say.message(unused.obstacle)
        switch unused.origin {
        case .sent:
            return say("CONTOURS SENT BY A READER WERE NOT MEASURED: ", "CONTOURS D'UN LECTEUR NON MESURÉS : ")
                + "\(message). " + say.remedy(unused.obstacle)
        case .kept:
            return say(
                "The contours that a reader reviewed for the report before are not used any more: \(message).",
                "Les contours revus par un lecteur pour le compte rendu précédent ne sont plus utilisés : \(message).")
        }
    }

    var banner: String {
        guard facts.isReviewed else {
            return say(
                "AUTOMATIC RESULT – NOT VERIFIED BY A PHYSICIAN", "RÉSULTAT AUTOMATIQUE – NON VÉRIFIÉ PAR UN MÉDECIN")
        }
        return say(
            "MEASURED ON CONTOURS REVIEWED BY A READER – REPORT NOT VERIFIED BY A PHYSICIAN",
            "MESURÉ SUR DES CONTOURS REVUS PAR UN LECTEUR – COMPTE RENDU NON VÉRIFIÉ PAR UN MÉDECIN")
    }

    /// Empty when the archive answered, or was not to be asked.
    var priorSearchSentence: String {
        guard let failure = facts.priorSearchFailure else { return "" }
        return say("The archive could not be asked for a prior: ", "L'archive n'a pas pu être interrogée : ")
            + reason(failure) + "."
    }

    /// What to do so that there is a comparison; empty when nothing failed.
    var priorSearchRemedy: String {
        guard let failure = facts.priorSearchFailure else { return "" }
        switch failure {
        case .timedOut, .unreachable:
            return say(
                "For a comparison have the connection to the archive checked, then the study analysed again.",
                "Pour une comparaison, faire vérifier la liaison avec l'archive, puis refaire l'analyse.")
        case .refused:
            return say(
                "For a comparison have the archive permit Apatite's queries, then the study analysed again.",
                "Pour une comparaison, faire autoriser les requêtes d'Apatite par l'archive, puis refaire l'analyse.")
        case .unclearPatient:
            return say(
                "For a comparison have patient ID and study date corrected and the study sent again.",
                "Pour une comparaison, faire corriger l'identifiant du patient et la date, puis renvoyer l'examen.")
        case .failed:
            return say(
                "For a comparison have the service's log looked at, then the study analysed again.",
                "Pour une comparaison, faire examiner le journal du service, puis refaire l'analyse.")
        }
    }

    private func reason(_ failure: PriorSearchFailure) -> String {
        switch failure {
        case .timedOut: say("it took too long", "délai dépassé")
        case .unreachable: say("it was not reached", "elle n'a pas été jointe")
        case .refused: say("it refused", "elle a refusé")
        case .unclearPatient:
            say(
                "the study says too little of its patient or date",
                "l'examen en dit trop peu sur le patient ou la date")
        case .failed: say("its answer could not be used", "sa réponse n'a pas pu être exploitée")
        }
    }
}
