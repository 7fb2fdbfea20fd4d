import DICOM
import DualEnergyCT
import Foundation
import Report
import TestSupport
import Testing

/// Every field of the findings, as highdicom reads it from the report and the segmentation.
struct FullReportTests {
    private static let reading = Result {
        let full = try WrittenVariants.named("full")
        return try OutsideReaders.highdicom([full.file(.structuredReport), full.file(.segmentation)].compactMap { $0 })
    }
    private let findings: Findings

    init() throws { findings = try WrittenVariants.named("full").findings }

    private func report() throws -> HighdicomReading.Report { try Self.reading.get().report }

    private func group(_ name: String) throws -> HighdicomReading.Group {
        try #require(try report().others.first { $0.identifier == name }, "no group \(name)")
    }

    @Test func aDepositSaysWhereItLies() throws {
        let deposits = try report().deposits
        #expect(deposits.map(\.identifier).prefix(4) == ["R-D2-1", "R-CT-1", "R-D3-1", "L-D5-1"])
        let first = deposits[0]
        #expect(first.site == "SCT|83738005")
        #expect(first.laterality == "SCT|24028007")
        #expect(first.modifier == "SCT|46053002")
        #expect(first.evaluation("99APATITE|COMPART") == "99APATITE|CMPPAD")
        #expect(first.evaluation("99APATITE|ASPECT") == "99APATITE|ASPVOLAR")
        #expect(first.evaluation("99APATITE|MORPH") == "99APATITE|MORSTONE")
        #expect(first.number("99APATITE|JOINTDIST")?.value == 2)
        // Nothing more than the tunnel is known: it lies in the wrist.
        #expect(deposits[1].site == "SCT|8205005")
        #expect(deposits[1].modifier == nil)
        #expect(deposits[2].modifier == "99APATITE|MIDSEG")
        #expect(deposits[3].laterality == "SCT|7771000")
        #expect(deposits[3].modifier == "SCT|40415009")
    }

    @Test func aDepositSaysHowItWasMeasured() throws {
        let first = try #require(try report().deposits.first)
        let peak = try #require(first.number("99APATITE|HADENS", derivation: "56851009"))
        #expect(peak.method == "PEAK95")
        #expect(peak.above == 35 && peak.below == 35)
        #expect(first.number("99APATITE|HAMASS")?.method == "DEMETH01")
        let path = try #require(try WrittenVariants.named("full").file(.structuredReport))
        let dump = try OutsideReaders.run("dsrdump", ["+Pl", path]).text
        for text in [
            "uncertainty=95% interval", "peak=95th percentile of voxel densities corrected for partial volume",
            "calibration=table sha256=abab", "configuration sha256=0123abcd",
        ] {
            #expect(dump.contains(text))
        }
    }

    @Test func aLesionThatWasKnownKeepsItsUID() throws {
        let reading = try Self.reading.get()
        let uids = reading.report.deposits.map(\.uid)
        #expect(uids[0] == "2.25.900")
        // The new one and the smaller part of the split one have UIDs of their own.
        #expect(!uids[2].isEmpty && uids[4] != "2.25.900")
        #expect(Set(uids).count == uids.count)
        #expect(reading.segmentation?.segments.prefix(uids.count).map(\.trackingUID) == uids.map { $0 })
        let identities = depositIdentities(
            findings: findings, source: MadeUpHand(spacingMm: (2, 2, 2), hasOtherMineral: true).fullSource())
        #expect(identities[1] == DepositIdentity(name: "R-D2-1", trackingUID: "2.25.900"))
    }

    @Test func changeIsStatedWithItsUncertaintyAndLimit() throws {
        let deposits = try report().deposits
        let codes = ["CHGUP", "CHGSTAB", "CHGNEW", "CHGDOWN", "CHGNC"].map { "99APATITE|\($0)" }
        #expect(deposits.prefix(5).map { $0.evaluation("99APATITE|CHANGE") } == codes)
        let mass = try #require(deposits[0].number("99APATITE|MASSCHG"))
        #expect(mass.value == 32 && mass.above == 12 && mass.below == 12)
        #expect(deposits[0].number("99APATITE|VOLCHG")?.value == 31)
        #expect(deposits[0].number("99APATITE|SDCMASS")?.value == 12.5)
        #expect(deposits[2].number("99APATITE|MASSCHG") == nil)
        let total = try group("Total hands")
        #expect(total.number("99APATITE|MASSCHG")?.value == 31)
        #expect(total.number("99APATITE|SDCMASS")?.value == 15)
        #expect(deposits[0].number("99APATITE|SDCVOL")?.value == 14.5)
        #expect(total.number("99APATITE|SDCVOL")?.value == 17.5)
        let faint = try group("Still measured 8")
        #expect(faint.uid == "2.25.991")
        #expect(faint.evaluation("99APATITE|CHANGE") == "99APATITE|CHGFAINT")
        #expect(faint.number("99APATITE|HAMASS")?.value == 0.5)
        #expect(faint.number("SCT|118565006") == nil)
        #expect(faint.comments == ["R little finger, distal (was 3.2 mm3, 0.6 mg)"])
        let gone = try group("Resolved 6")
        #expect(gone.uid == "2.25.990")
        #expect(gone.evaluation("99APATITE|CHANGE") == "99APATITE|CHGRES")
        #expect(gone.number("SCT|118565006")?.value == 0)
        #expect(gone.number("99APATITE|PRIORVOL")?.value == 12.5)
        #expect(try report().composites == ["2.25.5001"])
        #expect(try report().otherEvidence == ["2.25.5001", "2.25.5003"])
    }

