public import DICOM

/// Every code that Apatite writes, and the only place where one is spelled out.
///
/// The raw value is `scheme|value|meaning`. Standard meanings are those of the DICOM context groups (PS3.16 Annex B and
/// D); the private scheme `99APATITE` holds what has no standard code. A published private value is never reused or
/// renamed: readers keep the old reports.
public enum Code: String, CaseIterable, Sendable {
    // Document and context (TID 1500, 1001, 1204).
    case imagingMeasurementReport = "DCM|126000|Imaging Measurement Report"
    case languageOfContent = "DCM|121049|Language of Content Item and Descendants"
    case english = "RFC5646|en|English"
    case french = "RFC5646|fr|French"
    case observerType = "DCM|121005|Observer Type"
    case device = "DCM|121007|Device"
    case deviceObserverUID = "DCM|121012|Device Observer UID"
    case deviceObserverName = "DCM|121013|Device Observer Name"
    case deviceObserverManufacturer = "DCM|121014|Device Observer Manufacturer"
    case deviceObserverModelName = "DCM|121015|Device Observer Model Name"
    case deviceObserverSerialNumber = "DCM|121016|Device Observer Serial Number"
    case procedureReported = "DCM|121058|Procedure reported"
    case ctUnspecifiedBodyRegion = "LN|25045-6|CT unspecified body region"
    case impressions = "DCM|121072|Impressions"
    case impression = "DCM|121073|Impression"
    case recommendation = "DCM|121075|Recommendation"
    case comment = "DCM|121106|Comment"

    // Image library (TID 1600, 1602).
    case imageLibrary = "DCM|111028|Image Library"
    case imageLibraryGroup = "DCM|126200|Image Library Group"
    case modality = "DCM|121139|Modality"
    case computedTomography = "DCM|CT|Computed Tomography"
    case frameOfReferenceUID = "DCM|112227|Frame of Reference UID"
    case pixelDataRows = "DCM|110910|Pixel Data Rows"
    case pixelDataColumns = "DCM|110911|Pixel Data Columns"
    case horizontalPixelSpacing = "DCM|111026|Horizontal Pixel Spacing"
    case verticalPixelSpacing = "DCM|111066|Vertical Pixel Spacing"
    case sliceThickness = "DCM|112225|Slice Thickness"
    case peakKilovoltage = "DCM|113733|KVP"
    case monoenergeticEquivalentEnergy = "99APATITE|MONOKEV|Monoenergetic equivalent energy"
    case source = "SCT|260753009|Source"

    // Measurement groups (TID 1411, 1501, 1419, 4019).
    case imagingMeasurements = "DCM|126010|Imaging Measurements"
    case measurementGroup = "DCM|125007|Measurement Group"
    case trackingIdentifier = "DCM|112039|Tracking Identifier"
    case trackingUniqueIdentifier = "DCM|112040|Tracking Unique Identifier"
    case findingCategory = "SCT|276214006|Finding category"
    case finding = "DCM|121071|Finding"
    case findingSite = "SCT|363698007|Finding Site"
    case laterality = "SCT|272741003|Laterality"
    case right = "SCT|24028007|Right"
    case left = "SCT|7771000|Left"
    case rightAndLeft = "SCT|51440002|Bilateral"
    case referencedSegment = "DCM|121191|Referenced Segment"
    case sourceSeriesForSegmentation = "DCM|121232|Source series for segmentation"
    case algorithmName = "DCM|111001|Algorithm Name"
    case algorithmVersion = "DCM|111003|Algorithm Version"
    case algorithmParameters = "DCM|111002|Algorithm Parameters"

    // What was found.
    case abnormalStructure = "SCT|49755003|Morphologically Altered Structure"
    case calcification = "SCT|18115005|Pathologic calcification, calcified structure"
    case uricAcid = "SCT|1710001|Uric Acid"
    case indeterminateDeposit = "99APATITE|INDETMIN|Indeterminate dense deposit"
    case imagingStudyQuality = "DCM|130549|Imaging Study Quality"

