package import DualEnergyCT

extension BodyRegion {
    /// The region that Body Part Examined names, else the first one that a description names.
    package init(of header: ImageHeader) {
        let texts = [header.bodyPart, header.seriesDescription, header.protocolName, header.studyDescription]
        for text in texts {
            if let region = words(of: text).lazy.compactMap({ Self.byWord[$0] }).first {
                self = region
                return
            }
        }
        self = .other
    }

    /// Terms of PS3.16 Annex L and what English, French and German protocols say.
    private static let byWord: [String: BodyRegion] = {
        var table: [String: BodyRegion] = [:]
        let names: [(BodyRegion, String)] = [
            (.hand, "HAND HANDS HÄNDE MAIN MAINS FINGER FINGERS THUMB DOIGT DOIGTS"),
            (.wrist, "WRIST WRISTS CARPUS POIGNET POIGNETS HANDGELENK"),
            (.forearm, "FOREARM FOREARMS UNTERARM"),
            (.elbow, "ELBOW ELBOWS COUDE COUDES ELLENBOGEN"),
            (.shoulder, "SHOULDER SHOULDERS ÉPAULE EPAULE SCHULTER"),
            (.foot, "FOOT FEET PIED PIEDS FUSS FUß FÜSSE TOE TOES"),
            (.ankle, "ANKLE ANKLES CHEVILLE CHEVILLES SPRUNGGELENK OSG"),
            (.knee, "KNEE KNEES GENOU GENOUX KNIE"),
            (.pelvis, "PELVIS HIP HIPS HÜFTE BECKEN BASSIN HANCHE"),
            (.thigh, "THIGH THIGHS FEMUR CUISSE OBERSCHENKEL"),
        ]
        for (region, list) in names {
            for word in list.split(separator: " ") { table[String(word).uppercased()] = region }
        }
        return table
    }()
}

extension Laterality {
    /// The side that Image Laterality or Laterality names, else a description. A tag and a description that
    /// contradict each other give `unknown`: a wrong side is worse than none.
    package init(of header: ImageHeader) {
        let tagged: Laterality? =
            switch header.laterality.uppercased() {
            case "R": .right
            case "L": .left
            case "B": .both
            default: nil
            }
        let texts = [header.seriesDescription, header.protocolName, header.studyDescription]
        let described = texts.lazy.compactMap { Self.side(words(of: $0)) }.first
        switch (tagged, described) {
        case (nil, nil): self = .unknown
        case (let side?, nil), (nil, let side?): self = side
        case (let side?, .both?): self = side  // "Hands" names the protocol, the tag this image
        case (let side?, let other?): self = side == other ? side : .unknown
        }
    }

    private static func side(_ words: [String]) -> Laterality? {
        let right = words.contains { ["RIGHT", "RT", "R", "DROIT", "DROITE", "RECHTS", "RE"].contains($0) }
        let left = words.contains { ["LEFT", "LT", "L", "GAUCHE", "LINKS", "LI"].contains($0) }
        let both = words.contains {
            [
                "BOTH", "BILATERAL", "BILATERALE", "HANDS", "FEET", "KNEES", "ELBOWS", "WRISTS", "ANKLES", "MAINS",
                "PIEDS",
            ]
            .contains($0)
        }
        if both || (right && left) { return .both }
        return right ? .right : left ? .left : nil
    }
}
