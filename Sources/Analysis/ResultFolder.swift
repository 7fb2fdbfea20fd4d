import DICOM
import DualEnergyCT
import Foundation
import Report
import StudyAssembly

/// The folder into which one analysis writes.
struct ResultFolder {
    var path: String

    var findingsPath: String { "\(path)/findings.json" }

    func make() throws(AnalysisFailure) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw AnalysisFailure(message: "The output folder cannot be made: check its path and permissions.")
        }
        try removeEarlierResults()
    }

    /// What an earlier analysis left here may be of another study: beside the findings of this one it would pass for
    /// this one's. Only in a folder that `findings.json` marks as ours.
    private func removeEarlierResults() throws(AnalysisFailure) {
        guard FileManager.default.fileExists(atPath: findingsPath) else { return }
        let pages = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter {
            $0.wholeMatch(of: /summary-\d+\.(dcm|png)/) != nil
        }
        let names = Set(WrittenResult.Kind.allCases.map(\.fileName) + pages + ["findings.json"])
        for file in names.map({ "\(path)/\($0)" }) where FileManager.default.fileExists(atPath: file) {
            do {
                try FileManager.default.removeItem(atPath: file)
            } catch {
                throw AnalysisFailure(
                    message: "Results of an earlier analysis cannot be removed: choose another output folder.")
            }
        }
    }

    /// A study without a report.
    func write(
        _ status: AnalysisOutcome.Status, _ reasons: [FateReason], study: String?
    ) throws(AnalysisFailure) -> AnalysisOutcome {
        let words = reasons.map { AnalysisReason($0) }
        try write(FindingsDocument(status: status, reasons: words, studyInstanceUID: study))
        try sync([findingsPath])
        return AnalysisOutcome(
            status: status, reasons: words, findings: findingsPath, studyInstanceUID: study,
            mayBeIncomplete: status == .setAside && reasons.contains { $0.code.mayMendItself })
    }

    /// A study whose reviewed contours cannot be measured, or were reviewed by nobody.
    func write(_ refusal: ContourRefusal, study: String?) throws(AnalysisFailure) -> AnalysisOutcome {
        let status: AnalysisOutcome.Status = refusal == .ownContours ? .leftAlone : .setAside
        try write(FindingsDocument(status: status, reasons: [refusal.reason], studyInstanceUID: study))
        try sync([findingsPath])
        var outcome = AnalysisOutcome(
            status: status, reasons: [refusal.reason], findings: findingsPath, studyInstanceUID: study)
        outcome.contours = refusal == .ownContours ? .unchanged : .refused
        return outcome
    }

    /// A study with a report.
    func write(
        _ findings: Findings, of acquisition: DualEnergyAcquisition, calibration: CalibrationFile?,
        prior: PriorReport?, contours: ContourChoice, job: AnalysisJob, study: String?
    ) throws(AnalysisFailure) -> AnalysisOutcome {
        let isAnalysable = findings.trust.status != .notAnalysable
        let status: AnalysisOutcome.Status = isAnalysable ? .reported : .notAnalysable
        let reasons = isAnalysable ? [] : findings.trust.reasons.map { AnalysisReason($0) }
        let results: [WrittenResult]
        let identities: [Int: DepositIdentity]
        do {
            let (review, unused) = (contours.reviewed?.review, contours.unused)
            @Sendable func makeSource() throws -> ReportSource {
                var source = try ReportSource(of: acquisition, job: job)
                source.prior = prior
                source.review = review
                source.unusedContours = unused
                source.calibrationDigest = calibration?.digest ?? ""
                return source
            }
            var options = DecompositionOptions()
            options.calibration = try calibration?.calibration()
            let source = try makeSource()
            let folder = path
            let written = together {
                Result { try writeResults(findings: findings, source: source, to: folder) }
            } and: { [options] in
                // The header of a source is for one thread at a time.
                Result {
                    try writeMaps(
                        job.maps, findings: findings, of: acquisition.pair, options: options, source: makeSource(),
                        to: folder)
                }
            }
            results = try written.0.get() + written.1.get()
            identities = depositIdentities(findings: findings, source: source)
        } catch let error as DICOMError {
            throw AnalysisFailure(message: "The results cannot be written: \(error.message)")
        } catch {
            throw AnalysisFailure(
                message: "The results cannot be written: check the space and permissions of the folder.")
        }
        try write(
            FindingsDocument(
                findings: findings, acquisition: acquisition, status: status, reasons: reasons, studyInstanceUID: study,
                identities: identities, calibration: calibration.map { ($0.name, $0.digest) },
                isReviewed: contours.reviewed != nil, unusedContours: contours.unused))
        try sync(results.map(\.path) + [findingsPath])
        return AnalysisOutcome(
            status: status, reasons: reasons, artefacts: results.compactMap { AnalysisArtefact($0) },
            findings: findingsPath, textReport: results.first { $0.kind == .plainText }?.path, studyInstanceUID: study,
            acquisitionDigest: acquisition.digest)
    }

    private func write(_ document: FindingsDocument) throws(AnalysisFailure) {
        do {
            try document.json().write(to: URL(fileURLWithPath: findingsPath), options: .atomic)
        } catch {
            throw AnalysisFailure(message: "findings.json cannot be written: check the space and permissions.")
        }
    }

    /// Whoever reads the outcome may record it at once, so what it names is on disk before.
    private func sync(_ files: [String]) throws(AnalysisFailure) {
        let folders = Set(files.map { String($0[..<($0.lastIndex(of: "/") ?? $0.startIndex)]) } + [path])
        let parents = folders.subtracting([path]).map { "\($0)/.." }
        for file in files + folders.sorted() + parents.sorted() {
            let descriptor = open(file, O_RDONLY | O_CLOEXEC)
            defer { if descriptor >= 0 { close(descriptor) } }
            guard descriptor >= 0, fsync(descriptor) == 0 else {
                throw AnalysisFailure(
                    message: "The results cannot be made durable: \(String(cString: strerror(errno))).")
            }
        }
    }
}

extension AnalysisArtefact {
    /// Nil for what is no DICOM object.
    fileprivate init?(_ result: WrittenResult) {
        guard let instance = result.instance, let series = result.seriesInstanceUID else { return nil }
        self.init(
            kind: Kind(result), sopClassUID: instance.sopClassUID.rawValue,
            sopInstanceUID: instance.sopInstanceUID.rawValue,
            seriesInstanceUID: series.rawValue, transferSyntaxUID: instance.transferSyntaxUID.rawValue,
            path: instance.path)
    }
}

extension AnalysisArtefact.Kind {
    /// A map is named by its folder: `maps/vmi-70/0001.dcm` is of the kind "maps:vmi:70".
    fileprivate init(_ result: WrittenResult) {
        let folder = result.path.split(separator: "/").dropLast().last ?? ""
        let map = folder.hasPrefix("vmi-") ? "vmi:" + folder.dropFirst(4) : String(folder)
        self.init(rawValue: result.kind == .map ? "maps:\(map)" : result.kind.rawValue)
    }
}

extension DualEnergyAcquisition {
    /// Hexadecimal SHA-256 over the instances that were analysed, in the order of the grid.
    var digest: String {
        let names = (low.slices + high.slices).map { "\($0.sopInstanceUID)#\($0.frame ?? 0)" }
        return SHA256.hexadecimal(SHA256.digest(of: Array(names.joined(separator: "\n").utf8)))
    }
}
