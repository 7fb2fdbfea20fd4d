/// What becomes of a study after its assembly.
public enum StudyFate: Sendable {
    /// Not dual energy, or not for us: nobody needs to be told.
    case leftAlone(FateReason)
    /// Identity, pairing or geometry cannot be trusted: the operator is told, with the remedy.
    case setAside([FateReason])
    /// Two images of one anatomy that can be analysed.
    case analysable(DualEnergyAcquisition)
}

/// Why a study has its fate, in words without patient data.
public struct FateReason: Error, Sendable, Equatable {
    public enum Code: String, Sendable, CaseIterable {
        // Left alone.
        case noCTImages, ownResults, singleEnergy, notEligible
        // Files.
        case noFiles, notDICOM, unreadable, tooManyFiles, overLimit
        // Identity.
        case severalStudies, twoPatients, conflictingInstances, missingIdentifiers
        // Pairing.
        case energyMissing, energyContradicts, reconstructedDifferently, severalAcquisitions
        // Geometry.
        case absurdSize, absurdGeometry, contradictoryGeometry, gantryTilt, missingSlices, duplicateSlices
        case unevenSpacing, slicesApart, tooFewSlices
        // Pixels.
        case badRescale, unsupportedPixels, truncatedPixelData, undecodable
        // Physics.
        case airOutsideBand, noSoftTissue, noBone, sameEnergyTwice, energiesSwapped, ratioOutsideBand
        case differentAnatomy

        /// An image that has not arrived yet could mend it: worth waiting for, up to a limit.
        public var mayMendItself: Bool {
            switch self {
            case .energyMissing, .missingSlices, .tooFewSlices: true
            default: false
            }
        }
    }
    public var code: Code
    /// What is the matter, with the numbers.
    public var message: String
    /// What a person can do; empty when there is nothing to do.
    public var remedy: String

    public init(_ code: Code, _ message: String, remedy: String = "") {
        self.code = code
        self.message = message
        self.remedy = remedy
    }
}

/// Thrown by the steps of the assembly: the study is set aside.
package struct SetAside: Error, Equatable {
    package var reasons: [FateReason]

    init(_ reasons: [FateReason]) { self.reasons = reasons }

    init(_ code: FateReason.Code, _ message: String, remedy: String = "") {
        reasons = [FateReason(code, message, remedy: remedy)]
    }
}
