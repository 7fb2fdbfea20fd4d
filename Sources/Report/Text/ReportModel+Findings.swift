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
        banner = writer.banner
        acquisition = writer.acquisition
        conclusionTitle = say("CONCLUSION", "CONCLUSION")
        conclusion = body.conclusion.map(\.text)
        table = body.table
        sections = body.sections
        footer = writer.footer
        isNotAnalysable = body.isNotAnalysable
        let suffix = body.outcome + revision
        let mark = facts.isReviewed ? " - reviewed" : ""
        seriesDescriptionSuffix = suffix.count + mark.count <= Self.suffixLimit ? suffix + mark : suffix
        impression = Self.paragraph(body.conclusion + writer.caveats)
        recommendation = body.isNotAnalysable ? writer.remedies.joined(separator: " ") : nil
    }

    /// Characters that a Series Description has room for after the longest of ours, `Apatite calcinosis report`.
    private static let suffixLimit = 39

    /// Characters of an impression that viewers show without scrolling.
    static let impressionLimit = 700

    /// One paragraph; what can be read elsewhere goes, the last first, until the rest fits.
    private static func paragraph(_ sentences: [ReportWriter.Sentence]) -> String {
        var sentences = sentences.filter { !$0.text.isEmpty }
        func text() -> String { sentences.map(\.text).joined(separator: " ") }
        while text().count > impressionLimit, let last = sentences.lastIndex(where: \.isOptional) {
            sentences.remove(at: last)
        }
        return text()
    }
}

/// Finds the words for one study.
struct ReportWriter {
    struct Sentence {
        var text: String
        /// Left out of an impression that would be too long.
        var isOptional: Bool

        init(_ text: String, isOptional: Bool = false) {
            self.text = text
            self.isOptional = isOptional
        }
    }

    struct Body {
        var conclusion: [Sentence]
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
    let names: DepositNames
    /// Totals of each side, right first; empty where the sides were not told apart.
    let sides: [RegionTotals]

    init(findings: Findings, facts: ReportFacts) {
        self.findings = findings
        self.facts = facts
        say = Phrases(language: facts.language)
        number = NumberText(language: facts.language)
        names = DepositNames(findings.deposits, former: findings.comparison?.former ?? [], in: facts.place)
        let known = findings.regions.filter { $0.digit == nil && $0.side != nil }
        sides = known.filter { $0.side == .right } + known.filter { $0.side == .left }
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
            comparedWith,
        ].joined(separator: "   ")
    }

    private var comparedWith: String {
        guard let comparison = findings.comparison else {
            if facts.priorSearchFailure != nil { return say("prior not looked for", "antérieur non recherché") }
            return say("no prior compared", "sans comparaison antérieure")
        }
        return
            (comparison.obstacle == nil
            ? say("compared with ", "comparé au ") : say("not comparable with ", "non comparable au "))
            + (facts.priorDate ?? say("a prior", "précédent"))
    }

    var footer: [String] {
        [
            say(
                "Orange = calcinosis, green = urate, yellow = indeterminate, violet = vessel or other mineral, "
                    + "grey = excluded.",
                "Orange = calcinose, vert = urate, jaune = indéterminé, violet = vaisseau ou autre minéral, "
                    + "gris = exclu."),
            "Apatite \(facts.algorithmVersion), configuration \(facts.configurationDigest.prefix(8)). "
                + say(
                    "Research software for decision support, not a medical device.",
                    "Logiciel de recherche, aide à la décision, pas un dispositif médical."),
        ]
    }

    /// What a reader who sees only the impression must know too.
    var caveats: [Sentence] {
        var result: [Sentence] = []
        if let totals = findings.totals, totals.count > 0 {
            result.append(
                Sentence(say("In brackets: 95 % interval.", "Entre parenthèses : intervalle à 95 %."), isOptional: true)
            )
        }
        result.append(Sentence(revisionSentence(isBrief: true)))
        result.append(Sentence(decisionSupport))
        return result
    }

    var decisionSupport: String {
        say(
            "Automatically generated for a physician's review: not verified by a physician.",
            "Généré automatiquement, à relire par un médecin : non vérifié par un médecin.")
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
                reasonList, unusedContoursSentence, priorSearchSentence,
            ].filter { !$0.isEmpty }.map { Sentence($0) },
            table: nil,
            sections: [
                .init(title: say("REASONS", "MOTIFS"), lines: reasons),
                .init(title: say("WHAT HELPS", "À FAIRE"), lines: remedies),
                .init(
                    title: say("TRUST", "FIABILITÉ"),
                    lines: partsExamined.map {
                        say("\(capitalised($0)): not analysable.", "\(capitalised($0)) : non analysable.")
                    }),
                .init(title: say("REVISION", "RÉVISION"), lines: revisionLines),
            ].filter { !$0.lines.isEmpty },
            isNotAnalysable: true, outcome: " - NOT ANALYSABLE")
    }

    /// Each hand by its name where both were scanned.
    private var partsExamined: [String] {
        guard facts.place.laterality == .both, say.hasSides(facts.place.region) else { return [place] }
        return [say.place(facts.place.region, .right), say.place(facts.place.region, .left)]
    }

    /// One remedy for each kind of reason.
    var remedies: [String] {
        var seen: Set<Trust.Reason.Kind> = []
        return findings.trust.reasons.filter { seen.insert($0.kind).inserted }.map {
            say.remedy($0.kind, isLimb: facts.place.region.isLimb)
        }
            + [say("The images may be read as usual.", "Les images se lisent comme d'habitude."), priorSearchRemedy]
            .filter { !$0.isEmpty }
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
