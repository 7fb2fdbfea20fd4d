import DICOM
import DualEnergyCT

/// One segment of the segmentation object, with the slices it occupies.
struct Segment {
    /// From 1.
    var number: Int
    /// Value in the label volume.
    var label: UInt16
    var name: String
    var category: Code
    var type: Code
    /// Tracking Identifier and UID: the same as in the structured report. Absent for what is no lesion.
    var tracking: (identifier: String, uid: UID)?
    /// Where in the body, with its side; nil for what belongs to no part.
    var region: Code?
    var laterality: Code?
    /// What the type is in: the arteries of calcified vessels.
    var modifier: Code?
    /// CIE L*, a*, b*.
    var colour: (Double, Double, Double)
}

extension ReportContext {
    /// Segments in the order of their numbers: deposits first, so that segment n is deposit n.
    ///
    /// Colours and codes: one row of the table each for deposits, urate, indeterminate, bone, excluded and metal.
    func segments(occupied: Set<UInt16>) -> [Segment] {
        var result: [Segment] = []
        for deposit in findings.deposits {
            let identifier = names[deposit.number]
            let (word, type, colour): (String, Code, (Double, Double, Double)) =
                switch deposit.material {
                case .hydroxyapatite: ("calcinosis", .calcification, (60, 70, 60))
                case .urate: ("urate", .uricAcid, (65, -60, 55))
                case .indeterminate: ("indeterminate", .indeterminateDeposit, (85, 0, 80))
                }
            result.append(
                Segment(
                    number: result.count + 1, label: SegmentLabel.firstDeposit + UInt16(deposit.number - 1),
                    name: "\(identifier) \(word)", category: .abnormalStructure, type: type,
                    tracking: (identifier, trackingUID(of: deposit)), region: place.siteCode(of: deposit.place),
                    laterality: place.lateralityCode(of: deposit.place), modifier: nil, colour: colour))
        }
        func add(
            _ label: UInt16, _ name: String, _ category: Code, _ type: Code, _ colour: (Double, Double, Double),
            isAnatomic: Bool = false, modifier: Code? = nil
        ) {
            guard occupied.contains(label) else { return }
            result.append(
                Segment(
                    number: result.count + 1, label: label, name: name, category: category, type: type, tracking: nil,
                    region: isAnatomic ? place.siteCode : nil, laterality: place.lateralityCode, modifier: modifier,
                    colour: colour))
        }
        add(
            SegmentLabel.vascular, "Vascular calcification", .abnormalStructure, .vascularCalcification, (50, 30, -60),
            isAnatomic: true, modifier: .artery)
        add(
            SegmentLabel.otherCalcification, "Other calcification", .abnormalStructure, .otherCalcification,
            (70, 20, -20), isAnatomic: true)
        add(SegmentLabel.bone, "Bone", .tissue, .bone, (92, 0, 20), isAnatomic: true)
        add(SegmentLabel.excluded, excludedName, .spatialConcept, .regionExcluded, (50, 0, 0))
        add(SegmentLabel.metal, "Metal", .physicalObject, .implant, (70, 0, -40))
        return result
    }

    /// The causes in English, as all labels are.
    private var excludedName: String {
        let words = Phrases(language: .english)
        let causes = findings.exclusions.filter { $0.count > 0 }.map { words.cause($0.cause) }
        return String((causes.isEmpty ? "Excluded" : "Excluded: " + causes.joined(separator: ", ")).prefix(64))
    }
}
