/// SOP classes by name, and the table of those the Storage SCP accepts.
///
/// Reference: PS3.4 table B.5-1, PS3.6 annex A
public enum SOPClass {
    public static let verification: UID = "1.2.840.10008.1.1"
    /// Storage Commitment Push Model, and the instance that every request and report of it names (PS3.4 section J.3).
    public static let storageCommitmentPushModel: UID = "1.2.840.10008.1.20.1"
    public static let storageCommitmentPushModelInstance: UID = "1.2.840.10008.1.20.1.1"
    public static let studyRootFind: UID = "1.2.840.10008.5.1.4.1.2.2.1"
    public static let studyRootMove: UID = "1.2.840.10008.5.1.4.1.2.2.2"
    public static let studyRootGet: UID = "1.2.840.10008.5.1.4.1.2.2.3"
    public static let ctImage: UID = "1.2.840.10008.5.1.4.1.1.2"
    public static let enhancedCT: UID = "1.2.840.10008.5.1.4.1.1.2.1"
    public static let legacyConvertedEnhancedCT: UID = "1.2.840.10008.5.1.4.1.1.2.2"
    public static let secondaryCapture: UID = "1.2.840.10008.5.1.4.1.1.7"
    public static let multiFrameSingleBitSecondaryCapture: UID = "1.2.840.10008.5.1.4.1.1.7.1"
    public static let multiFrameGrayscaleByteSecondaryCapture: UID = "1.2.840.10008.5.1.4.1.1.7.2"
    public static let multiFrameGrayscaleWordSecondaryCapture: UID = "1.2.840.10008.5.1.4.1.1.7.3"
    public static let multiFrameTrueColorSecondaryCapture: UID = "1.2.840.10008.5.1.4.1.1.7.4"
    public static let grayscaleSoftcopyPresentationState: UID = "1.2.840.10008.5.1.4.1.1.11.1"
    public static let colorSoftcopyPresentationState: UID = "1.2.840.10008.5.1.4.1.1.11.2"
    public static let pseudoColorSoftcopyPresentationState: UID = "1.2.840.10008.5.1.4.1.1.11.3"
    public static let blendingSoftcopyPresentationState: UID = "1.2.840.10008.5.1.4.1.1.11.4"
    public static let parametricMap: UID = "1.2.840.10008.5.1.4.1.1.30"
    public static let rawData: UID = "1.2.840.10008.5.1.4.1.1.66"
    public static let spatialRegistration: UID = "1.2.840.10008.5.1.4.1.1.66.1"
    public static let spatialFiducials: UID = "1.2.840.10008.5.1.4.1.1.66.2"
    public static let segmentation: UID = "1.2.840.10008.5.1.4.1.1.66.4"
    public static let surfaceSegmentation: UID = "1.2.840.10008.5.1.4.1.1.66.5"
    public static let realWorldValueMapping: UID = "1.2.840.10008.5.1.4.1.1.67"
    public static let basicTextSR: UID = "1.2.840.10008.5.1.4.1.1.88.11"
    public static let enhancedSR: UID = "1.2.840.10008.5.1.4.1.1.88.22"
    public static let comprehensiveSR: UID = "1.2.840.10008.5.1.4.1.1.88.33"
    public static let comprehensive3DSR: UID = "1.2.840.10008.5.1.4.1.1.88.34"
    public static let procedureLog: UID = "1.2.840.10008.5.1.4.1.1.88.40"
    public static let keyObjectSelection: UID = "1.2.840.10008.5.1.4.1.1.88.59"
    public static let xRayRadiationDoseSR: UID = "1.2.840.10008.5.1.4.1.1.88.67"
    public static let patientRadiationDoseSR: UID = "1.2.840.10008.5.1.4.1.1.88.75"
    public static let encapsulatedPDF: UID = "1.2.840.10008.5.1.4.1.1.104.1"

    /// What a CT scanner stores, named as in PS3.4: the images that are analysed, and everything else it sends along,
    /// which is accepted and kept so that its transfer job does not fail.
    public static let stored: [(uid: UID, name: String)] = [
        (ctImage, "CT Image Storage"),
        (enhancedCT, "Enhanced CT Image Storage"),
        (legacyConvertedEnhancedCT, "Legacy Converted Enhanced CT Image Storage"),
        (secondaryCapture, "Secondary Capture Image Storage"),
        (multiFrameSingleBitSecondaryCapture, "Multi-frame Single Bit Secondary Capture Image Storage"),
        (multiFrameGrayscaleByteSecondaryCapture, "Multi-frame Grayscale Byte Secondary Capture Image Storage"),
        (multiFrameGrayscaleWordSecondaryCapture, "Multi-frame Grayscale Word Secondary Capture Image Storage"),
        (multiFrameTrueColorSecondaryCapture, "Multi-frame True Color Secondary Capture Image Storage"),
        (grayscaleSoftcopyPresentationState, "Grayscale Softcopy Presentation State Storage"),
        (colorSoftcopyPresentationState, "Color Softcopy Presentation State Storage"),
        (pseudoColorSoftcopyPresentationState, "Pseudo-Color Softcopy Presentation State Storage"),
        (blendingSoftcopyPresentationState, "Blending Softcopy Presentation State Storage"),
        (parametricMap, "Parametric Map Storage"),
        (rawData, "Raw Data Storage"),
        (spatialRegistration, "Spatial Registration Storage"),
        (spatialFiducials, "Spatial Fiducials Storage"),
        (segmentation, "Segmentation Storage"),
        (surfaceSegmentation, "Surface Segmentation Storage"),
        (realWorldValueMapping, "Real World Value Mapping Storage"),
        (basicTextSR, "Basic Text SR Storage"),
        (enhancedSR, "Enhanced SR Storage"),
        (comprehensiveSR, "Comprehensive SR Storage"),
        (comprehensive3DSR, "Comprehensive 3D SR Storage"),
        (procedureLog, "Procedure Log Storage"),
        (keyObjectSelection, "Key Object Selection Document Storage"),
        (xRayRadiationDoseSR, "X-Ray Radiation Dose SR Storage"),
        (patientRadiationDoseSR, "Patient Radiation Dose SR Storage"),
        (encapsulatedPDF, "Encapsulated PDF Storage"),
    ]
}
