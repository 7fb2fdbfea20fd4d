import DICOM
package import DualEnergyCT

/// The region that was scanned and its side, with the codes and labels that follow from them.
package struct Place: Sendable, Equatable {
    package var region: BodyRegion
    package var laterality: Laterality

    package init(region: BodyRegion, laterality: Laterality) {
        self.region = region
        self.laterality = laterality
    }

    /// `R`, `L`, or nil: an examination of both sides does not say on which one a deposit lies.
    package var sideLetter: String? {
        switch laterality {
        case .right: "R"
        case .left: "L"
        case .both, .unknown: nil
        }
    }

    /// The name of a deposit in the picture, the SR and the segmentation: `R-3`, or `#3` without a side.
    package func identifier(ofDeposit number: Int) -> String {
        sideLetter.map { "\($0)-\(number)" } ?? "#\(number)"
    }

    package var siteCode: Code {
        switch region {
        case .hand: .hand
        case .wrist: .wrist
        case .forearm: .forearm
        case .elbow: .elbow
        case .shoulder: .shoulder
        case .foot: .foot
        case .ankle: .ankle
        case .knee: .knee
        case .pelvis: .pelvis
        case .thigh: .thigh
        case .other: .softTissue
        }
    }

    /// Side of the whole examination.
    package var lateralityCode: Code? {
        switch laterality {
        case .right: .right
        case .left: .left
        case .both: .rightAndLeft
        case .unknown: nil
        }
    }

    /// Side of one deposit: unknown in an examination of both sides.
    package var depositLateralityCode: Code? {
        laterality == .both ? nil : lateralityCode
    }
}
