import Analysis
import DICOM
import Foundation
import Phantom
import TestSupport
import Testing

/// Our own segmentation of a hand, changed as an editor may change it, and measured again.
@Suite struct ContourTests {
    /// A hand with its results; made once.
    private struct Hand {
        var folder: String
        var findings: FindingsDocument

        private static let made = Result {
            var scan = ScanParameters()
            (scan.columns, scan.rows) = (256, 160)
            scan.pixelSpacingMm = 0.5
            scan.slices = 120
            scan.sliceSpacingMm = 0.8
            scan.sliceThicknessMm = 1
            scan.quickWaterCm = 2
            let folder = try TemporaryFolder("contours").path
            try HandStudy(
                HandPhantom(HandParameters(), scan: scan, seed: 11), pair: SpectrumPair("80/Sn150")!, mode: .quick
            ).write(to: URL(fileURLWithPath: folder))
            let (_, findings) = try ContourTests.analyse(folder, into: folder + "/out")
            return Hand(folder: folder, findings: findings)
        }

        static func analysed() throws -> Hand { try made.get() }

        var segmentation: String { folder + "/out/seg.dcm" }
    }

    private static func analyse(
        _ folder: String, contours: String? = nil, own: String? = nil, signal: ClosingSignal = .commandLine,
        kept: String? = nil, slices: Range<Int>? = nil, into output: String
    ) throws -> (AnalysisOutcome, FindingsDocument) {
        var job = AnalysisJob(
            inputs: [folder + "/study"], outputFolder: output, closedAt: Date(timeIntervalSince1970: 1_790_000_000),
            closingSignal: signal)
        if let slices { job.inputs = try files(of: folder + "/study", slices) }
        job.contours = contours
        job.keptContours = kept
        job.ownSegmentation = own
        let outcome = try Analysis.analyse(job)
        let data = try Data(contentsOf: URL(fileURLWithPath: outcome.findings))
        return (outcome, try JSONDecoder().decode(FindingsDocument.self, from: data))
    }

    /// A copy of the hand's segmentation with a change.
    private func edited(_ change: (DataSet) throws -> Void) throws -> String {
        let object = try DataSet(contentsOf: Hand.analysed().segmentation)
        object.set(.sopInstanceUID, "1.2.826.0.1.3680043.10.77.1")
        object.set(.seriesInstanceUID, "1.2.826.0.1.3680043.10.77.2")
        try change(object)
        let path = try TemporaryFolder("edited").file("edited.dcm")
        try object.write(to: path)
        return path
    }

    /// Clears the voxels of a segment that a rule chooses; the first frame of each segment is its lowest slice.
    private func clear(_ segment: Int, in object: DataSet, where isChosen: (_ frame: Int, _ pixel: Int) -> Bool) throws
    {
        var bytes = try #require(object.bytes(.pixelData))
        let pixels = try #require(object.integer(.rows)) * #require(object.integer(.columns))
        var own = 0
        for (n, frame) in object.items(.perFrameFunctionalGroupsSequence).enumerated() {
            let number = frame.items(.segmentIdentificationSequence).first?.integer(.referencedSegmentNumber)
            guard number == segment else { continue }
            for pixel in 0..<pixels where isChosen(own, pixel) {
                let bit = n * pixels + pixel
                bytes[bit >> 3] &= ~(1 << UInt8(bit & 7))
            }
            own += 1
        }
        object.setBytes(.pixelData, bytes, vr: "OB")
    }

    @Test func anEditedSegmentationIsMeasuredAsItIs() throws {
        let hand = try Hand.analysed()
        let first = try #require(hand.findings.deposits)
        try #require(first.count >= 3)
        let path = try edited { object in
            object.set(.manufacturer, "Another Editor")
            object.set(.contentCreatorName, "Reader^Rita")
            try clear(1, in: object) { _, _ in true }
            try clear(2, in: object) { frame, _ in frame == 0 }
        }
        let (outcome, again) = try Self.analyse(hand.folder, contours: path, into: try TemporaryFolder().path)
        #expect(outcome.contours == .measured && outcome.status == .reported)
        #expect(again.contours == "reviewed" && hand.findings.contours == nil)
        let second = try #require(again.deposits)
        #expect(Set(second.compactMap(\.trackingUID)) == Set(first.dropFirst().compactMap(\.trackingUID)))
        for deposit in second {
            let before = try #require(first.first { $0.trackingUID == deposit.trackingUID })
            #expect(deposit.name == before.name)
            if before.number == 2 {
                #expect(deposit.voxelCount < before.voxelCount)
            } else {
                #expect(deposit.voxelCount == before.voxelCount)
                #expect(deposit.hydroxyapatiteMassMg == before.hydroxyapatiteMassMg)
            }
        }
        #expect(again.exclusions?.first { $0.cause == "leftOutByReader" }?.count == 2)
        let report = try #require(outcome.artefacts.first { $0.kind == .structuredReport }).path
        let dump = try Tool.run("dsrdump", ["+Pl", report]).output
        #expect(dump.contains("Reader^Rita") && dump.contains("reviewed by a reader"))
        #expect(!(try String(contentsOfFile: outcome.findings, encoding: .utf8)).contains("Rita"))
    }

