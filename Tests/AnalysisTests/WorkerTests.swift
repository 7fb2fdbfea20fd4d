import Analysis
import DICOM
import Foundation
import TestSupport
import Testing

/// Runs the worker as the service does: a process of its own, a job on its standard input.
@Suite struct WorkerTests {
    private func run(_ input: Data) throws -> (run: ProgramRun, outcome: AnalysisOutcome?) {
        let run = try ProgramRun("apatite-worker", input: input)
        return (run, try? AnalysisOutcome(json: run.standardOutput))
    }

    private func job(_ input: String, _ output: String) -> AnalysisJob {
        AnalysisJob(
            inputs: [input], outputFolder: output, closedAt: Date(timeIntervalSince1970: 1_790_000_000),
            closingSignal: .quietPeriod, limits: AnalysisLimits(memoryBytes: 3 << 30, processorSeconds: 60))
    }

    enum Hostility: String, CaseIterable, Sendable {
        case truncatedInThePixels, truncatedInTheHeader, hugeImage, hugeImages, nanSpacing, infinitePosition
        case contradictoryGeometry, shortPixelData, decompressionBomb, randomBytes, randomBytesAfterThePreamble
        case emptyFile, unknownTransferSyntax, brokenRLE, emptyFolder, missingFolder

        /// The reason's codes that may be given.
        var codes: Set<String> {
            switch self {
            case .truncatedInThePixels, .shortPixelData: ["truncatedPixelData"]
            case .truncatedInTheHeader: ["unreadable"]
            case .hugeImage, .hugeImages: ["absurdSize"]
            case .nanSpacing, .infinitePosition: ["absurdGeometry"]
            case .contradictoryGeometry: ["contradictoryGeometry"]
            case .decompressionBomb: ["overLimit"]
            case .randomBytes, .emptyFile: ["notDICOM"]
            case .randomBytesAfterThePreamble: ["unreadable", "notDICOM"]
            case .unknownTransferSyntax: ["undecodable"]
            case .brokenRLE: ["truncatedPixelData", "undecodable"]
            case .emptyFolder, .missingFolder: ["noFiles"]
            }
        }
    }

    @Test(arguments: Hostility.allCases)
    func aHostileStudyIsSetAsideByNameAndKillsNothing(_ hostility: Hostility) throws {
        let folder = try TemporaryFolder()
        let input = try HostileStudy.make(hostility, in: folder)
        let answer = try run(job(input, folder.path + "/out").json())
        #expect(!answer.run.wasSignalled, "\(answer.run.standardError)")
        #expect(answer.run.status == 4, "\(answer.run.standardError)")
        let outcome = try #require(answer.outcome)
        #expect(outcome.status == .setAside)
        let reason = try #require(outcome.reasons.first)
        #expect(hostility.codes.contains(reason.code), "\(outcome.reasons)")
        #expect(!reason.message.isEmpty && !reason.remedy.isEmpty)
        for text in outcome.reasons.map({ $0.message + $0.remedy }) + [answer.run.standardError] {
            for word in ["DOE", "JANE", "19600101", folder.path] { #expect(!text.contains(word), "\(text)") }
        }
        #expect(outcome.artefacts.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out") == ["findings.json"])
    }

    @Test func aJobThatCannotBeReadIsAMistakeOfTheUsage() throws {
        let answer = try run(Data("{}".utf8))
        #expect(answer.run.status == 64)
        #expect(answer.outcome == nil)
    }

    @Test func aFolderThatCannotBeMadeIsNoPropertyOfTheStudy() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/file"
        try Data().write(to: URL(fileURLWithPath: file))
        let answer = try run(job(try folder.folder("in"), file + "/out").json())
        #expect(answer.run.status == 70)
        #expect(answer.outcome == nil)
        #expect(answer.run.standardError.contains("output folder"))
    }

    @Test func aWholeStudyIsAnsweredWithItsArtefacts() throws {
        let folder = try TemporaryFolder()
        let input = try folder.folder("in")
        try SmallStudy().write(to: input)
        let answer = try run(job(input, folder.path + "/out").json())
        let outcome = try #require(answer.outcome, "\(answer.run.standardError)")
        #expect(answer.run.status == 0)
        #expect(outcome.artefacts.contains { $0.kind == .structuredReport })
        #expect(outcome.artefacts.allSatisfy { FileManager.default.fileExists(atPath: $0.path) })
        #expect(outcome.acquisitionDigest?.count == 64)
    }
}
