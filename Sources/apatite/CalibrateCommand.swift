import Analysis
import ArgumentParser
import DualEnergyCT
import Foundation

/// `apatite calibrate`: from the scan of a rod phantom to a calibration, and the check of one.
struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Calibrate a scanner with its rod phantom, or check that it still is.",
        discussion: """
            calibrate STUDY_DIR --rods 0,50,100,200,400,800 --output FILE
            calibrate --check STUDY_DIR --calibration FILE

            The rods are found by themselves, in any order and place. A check adds a line to FILE's .trend.csv.

            Exit status: 0 done; 4 the calibration was refused, or a check found a drift, a trend or an expired \
            calibration, with the reasons on standard error; 64 usage; 70 internal.
            """)

    @Argument(help: "Folder of the phantom's study, or its files.", completion: .directory)
    var study: [String]

    @Flag(help: "Measure the rods again and compare them with a calibration.")
    var check = false

    @Option(help: "Hydroxyapatite of each rod in mg/cm3; 0 for a rod of the base alone.", transform: Self.densities)
    var rods: [Double] = []

    @Option(
        help: "What the rods are made of beside hydroxyapatite: water, resin, polyethylene or acrylic.",
        transform: Self.base)
    var base: RodBase = .water

    @Option(help: "Standard uncertainty of the rods' densities in percent, as their maker states it.")
    var rodTolerance = 0.5

    @Option(help: "Name of the calibration. Default: the station's and the date.")
    var name: String?

    @Option(help: "Days for which the calibration holds.")
    var validDays = 365

    @Option(name: .shortAndLong, help: "File to write the calibration to.", completion: .file(extensions: ["json"]))
    var output: String?

    @Option(help: "The calibration that is checked.", completion: .file(extensions: ["json"]))
    var calibration: String?

    @Option(help: "Change of a slope in percent that is too much.")
    var limit = 2.0

    func validate() throws {
        for path in study where !FileManager.default.fileExists(atPath: path) {
            throw ValidationError("There is nothing at \(path).")
        }
        if check {
            guard calibration != nil else { throw ValidationError("--check needs --calibration FILE.") }
            guard rods.isEmpty, output == nil else {
                throw ValidationError("--rods and --output make a calibration: leave them out with --check.")
            }
            guard (0.1...50).contains(limit) else { throw ValidationError("--limit is 0.1 to 50 percent.") }
        } else {
            guard !rods.isEmpty else { throw ValidationError("--rods names the densities of the rods.") }
            guard output != nil else { throw ValidationError("--output names the file to write.") }
            guard calibration == nil else { throw ValidationError("--calibration belongs to --check.") }
            guard (0...10).contains(rodTolerance) else { throw ValidationError("--rod-tolerance is 0 to 10 percent.") }
            guard (1...3660).contains(validDays) else { throw ValidationError("--valid-days is 1 to 3660.") }
        }
    }

    func run() throws {
        let progress = ProgressLine()
        do {
            if let calibration, check {
                let result = try checkCalibration(
                    study, calibrationPath: calibration, limit: limit / 100, progress: progress.show)
                progress.clear()
                print(CalibrationText.check(result, limitPercent: limit), terminator: "")
                for alarm in CalibrationText.alarms(result, limitPercent: limit) { complain("apatite: \(alarm)") }
                if result.isAlarm { throw ExitCode(ExitStatus.refused) }
            } else if let output {
                try make(output, progress)
            }
        } catch let failure as CalibrationFailure {
            progress.clear()
            complain("refused: \(failure)")
            throw ExitCode(ExitStatus.refused)
        }
    }

    private func make(_ output: String, _ progress: ProgressLine) throws {
        let description = RodDescription(
            densitiesMgPerCm3: rods, base: base, relativeTolerance: rodTolerance / 100)
        var file = try Analysis.calibrate(
            CalibrationRequest(inputs: study, rods: description, name: name ?? "", validDays: validDays),
            progress: progress.show)
        progress.clear()
        if name == nil {
            let station = file.scanner.stationName.isEmpty ? file.scanner.model : file.scanner.stationName
            file.name = "\(station) \(file.studyDate)"
        }
        do {
            try file.json().write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
            complain("apatite: \(output) cannot be written: check its path, permissions and space.")
            throw ExitCode(ExitStatus.internalError)
        }
        let table = try file.calibration().comparedWithTable()
        print(CalibrationText.calibration(file, table: table), terminator: "")
        if let warning = CalibrationText.warning(table) { complain("apatite: \(warning)") }
    }

    private static func base(_ text: String) throws -> RodBase {
        guard let base = RodBase(rawValue: text) else {
            throw ValidationError("--base is \(RodBase.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return base
    }

    private static func densities(_ text: String) throws -> [Double] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
            Double($0.trimmingCharacters(in: .whitespaces))
        }
        let values = parts.compactMap { $0 }
        guard values.count == parts.count, values.allSatisfy({ (0...2000).contains($0) }) else {
            throw ValidationError("--rods takes densities in mg/cm3 with commas between: 0,50,100,200,400,800")
        }
        return values
    }
}
