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
        let (code, message, remedy) = words
        return AnalysisReason(code: code, message: "reviewed contours: \(message)", remedy: remedy)
    }

    private static let again = "Send it again from the editor; if it comes the same, export it anew."
    private static let onImages = "Draw on the images that Apatite analysed: those its own segmentation refers to."

    private var words: (code: String, message: String, remedy: String) {
        switch self {
        case .unreadable(let why): ("contoursUnreadable", "the object cannot be read (\(why))", Self.again)
        case .tooLarge(let what):
            (
                "contoursTooLarge", "the segmentation is too large (\(what))",
                "Export only the deposits, without empty frames."
            )
        case .noSegmentation:
            (
                "contoursOfOtherClass", "the object is no Segmentation Storage instance",
                "Export a DICOM segmentation (SEG), neither a label map nor contours of a radiotherapy set."
            )
        case .notBinary:
            ("contoursFractional", "the segmentation is not binary", "Export it with Segmentation Type BINARY.")
        case .otherStudy: ("contoursOfOtherStudy", "the segmentation is of another study", Self.onImages)
        case .otherPatient:
            (
                "contoursOfOtherPatient", "the segmentation names another patient",
                "Compare the identity in the editor with that of the images."
            )
        case .otherFrame:
            ("contoursOfOtherFrame", "the segmentation has another frame of reference than the images", Self.onImages)
        case .otherImages:
            ("contoursOfOtherImages", "the segmentation refers to images that were not analysed", Self.onImages)
        case .noDepositSegment:
            (
                "contoursWithoutDeposit", "no segment has the type of a deposit (SCT 18115005 calcification)",
                "Code the deposits as in Apatite's segmentation; to report that there is none keep one of its deposits "
                    + "without voxels."
            )
        case .overlap(let first, let second):
            (
                "contoursOverlap", "segments \(first) and \(second) overlap",
                "Give each voxel to one deposit and send the segmentation again."
            )
        case .misfit(.encoding):
            (
                "contoursUnreadable", "the pixel data is not one bit a pixel, uncompressed and whole",
                "Export it uncompressed, with Segmentation Type BINARY."
            )
        case .misfit(.grid):
            ("contoursOnOtherGrid", "frames do not lie on the voxels of the images", Self.onImages)
        case .misfit(.frame): ("contoursUnreadable", "a frame names no segment", Self.again)
        case .notAnalysable:
            (
                "contoursNotAnalysable", "the images are not analysable, so that nothing can be measured on them",
                "See the study's report for the reasons."
            )
        case .ownContours: ("contoursUnchanged", "they are Apatite's own, as they were sent", "")
        }
    }
}
