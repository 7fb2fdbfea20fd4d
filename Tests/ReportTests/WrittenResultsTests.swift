import DICOM
import DualEnergyCT
import Foundation
import Report
import TestSupport
import Testing

/// What is written, as readers from elsewhere see it.
struct WrittenResultsTests {
    private func file(_ results: [WrittenResult], _ kind: WrittenResult.Kind) throws -> String {
        try #require(results.first { $0.kind == kind }).path
    }

    // MARK: - A positive study

    @Test func everyObjectIsFreeOfFaultsForDciodvfy() throws {
        let folder = try TemporaryFolder("valid")
        let hand = MadeUpHand()
        let results = try writeResults(findings: hand.findings(), source: hand.source(), to: folder.path)
        let objects = results.filter { $0.instance != nil }
        let pages = objects.count { $0.kind == .summary }
        // Seven deposits on three pages, one radiograph.
        #expect(pages == 5)
        #expect(
            objects.map(\.kind).dropFirst(pages) == [.segmentation, .enhancedStructuredReport, .structuredReport])
        for object in objects { #expect(try OutsideReaders.faults(object.path) == [], "\(object.kind)") }
        #expect(Set(objects.compactMap { $0.instance?.sopInstanceUID }).count == pages + 3)
    }

    @Test func highdicomReadsEveryDepositWithItsNumbers() throws {
        let folder = try TemporaryFolder("groups")
        let hand = MadeUpHand()
        let findings = hand.findings()
        let results = try writeResults(findings: findings, source: hand.source(), to: folder.path)
        let reading = try OutsideReaders.highdicom([
            file(results, .structuredReport), file(results, .segmentation),
        ])
        let report = reading.report
        #expect(report.type == "Comprehensive3DSR")
        #expect(report.completion == "COMPLETE")
        #expect(report.verification == "UNVERIFIED")
        #expect(report.patientName == "Synthétique^Main")
        #expect(report.items.firstIndex(of: "Impressions")! < report.items.firstIndex(of: "Image Library")!)
        #expect(report.deposits.count == findings.deposits.count)
        for (group, deposit) in zip(report.deposits, findings.deposits) {
            #expect(group.identifier == "R-\(deposit.number)")
            #expect(group.site == "SCT|85562004")
            #expect(group.laterality == "SCT|24028007")
            #expect(group.segment == deposit.number)
            #expect(group.segmentation == reading.segmentation?.sopInstanceUID)
            let volume = try #require(group.number("SCT|118565006"))
            let value = try #require(volume.value)
            #expect(abs(value - deposit.volumeMm3.value) <= 0.5)
            #expect(volume.unit == "mm3")
            #expect(abs(value + (volume.above ?? 0) - deposit.volumeMm3.high) <= 0.5)
            #expect(abs(value - (volume.below ?? 0) - deposit.volumeMm3.low) <= 0.5)
            let mass = group.number("99APATITE|HAMASS")
            #expect((mass == nil) == (deposit.material == .urate))
            if let mass { #expect(abs((mass.value ?? 0) - deposit.hydroxyapatiteMassMg.value) <= 0.5) }
            #expect(group.number("DCM|121243")?.unit == "mm")
        }
        #expect(report.deposits[1].evaluation("99APATITE|CONTACT") == "DCM|121053")
        #expect(report.deposits[5].finding == "SCT|1710001")
        #expect(report.deposits[6].finding == "99APATITE|INDETMIN")
        let total = try #require(report.others.first { $0.identifier == "Total right hand" })
        #expect(total.number("DCM|111038")?.value == 5)
        #expect(total.evaluation("99APATITE|CALCPRES") == "DCM|121053")
        #expect(total.evaluation("99APATITE|MSUCLASS") == "SCT|10828004")
        let trust = try #require(report.others.first { $0.identifier == "Trust" })
        #expect(trust.evaluation("99APATITE|TRUST") == "99APATITE|TRUSTOK")
        #expect(trust.evaluation("99APATITE|CALSRC") == "99APATITE|CALTABLE")
        // Both series and the segmentation.
        #expect(report.evidence.count == 2 * hand.geometry.slices + 1)
    }

    @Test(arguments: [
        (PatientVector(1, 0, 0), PatientVector(0, 1, 0)),
        // Gantry turned about the left-right axis and the table, and columns that run from left to right.
        (PatientVector(0.8, 0.6, 0), PatientVector(-0.36, 0.48, 0.8)),
        (PatientVector(-1, 0, 0), PatientVector(0, -0.8, 0.6)),
    ])
    func everySegmentLiesWhereTheLabelsLie(row: PatientVector, column: PatientVector) throws {
        let folder = try TemporaryFolder("place")
        let hand = MadeUpHand(spacingMm: (0.7, 0.9, 1.6), rowDirection: row, columnDirection: column)
        let findings = hand.findings()
        let results = try writeResults(findings: findings, source: hand.source(), to: folder.path)
        #expect(try OutsideReaders.faults(file(results, .segmentation)) == [])
        let reading = try OutsideReaders.highdicom([file(results, .structuredReport), file(results, .segmentation)])
        let segmentation = try #require(reading.segmentation)
        #expect(segmentation.referencedSeries == "2.25.78")
        #expect(segmentation.patientName == "Synthétique^Main")
        #expect(segmentation.segments.map(\.label).suffix(2) == ["Bone", "Excluded: nail"])
        for deposit in findings.deposits {
            let segment = try #require(segmentation.segments.first { $0.number == deposit.number })
            #expect(segment.voxels == deposit.voxelCount)
            #expect(segment.voxelsOnSources == deposit.voxelCount)
            let centre = segment.centre.compactMap { $0 }
            try #require(centre.count == 3)
            #expect((PatientVector(centre[0], centre[1], centre[2]) - deposit.centre).length < 1e-3)
            let group = reading.report.deposits[deposit.number - 1]
            #expect(segment.trackingUID == group.uid)
            #expect(segment.trackingIdentifier == group.identifier)
        }
        for (label, name) in [(SegmentLabel.bone, "Bone"), (SegmentLabel.excluded, "Excluded: nail")] {
            let expected = hand.labels.voxels.count { $0 == label }
            #expect(segmentation.segments.first { $0.label == name }?.voxels == expected)
        }
    }

    @Test(arguments: [WrittenResult.Kind.structuredReport, .enhancedStructuredReport])
    func dsrdumpPrintsTheTree(kind: WrittenResult.Kind) throws {
        let folder = try TemporaryFolder("dump")
        let hand = MadeUpHand(spacingMm: (2, 2, 2))
        let results = try writeResults(findings: hand.findings(), source: hand.source(), to: folder.path)
        let output = try OutsideReaders.run("dsrdump", ["+Pl", "+Pc", "+Pt", file(results, kind)])
        #expect(output.status == 0)
        let title = kind == .structuredReport ? "Comprehensive 3D SR Document" : "Enhanced SR Document"
        #expect(output.text.contains(title))
        #expect(output.text.contains("TID 1411 (DCMR)"))
        #expect(output.text.contains("Calcinosis, right hand: 5 deposits"))
        #expect(!output.text.contains("E: "))
    }

    @Test func bothReportsHoldTheSameTree() throws {
        let folder = try TemporaryFolder("twins")
        let hand = MadeUpHand(spacingMm: (2, 2, 2))
        let results = try writeResults(findings: hand.findings(), source: hand.source(), to: folder.path)
        let trees = try [WrittenResult.Kind.structuredReport, .enhancedStructuredReport].map { kind in
            let text = try OutsideReaders.run("dsrdump", ["+Pl", "+Pc", file(results, kind)]).text
            return text.drop { $0 != "<" }
        }
        #expect(trees[0].count > 1000)
        #expect(trees[0] == trees[1])
    }

    // MARK: - Variants

    @Test func nothingFoundIsAReportWithZeroAndALimit() throws {
        let folder = try TemporaryFolder("none")
        let hand = MadeUpHand(spacingMm: (2, 2, 2), hasDeposits: false)
        let results = try writeResults(findings: hand.findings(), source: hand.source(), to: folder.path)
        for object in results where object.instance != nil { #expect(try OutsideReaders.faults(object.path) == []) }
        let report = try OutsideReaders.highdicom([file(results, .structuredReport)]).report
        #expect(report.seriesDescription == "Apatite calcinosis report - no calcinosis")
        #expect(report.deposits.isEmpty)
        let total = try #require(report.others.first { $0.identifier == "Total right hand" })
        #expect(total.number("DCM|111038")?.value == 0)
        #expect(total.number("99APATITE|MINDETHA")?.value == 0.8)
        #expect(total.number("99APATITE|MINDETMSU")?.value == 12.1)
        #expect(total.evaluation("99APATITE|CALCPRES") == "DCM|121054")
        #expect(total.evaluation("99APATITE|MSUCLASS") == "SCT|260385009")
    }

    @Test func notAnalysableHoldsReasonsAndNoClaim() throws {
        let folder = try TemporaryFolder("unfit")
        let hand = MadeUpHand(spacingMm: (2, 2, 2))
        let findings = hand.findings(
            status: .notAnalysable,
            reasons: [Trust.Reason(kind: .motion, measured: 1.9, limit: 0.8, unit: "mm")])
        let results = try writeResults(findings: findings, source: hand.source(), to: folder.path)
        #expect(!results.contains { $0.kind == .segmentation })
        for object in results where object.instance != nil { #expect(try OutsideReaders.faults(object.path) == []) }
        let report = try OutsideReaders.highdicom([file(results, .structuredReport)]).report
        #expect(report.completion == "PARTIAL")
        #expect(report.seriesDescription == "Apatite calcinosis report - NOT ANALYSABLE")
        #expect(report.items.contains("Recommendation"))
        #expect(report.deposits.isEmpty)
        #expect(report.others.map(\.identifier) == ["Trust"])
        #expect(report.others[0].evaluation("99APATITE|TRUST") == "99APATITE|TRUSTNO")
        #expect(report.others[0].evaluation("99APATITE|REASON") == "99APATITE|RSNMOT")
        #expect(report.others[0].evaluation("99APATITE|CALCPRES") == nil)
    }

    @Test func aRevisionNamesWhatItReplaces() throws {
        let folder = try TemporaryFolder("revision")
        let hand = MadeUpHand(spacingMm: (2, 2, 2))
        let predecessor = DocumentReference(
            sopClassUID: SOPClass.comprehensive3DSR, sopInstanceUID: "2.25.4711", seriesInstanceUID: "2.25.4712")
        let results = try writeResults(
            findings: hand.findings(), source: hand.source(revision: 2, predecessor: predecessor), to: folder.path)
        #expect(try OutsideReaders.faults(file(results, .structuredReport)) == [])
        let report = try OutsideReaders.highdicom([file(results, .structuredReport)]).report
        #expect(report.predecessors == ["2.25.4711"])
        #expect(report.seriesDescription == "Apatite calcinosis report - calcinosis, urate - revision 2")
        #expect(report.impressions[0].contains("Revision 2"))
    }

    @Test func aFrenchReportIsValidAndFrench() throws {
        let folder = try TemporaryFolder("french")
        let hand = MadeUpHand(spacingMm: (2, 2, 2))
        let results = try writeResults(
            findings: hand.findings(), source: hand.source(language: .french), to: folder.path)
        #expect(try OutsideReaders.faults(file(results, .structuredReport)) == [])
        let report = try OutsideReaders.highdicom([file(results, .structuredReport)]).report
        #expect(report.impressions[0].hasPrefix("Calcinose, main droite\u{A0}: 5 dépôts, "))
    }

    @Test func emptyAndMissingHeaderValuesStillMakeValidObjects() throws {
        let folder = try TemporaryFolder("bare")
        let hand = MadeUpHand(spacingMm: (2, 2, 2))
        let header = DataSet()
        header.set(.studyInstanceUID, "2.25.77")
        header.set(.frameOfReferenceUID, "2.25.79")
        header.setEmpty(.patientName)
        // A code without a meaning is no procedure that a report can name.
        header.appendItem(.procedureCodeSequence).set(.codeValue, "X1")
        var source = hand.source(header: header)
        source.installationSerial = ""
        source.configurationDigest = ""
        for k in source.low.slices.indices { source.low.slices[k].instanceNumber = nil }
        let results = try writeResults(findings: hand.findings(), source: source, to: folder.path)
        for object in results where object.instance != nil {
            // What the source says of its procedure is copied as it is, faults and all.
            let own = try OutsideReaders.faults(object.path).filter { !$0.contains("ProcedureCodeSequence") }
            #expect(own == [])
        }
        let report = try OutsideReaders.highdicom([file(results, .structuredReport)]).report
        #expect(report.deposits.count == hand.findings().deposits.count)
    }

    @Test func whatLossyImagesBecameSaysSo() throws {
        let folder = try TemporaryFolder("lossy")
        let hand = MadeUpHand(spacingMm: (4, 4, 4))
        let header = hand.header(slice: 0)
        header.set(.lossyImageCompression, "01")
        header.set(.lossyImageCompressionRatio, double: 8.5)
        header.set(.lossyImageCompressionMethod, "ISO_15444_1")
        let results = try writeResults(findings: hand.findings(), source: hand.source(header: header), to: folder.path)
        for kind in [WrittenResult.Kind.segmentation, .summary] {
            let path = try file(results, kind)
            let object = try DataSet(contentsOf: path, untilPixelData: true)
            #expect(object.string(.lossyImageCompression) == "01")
            #expect(object.string(.lossyImageCompressionRatio) == "8.5")
            #expect(try OutsideReaders.faults(path) == [])
        }
    }

    // MARK: - Identity

    @Test func theSameInputGivesTheSameBytes() throws {
        let hand = MadeUpHand(spacingMm: (2, 2, 2))
        let folders = try [TemporaryFolder("once"), TemporaryFolder("twice")]
        let results = try folders.map {
            try writeResults(findings: hand.findings(), source: hand.source(), to: $0.path)
        }
        // Four pages: the two smallest deposits fall between voxels of 2 mm.
        #expect(results[0].count == 13)
        for (one, two) in zip(results[0], results[1]) {
            let bytes = try [one, two].map { try Data(contentsOf: URL(fileURLWithPath: $0.path)) }
            #expect(bytes[0] == bytes[1], "\(one.kind)")
        }
    }

    @Test func patientAndStudyAreCopiedAttributeByAttribute() throws {
        let folder = try TemporaryFolder("copied")
        let hand = MadeUpHand(spacingMm: (2, 2, 2))
        let header = hand.header(slice: 0)
        let results = try writeResults(findings: hand.findings(), source: hand.source(header: header), to: folder.path)
        let copied: [DICOM.Tag] = [
            .patientName, .patientID, .patientBirthDate, .patientSex, .patientAge, .studyInstanceUID, .studyDate,
            .studyTime, .studyID, .accessionNumber, .referringPhysicianName, .studyDescription,
        ]
        for result in results where result.instance != nil {
            let object = try DataSet(contentsOf: result.path, untilPixelData: true)
            for tag in copied { #expect(object.strings(tag) == header.strings(tag), "\(result.kind) \(tag)") }
            #expect(object.string(.contentTime) == "102030")
        }
    }
}
