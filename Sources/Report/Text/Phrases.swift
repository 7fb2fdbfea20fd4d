import DualEnergyCT

/// The fixed words of the report, English and French side by side.
struct Phrases: Sendable {
    let language: ReportLanguage

    func callAsFunction(_ english: String, _ french: String) -> String {
        language == .french ? Self.withFrenchSpacing(french) : english
    }

    /// No-break spaces where French typography has one: before `: ; %` and inside guillemets.
    static func withFrenchSpacing(_ text: String) -> String {
        var result = ""
        let characters = Array(text)
        for (index, character) in characters.enumerated() {
            let next = index + 1 < characters.count ? characters[index + 1] : nil
            let binds = character == " " && (next.map { ":;%»".contains($0) } ?? false || result.last == "«")
            result.append(binds ? "\u{A0}" : character)
        }
        return result
    }

    /// `deposit`, `deposits` with its number.
    func count(_ n: Int, _ english: String, _ englishPlural: String, _ french: String, _ frenchPlural: String) -> String
    {
        // French takes the singular for zero too.
        self("\(n) \(n == 1 ? english : englishPlural)", "\(n) \(n < 2 ? french : frenchPlural)")
    }

    func deposits(_ n: Int) -> String { count(n, "deposit", "deposits", "dépôt", "dépôts") }

    // MARK: - Region and side

    /// Region with its side: `right hand`, `main droite`.
    func place(_ region: BodyRegion, _ laterality: Laterality) -> String {
        let noun = Self.nouns[region] ?? Self.otherNoun
        switch (noun.hasSides, laterality) {
        case (false, _): return self(noun.english, noun.french)
        case (true, .right):
            return self("right \(noun.english)", "\(noun.french) \(noun.isFeminine ? "droite" : "droit")")
        case (true, .left):
            return self("left \(noun.english)", "\(noun.french) gauche")
        case (true, .both): return self(noun.englishPlural, noun.frenchPlural)
        case (true, .unknown):
            return self("\(noun.english) (side not stated)", "\(noun.french) (côté non indiqué)")
        }
    }

    /// Whether there are two of it.
    func hasSides(_ region: BodyRegion) -> Bool { (Self.nouns[region] ?? Self.otherNoun).hasSides }

    /// Where nothing was found: `in either hand`, `right hand`.
    func placeOfNone(_ region: BodyRegion, _ laterality: Laterality) -> String {
        let noun = Self.nouns[region] ?? Self.otherNoun
        guard noun.hasSides, laterality == .both else { return ", " + place(region, laterality) }
        return self(
            " in either \(noun.english)",
            noun.isFeminine ? ", ni \(noun.french) droite, ni gauche" : ", ni \(noun.french) droit, ni gauche")
    }

    private struct Noun {
        var english: String
        var englishPlural: String
        var french: String
        var frenchPlural: String
        var isFeminine: Bool
        var hasSides = true
    }

    private static let otherNoun = Noun(
        english: "scanned region", englishPlural: "scanned region", french: "région examinée",
        frenchPlural: "région examinée", isFeminine: true, hasSides: false)

    private static let nouns: [BodyRegion: Noun] = [
        .hand: Noun(
            english: "hand", englishPlural: "hands", french: "main", frenchPlural: "mains", isFeminine: true),
        .wrist: Noun(
            english: "wrist", englishPlural: "wrists", french: "poignet", frenchPlural: "poignets", isFeminine: false),
        .forearm: Noun(
            english: "forearm", englishPlural: "forearms", french: "avant-bras", frenchPlural: "avant-bras",
            isFeminine: false),
        .elbow: Noun(
            english: "elbow", englishPlural: "elbows", french: "coude", frenchPlural: "coudes", isFeminine: false),
        .shoulder: Noun(
            english: "shoulder", englishPlural: "shoulders", french: "épaule", frenchPlural: "épaules",
            isFeminine: true),
        .foot: Noun(
            english: "foot", englishPlural: "feet", french: "pied", frenchPlural: "pieds", isFeminine: false),
        .ankle: Noun(
            english: "ankle", englishPlural: "ankles", french: "cheville", frenchPlural: "chevilles", isFeminine: true),
        .knee: Noun(
            english: "knee", englishPlural: "knees", french: "genou", frenchPlural: "genoux", isFeminine: false),
        .thigh: Noun(
            english: "thigh", englishPlural: "thighs", french: "cuisse", frenchPlural: "cuisses", isFeminine: true),
        .pelvis: Noun(
            english: "pelvis", englishPlural: "pelvis", french: "bassin", frenchPlural: "bassin", isFeminine: false,
            hasSides: false),
    ]