    // Where.
    case hand = "SCT|85562004|Hand"
    case wrist = "SCT|8205005|Carpus"
    case forearm = "SCT|14975008|Forearm"
    case elbow = "SCT|16953009|Elbow joint"
    case shoulder = "SCT|16982005|Shoulder"
    case foot = "SCT|56459004|Foot"
    case ankle = "SCT|70258002|Ankle joint"
    case knee = "SCT|72696002|Knee"
    case pelvis = "SCT|816092008|Pelvis"
    case thigh = "SCT|68367000|Thigh"
    case softTissue = "SCT|87784001|Soft tissue"

    // Numbers (TID 300, 310, 1419) and how they were made.
    case volume = "SCT|118565006|Volume"
    case hydroxyapatiteMass = "99APATITE|HAMASS|Hydroxyapatite-equivalent mass"
    case hydroxyapatiteDensity = "99APATITE|HADENS|Hydroxyapatite-equivalent density"
    case largestDiameter = "IBSI|L0JK|Maximum 3D Diameter of a Mesh"
    case distanceFromSkin = "DCM|121243|Distance from skin"
    case distanceToBone = "99APATITE|BONEDIST|Shortest distance to bone"
    case dualEnergyRatio = "99APATITE|DERATIO|Pooled dual-energy ratio"
    case numberOfCalcifications = "DCM|111038|Number of calcifications"
    case totalVolume = "99APATITE|TOTVOL|Total calcinosis volume"
    case totalMass = "99APATITE|TOTMASS|Total hydroxyapatite-equivalent mass"
    case urateVolume = "99APATITE|MSUVOL|Monosodium urate volume"
    case minimumDetectableUrate = "99APATITE|MINDETMSU|Minimum detectable urate volume"
    case minimumDetectableCalcinosis = "99APATITE|MINDETHA|Minimum detectable calcinosis volume"
    case imageNoise = "99APATITE|QCNOISE|Image noise, standard deviation in soft tissue"
    case misregistration = "99APATITE|QCMOTION|Residual misregistration between energies"
    case calciumRatioUsed = "99APATITE|QCSLOPE|Calcium dual-energy ratio used"
    case metalVolume = "99APATITE|QCMETAL|Metal volume"
    case derivation = "DCM|121401|Derivation"
    case mean = "SCT|373098007|Mean"
    case maximum = "SCT|56851009|Maximum"
    case measurementMethod = "SCT|370129005|Measurement Method"
    case materialDecomposition = "99APATITE|DEMETH01|Dual-energy CT material decomposition with volume conservation"
    case percentile95 = "99APATITE|PEAK95|95th percentile of deposit voxels"
    case upperUncertainty = "SCT|371886008|+, range of upper measurement uncertainty"
    case measurementFailure = "DCM|114006|Measurement failure"
    case lowerUncertainty = "SCT|371885007|-, range of lower measurement uncertainty"

    // Units.
    case cubicMillimetre = "UCUM|mm3|cubic millimeter"
    case milligram = "UCUM|mg|milligram"
    case milligramPerCubicCentimetre = "UCUM|mg/cm3|mg/cm^3"
    case millimetre = "UCUM|mm|millimeter"
    case noUnits = "UCUM|1|no units"
    case ratio = "UCUM|{ratio}|ratio"
    case pixels = "UCUM|{pixels}|Pixels"
    case kilovolt = "UCUM|kV|Kilovolt"
    case kiloelectronvolt = "UCUM|keV|kiloelectronvolt"
    case hounsfieldUnit = "UCUM|[hnsf'U]|Hounsfield unit"

