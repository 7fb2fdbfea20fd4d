import Analysis
import DICOM
import DualEnergyCT
import Foundation
import Report
import StudyAssembly
import Testing

/// `docs/findings.md` describes what is written: no more, no less.
@Suite struct FindingsDescriptionTests {
    private func description() throws -> [String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/findings.md"), encoding: .utf8)
        return text.components(separatedBy: "## Reasons")
    }

    /// The names in back quotes in the first cell of each row of a table.
    private func names(in text: String) -> Set<String> {
        var names: Set<String> = []
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cell = line.dropFirst().prefix { $0 != "|" }
            for (index, part) in cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            where index % 2 == 1 { names.insert(String(part)) }
        }
        return names
    }

    /// Paths as the description writes them. Intervals are described once, in the text above the table.
    private func paths(_ value: Any, _ prefix: String = "") -> Set<String> {
        switch value {
        case let object as [String: Any]:
            if Set(object.keys) == ["value", "low", "high"] { return [] }
            return object.reduce(into: []) { result, entry in
                let path = prefix.isEmpty ? entry.key : "\(prefix).\(entry.key)"
                result.formUnion(paths(entry.value, path))
                result.insert(path)
            }
        case let list as [Any]: return list.reduce(into: []) { $0.formUnion(paths($1, prefix + "[]")) }
        default: return []
        }
    }

    @Test func everyFieldIsDescribedAndEveryDescribedFieldIsWritten() throws {
        let tubes = try paths(JSONSerialization.jsonObject(with: Sample.document(monoenergetic: false).json()))
        let calculated = try paths(JSONSerialization.jsonObject(with: Sample.document(monoenergetic: true).json()))
        let written = tubes.union(calculated)
        let described = names(in: try description()[0])
        #expect(written.subtracting(described).sorted() == [String](), "written and not described")
        #expect(described.subtracting(written).sorted() == [String](), "described and not written")
    }

    @Test func everyReasonIsDescribed() throws {
        let codes = FateReason.Code.allCases.map(\.rawValue) + Trust.Reason.Kind.allCases.map(\.rawValue)
        #expect(names(in: try description()[1]).symmetricDifference(codes).sorted() == [String]())
    }

    @Test func aValueThatIsNoNumberIsLeftOut() throws {
        var findings = Sample.findings
        findings.deposits[0].distanceToSkinMm = .nan
        findings.deposits[0].volumeMm3.high = .infinity
        let document = FindingsDocument(
            findings: findings, acquisition: Sample.acquisition(monoenergetic: false), status: .reported, reasons: [],
            studyInstanceUID: nil)
        let written = paths(try JSONSerialization.jsonObject(with: document.json()))
        #expect(!written.contains("deposits[].distanceToSkinMm"))
        #expect(!written.contains("deposits[].volumeMm3"))
        #expect(written.contains("deposits[].hydroxyapatiteMassMg"))
    }
}

/// Findings in which nothing is absent.
private enum Sample {
    static let geometry = GridGeometry(
        columns: 2, rows: 2, slices: 2, columnSpacingMm: 1, rowSpacingMm: 1, sliceSpacingMm: 1)
    static let estimate = Estimate(value: 2, low: 1, high: 3)

