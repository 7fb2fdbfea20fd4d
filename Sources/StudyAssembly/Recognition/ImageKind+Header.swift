/// Manufacturer (0008,0070) of everything Apatite writes.
let ownManufacturer = "Apatite project"

extension ImageKind {
    /// What an image is, from everything its header says about how it was made.
    package init(of header: ImageHeader, rules: VendorRules) {
        self = Self.kind(of: header, rules: rules)
    }

    private static func kind(of header: ImageHeader, rules: VendorRules) -> ImageKind {
        if header.manufacturer == ownManufacturer { return .own }
        let imageType = imageTypeWords(of: header)
        let description = words(of: header.seriesDescription)
        // Philips puts its spectral base images into secondary capture objects: told apart before the SOP class.
        if imageType.contains("SBI") || description.first == "SBI" { return .spectralBase }
        guard header.modality == "CT", sourceClasses.contains(header.sopClassUID) else { return .other }

        for word in imageType {
            guard let kind = rules.imageTypeExclusions[word] else { continue }
            if kind == .reformat, isThin(header, rules: rules) { continue }
            return kind
        }
        for exclusion in rules.descriptionExclusions where description.contains(run: exclusion.words) {
            return exclusion.kind
        }
        if isWeightedMix(imageType: imageType, description: description) { return .mixed }
        guard rules.ctNumberRescaleTypes.contains(header.rescaleType.uppercased()) else { return .materialMap }
        // A monoenergetic image is calculated, and some scanners call it secondary for that.
        if imageType.dropFirst().first == "SECONDARY", monoenergeticKeV(of: header) == nil { return .secondary }
        return .source
    }

    private static let sourceClasses: Set<String> = [
        "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1",
    ]

    private static func isThin(_ header: ImageHeader, rules: VendorRules) -> Bool {
        guard let thickness = header.sliceThickness else { return false }
        return thickness <= rules.thickestReformatMm
    }
}

/// Siemens' blend of both tubes: `DNRG` with both detectors, or a weight `M_0.6` in the description.
func isWeightedMix(imageType: [String], description: [String]) -> Bool {
    if imageType.contains("DNRG"), imageType.contains("DET_AB") { return true }
    if imageType.contains(where: { $0.hasPrefix("M_0.") || $0.hasPrefix("M_1.") }) { return true }
    return zip(description, description.dropFirst()).contains { word, next in
        word == "M" && (next.hasPrefix("0.") || next.hasPrefix("1.")) && Double(next) != nil
    }
}

/// The words of Image Type, in capitals; a value such as `CT_SOM5 SPI DUAL` holds several.
func imageTypeWords(of header: ImageHeader) -> [String] {
    header.imageType.flatMap { $0.uppercased().split(separator: " ").map(String.init) }
}

extension [String] {
    /// Whether the words of `run` follow each other somewhere.
    func contains(run: [String]) -> Bool {
        guard run.count <= count, !run.isEmpty else { return false }
        return (0...(count - run.count)).contains { start in
            zip(run.indices, start...).allSatisfy { run[$0] == self[$1] }
        }
    }
}
