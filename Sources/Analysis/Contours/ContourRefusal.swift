import Report
import StudyAssembly

/// Why contours that came back cannot be measured, with a remedy, without patient data.
enum ContourRefusal: Error, Equatable {
    case unreadable(String)
    case tooLarge(String)
    case noSegmentation
    case notBinary
    case otherStudy
    case otherPatient
    case otherFrame
    case otherImages
    case noDepositSegment
    case overlap(Int, Int)
    case misfit(BinarySegmentation.Misfit)
    case notAnalysable
    /// No refusal: what we wrote came back as it was.
    case ownContours

    /// As an outcome and the ledger have it.
    var reason: AnalysisReason {
        guard let obstacle else {
            return AnalysisReason(
                code: "contoursUnchanged", message: "reviewed contours: they are Apatite's own, as they were sent",
                remedy: "")
        }
        let (message, remedy) = contourObstacleText(obstacle, language: .english)
        return AnalysisReason(
            code: obstacle.rawValue, message: "reviewed contours: \(message)\(detail.map { " (\($0))" } ?? "")",
            remedy: remedy)
    }

    /// As a report has it; nil for what is no refusal.
    var obstacle: ContourObstacle? {
        switch self {
        case .unreadable, .misfit(.encoding), .misfit(.frame): .unreadable
        case .tooLarge: .tooLarge
        case .noSegmentation: .otherClass
        case .notBinary: .fractional
        case .otherStudy: .otherStudy
        case .otherPatient: .otherPatient
        case .otherFrame: .otherFrame
        case .otherImages: .otherImages
        case .noDepositSegment: .withoutDeposit
        case .overlap: .overlap
        case .misfit(.grid): .otherGrid
        case .notAnalysable: .notAnalysable
        case .ownContours: nil
        }
    }

    /// For whoever looks into the object.
    private var detail: String? {
        switch self {
        case .unreadable(let why), .tooLarge(let why): why
        case .overlap(let first, let second): "segments \(first) and \(second)"
        case .misfit(.encoding): "the pixel data is not one bit a pixel, uncompressed and whole"
        case .misfit(.frame): "a frame names no segment"
        default: nil
        }
    }
}
