import Analysis
import DICOM
import Foundation
import Phantom
import TestSupport
import Testing

/// A second examination analysed with the result folder of the first.
@Suite struct PriorTests {
    private static func study(_ visit: HandVisit, side: HandParameters.Side = .right, into folder: String) throws {
        var parameters = HandParameters()
        parameters.side = side
        var scan = ScanParameters()
        (scan.columns, scan.rows) = (256, 160)
        scan.pixelSpacingMm = 0.5
        scan.slices = 120
        scan.sliceSpacingMm = 0.8
        scan.sliceThicknessMm = 1
        scan.quickWaterCm = 2
        try HandStudy(
            HandPhantom(parameters, scan: scan, seed: 11, visit: visit),
            pair: try #require(SpectrumPair("80/Sn150")), mode: .quick
        ).write(to: URL(fileURLWithPath: folder))
    }

    private static func analyse(
        _ folder: String, prior: String? = nil, into output: String
    ) throws -> FindingsDocument {
        let outcome = try Analysis.analyse(
            AnalysisJob(
                inputs: [folder + "/study"], outputFolder: output, closedAt: Date(timeIntervalSince1970: 1_790_000_000),
                closingSignal: .commandLine, prior: prior))
        return try JSONDecoder().decode(
            FindingsDocument.self, from: Data(contentsOf: URL(fileURLWithPath: outcome.findings)))
    }

    @Test func aFolderThatCannotServeIsRefusedWithTheReason() throws {
        let folder = try TemporaryFolder().path
        let (first, second) = (folder + "/first", folder + "/second")
        try Self.study(HandVisit(), into: first)
        try Self.study(HandVisit(number: 2, pose: HandPose(shiftMm: SIMD3(6, 2, -3))), into: second)
        _ = try Self.analyse(first, into: first + "/out")
        let same = #expect(throws: AnalysisFailure.self) {
            try Self.analyse(first, prior: first + "/out", into: folder + "/same")
        }
        #expect(same?.message.contains("this very study") == true)
        try FileManager.default.removeItem(atPath: first + "/out/maps")
        let mapless = #expect(throws: AnalysisFailure.self) {
            try Self.analyse(second, prior: first + "/out", into: folder + "/mapless")
        }
        #expect(mapless?.message.contains("maps/ha") == true)
    }

    @Test func depositsKeepNumberAndTrackingUIDFromOneExaminationToTheNext() throws {
        let folder = try TemporaryFolder().path
        let (first, second) = (folder + "/first", folder + "/second")
        let pose = HandPose(shiftMm: SIMD3(6, 2, -3), bends: [.init(digit: 3, joint: 1, degrees: 12)])
        try Self.study(HandVisit(), into: first)
        try Self.study(HandVisit(number: 2, pose: pose), into: second)
        let before = try #require(try Self.analyse(first, into: first + "/out").deposits)
        let after = try Self.analyse(second, prior: first + "/out", into: second + "/out")
        let comparison = try #require(after.comparison)
        #expect(comparison.obstacle == nil)
        #expect(comparison.resolved.isEmpty)
        let then = Dictionary(uniqueKeysWithValues: before.map { ($0.number, $0.trackingUID) })
        let inSegments = try DataSet(contentsOf: second + "/out/seg.dcm").items(.segmentSequence)
            .compactMap { $0.string(.trackingUID) }
        let known = try #require(after.deposits).filter { deposit in before.contains { $0.number == deposit.number } }
        #expect(known.count >= before.count - 1)
        for deposit in known {
            #expect(deposit.change?.outcome == "stable")
            let trackingUID = try #require(deposit.trackingUID)
            #expect(deposit.name != nil && deposit.name == before.first { $0.number == deposit.number }?.name)
            #expect(trackingUID == then[deposit.number] && inSegments.contains(trackingUID))
        }
    }

    @Test func theOtherHandIsNotComparedWith() throws {
        let folder = try TemporaryFolder().path
        try Self.study(HandVisit(), side: .left, into: folder + "/left")
        try Self.study(HandVisit(), into: folder + "/right")
        _ = try Self.analyse(folder + "/left", into: folder + "/left/out")
        let after = try Self.analyse(folder + "/right", prior: folder + "/left/out", into: folder + "/right/out")
        #expect(after.comparison?.obstacle == "otherSide")
        #expect(after.deposits?.allSatisfy { $0.change?.outcome == "notComparable" } == true)
    }
}