    // MARK: - Vocabulary

    func material(_ material: MaterialClass) -> String {
        switch material {
        case .hydroxyapatite: self("calcium", "calcium")
        case .urate: self("urate", "urate")
        case .indeterminate: self("indeterm.", "indéterm.")
        }
    }

    func cause(_ cause: Exclusion.Cause) -> String {
        switch cause {
        case .nail: self("nail", "ongle")
        case .skin: self("skin", "peau")
        case .motion: self("motion", "mouvement")
        case .metal: self("metal", "métal")
        case .beamHardening: self("beam hardening", "durcissement du faisceau")
        case .belowMinimumVolume: self("below minimum volume", "sous le volume minimal")
        case .contrastMedium: self("contrast medium", "produit de contraste")
        case .tendon: self("tendon", "tendon")
        case .foreignBody: self("foreign body", "corps étranger")
        case .outsideSkin: self("outside the skin", "hors de la peau")
        case .speck: self("specks", "points isolés")
        case .leftOutByReader: self("left out by the reader", "écarté par le lecteur")
        }
    }

    func cause(_ cause: OtherMineral.Cause) -> String {
        switch cause {
        case .phlebolith: self("phlebolith", "phlébolithe")
        case .injectionGranuloma: self("injection granuloma", "granulome d'injection")
        case .visceral: self("abdominal or pelvic cavity", "cavité abdominale ou pelvienne")
        case .looseBody: self("in a joint", "dans une articulation")
        case .calcificTendinitis: self("rotator cuff", "coiffe des rotateurs")
        case .enthesophyte: self("spur of a tendon's insertion", "enthésophyte")
        case .lymphNode: self("lymph node", "ganglion lymphatique")
        case .costalCartilage: self("costal cartilage", "cartilage costal")
        }
    }

    /// Why such an object is not reported.
    func explanation(_ cause: Exclusion.Cause) -> String {
        switch cause {
        case .nail:
            self(
                "a nail has the dual-energy ratio of urate", "un ongle a le rapport bi-énergie de l'urate")
        case .skin:
            self(
                "thickened skin and what lies on it imitate urate",
                "la peau épaissie et ce qui s'y trouve imitent l'urate")
        case .motion:
            self(
                "the two energies show it at different places",
                "les deux énergies le montrent à des endroits différents")
        case .metal: self("beside metal no ratio can be trusted", "près du métal aucun rapport n'est fiable")
        case .beamHardening:
            self(
                "a streak or shadow of dense objects, no substance",
                "une traînée ou une ombre d'objets denses, pas une substance")
        case .belowMinimumVolume:
            self("too small to be told from noise", "trop petit pour être distingué du bruit")
        case .contrastMedium: self("iodine has another ratio than calcium", "l'iode a un autre rapport que le calcium")
        case .tendon: self("a tendon's own density", "la densité propre d'un tendon")
        case .foreignBody:
            self(
                "denser than tissue can be without calcium", "plus dense que ne peut l'être un tissu sans calcium")
        case .outsideSkin: self("not part of the body", "ne fait pas partie du corps")
        case .speck: self("one or two voxels, as noise makes them", "un ou deux voxels, comme en fait le bruit")
        case .leftOutByReader:
            self("it is in none of the reviewed contours", "il n'est dans aucun des contours revus")
        }
    }

    func verdict(_ verdict: UrateStatement.Verdict) -> String {
        switch verdict {
        case .negative: self("not detected", "non détecté")
        case .indeterminate: self("indeterminate", "indéterminé")
        case .positive: self("positive", "positif")
        }
    }

    func status(_ status: Trust.Status) -> String {
        switch status {
        case .analysable: self("ANALYSABLE", "ANALYSABLE")
        case .limited: self("ANALYSABLE WITH LIMITATIONS", "ANALYSABLE AVEC RÉSERVES")
        case .notAnalysable: self("NOT ANALYSABLE", "NON ANALYSABLE")
        }
    }