    @Test func everySideAndDigitHasItsTotals() throws {
        #expect(try group("Total right hand").number("DCM|111038")?.value == 4)
        #expect(try group("Total left hand").number("DCM|111038")?.value == 1)
        let index = try group("Total right index finger")
        #expect(index.number("DCM|111038")?.value == 2)
        #expect(index.site == "SCT|83738005")
        let thumb = try group("Total right thumb")
        #expect(thumb.number("DCM|111038")?.value == 0)
        #expect(thumb.evaluation("99APATITE|CALCPRES") == "DCM|121054")
        #expect(thumb.number("99APATITE|MINDETHA")?.value == 0.8)
        #expect(try report().others.filter { $0.identifier.hasPrefix("Total") }.count == 13)
    }

    @Test func bonesAndOtherMineralAreStated() throws {
        let index = try group("Total right index finger")
        #expect(index.evaluation("99APATITE|ACROOST") == "99APATITE|FLAGPOS")
        #expect(index.evaluation("99APATITE|EROSION") == "99APATITE|FLAGNEG")
        #expect(index.evaluation("99APATITE|PENCIL") == "99APATITE|FLAGNA")
        #expect(index.number("99APATITE|FLAGMEAS")?.value == 0.62)
        #expect(try group("Total left middle finger").number("99APATITE|FLAGMEAS")?.unit == "mm")
        let total = try group("Total hands")
        #expect(total.evaluation("99APATITE|ACROOST") == "99APATITE|FLAGPOS")
        #expect(total.evaluation("99APATITE|VASCPRES") == "DCM|121053")
        #expect(try group("Total right hand").number("99APATITE|BONEDENS")?.value == 412)
        let vessels = try group("Vascular calcification")
        #expect(vessels.finding == "SCT|237897009")
        #expect(vessels.number("DCM|112197")?.value == 96.4)
        #expect(vessels.number("DCM|112199")?.value == 31.25)
        let positive = try WrittenVariants.named("positive")
        let plain = try OutsideReaders.highdicom([try #require(positive.file(.structuredReport))]).report
        let unknown = try #require(plain.others.first { $0.identifier == "Total right hand" })
        #expect(unknown.evaluation("99APATITE|VASCPRES") == "99APATITE|FLAGNA")
        #expect(unknown.evaluation("99APATITE|ACROOST") == "99APATITE|FLAGNA")
        #expect(unknown.evaluation("99APATITE|CHANGE") == "99APATITE|CHGBASE")
        // 1.96 standard deviations of the difference of two scans that repeat to 4 % and 3 %, of the volume to 6 %; five
        // deposits average their noise.
        #expect(plain.deposits[0].number("99APATITE|SDCMASS")?.value == 13.9)
        #expect(plain.deposits[0].number("99APATITE|SDCVOL")?.value == 16.6)
        #expect(try #require(unknown.number("99APATITE|SDCMASS")?.value) < 11)
        let dump = try OutsideReaders.run("dsrdump", ["+Pc", try #require(positive.file(.structuredReport))]).text
        #expect(dump.contains("Time Point Type") && dump.contains("(121079,DCM,\"Baseline\")"))
    }

    @Test func trustHoldsAllMeasurementsAndTheLimits() throws {
        let trust = try group("Trust")
        for (code, value) in [
            ("QCNOISE", 14.2), ("QCNOISEH", 11.6), ("QCMOTION", 0.12), ("QCSLOPE", 2.23), ("QCMETAL", 61.2),
            ("QCMISS", 0), ("QCCOVER", 98.6),
        ] {
            #expect(trust.number("99APATITE|\(code)")?.value == value, "\(code)")
        }
        #expect(trust.comments.contains { $0.contains("closed by MPPS") })
        #expect(trust.comments.contains { $0.contains("carbonate apatite") })
        #expect(trust.comments.contains { $0.contains("for a physician's review") })
        let excluded = try group("Excluded: nail")
        #expect(excluded.evaluation("99APATITE|EXCAUSE") == "99APATITE|EXNAIL")
        #expect(excluded.number("99APATITE|EXCOUNT")?.value == 1)
        #expect(excluded.comments == ["Nail 1 (21 mm3): a nail has the dual-energy ratio of urate."])
    }

    @Test func bothLanguagesStandInContainersOfTheirOwn() throws {
        let report = try report()
        #expect(report.languages == ["en", "fr"])
        #expect(report.impressions[0].hasPrefix("Calcinosis, hands: 5 deposits (right 4, left 1), "))
        #expect(report.impressions[1].hasPrefix("Calcinose, mains\u{A0}: 5 dépôts (droite 4, gauche 1), "))
        #expect(report.impressions.allSatisfy { $0.count <= 700 })
        let text = try String(
            contentsOfFile: try #require(try WrittenVariants.named("full").file(.plainText)), encoding: .utf8)
        #expect(text.contains("VERIFIED") && text.contains("VÉRIFIÉ"))
    }

    @Test func aRevisionSaysWhatChanged() throws {
        let report = try report()
        #expect(report.predecessors == ["2.25.4711"])
        #expect(report.seriesDescription == "Apatite calcinosis report - calcinosis, urate - revision 3")
        #expect(
            report.impressions[0].contains("Revision 3: replaces the earlier report of this study. Changed: 48 images"))
        #expect(report.impressions[0].contains("deposits 4 → 5"))
        #expect(report.impressions[0].contains("analysable with limitations → analysable"))
        let comments = try group("Trust").comments
        #expect(comments.contains { $0.contains("HA mass 102 mg → ") && $0.contains("urate not detected → positive") })
        #expect(comments.contains("80 kV: 71 → 95 images; came late: 72-95."))
        #expect(comments.contains("Sn150 kV: 71 → 95 images; came late: 72-95."))
    }

    @Test func everySegmentHasTheCodesOfItsKind() throws {
        let segments = try #require(try Self.reading.get().segmentation).segments
        func segment(_ label: String) throws -> HighdicomReading.Segment {
            try #require(segments.first { $0.label == label }, "no segment \(label)")
        }
        let first = try segment("R-D2-1 calcinosis")
        #expect(first.category == "SCT|49755003" && first.type == "SCT|18115005")
        #expect(first.regions == ["SCT|83738005"] && first.sides == ["SCT|24028007"])
        #expect(try segment("L-M1-1 urate").type == "SCT|1710001")
        let vessel = try segment("Vascular calcification")
        #expect(vessel.category == "SCT|49755003" && vessel.type == "SCT|237897009")
        #expect(vessel.trackingUID == nil)
        #expect(try segment("Other calcification").type == "99APATITE|OTHCALC")
        #expect(try segment("Bone").category == "SCT|85756007" && segment("Bone").type == "SCT|3138006")
        #expect(try segment("Metal").category == "SCT|260787004" && segment("Metal").type == "SCT|40388003")
        let excluded = try #require(segments.first { $0.label.hasPrefix("Excluded: nail") })
        #expect(excluded.category == "SCT|309825002" && excluded.type == "99APATITE|EXCLREG")
        // L* 60, a* 70, b* 60 over the range of an unsigned short.
        #expect(first.colour == [39321, 50886, 48316])
    }
}

/// When a report is partial, and what it then says is missing.
struct CompletionFlagTests {
    @Test func aReportIsPartialOnlyWhenAPartWasNotAnalysed() throws {
        var oneSide = MadeUpHand(spacingMm: (4, 4, 4)).findings()
        oneSide.regions = [
            RegionTotals(
                side: .right, digit: nil,
                totals: Totals(
                    count: 0, volumeMm3: Estimate(value: 0, low: 0, high: 0),
                    hydroxyapatiteMassMg: Estimate(value: 0, low: 0, high: 0), smallestDetectableVolumeMm3: 1))
        ]
        let folder = try TemporaryFolder("one-side")
        let source = MadeUpHand(spacingMm: (4, 4, 4)).source(laterality: .both)
        let results = try writeResults(findings: oneSide, source: source, to: folder.path)
        let path = try #require(results.first { $0.kind == .structuredReport }).path
        let header = try DataSet(contentsOf: path)
        #expect(header.string(.completionFlag) == "PARTIAL")
        #expect(header.string(.completionFlagDescription) == "Left hand not analysed")
        let expected = [
            "positive": "", "full": "", "none": "", "unfit": "Not analysable", "foot": "Region not fully covered",
        ]
        for (name, description) in expected {
            let path = try #require(try WrittenVariants.named(name).file(.structuredReport))
            let header = try DataSet(contentsOf: path)
            #expect(header.string(.completionFlag) == (description.isEmpty ? "COMPLETE" : "PARTIAL"), "\(name)")
            #expect(header.string(.completionFlagDescription) ?? "" == description, "\(name)")
        }
    }
}
