// What is said of contours that a reader reviewed, and of a prior that could not be looked for.

extension ReportWriter {
    /// Empty where the contours are our own.
    var reviewSentence: String {
        guard facts.isReviewed else { return "" }
        return say(
            "Measured on contours reviewed by a reader; no other deposit was looked for.",
            "Mesuré sur des contours revus par un lecteur ; aucun autre dépôt n'a été recherché.")
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
