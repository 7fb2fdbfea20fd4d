/// What the assembly of a study needs to know of one image, or of one frame of a multi-frame image.
///
/// A plain value, so that recognition, pairing and geometry can be tested as tables without files. Numbers are as the
/// header gave them, a decimal string that is none is NaN: whether they make sense is decided later, by name.
public struct ImageHeader: Sendable, Equatable {
    /// The file; not part of what is compared when the same instance came twice.
    public var path: String
    public var byteCount: Int
    /// Index from 0 in a multi-frame image; nil for an image of its own.
    public var frame: Int?

    // Identity. Never written to a log, an error or a reason.
    public var patientID = ""
    public var patientName = ""
    public var patientBirthDate = ""
    public var studyInstanceUID = ""
    public var seriesInstanceUID = ""
    public var sopInstanceUID = ""
    public var sopClassUID = ""
    public var frameOfReferenceUID = ""

    // How the image was made.
    public var modality = ""
    public var manufacturer = ""
    public var imageType: [String] = []
    public var seriesNumber: Int?
    public var instanceNumber: Int?
    public var acquisitionNumber: Int?
    public var seriesDescription = ""
    public var protocolName = ""
    public var studyDescription = ""
    public var bodyPart = ""
    /// Image or Frame Laterality.
    public var laterality = ""
    /// Laterality of the series.
    public var seriesLaterality = ""
    public var kernel = ""
    public var contrastAgent = ""
    /// Code Values of the requested and the performed procedure.
    public var procedureCodes: [String] = []
    /// In kV; several when a multi-energy item list names several sources.
    public var kilovolts: [Double] = []
    public var filterMaterial = ""
    public var filterType = ""
    /// Mean of Filter Thickness Minimum and Maximum in mm.
    public var filterThicknessMm: Double?
    /// Monoenergetic Energy Equivalent in keV.
    public var monoenergeticKeV: Double?
    /// Multi-energy CT Acquisition (0018,9361) is YES.
    public var isMultiEnergy = false

    // Geometry.
    public var rows = 0
    public var columns = 0
    /// Between rows, then between columns, in mm.
    public var pixelSpacing: [Double] = []
    public var orientation: [Double] = []
    public var position: [Double] = []
    public var sliceThickness: Double?
    public var gantryTilt: Double?

    // Pixels.
    public var samplesPerPixel = 1
    public var photometricInterpretation = "MONOCHROME2"
    public var isSigned = false
    public var rescaleSlope = 1.0
    public var rescaleIntercept = 0.0
    public var rescaleType = ""
    /// Stored value outside the reconstructed circle, and the other end of its range.
    public var paddingValue: Int?
    public var paddingRangeLimit: Int?

    public init(path: String, byteCount: Int = 0, frame: Int? = nil) {
        self.path = path
        self.byteCount = byteCount
        self.frame = frame
    }

    /// Whether the other header says the same of the same instance, wherever it was found.
    func isCopy(of other: ImageHeader) -> Bool {
        var copy = other
        copy.path = path
        return copy == self
    }
}