    @Test func ourOwnSegmentationIsNoReview() throws {
        let hand = try Hand.analysed()
        let output = try TemporaryFolder().path
        let (outcome, _) = try Self.analyse(
            hand.folder, contours: hand.segmentation, own: hand.segmentation, signal: .reviewedContours, into: output)
        #expect(outcome.contours == .unchanged && outcome.artefacts.isEmpty)
        // As another installation wrote it: its name is of our form, and no person signed it.
        let (elsewhere, _) = try Self.analyse(
            hand.folder, contours: hand.segmentation, signal: .reviewedContours, into: output)
        #expect(elsewhere.contours == .unchanged)
        // Under a name that an editor gave, somebody looked at it and agreed.
        let (agreed, findings) = try Self.analyse(
            hand.folder, contours: try edited { _ in }, signal: .reviewedContours, into: output)
        #expect(agreed.contours == .measured)
        #expect(findings.deposits?.map(\.hydroxyapatiteMassMg) == hand.findings.deposits?.map(\.hydroxyapatiteMassMg))
    }

    /// Files of the images with such Instance Numbers, of all series.
    private static func files(of folder: String, _ slices: Range<Int>) throws -> [String] {
        try #require(FileManager.default.enumerator(atPath: folder)).compactMap { name -> String? in
            guard let name = name as? String, name.hasSuffix(".dcm") else { return nil }
            let header = try DataSet(contentsOf: "\(folder)/\(name)", untilPixelData: true)
            return slices.contains(header.integer(.instanceNumber) ?? -1) ? "\(folder)/\(name)" : nil
        }
    }

    @Test func contoursInAStudyOfTheirOwnBelongToTheImagesThatTheyName() throws {
        let hand = try Hand.analysed()
        let path = try edited { $0.set(.studyInstanceUID, "1.2.826.0.1.3680043.10.77.9") }
        let (outcome, findings) = try Self.analyse(
            hand.folder, contours: path, signal: .reviewedContours, into: try TemporaryFolder().path)
        #expect(outcome.contours == .measured && findings.contours == "reviewed")
        let report = try DataSet(contentsOf: #require(outcome.artefacts.first { $0.kind == .structuredReport }).path)
        let other = report.items(.pertinentOtherEvidenceSequence).map { $0.string(.studyInstanceUID) }
        #expect(other == ["1.2.826.0.1.3680043.10.77.9"])
    }

    @Test func contoursStayWhenImagesComeLate() throws {
        let hand = try Hand.analysed()
        let output = try TemporaryFolder().path
        // Drawn on the lower part; the rest of the hand comes after.
        let (first, _) = try Self.analyse(hand.folder, slices: 1..<91, into: output + "/part")
        let seg = try #require(first.artefacts.first { $0.kind == .segmentation }).path
        let (outcome, findings) = try Self.analyse(
            hand.folder, signal: .quietPeriod, kept: seg, into: output + "/whole")
        #expect(outcome.status == .reported && outcome.contours == nil && outcome.contoursDigest != nil)
        #expect(findings.contours == "reviewed" && findings.acquisition?.slices == 120)
        let before = try DataSet(contentsOf: seg, untilPixelData: true).items(.segmentSequence).filter {
            $0.string(.trackingUID) != nil
        }
        #expect(findings.deposits?.count == before.count)
        let text = try String(contentsOfFile: output + "/whole/report.txt", encoding: .utf8)
        #expect(text.contains("reviewed for an earlier revision") && text.contains("images that came since"))

        // Where they do not fit any more our own take their place, and the report says why.
        let (lost, own) = try Self.analyse(
            hand.folder, signal: .quietPeriod, kept: try edited { $0.set(.frameOfReferenceUID, "1.2.3") },
            into: output + "/lost")
        #expect(lost.status == .reported && own.contours == nil && own.contoursNotUsed == "contoursOfOtherFrame")
        #expect(own.deposits?.map(\.volumeMm3) == hand.findings.deposits?.map(\.volumeMm3))
        #expect(try String(contentsOfFile: output + "/lost/report.txt", encoding: .utf8).contains("not used any more"))
    }

    /// A reader who sent contours over the network looks at the PACS: there a report says why it does not rest on them.
    @Test func aRefusalReachesWhoSentThem() throws {
        let hand = try Hand.analysed()
        let output = try TemporaryFolder().path
        let (outcome, findings) = try Self.analyse(
            hand.folder, contours: try edited { $0.set(.segmentationType, "FRACTIONAL") }, signal: .reviewedContours,
            into: output)
        #expect(outcome.contours == .refused && outcome.status == .reported && !outcome.artefacts.isEmpty)
        #expect(outcome.reasons.map(\.code) == ["contoursFractional"])
        #expect(findings.contours == nil && findings.contoursNotUsed == "contoursFractional")
        let report = try #require(outcome.artefacts.first { $0.kind == .structuredReport }).path
        let dump = try Tool.run("dsrdump", ["+Pl", report]).output
        #expect(dump.contains("NOT MEASURED") && dump.contains("Segmentation Type BINARY"))
    }

    static let refusals: [(code: String, change: @Sendable (DataSet) -> Void)] = [
        ("contoursOfOtherClass", { $0.set(.sopClassUID, SOPClass.secondaryCapture) }),
        ("contoursFractional", { $0.set(.segmentationType, "FRACTIONAL") }),
        (
            "contoursOfOtherStudy",
            { object in
                object.set(.studyInstanceUID, "1.2.3")
                object.remove(.referencedSeriesSequence)
                for frame in object.items(.perFrameFunctionalGroupsSequence) { frame.remove(.derivationImageSequence) }
            }
        ),
        (
            // In a study of its own nothing but the patient says that it belongs here.
            "contoursOfOtherPatient",
            { object in
                object.set(.studyInstanceUID, "1.2.3")
                object.remove(.patientID)
            }
        ),
        ("contoursOfOtherPatient", { $0.set(.patientID, "SOMEBODY") }),
        ("contoursOfOtherFrame", { $0.set(.frameOfReferenceUID, "1.2.3") }),
        ("contoursOnOtherGrid", { $0.set(.rows, integer: 80) }),
        (
            "contoursOnOtherGrid",
            {
                $0.items(.sharedFunctionalGroupsSequence)[0].items(.pixelMeasuresSequence)[0]
                    .set(.pixelSpacing, doubles: [0.7, 0.7])
            }
        ),
        (
            "contoursOnOtherGrid",
            { object in
                for frame in object.items(.perFrameFunctionalGroupsSequence) {
                    let plane = frame.items(.planePositionSequence)[0]
                    let position = plane.doubles(.imagePositionPatient)
                    plane.set(.imagePositionPatient, doubles: [position[0] + 0.2, position[1], position[2]])
                }
            }
        ),
        ("contoursUnreadable", { $0.setBytes(.pixelData, [1, 2], vr: "OB") }),
        ("contoursUnreadable", { $0.set(.seriesInstanceUID, "no UID") }),
        (
            "contoursOfOtherImages",
            { object in
                object.remove(.referencedSeriesSequence)
                for frame in object.items(.perFrameFunctionalGroupsSequence) {
                    frame.items(.derivationImageSequence)[0].items(.sourceImageSequence)[0]
                        .set(.referencedSOPInstanceUID, "1.2.3")
                }
            }
        ),
        (
            "contoursWithoutDeposit",
            { object in
                for segment in object.items(.segmentSequence) {
                    segment.items(.segmentedPropertyTypeCodeSequence)[0].set(.codeValue, "3138006")
                }
            }
        ),
        (
            "contoursOverlap",
            { object in
                // The second deposit's frames are said to be the first's.
                let first = object.items(.segmentSequence)[0]
                let copy = object.appendItem(.segmentSequence)
                for tag in first.tags { copy.copy(tag, from: first) }
                copy.set(.segmentNumber, integer: 99)
                let pixels = (object.integer(.rows) ?? 0) * (object.integer(.columns) ?? 0)
                guard let bytes = object.bytes(.pixelData), pixels % 8 == 0,
                    let frame = object.items(.perFrameFunctionalGroupsSequence).first
                else { return }
                let extra = object.appendItem(.perFrameFunctionalGroupsSequence)
                for tag in frame.tags { extra.copy(tag, from: frame) }
                extra.items(.segmentIdentificationSequence)[0].set(.referencedSegmentNumber, integer: 99)
                let count = object.items(.perFrameFunctionalGroupsSequence).count - 1
                object.setBytes(
                    .pixelData, Array(bytes[..<(count * pixels / 8)]) + Array(bytes[..<(pixels / 8)]), vr: "OB")
            }
        ),
    ]

    @Test(arguments: refusals.indices) func whatCannotBeMeasuredIsRefusedWithItsReason(index: Int) throws {
        let refusal = Self.refusals[index]
        let folder = try TemporaryFolder().path
        let path = try edited { refusal.change($0) }
        let (outcome, document) = try Self.analyse(Hand.analysed().folder, contours: path, into: folder)
        #expect(outcome.contours == .refused && outcome.artefacts.isEmpty && outcome.exitStatus == 4)
        #expect(outcome.reasons.map(\.code) == [refusal.code], "\(outcome.reasons)")
        #expect(outcome.reasons.allSatisfy { !$0.remedy.isEmpty && !$0.message.contains("SOMEBODY") })
        #expect(document.reasons == outcome.reasons)
    }

    @Test func aFileThatIsNoDICOMIsRefused() throws {
        let folder = try TemporaryFolder()
        try Data("nothing of the kind".utf8).write(to: URL(fileURLWithPath: folder.file("x.dcm")))
        let (outcome, _) = try Self.analyse(
            Hand.analysed().folder, contours: folder.file("x.dcm"), into: folder.path + "/out")
        #expect(outcome.reasons.map(\.code) == ["contoursUnreadable"])
    }
}
