public import DICOM
public import DualEnergyCT

/// All that the results need to know besides the numbers: where the images came from and under which circumstances
/// they were analysed.
///
/// The same source and the same ``Findings`` give the same bytes and the same UIDs.
public struct ReportSource {
    /// Header of the first slice of the low-energy series (pixels not needed): patient and study are copied from it.
    public var header: DataSet
    public var low: SourceSeries
    public var high: SourceSeries
    /// CT numbers in HU of the low-energy series, on the grid of `Findings.labels`: the picture's background.
    public var lowImage: Volume<Int16>
    /// The grid of the images as they came: what the segmentation and the maps lie on.
    public var grid: GridGeometry
    /// The part of `grid` that `lowImage` shows; all slices.
    public var box: VoxelBox
    /// Thickness of the reconstructed slices in mm.
    public var sliceThicknessMm: Double
    public var region: BodyRegion
    public var laterality: Laterality
    /// From 1; rises when a late image reopened the study.
    public var revision: Int
    public var closing: StudyClosing
    /// The report that this revision replaces, of the same study.
    public var predecessor: DocumentReference?
    /// Version of Apatite, such as `0.1.0`.
    public var algorithmVersion: String
    /// SHA-256 of the configuration in hexadecimal; "" when there is none, as on the command line.
    public var configurationDigest: String
    /// Device Serial Number of this installation; "" when it has no name yet.
    public var installationSerial: String
    public var language: ReportLanguage
    /// Language in which everything that is read is written a second time; nil for one language.
    public var secondLanguage: ReportLanguage?
    /// What `Findings.comparison` compares with.
    public var prior: PriorReport?
    /// What the predecessor said; nil when that is no longer known.
    public var predecessorSummary: PredecessorSummary?
    /// SHA-256 of the site's rod calibration in hexadecimal; "" without one.
    public var calibrationDigest = ""
    /// Whether name, ID and birth date of the patient stand on the pictures' pixels.
    public var identityOnPictures = false
    /// The segmentation whose contours were measured, because a reader reviewed them; nil for our own.
    public var review: ContourReview?
    /// Series Number of the pictures; the other results follow at fixed distances, within ``seriesNumberSpan``.
    public var firstSeriesNumber = 9000
    /// A reader's contours that were expected to be measured and could not be; nil without such.
    public var unusedContours: UnusedContours?
    /// Why the archive could not be asked for an earlier report; nil when it answered or was not to be asked.
    public var priorSearchFailure: PriorSearchFailure?
    /// Whether material maps are of an edge-keeping mean of the images.
    public var keepsEdges = false

    public init(
        header: DataSet, low: SourceSeries, high: SourceSeries, lowImage: Volume<Int16>, sliceThicknessMm: Double,
        region: BodyRegion, laterality: Laterality, revision: Int, closing: StudyClosing,
        predecessor: DocumentReference?, algorithmVersion: String, configurationDigest: String,
        installationSerial: String, language: ReportLanguage
    ) {
        self.header = header
        self.low = low
        self.high = high
        self.lowImage = lowImage
        grid = lowImage.geometry
        box = grid.box
        self.sliceThicknessMm = sliceThicknessMm
        self.region = region
        self.laterality = laterality
        self.revision = revision
        self.closing = closing
        self.predecessor = predecessor
        self.algorithmVersion = algorithmVersion
        self.configurationDigest = configurationDigest
        self.installationSerial = installationSerial
        self.language = language
    }
}

extension ReportSource {
    /// Series Numbers from the first one on that are results' own: virtual monoenergetic images of up to 200 keV come last.
    package static let seriesNumberSpan = 600
    /// Distance of the numbers of a rejection note.
    static let rejectionNoteOffset = 99

    /// The first Series Number for results of a study: the site's, or the next thousand above it whose numbers no other
    /// series of the study has.
    package static func firstSeriesNumber(_ wanted: Int, besides taken: Set<Int>) -> Int {
        var first = wanted
        while taken.contains(where: { $0 >= first && $0 < first + seriesNumberSpan }) { first += 1000 }
        return first
    }
}

/// One of the two series that were analysed.
public struct SourceSeries: Sendable, Equatable {
    public var seriesInstanceUID: UID
    public var beam: BeamQuality
    /// Slice k of the grid is `slices[k]`.
    public var slices: [SourceSlice]

    public init(seriesInstanceUID: UID, beam: BeamQuality, slices: [SourceSlice]) {
        self.seriesInstanceUID = seriesInstanceUID
        self.beam = beam
        self.slices = slices
    }

    /// Nil where an image has no number, or shares it with others as the frames of one object do.
    public var imageNumbers: ImageNumbers? {
        let numbers = slices.compactMap(\.instanceNumber)
        guard numbers.count == slices.count, Set(numbers).count == numbers.count else { return nil }
        return ImageNumbers(numbers)
    }
}

/// Where one slice of the grid is stored.
public struct SourceSlice: Sendable, Equatable {
    public var sopClassUID: UID
    public var sopInstanceUID: UID
    /// Instance Number: the number that a viewer shows beside the image; nil when the header has none.
    public var instanceNumber: Int?
    /// From 1, of a multi-frame object; nil for an image of its own.
    public var frameNumber: Int?

    public init(sopClassUID: UID, sopInstanceUID: UID, instanceNumber: Int?, frameNumber: Int? = nil) {
        self.sopClassUID = sopClassUID
        self.sopInstanceUID = sopInstanceUID
        self.instanceNumber = instanceNumber
        self.frameNumber = frameNumber
    }
}

/// When and by what the study was taken as complete.
public struct StudyClosing: Sendable, Equatable {
    /// The evidence that closed the study.
    public enum Signal: String, Sendable, Codable, CaseIterable {
        /// The scanner reported its procedure step as completed and all its instances are here.
        case performedProcedureStep
        /// Nothing arrived for the configured time.
        case quietPeriod
        /// Somebody released it by hand.
        case operatorRequest
        /// A folder was analysed from the command line.
        case commandLine
        /// A reader sent a reviewed segmentation of a study that was closed before.
        case reviewedContours
    }
    public var signal: Signal
    /// Local date as DICOM writes it: YYYYMMDD.
    public var date: String
    /// Local time as DICOM writes it: HHMMSS, with or without a fraction.
    public var time: String

    public init(signal: Signal, date: String, time: String) {
        self.signal = signal
        self.date = date
        self.time = time
    }
}

/// A composite object of the same study, as Predecessor Documents Sequence (0040,A360) names it.
public struct DocumentReference: Sendable, Equatable {
    public var sopClassUID: UID
    public var sopInstanceUID: UID
    public var seriesInstanceUID: UID

    public init(sopClassUID: UID, sopInstanceUID: UID, seriesInstanceUID: UID) {
        self.sopClassUID = sopClassUID
        self.sopInstanceUID = sopInstanceUID
        self.seriesInstanceUID = seriesInstanceUID
    }
}

/// The language of the sentences; the meanings of codes stay English.
public enum ReportLanguage: String, Sendable, Codable, CaseIterable {
    case english = "en"
    case french = "fr"
}
