package import DualEnergyCT

extension ReportModel {
    /// Rows that fit on the picture beside everything else.
    static let maximumRows = 12

    /// Puts findings into words.
    package init(findings: Findings, facts: ReportFacts) {
        let writer = ReportWriter(findings: findings, facts: facts)
        let body = writer.body()
        let say = writer.say
        let revision = facts.revision > 1 ? " - revision \(facts.revision)" : ""
        title = say(
            "APATITE – dual-energy CT, \(writer.place): calcinosis",
            "APATITE – scanner double énergie, \(writer.place) : calcinose")
        banner = say(
            "AUTOMATIC RESULT – NOT VERIFIED BY A PHYSICIAN", "RÉSULTAT AUTOMATIQUE – NON VÉRIFIÉ PAR UN MÉDECIN")
        acquisition = writer.acquisition
        conclusionTitle = say("CONCLUSION", "CONCLUSION")
        conclusion = body.conclusion
        table = body.table
        sections = body.sections
        footer = writer.footer
        isNotAnalysable = body.isNotAnalysable
        seriesDescriptionSuffix = body.outcome + revision
        impression = (body.conclusion + writer.caveats).joined(separator: " ")
        recommendation = body.isNotAnalysable ? writer.remedies.joined(separator: " ") : nil
    }
}

/// Finds the words for one study.
struct ReportWriter {
    struct Body {
        var conclusion: [String]
        var table: ReportModel.Table?
        var sections: [ReportModel.Section]
        var isNotAnalysable: Bool
        /// English, for the Series Description.
        var outcome: String
    }

    let findings: Findings
    let facts: ReportFacts
    let say: Phrases
    let number: NumberText

    init(findings: Findings, facts: ReportFacts) {
        self.findings = findings
        self.facts = facts
        say = Phrases(language: facts.language)
        number = NumberText(language: facts.language)
    }

    var place: String { say.place(facts.place.region, facts.place.laterality) }

    func body() -> Body {
        guard findings.trust.status != .notAnalysable, let totals = findings.totals, let urate = findings.urate else {
            return notAnalysable()
        }
        return analysable(totals, urate)
    }

    // MARK: - Head and foot

    var acquisition: String {
        let tenths = facts.sliceThicknessMm * 10
        let thickness = number.text(
            facts.sliceThicknessMm, decimals: (tenths - tenths.rounded()).magnitude < 0.01 ? 1 : 2)
        return [
            say("CT \(facts.examination)", "Scanner \(facts.examination)"),
            "\(facts.lowBeam) / \(facts.highBeam) \(facts.beamUnit), \(thickness) mm",
            say("revision \(facts.revision)", "révision \(facts.revision)"),
            say.signal(facts.signal),
            say("no prior compared", "sans comparaison antérieure"),
        ].joined(separator: "   ")
    }

    var footer: [String] {
        [
            say(
                "Orange = calcinosis, green = urate, yellow = indeterminate, grey = excluded.",
                "Orange = calcinose, vert = urate, jaune = indéterminé, gris = exclu."),
            "Apatite \(facts.algorithmVersion), configuration \(facts.configurationDigest.prefix(8)). "
                + say(
                    "Research software for decision support, not a medical device.",
                    "Logiciel de recherche, aide à la décision, pas un dispositif médical."),
        ]
    }

    /// What a reader who sees only the impression must know too.
    var caveats: [String] {
        var result: [String] = []
        if findings.trust.status != .notAnalysable {
            result.append(say("In brackets: 95 % interval.", "Entre parenthèses : intervalle à 95 %."))
        }
        if facts.revision > 1 {
            result.append(
                say(
                    "Revision \(facts.revision): replaces the earlier report of this study.",
                    "Révision \(facts.revision) : remplace le compte rendu précédent de cet examen."))
        }
        result.append(
            say(
                "Automatic result, not verified by a physician.", "Résultat automatique, non vérifié par un médecin."))
        return result
    }

    // MARK: - Not analysable

    private func notAnalysable() -> Body {
        let reasons = findings.trust.reasons.enumerated().map { "\($0.offset + 1). \(sentence(for: $0.element))" }
        return Body(
            conclusion: [
                say("NOT ANALYSABLE.", "NON ANALYSABLE."),
                say(
                    "No statement about calcinosis or urate is made: neither present nor absent.",
                    "Aucune affirmation sur la calcinose ni l'urate : ni présents ni absents."),
                reasonList,
            ].filter { !$0.isEmpty },
            table: nil,
            sections: [
                .init(title: say("REASONS", "MOTIFS"), lines: reasons),
                .init(title: say("WHAT HELPS", "À FAIRE"), lines: remedies),
                .init(
                    title: say("TRUST", "FIABILITÉ"),
                    lines: [say("\(capitalised(place)): not analysable.", "\(capitalised(place)) : non analysable.")]),
            ].filter { !$0.lines.isEmpty },
            isNotAnalysable: true, outcome: " - NOT ANALYSABLE")
    }

    /// One remedy for each kind of reason.
    var remedies: [String] {
        var seen: Set<Trust.Reason.Kind> = []
        return findings.trust.reasons.filter { seen.insert($0.kind).inserted }.map { say.remedy($0.kind) }
            + [say("The images may be read as usual.", "Les images se lisent comme d'habitude.")]
    }

    func sentence(for reason: Trust.Reason) -> String {
        say.sentence(for: reason, number: number)
    }

    /// The limits that were broken, as one sentence; empty when there are none.
    var reasonList: String {
        let reasons = findings.trust.reasons.map { sentence(for: $0) }
        return reasons.isEmpty ? "" : say("Reason: ", "Motif : ") + reasons.joined(separator: " ")
    }

    func capitalised(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }
}
