import Analysis
import ArgumentParser
import Foundation

/// `apatite decompose`: material maps of any dual-energy study or phantom.
struct DecomposeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decompose",
        abstract: "Write the material maps of any dual-energy study: a body part or a phantom.",
        discussion: """
            Writes OUTPUT/maps/KIND/NNNN.dcm, CT images on the scan's own grid. Kinds: ha (hydroxyapatite density), \
            ha-free (the same on any tissue, with more noise), urate, vnc (virtual non-calcium), fat, water, \
            electron-density, effective-z, vmi:70 (virtual monoenergetic, 35 to 200 keV). Each has a standard \
            deviation, by its name with -sd: ha-sd, vmi:70-sd.

            Exit status: 0 the maps were written; 3 the study is not dual energy; 4 it was set aside, with the reasons \
            on standard error; 64 usage; 70 internal.
            """)

    @Argument(help: "Folder of the study, or its files.", completion: .directory)
    var study: [String]

    @Option(name: .shortAndLong, help: "Folder for the maps; made when absent.", completion: .directory)
    var output: String

    @Option(help: "Which maps, with commas between.")
    var maps = "ha"

    @Option(help: "Rod calibration of the scanner.", completion: .file(extensions: ["json"]))
    var calibration: [String] = []

    @Flag(help: "Lower the noise by a mean that keeps edges first: for seeing, not for measuring.")
    var keepEdges = false

    func validate() throws {
        for path in study where !FileManager.default.fileExists(atPath: path) {
            throw ValidationError("There is nothing at \(path).")
        }
        for name in names where !isMapName(name) {
            throw ValidationError("There is no map \"\(name)\": see apatite decompose --help.")
        }
        guard !names.isEmpty else { throw ValidationError("--maps names no map.") }
    }

    private var names: [String] { maps.split(separator: ",").map { $0.filter { $0 != " " } } }

    func run() throws {
        let job = DecompositionJob(
            inputs: study, outputFolder: URL(fileURLWithPath: output).path, maps: names,
            closedAt: newestChange(of: study), calibrations: try readCalibrations(calibration), keepsEdges: keepEdges)
        let progress = ProgressLine()
        let outcome: DecompositionOutcome
        do {
            outcome = try decompose(job) { progress.show($0, $1) }
        } catch {
            progress.clear()
            complain("apatite: \(error)")
            throw ExitCode(ExitStatus.internalError)
        }
        progress.clear()
        switch outcome {
        case .written(let images, let refusal):
            print("\(images) images in \(job.outputFolder)/maps")
            if let refusal { complain("without calibration: \(refusal.message) \(refusal.remedy)") }
        case .leftAlone(let reason):
            complain("leftAlone: \(reason.message) \(reason.remedy)")
            throw ExitCode(ExitStatus.leftAlone)
        case .setAside(let reasons):
            for reason in reasons { complain("setAside: \(reason.message) \(reason.remedy)") }
            throw ExitCode(ExitStatus.setAside)
        }
    }
}

/// When the study's files last changed. The time of day would make other results of the same files, each time.
func newestChange(of study: [String]) -> Date {
    let files = study.flatMap { path in
        [path] + (FileManager.default.subpaths(atPath: path) ?? []).map { "\(path)/\($0)" }
    }
    let dates = files.compactMap {
        (try? FileManager.default.attributesOfItem(atPath: $0))?[.modificationDate] as? Date
    }
    return dates.max() ?? Date(timeIntervalSince1970: 0)
}
