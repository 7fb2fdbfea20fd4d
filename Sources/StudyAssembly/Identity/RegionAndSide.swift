import DICOM
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

    /// All words that name a region.
    fileprivate static let names = Set(byWord.keys)
}

extension Laterality {
    /// The side that Image Laterality, Laterality or a description name in any of the images. Whatever contradicts
    /// itself gives `unknown`: a wrong side is worse than none. A pelvis has no side, whatever a protocol says: what lies in
    /// its other half would be named after the wrong one.
    package init(of headers: [ImageHeader]) {
        guard !headers.contains(where: \.showsUnpairedPart) else {
            self = .unknown
            return
        }
        let claims = Set(headers.map(SideClaim.init))
        let tagged = claims.reduce(into: Set<Laterality>()) { $0.formUnion($1.tagged) }
        let described = claims.reduce(into: Set<Laterality>()) { $0.formUnion($1.described) }
        let sides = tagged.union(described).subtracting([.both])
        switch (sides.count, sides.first) {
        case (0, _): self = tagged.union(described).contains(.both) ? .both : .unknown
        // "Hands" names the protocol, the tag this image; a tag for both sides contradicts a description of one.
        case (1, let side?) where !tagged.contains(.both): self = side
        default: self = .unknown
        }
    }

    package init(of header: ImageHeader) { self.init(of: [header]) }

    /// Words of descriptions for a part that has no side.
    fileprivate static let wordsWithoutSide: Set<String> = ["PELVIS", "BECKEN", "BASSIN"]

    /// What one image says of its side.
    private struct SideClaim: Hashable {
        var tagged: Set<Laterality>
        var described: Set<Laterality>

        init(_ header: ImageHeader) {
            tagged = Set(
                [header.laterality, header.seriesLaterality].compactMap { value -> Laterality? in
                    switch value.uppercased() {
                    case "R": .right
                    case "L": .left
                    case "B": .both
                    default: nil
                    }
                })
            let texts = [header.seriesDescription, header.protocolName, header.studyDescription]
            let sides = texts.compactMap { Laterality.side(words(of: $0)) }
            // The series before the study: "both hands" there may be two series of one hand each.
            described = sides.first == .both ? [.both] : Set(sides).subtracting([.both])
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

extension ImageHeader {
    /// By Body Part Examined, or by the descriptions of an image without one. A hand stays a hand under a part that a
    /// protocol forgot to change.
    fileprivate var showsUnpairedPart: Bool {
        guard [.pelvis, .other].contains(BodyRegion(of: self)) else { return false }
        guard bodyPart.isEmpty else { return BodyPart.isUnpaired(bodyPart) }
        let texts = [seriesDescription, protocolName, studyDescription]
        let named = texts.lazy.map { Set(words(of: $0)) }.first { !$0.isDisjoint(with: BodyRegion.names) }
        return named.map { !$0.isDisjoint(with: Laterality.wordsWithoutSide) } ?? false
    }
}
