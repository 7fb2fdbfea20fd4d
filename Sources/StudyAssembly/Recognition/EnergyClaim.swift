package import DualEnergyCT

/// What the header of an image claims about its energy.
package struct EnergyClaim: Equatable, Hashable {
    /// Nil when nothing in the header tells.
    package var beam: BeamQuality?
    /// The header says that the acquisition had two energies.
    package var saysDualEnergy: Bool
    /// Two places of the header disagree: their words.
    package var contradiction: String?

    package init(of header: ImageHeader, rules: VendorRules) {
        let imageType = imageTypeWords(of: header)
        let description = words(of: header.seriesDescription)
        let described = DescribedEnergy(description: description)

        let saysSingle = imageType.contains { rules.singleEnergyWords.contains($0) }
        saysDualEnergy =
            !saysSingle
            && (header.isMultiEnergy || imageType.contains { rules.dualEnergyWords.contains($0) }
                || described.isOneOfTwoTubes || isWeightedMix(imageType: imageType, description: description))

        if let energy = monoenergeticKeV(of: header) {
            beam = .monoenergetic(kiloelectronvolts: energy)
            saysDualEnergy = true
            return
        }
        let voltages = Array(Set(header.kilovolts.filter { $0.isFinite && $0 > 0 })).sorted()
        guard let voltage = voltages.count == 1 ? voltages[0] : described.kilovolts else { return }
        if let said = described.kilovolts, abs(said - voltage) > 1 {
            contradiction = "KVP says \(voltage.brief) kV and the series description \(said.brief) kV"
        }
        guard (40...160).contains(voltage) else {
            contradiction = "KVP says \(voltage.brief) kV"
            return
        }
        let tin = Self.tinMm(header, voltage: voltage, described: described, rules: rules)
        beam = .tube(kilovolts: voltage, tinMm: tin)
    }

    private static func tinMm(
        _ header: ImageHeader, voltage: Double, described: DescribedEnergy, rules: VendorRules
    ) -> Double {
        let named = words(of: header.filterMaterial) + words(of: header.filterType)
        guard described.hasTin || named.contains(where: { rules.tinWords.contains($0) }) else { return 0 }
        // The thickness belongs to the material only where that is tin alone.
        if words(of: header.filterMaterial).count == 1, let mm = header.filterThicknessMm, (0.1...2).contains(mm) {
            return mm
        }
        return rules.tinThicknessMm(voltage)
    }
}

/// Energy of a virtual monoenergetic image in keV, from the attribute made for it, else from Image Type
/// (`ME60KEV`), else from a description that says keV.
///
/// Reference: PS3.3 C.8.15.3.12
func monoenergeticKeV(of header: ImageHeader) -> Double? {
    let plausible = 20.0...250.0
    if let energy = header.monoenergeticKeV, plausible.contains(energy) { return energy }
    for word in imageTypeWords(of: header) {
        // An expression takes longer to make than a header to read.
        guard word.hasPrefix("ME") else { continue }
        if let match = word.wholeMatch(of: /ME(\d{2,3})KEV/), let energy = Double(match.1), plausible.contains(energy) {
            return energy
        }
    }
    let text = words(of: header.seriesDescription).joined(separator: " ")
    guard text.contains("KEV") else { return nil }
    guard let match = text.firstMatch(of: /\b(?:MONOE?|ME)?\s?(\d{2,3}(?:\.\d+)?)\s?KEV\b/) else { return nil }
    return Double(match.1).flatMap { plausible.contains($0) ? $0 : nil }
}

/// Tube voltage, tin filter and tube as descriptions name them: `80kV_A`, `Sn150kV B`, `140 KV`.
struct DescribedEnergy: Equatable {
    var kilovolts: Double?
    var hasTin = false
    /// The letter of a tube, A or B, right after the voltage. Which of the two has the lower voltage differs between
    /// generations of scanners, so that the letter tells no more.
    var isOneOfTwoTubes = false

    // Expressions are values that nothing changes; to make them takes longer than to read a header.
    nonisolated(unsafe) private static let voltage = /\b(SN\s?|TIN\s?)?(\d{2,3})\s?KVP?\b(?:\s([AB])\b)?/
    nonisolated(unsafe) private static let tin = /\bSN\d{2,3}\b/

    init(description: [String]) {
        let text = description.joined(separator: " ")
        guard let match = text.firstMatch(of: Self.voltage) else {
            hasTin = text.contains(Self.tin)
            return
        }
        kilovolts = Double(match.2)
        hasTin = match.1 != nil
        isOneOfTwoTubes = match.3 != nil
    }
}

extension Double {
    /// Without a needless fraction.
    var brief: String {
        guard isFinite else { return "no number" }
        let tenths = (self * 10).rounded() / 10
        return tenths == tenths.rounded() && abs(tenths) < 1e9 ? String(Int(tenths)) : String(tenths)
    }
}

extension BeamQuality {
    /// As a radiographer writes it.
    var name: String {
        switch self {
        case .tube(let kilovolts, let tin): (tin > 0 ? "Sn" : "") + "\(kilovolts.brief) kV"
        case .monoenergetic(let energy): "\(energy.brief) keV"
        case .detectorLayer(let layer, let kilovolts): "\(kilovolts.brief) kV, \(layer.rawValue) layer"
        case .photonCounting(let kilovolts, let tin, let window):
            (tin > 0 ? "Sn" : "")
                + "\(kilovolts.brief) kV, \(window.lowerBound.brief) to \(window.upperBound.brief) keV"
        }
    }
}
