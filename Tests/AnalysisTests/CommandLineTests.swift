import DICOM
import Foundation
import TestSupport
import Testing

/// `apatite analyze` as a person or a script meets it.
@Suite struct CommandLineTests {
    @Test func theReportIsPrintedAndTheResultsAreWritten() throws {
        let folder = try TemporaryFolder()
        try SmallStudy().write(to: try folder.folder("study"))
        let run = try ProgramRun("apatite", ["analyze", folder.path + "/study", "--output", folder.path + "/out"])
        #expect(run.status == 0, "\(run.standardError)")
        let report = try String(contentsOfFile: folder.path + "/out/report.txt", encoding: .utf8)
        #expect(String(decoding: run.standardOutput, as: UTF8.self) == report)
        #expect(report.contains("right hand"))
        for name in ["findings.json", "sr.dcm", "summary-1.dcm", "summary-1.png", "report.html"] {
            #expect(FileManager.default.fileExists(atPath: "\(folder.path)/out/\(name)"), "\(name)")
        }
        // Nobody watches: no progress.
        #expect(!run.standardError.contains("%"))
    }

    @Test func theReportSpeaksFrench() throws {
        let folder = try TemporaryFolder()
        try SmallStudy().write(to: try folder.folder("study"))
        let run = try ProgramRun(
            "apatite", ["analyze", folder.path + "/study", "--output", folder.path + "/out", "--language", "fr"])
        #expect(run.status == 0)
        #expect(String(decoding: run.standardOutput, as: UTF8.self).contains("main droite"))
    }

    @Test func aStudyMissingAnEnergyHasAStatusOfItsOwnAndTheReasonOnStandardError() throws {
        let folder = try TemporaryFolder()
        let study = SmallStudy()
        try study.write(study.low, to: try folder.folder("study"))
        let run = try ProgramRun("apatite", ["analyze", folder.path + "/study", "--output", folder.path + "/out"])
        #expect(run.status == 4)
        #expect(run.standardOutput.isEmpty)
        #expect(run.standardError.contains("The high-energy series is missing"))
    }

    @Test func aSingleEnergyStudyIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        var study = SmallStudy()
        study.change = { _, _, header in
            header.set(.imageType, ["ORIGINAL", "PRIMARY", "AXIAL"])
            header.set(.seriesDescription, "Hand")
        }
        try study.write(study.low, to: try folder.folder("study"))
        let run = try ProgramRun("apatite", ["analyze", folder.path + "/study", "--output", folder.path + "/out"])
        #expect(run.status == 3)
        #expect(run.standardOutput.isEmpty)
    }

    @Test(arguments: [
        ["analyze", "/nowhere/at/all", "--output", "/tmp/x"], ["analyze"],
        ["analyze", "/tmp", "--output", "/tmp/x", "--nonsense"],
        ["analyze", "/tmp", "--output", "/tmp/x", "--language", "de"],
        ["analyze", "/tmp", "--output", "/tmp/x", "--config", "/nowhere.toml"], ["frobnicate"],
    ])
    func aMistakeInTheUsageIsToldFromAFailure(arguments: [String]) throws {
        #expect(try ProgramRun("apatite", arguments).status == 64)
    }

    @Test func anOutputThatCannotBeMadeIsAFailure() throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
        let run = try ProgramRun(
            "apatite", ["analyze", try folder.folder("study"), "--output", folder.path + "/file/out"])
        #expect(run.status == 70)
        #expect(run.standardError.contains("output folder"))
    }
}