    // Evaluations and their values.
    case materialClass = "99APATITE|MATCLASS|Material class"
    case hydroxyapatite = "SCT|256579008|Calcium Hydroxyapatite"
    case indeterminate = "SCT|82334004|Indeterminate"
    case contactWithBone = "99APATITE|CONTACT|Contact with bone"
    case present = "DCM|121053|Present"
    case absent = "DCM|121054|Absent"
    case calcinosis = "99APATITE|CALCPRES|Calcinosis"
    case urateDeposit = "99APATITE|MSUCLASS|Monosodium urate deposit"
    case negative = "SCT|260385009|Negative"
    case positive = "SCT|10828004|Positive"
    case acroOsteolysis = "99APATITE|ACROOST|Acro-osteolysis flag"
    case boneErosion = "99APATITE|EROSION|Bone erosion flag"
    case pencilling = "99APATITE|PENCIL|Phalangeal pencilling flag"
    case flagNotAssessed = "99APATITE|FLAGNA|Not assessed"
    case analysisStatus = "99APATITE|TRUST|Analysis status"
    case analysable = "99APATITE|TRUSTOK|Analysable"
    case analysableWithLimitations = "99APATITE|TRUSTLIM|Analysable with limitations"
    case notAnalysable = "99APATITE|TRUSTNO|Not analysable"
    case reason = "99APATITE|REASON|Reason"
    case noiseTooHigh = "99APATITE|RSNNOISE|Noise too high"
    case motionBetweenEnergies = "99APATITE|RSNMOT|Motion between energies"
    case metalArtefact = "99APATITE|RSNMETAL|Metal artefact"
    case beamHardening = "99APATITE|RSNBH|Beam hardening"
    case regionNotCovered = "99APATITE|RSNCOV|Region not fully covered"
    case ratioOutsideBand = "99APATITE|RSNBAND|Material ratio outside expected band"
    case iodinatedContrast = "99APATITE|RSNIODIN|Iodinated contrast"
    case kernelUnsuitable = "99APATITE|RSNKERN|Reconstruction kernel unsuitable"
    case calibrationDoubtful = "99APATITE|RSNCAL|Rod calibration not usable or contradicted"
    case calibrationSource = "99APATITE|CALSRC|Calibration source"
    case calibrationBone = "99APATITE|CALBONE|Patient's own cortical bone"
    case calibrationRods = "99APATITE|CALROD|Site rod phantom"
    case calibrationTable = "99APATITE|CALTABLE|Computed spectra"

    // Segmentation object.
    case tissue = "SCT|85756007|Tissue"
    case bone = "SCT|3138006|Bone"
    case spatialConcept = "SCT|309825002|Spatial and Relational Concept"
    case regionExcluded = "99APATITE|EXCLREG|Region excluded from analysis"
    case physicalObject = "SCT|260787004|Physical object"
    case implant = "SCT|40388003|Implant"
    case morphologicalOperations = "DCM|123104|Morphological Operations"
    case segmentation = "DCM|113076|Segmentation"
    case sourceImageForProcessing = "DCM|121322|Source image for image processing operation"
    case processingEquipment = "DCM|109102|Processing Equipment"

    // Rejection note (TID 2010, CID 7011).
    case rejectedForQuality = "DCM|113001|Rejected for Quality Reasons"
    case rejectedForSafety = "DCM|113037|Rejected for Patient Safety Reasons"
    case keyObjectDescription = "DCM|113012|Key Object Description"

    /// The code as DICOM writes it.
    public var concept: CodedConcept {
        let parts = rawValue.split(separator: "|", maxSplits: 2).map(String.init)
        return CodedConcept(parts[1], parts[0], parts[2])
    }

    /// Whether the code belongs to Apatite's own scheme, which an object that uses it must identify.
    public var isPrivate: Bool { rawValue.hasPrefix(PrivateCodingScheme.designator + "|") }
}

/// The private coding scheme, as Coding Scheme Identification Sequence (0008,0110) states it.
public enum PrivateCodingScheme {
    public static let designator = "99APATITE"
    /// Drawn at random once and frozen: it names the scheme for ever.
    public static let uid = "2.25.72847384625926937499331000365924451897"
    public static let name = "Apatite private codes"
    public static let version = "1"
    public static let responsibleOrganization = "Apatite project"
}