    static var findings: Findings {
        var findings = measured
        findings.deposits[0].identity = "2.25.1"
        findings.deposits[0].massRepeatabilityMg = 0.2
        findings.deposits[0].change = DepositChange(
            outcome: .increased, volumePercent: estimate, massPercent: estimate, smallestDetectableMassPercent: 1,
            priorNumbers: [1], presentNumbers: [1])
        let gone = ResolvedDeposit(
            priorNumber: 2, identity: "2.25.2", priorVolumeMm3: 3, priorHydroxyapatiteMassMg: 1,
            remainingMassMg: estimate, centre: PatientVector(1, 2, 3), place: nil)
        var comparison = Comparison(
            obstacle: .otherSide, totalMassPercent: estimate, totalVolumePercent: estimate,
            smallestDetectableMassPercent: 1, resolved: [gone], registrationResidualMm: 0.3)
        comparison.stillMeasured = [gone]
        comparison.smallestDetectableVolumePercent = 1
        findings.deposits[0].change?.smallestDetectableVolumePercent = 1
        findings.deposits[0].peakDensityDeviationMgPerCm3 = 12
        findings.trust.coveredPercent = 99
        findings.comparison = comparison
        let place = DepositPlace(
            side: .right, digit: .second, segment: .distal, aspect: .volar, compartment: .fingertipFatPad)
        findings.deposits[0].place = place
        findings.deposits[0].morphology = .stone
        findings.deposits[0].distanceToJointMm = 3
        if let totals = findings.totals {
            findings.regions = [RegionTotals(side: .right, digit: .second, totals: totals)]
        }
        findings.otherMineral = [
            OtherMineral(kind: .other, count: 1, volumeMm3: 2, hydroxyapatiteMassMg: 1, cause: .phlebolith)
        ]
        findings.radiographicScores = [RadiographicScore(side: .right, value: 1.5)]
        findings.detectionLimits = [
            DetectionLimitStatement(compartment: .subcutaneous, calciumMm3: 3, urateMm3: 8)
        ]
        findings.deposits[0].mayBeVessel = true
        findings.boneFlags = [
            BoneFlag(
                kind: .erosion, state: .flagged, side: .right, digit: .second, measured: 1, limit: 2, unit: "mm")
        ]
        findings.boneDensity = [BoneDensity(side: .right, meanMgPerCm3: estimate, volumeMm3: 10)]
        return findings
    }

    private static var measured: Findings {
        Findings(
            trust: Trust(
                status: .limited, reasons: [Trust.Reason(kind: .noise, measured: 40, limit: 30, unit: "HU")],
                noiseLowHU: 40, noiseHighHU: 20, misregistrationMm: 0.1, metalVolumeMm3: 0, calciumRatio: 2.3,
                calibration: .table),
            deposits: [
                Deposit(
                    number: 1, material: .hydroxyapatite, volumeMm3: estimate, hydroxyapatiteMassMg: estimate,
                    meanDensityMgPerCm3: estimate, peakDensityMgPerCm3: 300, largestDiameterMm: 4, distanceToSkinMm: 2,
                    distanceToBoneMm: 1, dualEnergyRatio: estimate, centre: PatientVector(1, 2, 3), centreSlice: 1,
                    voxelCount: 8)
            ],
            totals: Totals(
                count: 1, volumeMm3: estimate, hydroxyapatiteMassMg: estimate, smallestDetectableVolumeMm3: 1),
            urate: UrateStatement(verdict: .negative, volumeMm3: 0, smallestDetectableVolumeMm3: 5),
            exclusions: [Exclusion(cause: .nail, count: 5, volumeMm3: 100)],
            labels: Volume(geometry: geometry, repeating: SegmentLabel.none), hydroxyapatiteTenths: nil)
    }

    static func acquisition(monoenergetic: Bool) -> DualEnergyAcquisition {
        func beam(_ tube: Double, _ energy: Double) -> BeamQuality {
            monoenergetic ? .monoenergetic(kiloelectronvolts: energy) : .tube(kilovolts: tube, tinMm: 0)
        }
        let image = Volume<Int16>(geometry: geometry, repeating: 0)
        let pair = DualEnergyPair(
            low: image, high: image, lowBeam: beam(80, 50), highBeam: beam(140, 80), sliceThicknessMm: 1, region: .hand,
            laterality: .right)
        return DualEnergyAcquisition(
            pair: pair,
            low: AcquiredSeries(seriesInstanceUID: "1.2", seriesNumber: 4, beam: pair.lowBeam, slices: []),
            high: AcquiredSeries(seriesInstanceUID: "1.3", seriesNumber: 5, beam: pair.highBeam, slices: []),
            kernel: "Qr40", contrastAgent: "",
            agreement: PhysicsAgreement(
                airLowHU: -1000, airHighHU: -1000, softTissueFraction: 0.5, boneRatio: 2.1, expectedBoneRatio: 2.2,
                correlation: 0.9))
    }

    static func document(monoenergetic: Bool) -> FindingsDocument {
        FindingsDocument(
            findings: findings, acquisition: acquisition(monoenergetic: monoenergetic), status: .reported,
            reasons: [AnalysisReason(code: "noise", message: "noise", remedy: "dose")], studyInstanceUID: "1.2.3",
            identities: [1: DepositIdentity(name: "R-D2-1", trackingUID: "2.25.7")], calibration: ("CT1", "00"),
            isReviewed: true, unusedContours: UnusedContours(.sent, .overlap))
    }
}
