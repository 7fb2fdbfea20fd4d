import DICOM
import DualEnergyCT
import Foundation
import Report
import StudyAssembly

extension ReportSource {
    /// What the report needs to know of an acquisition and of the circumstances of its analysis.
    ///
    /// - Throws: `DICOMError` when the first slice can no longer be read.
    init(of acquisition: DualEnergyAcquisition, job: AnalysisJob) throws {
        let header = try DataSet(contentsOf: acquisition.low.slices[0].path, untilPixelData: true)
        let (date, time) = job.closedAt.dicomDateAndTime(offset: header.string(.timezoneOffsetFromUTC))
        self.init(
            header: header,
            low: SourceSeries(acquisition.low), high: SourceSeries(acquisition.high), lowImage: acquisition.pair.low,
            sliceThicknessMm: acquisition.pair.sliceThicknessMm, region: acquisition.pair.region,
            laterality: acquisition.pair.laterality, revision: job.revision,
            closing: StudyClosing(signal: StudyClosing.Signal(job.closingSignal), date: date, time: time),
            predecessor: job.predecessor.map { predecessor in
                DocumentReference(
                    sopClassUID: UID(rawValue: predecessor.sopClassUID),
                    sopInstanceUID: UID(rawValue: predecessor.sopInstanceUID),
                    seriesInstanceUID: UID(rawValue: predecessor.seriesInstanceUID))
            }, algorithmVersion: apatiteVersion, configurationDigest: job.configurationDigest,
            installationSerial: job.installationSerial, language: job.language == .french ? .french : .english)
        grid = acquisition.grid
        box = acquisition.box
        if job.language == .both { secondLanguage = .french }
        predecessorSummary = job.predecessor?.findings.flatMap { PredecessorSummary(findings: $0) }
        identityOnPictures = job.identityOnPictures
        firstSeriesNumber = Self.firstSeriesNumber(job.firstSeriesNumber, besides: acquisition.seriesNumbers)
        priorSearchFailure = job.priorSearchFailure
    }
}

extension SourceSeries {
    init(_ series: AcquiredSeries) {
        self.init(
            seriesInstanceUID: UID(rawValue: series.seriesInstanceUID), beam: series.beam,
            slices: series.slices.map { slice in
                SourceSlice(
                    sopClassUID: UID(rawValue: slice.sopClassUID), sopInstanceUID: UID(rawValue: slice.sopInstanceUID),
                    instanceNumber: slice.instanceNumber, frameNumber: slice.frame.map { $0 + 1 })
            })
    }
}

extension StudyClosing.Signal {
    fileprivate init(_ signal: ClosingSignal) {
        self =
            switch signal {
            case .performedProcedureStep: .performedProcedureStep
            case .quietPeriod: .quietPeriod
            case .reviewedContours: .reviewedContours
            case .operatorRequest: .operatorRequest
            case .commandLine: .commandLine
            }
    }
}

extension PredecessorSummary {
    /// Nil when the file is gone or was written by a version that this one does not understand.
    fileprivate init?(findings path: String) {
        guard let data = FileManager.default.contents(atPath: path),
            let document = try? JSONDecoder().decode(FindingsDocument.self, from: data),
            let acquisition = document.acquisition,
            let trust = (document.trust?.status).flatMap(Trust.Status.init(rawValue:))
        else { return nil }
        self.init(
            series: [acquisition.low, acquisition.high].map {
                Series(
                    seriesInstanceUID: UID(rawValue: $0.seriesInstanceUID), imageCount: acquisition.slices,
                    imageNumbers: $0.imageNumbers.flatMap { ImageNumbers(text: $0) })
            }, trust: trust, depositCount: document.totals?.count, volumeMm3: document.totals?.volumeMm3?.value,
            hydroxyapatiteMassMg: document.totals?.hydroxyapatiteMassMg?.value,
            urate: (document.urate?.verdict).flatMap(UrateStatement.Verdict.init(rawValue:)),
            algorithmVersion: document.algorithmVersion)
        isReviewed = document.contours == "reviewed"
    }
}
