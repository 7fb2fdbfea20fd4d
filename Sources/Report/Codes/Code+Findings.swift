import DualEnergyCT

// The values of the core's findings as codes.

extension Code {
    init(_ side: BodySide) { self = side == .right ? .right : .left }

    init(_ compartment: Compartment) {
        self =
            switch compartment {
            case .fingertipFatPad: .fingertipFatPad
            case .subcutaneous: .subcutaneous
            case .tendonSheath: .tendonSheath
            case .carpalTunnel: .carpalTunnel
            case .besideMuscle: .besideMuscle
            case .periarticular: .periarticular
            case .other: .otherCompartment
            }
    }

    init(_ morphology: Morphology) {
        self =
            switch morphology {
            case .stone: .stone
            case .net: .net
            case .plate: .plate
            case .mousse: .mousse
            case .undetermined: .undeterminedForm
            }
    }

    init(_ outcome: DepositChange.Outcome) {
        self =
            switch outcome {
            case .new: .changeNew
            case .increased: .changeIncreased
            case .decreased: .changeDecreased
            case .stable: .changeStable
            case .notComparable: .changeNotComparable
            }
    }

    init(_ flag: BoneFlag.Kind) {
        self =
            switch flag {
            case .acroOsteolysis: .acroOsteolysis
            case .erosion: .boneErosion
            case .pencilling: .pencilling
            case .dislocation: .dislocation
            case .collapse: .collapse
            }
    }

    init(_ state: BoneFlag.State) {
        self =
            switch state {
            case .flagged: .flagged
            case .notFlagged: .notFlagged
            case .notAssessed: .flagNotAssessed
            }
    }

    init(_ cause: Exclusion.Cause) {
        self =
            switch cause {
            case .nail: .excludedNail
            case .skin: .excludedSkin
            case .motion: .excludedMotion
            case .metal: .excludedMetal
            case .beamHardening: .excludedBeamHardening
            case .belowMinimumVolume: .excludedSmall
            case .contrastMedium: .excludedContrast
            case .tendon: .excludedTendon
            case .foreignBody: .excludedForeignBody
            case .outsideSkin: .excludedOutside
            case .speck: .excludedSpeck
            case .leftOutByReader: .excludedByReader
            }
    }

    init(_ cause: OtherMineral.Cause) {
        self =
            switch cause {
            case .phlebolith: .otherPhlebolith
            case .injectionGranuloma: .otherGranuloma
            case .visceral: .otherVisceral
            case .looseBody: .otherInJoint
            case .calcificTendinitis: .otherInCuff
            case .enthesophyte: .otherSpur
            case .lymphNode: .otherNode
            case .costalCartilage: .otherCartilage
            }
    }

    init(_ verdict: UrateStatement.Verdict) {
        self =
            switch verdict {
            case .negative: .negative
            case .indeterminate: .indeterminate
            case .positive: .positive
            }
    }

    init(_ status: Trust.Status) {
        self =
            switch status {
            case .analysable: .analysable
            case .limited: .analysableWithLimitations
            case .notAnalysable: .notAnalysable
            }
    }

    init(_ reason: Trust.Reason.Kind) {
        self =
            switch reason {
            case .noise: .noiseTooHigh
            case .motion: .motionBetweenEnergies
            case .metal: .metalArtefact
            case .beamHardening: .beamHardening
            case .coverage: .regionNotCovered
            case .ratioOutsideBand: .ratioOutsideBand
            case .iodine: .iodinatedContrast
            case .kernel: .kernelUnsuitable
            case .calibration: .calibrationDoubtful
            case .side: .sideContradicted
            case .bone: .boneDoubtful
            }
    }

    init(_ calibration: Trust.Calibration) {
        self =
            switch calibration {
            case .rods: .calibrationRods
            case .bone: .calibrationBone
            case .table: .calibrationTable
            }
    }

    /// The unit of a bone flag's value; nil for one that is in no table.
    init?(unit: String) {
        switch unit {
        case "", "1": self = .ratio
        case "mm": self = .millimetre
        case "mm3": self = .cubicMillimetre
        case "%": self = .percent
        case "deg", "°", "degree", "degrees": self = .degree
        default: return nil
        }
    }
}
