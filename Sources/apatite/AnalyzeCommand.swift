import Analysis
import ArgumentParser
import CProcess
import Configuration
import DICOM
import Foundation

/// `apatite analyze`: from a folder of DICOM files to the report.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Analyse a dual-energy study and write its report.",
        discussion: """
            Prints the report, and writes findings.json, report.txt, report.html, sr.dcm, seg.dcm, pictures \
            summary-N.dcm and summary-N.png, and the material maps of the configuration as maps/KIND/NNNN.dcm.

            Exit status: 0 a report was written, also when it says that the study is not analysable; 3 the study was \
            left alone; 4 it was set aside, or the contours cannot be measured, with the reasons on standard error; 64 \
            usage; 70 internal.
            """)

    @Argument(help: "Folder of the study, or its files.", completion: .directory)
    var study: [String]

    @Option(name: .shortAndLong, help: "Folder for the results; made when absent.", completion: .directory)
    var output: String

    @Option(
        help: "Output folder of an earlier examination of the same part of the patient, to state change against.",
        completion: .directory)
    var prior: String?

    @Option(
        help: ArgumentHelp(
            "A DICOM segmentation of this study that a reader reviewed: its deposits are measured instead of our own.",
            discussion: "Segments coded as calcification, uric acid or indeterminate deposit count, all others not.",
            valueName: "file"), completion: .file(extensions: ["dcm"]))
    var contours: String?

    @Option(help: "Configuration file. Without it the defaults apply.", completion: .file(extensions: ["toml"]))
    var config: String?

    @Option(
        help: "Rod calibration of the scanner. Default: the configuration's.", completion: .file(extensions: ["json"]))
    var calibration: [String] = []

    @Option(
        help: "Language of the report's texts, en, fr or both. Default: the configuration's.",
        transform: Self.language)
    var language: ReportLanguage?

    @Option(
        help: ArgumentHelp(
            "Append to a cohort's tables: one row a deposit to FILE, one row a study to FILE-studies.",
            discussion: """
                Patients, studies and dates are pseudonyms that stay the same within the tables; their key is FILE.key. \
                Analysing the same study in the same way again adds nothing.
                """, valueName: "file"), completion: .file(extensions: ["csv"]))
    var csv: String?

    @Flag(help: "Patient ID, Study Instance UID and true dates in the cohort's tables.")
    var csvIdentity = false

    func validate() throws {
        for path in study + [prior, contours].compactMap({ $0 }) where !FileManager.default.fileExists(atPath: path) {
            throw ValidationError("There is nothing at \(path).")
        }
    }

    func run() throws {
        apatite_keep_freed_memory()
        let job = try job(try configuration())
        let progress = ProgressLine()
        let outcome: AnalysisOutcome
        do {
            let folder = job.outputFolder
            // Without room on the disk the heap stays in ordinary memory.
            outcome = try analyse(job) {
                _ = apatite_heap_in_file(folder, $0, keptMemoryBytes)
            } progress: {
                progress.show($0, $1)
            }
        } catch {
            progress.clear()
            complain("apatite: \(error)")
            throw ExitCode(ExitStatus.internalError)
        }
        progress.clear()
        for reason in outcome.reasons {
            complain("\(outcome.status.rawValue): \(reason.message) \(reason.remedy)")
        }
        if let path = outcome.textReport, let report = FileManager.default.contents(atPath: path) {
            FileHandle.standardOutput.write(report)
        }
        try appendToCohort(outcome)
        guard outcome.exitStatus == 0 else { throw ExitCode(outcome.exitStatus) }
    }

    private func appendToCohort(_ outcome: AnalysisOutcome) throws {
        // What is not dual energy is no part of a cohort.
        guard let csv, outcome.status != .leftAlone else { return }
        do {
            let table = CohortTable(path: URL(fileURLWithPath: csv).path, namesPatients: csvIdentity)
            if try table.append(outcome) == .alreadyThere {
                complain("This analysis is in the cohort's tables already: nothing was added.")
            }
        } catch {
            complain("apatite: \(error)")
            throw ExitCode(ExitStatus.internalError)
        }
    }

    private func configuration() throws -> ApatiteConfiguration {
        guard let config else { return ApatiteConfiguration() }
        do {
            return try ApatiteConfiguration.read(path: config)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private func job(_ configuration: ApatiteConfiguration) throws -> AnalysisJob {
        var configuration = configuration
        let calibrations = try readCalibrations(
            calibration.isEmpty ? configuration.analysis.calibrations : calibration)
        if let language { configuration.analysis.language = language.rawValue }
        let digest = SHA256.digest(of: Array(configuration.influenceOnResults.utf8))
        // A person named the study: the site's rules of choice and limits are the service's.
        var job = AnalysisJob(
            inputs: study, outputFolder: URL(fileURLWithPath: output).path,
            closedAt: newestChange(of: study + [contours].compactMap { $0 }),
            closingSignal: .commandLine,
            language: ReportLanguage(rawValue: configuration.analysis.language) ?? .english,
            prior: prior.map { URL(fileURLWithPath: $0).path },
            maps: configuration.analysis.maps, identityOnPictures: configuration.picture.identity,
            configurationDigest: SHA256.hexadecimal(digest),
            installationSerial: configuration.service.installationSerial, calibrations: calibrations,
            limits: AnalysisLimits(memoryBytes: 0, processorSeconds: 0))
        job.contours = contours
        job.firstSeriesNumber = configuration.analysis.firstSeriesNumber
        return job
    }

    private static func language(_ text: String) throws -> ReportLanguage {
        guard let language = ReportLanguage(rawValue: text) else {
            throw ValidationError("There is no report in \"\(text)\": choose en, fr or both.")
        }
        return language
    }
}

/// - Throws: `ValidationError` for a file that is no calibration.
func readCalibrations(_ paths: [String]) throws -> [CalibrationFile] {
    do {
        return try paths.map { try CalibrationFile.read(path: $0) }
    } catch {
        throw ValidationError("\(error)")
    }
}

/// Writes a line to standard error.
func complain(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}
