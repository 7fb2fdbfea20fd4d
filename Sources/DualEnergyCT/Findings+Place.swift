/// The patient's side.
public enum BodySide: String, Sendable, CaseIterable { case right, left }

/// A ray of the hand, numbered from the thumb (1) to the little finger (5), or of the foot from the great toe.
public enum Digit: Int, Sendable, CaseIterable {
    case first = 1
    case second, third, fourth, fifth
}

/// Where along a digit. A resorbed digit has no reliable phalanx: the segment is a third of its length then.
public enum DigitSegment: String, Sendable, CaseIterable { case distal, middle, proximal, metacarpal }

/// The palm's (sole's) side or the back's.
public enum Aspect: String, Sendable, CaseIterable { case volar, dorsal }

/// The kind of tissue that a deposit lies in.
public enum Compartment: String, Sendable, CaseIterable {
    case fingertipFatPad, subcutaneous, tendonSheath, carpalTunnel, besideMuscle, periarticular, other
}

/// The form of a deposit: stones are compact, nets a mesh of strands, plates sheets, mousse a faint cloud.
///
/// Reference: the four radiographic classes of calcinosis in systemic sclerosis (stone, net, plate, mousse).
public enum Morphology: String, Sendable, CaseIterable { case stone, net, plate, mousse, undetermined }

/// Where a deposit lies in the body. What could not be told is nil, never guessed.
public struct DepositPlace: Sendable, Equatable {
    public var side: BodySide?
    public var digit: Digit?
    public var segment: DigitSegment?
    public var aspect: Aspect?
    public var compartment: Compartment?

    public init(
        side: BodySide? = nil, digit: Digit? = nil, segment: DigitSegment? = nil, aspect: Aspect? = nil,
        compartment: Compartment? = nil
    ) {
        self.side = side
        self.digit = digit
        self.segment = segment
        self.aspect = aspect
        self.compartment = compartment
    }
}

/// Which way the palm of a hand faces.
public struct Palm: Sendable, Equatable {
    /// nil where neither the images nor the header say whose it is.
    public var side: BodySide?
    /// Unit vector out of the palm, in the patient's coordinates.
    public var volar: PatientVector

    public init(side: BodySide?, volar: PatientVector) {
        self.side = side
        self.volar = volar
    }
}

/// Sums over the calcium deposits of one side, or of one digit of one side.
public struct RegionTotals: Sendable {
    public var side: BodySide?
    /// nil: the whole side.
    public var digit: Digit?
    public var totals: Totals

    public init(side: BodySide?, digit: Digit?, totals: Totals) {
        self.side = side
        self.digit = digit
        self.totals = totals
    }
}

/// Calcium that is no calcinosis: calcified vessels, and what is neither (stones of veins, granulomas, cartilage ...).
public struct OtherMineral: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable { case vascular, other }
    /// What the calcium that is of no vessel belongs to. `visceral` is what the cavity of belly and pelvis holds: stones,
    /// bowel contents, calcified organs.
    public enum Cause: String, Sendable, CaseIterable {
        case phlebolith, injectionGranuloma, visceral, looseBody, calcificTendinitis, enthesophyte, lymphNode
        case costalCartilage
    }
    public var kind: Kind
    /// nil for vessels.
    public var cause: Cause?
    public var count: Int
    public var volumeMm3: Double
    public var hydroxyapatiteMassMg: Double

    public init(
        kind: Kind, count: Int, volumeMm3: Double, hydroxyapatiteMassMg: Double, cause: Cause? = nil
    ) {
        self.kind = kind
        self.cause = cause
        self.count = count
        self.volumeMm3 = volumeMm3
        self.hydroxyapatiteMassMg = hydroxyapatiteMassMg
    }

    /// Vessels first, then the causes in their order.
    var order: Int { cause.flatMap { Cause.allCases.firstIndex(of: $0) } ?? -1 }
}

/// Something about a bone that a reader should look at. A flag, not a diagnosis.
public struct BoneFlag: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case acroOsteolysis, erosion, pencilling, dislocation, collapse
    }
    public enum State: String, Sendable, CaseIterable { case flagged, notFlagged, notAssessed }
    public var kind: Kind
    public var state: State
    public var side: BodySide?
    public var digit: Digit?
    /// What the state rests on: the measured value, the limit it was held against and the unit of both.
    public var measured: Double?
    public var limit: Double?
    public var unit: String

    public init(
        kind: Kind, state: State, side: BodySide? = nil, digit: Digit? = nil, measured: Double? = nil,
        limit: Double? = nil, unit: String = ""
    ) {
        self.kind = kind
        self.state = state
        self.side = side
        self.digit = digit
        self.measured = measured
        self.limit = limit
        self.unit = unit
    }
}

/// Mean mineral density of the imaged bones of a side.
public struct BoneDensity: Sendable, Equatable {
    public var side: BodySide?
    /// Hydroxyapatite-equivalent mass over the whole volume of the bones, cortex and marrow.
    public var meanMgPerCm3: Estimate
    public var volumeMm3: Double

    public init(side: BodySide?, meanMgPerCm3: Estimate, volumeMm3: Double) {
        self.side = side
        self.meanMgPerCm3 = meanMgPerCm3
        self.volumeMm3 = volumeMm3
    }
}

/// The smallest deposits that a scan would have shown in one kind of place, in nine cases of ten.
public struct DetectionLimitStatement: Sendable, Equatable {
    public var compartment: Compartment
    /// Calcium at 100 mg/cm3, in mm3.
    public var calciumMm3: Double
    /// Urate, 40 % of the volume, in mm3; nil where urate is not searched.
    public var urateMm3: Double?

    public init(compartment: Compartment, calciumMm3: Double, urateMm3: Double?) {
        self.compartment = compartment
        self.calciumMm3 = calciumMm3
        self.urateMm3 = urateMm3
    }
}

/// An analogue of a radiographic calcinosis score: what the deposits of a side would shade, by how dense they are.
///
/// The sum over the deposits of the area of their shadow from palm to back, in cm2, times their density class. Area times
/// density after the idea of the published score (Chung et al., Semin. Arthritis Rheum. 44, 2015), whose weights are not
/// these: values cannot be compared with it.
public struct RadiographicScore: Sendable, Equatable {
    public var side: BodySide?
    public var value: Double

    public init(side: BodySide?, value: Double) {
        self.side = side
        self.value = value
    }

    /// 1 below 200 mg/cm3, 2 up to 400, 3 above.
    static func densityClass(_ mgPerCm3: Double) -> Int { mgPerCm3 < 200 ? 1 : mgPerCm3 <= 400 ? 2 : 3 }
}