    func calibration(_ calibration: Trust.Calibration) -> String {
        switch calibration {
        case .rods: self("from the site's rod phantom", "du fantôme à tiges du site")
        case .bone: self("from the patient's own cortical bone", "de l'os cortical du patient")
        case .table: self("from computed spectra", "de spectres calculés")
        }
    }

    func signal(_ signal: StudyClosing.Signal) -> String {
        switch signal {
        case .performedProcedureStep: self("closed by MPPS", "clos par MPPS")
        case .quietPeriod: self("closed by quiet time", "clos par silence")
        case .operatorRequest: self("released by hand", "libéré manuellement")
        case .commandLine: self("analysed from a folder", "analysé depuis un dossier")
        case .reviewedContours: self("after review of the contours", "après revue des contours")
        }
    }

    func reason(_ kind: Trust.Reason.Kind) -> String {
        switch kind {
        case .noise: self("Noise", "Bruit")
        case .motion: self("Motion between the two energies", "Mouvement entre les deux énergies")
        case .metal: self("Metal", "Métal")
        case .beamHardening: self("Beam hardening", "Durcissement du faisceau")
        case .coverage: self("Region not fully covered", "Région non entièrement couverte")
        case .ratioOutsideBand:
            self("Material ratio outside its expected band", "Rapport des matériaux hors de la plage attendue")
        case .iodine: self("Iodinated contrast", "Produit de contraste iodé")
        case .kernel: self("Reconstruction kernel unsuitable", "Noyau de reconstruction inadapté")
        case .calibration: self("Calibration", "Étalonnage")
        case .side: self("Side", "Côté")
        case .bone: self("Deposits against bone", "Dépôts par rapport à l'os")
        }
    }

    /// - Parameter isLimb: of a trunk nothing can be supported or laid apart.
    func remedy(_ kind: Trust.Reason.Kind, isLimb: Bool = true) -> String {
        switch kind {
        case .noise:
            self(
                "Repeat with more dose, or reconstruct again with a smoother kernel.",
                "Répéter avec plus de dose, ou reconstruire avec un noyau plus lisse.")
        case .motion where !isLimb:
            self(
                "Repeat with the patient still and the breath held, same protocol.",
                "Répéter, patient immobile et en apnée, même protocole.")
        case .beamHardening where !isLimb:
            self(
                "Repeat without dense objects in the field.", "Répéter sans objet dense dans le champ.")
        case .motion:
            self(
                "Repeat with the limb supported and still, same protocol.",
                "Répéter, membre soutenu et immobile, même protocole.")
        case .metal:
            self(
                "Remove rings and splints and repeat; beside an implant read the images as usual.",
                "Retirer bagues et attelles et répéter ; près d'un implant, lire les images comme d'habitude.")
        case .beamHardening:
            self(
                "Repeat with the limb apart from dense objects.",
                "Répéter, membre à l'écart de tout objet dense.")
        case .coverage:
            self(
                "Repeat with the whole region inside the field of both energies.",
                "Répéter avec toute la région dans le champ des deux énergies.")
        case .ratioOutsideBand:
            self(
                "Have the physicist check the energies of the two series and the calibration.",
                "Faire vérifier par le physicien les énergies des deux séries et l'étalonnage.")
        case .iodine:
            self("Repeat without iodinated contrast.", "Répéter sans produit de contraste iodé.")
        case .kernel:
            self(
                "Reconstruct both energies again with a smooth quantitative kernel, 0.6 to 1 mm slices.",
                "Reconstruire les deux énergies avec un noyau quantitatif lisse, coupes de 0,6 à 1 mm.")
        case .side:
            self(
                "Check the side in the images and in the order before the report is used.",
                "Vérifier le côté sur les images et dans la demande avant d'utiliser le compte rendu.")
        case .bone:
            self(
                "Compare the segmentation with the images: a bone may be among the deposits.",
                "Comparer la segmentation aux images : un os peut figurer parmi les dépôts.")
        case .calibration:
            self(
                "Have the physicist scan the rod phantom and calibrate again.",
                "Faire scanner le fantôme à tiges par le physicien et refaire l'étalonnage.")
        }
    }
}

extension BodyRegion {
    /// Whether it can be laid and supported by itself.
    var isLimb: Bool { ![.shoulder, .pelvis, .other].contains(self) }
}
