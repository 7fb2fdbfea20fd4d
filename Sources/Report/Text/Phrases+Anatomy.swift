import DualEnergyCT

extension Phrases {
    /// `index, distal, fat pad`; "" where nothing but the side is known.
    func place(_ place: DepositPlace?, in region: BodyRegion) -> String {
        guard let place else { return "" }
        let parts = [
            place.digit.map { digit($0, in: region) }, place.segment.map(segment),
            place.compartment.flatMap { compartment($0) } ?? place.aspect.map(aspect),
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    func digit(_ digit: Digit, in region: BodyRegion) -> String {
        if region == .foot || region == .ankle {
            return digit == .first
                ? self("great toe", "gros orteil") : self("toe \(digit.rawValue)", "\(digit.rawValue)e orteil")
        }
        return switch digit {
        case .first: self("thumb", "pouce")
        case .second: self("index finger", "index")
        case .third: self("middle finger", "majeur")
        case .fourth: self("ring finger", "annulaire")
        case .fifth: self("little finger", "auriculaire")
        }
    }

    private func segment(_ segment: DigitSegment) -> String {
        switch segment {
        case .distal: self("distal", "distal")
        case .middle: self("middle part", "moyen")
        case .proximal: self("proximal", "proximal")
        case .metacarpal: self("metacarpal", "métacarpe")
        }
    }

    private func aspect(_ aspect: Aspect) -> String {
        switch aspect {
        case .volar: self("volar", "palmaire")
        case .dorsal: self("dorsal", "dorsal")
        }
    }

    /// What a detection limit holds for: there nothing may stay without a name.
    func anyCompartment(_ compartment: Compartment) -> String {
        self.compartment(compartment) ?? self("elsewhere", "ailleurs")
    }

    /// Nil where the compartment says nothing of its own.
    private func compartment(_ compartment: Compartment) -> String? {
        switch compartment {
        case .fingertipFatPad: self("fat pad", "pulpe")
        case .subcutaneous: self("subcutaneous", "sous-cutané")
        case .tendonSheath: self("tendon sheath", "gaine tendineuse")
        case .carpalTunnel: self("carpal tunnel", "canal carpien")
        case .besideMuscle: self("beside muscle", "au contact d'un muscle")
        case .periarticular: self("periarticular", "périarticulaire")
        case .other: nil
        }
    }

    func side(_ side: BodySide) -> String {
        side == .right ? self("right", "droite") : self("left", "gauche")
    }

    func morphology(_ morphology: Morphology) -> String {
        switch morphology {
        case .stone: self("stone", "pierre")
        case .net: self("net", "réseau")
        case .plate: self("plate", "plaque")
        case .mousse: self("mousse", "mousse")
        case .undetermined: "–"
        }
    }

    func flag(_ kind: BoneFlag.Kind) -> String {
        switch kind {
        case .acroOsteolysis: self("Acro-osteolysis", "Acro-ostéolyse")
        case .erosion: self("Erosion", "Érosion")
        case .pencilling: self("Pencilling", "Aspect en crayon")
        case .dislocation: self("Dislocation", "Luxation")
        case .collapse: self("Carpal collapse", "Collapsus du carpe")
        }
    }
}
