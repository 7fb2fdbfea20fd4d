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

    /// Side of one deposit, as far as it is known.
    func lateralityCode(of deposit: DepositPlace?) -> Code? {
        deposit?.side.map { Code($0) } ?? depositLateralityCode
    }

    /// Where in the body: the digit, the wrist for what lies in the carpal tunnel, else the scanned region.
    func siteCode(of deposit: DepositPlace?) -> Code {
        guard let deposit else { return siteCode }
        if let digit = deposit.digit { return code(of: digit, segment: deposit.segment) }
        return deposit.compartment == .carpalTunnel ? .wrist : siteCode
    }

    /// A ray of a foot has the code of a toe; its number stands in the deposit's name.
    func code(of digit: Digit, segment: DigitSegment? = nil) -> Code {
        if region == .foot || region == .ankle { return .toe }
        if segment == .metacarpal { return .metacarpal }
        return switch digit {
        case .first: .thumb
        case .second: .indexFinger
        case .third: .middleFinger
        case .fourth: .ringFinger
        case .fifth: .littleFinger
        }
    }
}

extension DigitSegment {
    /// Topographical modifier; nil for what has a site of its own.
    var code: Code? {
        switch self {
        case .distal: .distal
        case .middle: .middleSegment
        case .proximal: .proximal
        case .metacarpal: nil
        }
    }
}
