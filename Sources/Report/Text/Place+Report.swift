package import DICOM
import DualEnergyCT

extension Place {
    /// Part and side that a report of Apatite's is about, as its group of totals says; nil for any other document.
    package init?(ofReport report: DataSet) {
        let groups = report.items(.contentSequence).filter { $0.isNamed(.imagingMeasurements) }
            .flatMap { $0.items(.contentSequence) }
        let total = groups.first { group in
            group.items(.contentSequence).contains {
                $0.isNamed(.trackingIdentifier) && $0.string(.textValue)?.hasPrefix("Total ") == true
            }
        }
        guard let site = total?.items(.contentSequence).first(where: { $0.isNamed(.findingSite) }) else { return nil }
        let side = site.items(.contentSequence).first { $0.isNamed(.laterality) }
        let found = BodyRegion.allCases.flatMap { region in
            Laterality.allCases.map { Place(region: region, laterality: $0) }
        }.first { place in
            site.hasValue(place.siteCode)
                && (side.map { side in place.lateralityCode.map { side.hasValue($0) } ?? false }
                    ?? (place.lateralityCode == nil))
        }
        guard let found else { return nil }
        self = found
    }
}

extension DataSet {
    /// Whether a content item has this concept name.
    func isNamed(_ code: Code) -> Bool { has(code, in: .conceptNameCodeSequence) }

    /// Whether a content item of type CODE has this value.
    func hasValue(_ code: Code) -> Bool { has(code, in: .conceptCodeSequence) }

    private func has(_ code: Code, in sequence: Tag) -> Bool {
        items(sequence).contains {
            $0.string(.codeValue) == code.concept.value && $0.string(.codingSchemeDesignator) == code.concept.scheme
        }
    }
}
