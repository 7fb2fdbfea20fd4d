import DICOM
import DualEnergyCT
import StudyAssembly

/// What of a study's headers decides whether a calibration holds for it.
struct ScanConditions: Sendable, Equatable {
    var scanner: CalibrationFile.Scanner
    var low: BeamQuality
    var high: BeamQuality
    var kernel: String
    var filterType: String
    var studyDate: String

    /// - Throws: `DICOMError` when the first slice can no longer be read.
    init(of acquisition: DualEnergyAcquisition) throws(DICOMError) {
        let header = try DataSet(contentsOf: acquisition.low.slices[0].path, untilPixelData: true)
        func text(_ tag: Tag) -> String { header.string(tag) ?? "" }
        scanner = CalibrationFile.Scanner(
            manufacturer: text(.manufacturer), model: text(.manufacturerModelName), stationName: text(.stationName),
            deviceSerialNumber: text(.deviceSerialNumber))
        low = acquisition.pair.lowBeam
        high = acquisition.pair.highBeam
        kernel = acquisition.kernel
        filterType = text(.filterType)
        studyDate = text(.studyDate)
    }
}

extension CalibrationFile {
    /// Why a calibration does not hold for a study; the cases in the order in which they are looked at.
    enum Mismatch: Int, Comparable {
        case scanner, pair, filter, kernel, undated, before, expired

        /// As `Trust.Reason.unit` names it.
        var unit: String {
            switch self {
            case .scanner: "scanner"
            case .pair: "pair"
            case .filter: "filter"
            case .kernel: "kernel"
            case .undated: "undated"
            case .before: "before"
            case .expired: "days"
            }
        }

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    /// Nil when it holds.
    func mismatch(_ study: ScanConditions) -> Mismatch? {
        guard scanner.isSame(as: study.scanner) else { return .scanner }
        guard let low = settings.low.quality, let high = settings.high.quality, low.isSame(as: study.low),
            high.isSame(as: study.high)
        else { return .pair }
        guard settings.filterType == study.filterType else { return .filter }
        guard settings.kernel == study.kernel else { return .kernel }
        guard let age = ageDays(study) else { return .undated }
        if age < 0 { return .before }
        return age > validDays ? .expired : nil
    }

    /// Days from the calibration to the study.
    func ageDays(_ study: ScanConditions) -> Int? {
        guard let made = CalendarDay(studyDate), let used = CalendarDay(study.studyDate) else { return nil }
        return used.number - made.number
    }
}

extension CalibrationFile.Scanner {
    /// Two scanners of a site may share a name, none a serial number.
    func isSame(as other: Self) -> Bool {
        guard manufacturer == other.manufacturer, model == other.model else { return false }
        if !deviceSerialNumber.isEmpty || !other.deviceSerialNumber.isEmpty {
            return deviceSerialNumber == other.deviceSerialNumber
        }
        return !stationName.isEmpty && stationName == other.stationName
    }
}

/// The calibration for a study among those of the site, or why none of them is.
struct CalibrationChoice {
    var file: CalibrationFile?
    /// The nearest calibration's mismatch, when there are some and none holds.
    var refusal: Trust.Reason?
}

extension CalibrationChoice {
    /// - Throws: `AnalysisFailure` when the first slice can no longer be read.
    init(for acquisition: DualEnergyAcquisition, among files: [CalibrationFile]) throws(AnalysisFailure) {
        guard !files.isEmpty else {
            self.init()
            return
        }
        do {
            self.init(files, for: try ScanConditions(of: acquisition))
        } catch {
            throw AnalysisFailure(message: "A file of the study can no longer be read: \(error.message)")
        }
    }

    init(_ files: [CalibrationFile], for study: ScanConditions) {
        let fates = files.map { ($0, $0.mismatch(study)) }
        self.init()
        // Of several the youngest; of the same day the one whose digest comes first, so that order means nothing.
        file = fates.filter { $0.1 == nil }.map(\.0)
            .max { ($0.studyDate, $1.digest) < ($1.studyDate, $0.digest) }
        guard file == nil, let nearest = fates.max(by: { ($0.1 ?? .scanner) < ($1.1 ?? .scanner) }),
            let mismatch = nearest.1
        else { return }
        refusal = Trust.Reason(
            kind: .calibration, measured: Double(nearest.0.ageDays(study) ?? 0), limit: Double(nearest.0.validDays),
            unit: mismatch.unit)
    }
}

extension CalibrationFile {
    /// `calibration()` for an analysis, whose failures are of one kind.
    func usable() throws(AnalysisFailure) -> RodCalibration {
        do {
            return try calibration()
        } catch {
            throw AnalysisFailure(message: error.description)
        }
    }
}
