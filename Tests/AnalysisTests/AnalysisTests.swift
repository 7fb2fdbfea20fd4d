import Analysis
import DICOM
import Foundation
import Phantom
import TestSupport
import Testing

/// The middle of the way as a whole: files in, report out.
@Suite struct AnalysisTests {
    private func job(_ inputs: [String], _ output: String) -> AnalysisJob {
        AnalysisJob(
            inputs: inputs, outputFolder: output, closedAt: Date(timeIntervalSince1970: 1_790_000_000),
            closingSignal: .commandLine)
    }

    /// A study of the small phantom, changed before it is written, through the analysis.
    private func outcome(_ change: (inout SmallStudy, String) throws -> Void) throws -> AnalysisOutcome {
        let folder = try TemporaryFolder()
        let input = try folder.folder("in")
        var study = SmallStudy()
        try change(&study, input)
        if try FileManager.default.contentsOfDirectory(atPath: input).isEmpty { try study.write(to: input) }
        let outcome = try analyse(job([input], folder.path + "/out"))
        let written = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out")
        if outcome.artefacts.isEmpty { #expect(written == ["findings.json"]) }
        let document = try JSONDecoder().decode(
            FindingsDocument.self, from: Data(contentsOf: URL(fileURLWithPath: outcome.findings)))
        #expect(document.status == outcome.status)
        #expect(document.reasons == outcome.reasons)
        return outcome
    }

    @Test func aSingleEnergyStudyIsLeftAlone() throws {
        let found = try outcome { study, input in
            study.change = { _, _, header in
                header.set(.imageType, ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM7 SPI"])
                header.set(.seriesDescription, "Hand 0.8 Br40")
            }
            try study.write(study.low, to: input)
        }
        #expect(found.status == .leftAlone)
        #expect(found.reasons.map(\.code) == ["singleEnergy"])
        #expect(found.exitStatus == 3)
    }

    @Test func aStudyMissingAnEnergyIsSetAsideAndWorthWaitingFor() throws {
        let found = try outcome { study, input in try study.write(study.low, to: input) }
        #expect(found.status == .setAside)
        #expect(found.reasons.map(\.code) == ["energyMissing"])
        #expect(found.mayBeIncomplete)
    }

    @Test func aStudyMissingASliceIsSetAsideAndWorthWaitingFor() throws {
        let found = try outcome { study, input in
            try study.write(to: input)
            try FileManager.default.removeItem(atPath: "\(input)/5-7.dcm")
        }
        #expect(found.reasons.map(\.code) == ["missingSlices"])
        #expect(found.reasons[0].message.contains("1 of 12 slices of series 5 (Sn150 kV) are missing: slice 8"))
        #expect(found.mayBeIncomplete)
    }

    @Test func twoPatientsUnderOneStudyAreSetAside() throws {
        let found = try outcome { study, _ in
            study.change = { series, _, header in
                if series == 5 { header.set(.patientID, "P2") }
            }
        }
        #expect(found.reasons.map(\.code) == ["twoPatients"])
        #expect(!found.mayBeIncomplete)
    }

    @Test func aRegionThatTheSiteDoesNotChooseIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        try SmallStudy().write(to: try folder.folder("in"))
        var job = job([folder.path + "/in"], folder.path + "/out")
        job.eligibility = Eligibility(regions: ["foot"], protocols: ["kidney"])
        #expect(try analyse(job).reasons.map(\.code) == ["notEligible"])
        job.eligibility = Eligibility(regions: ["foot"], protocols: ["de_hand"])
        #expect(try analyse(job).status != .leftAlone)
    }

    @Test func nothingOfAnEarlierAnalysisStaysBesideTheResult() throws {
        let folder = try TemporaryFolder()
        try SmallStudy().write(to: try folder.folder("first"))
        let second = SmallStudy()
        try second.write(second.low, to: try folder.folder("second"))
        let output = folder.path + "/out"
        #expect(try analyse(job([folder.path + "/first"], output)).artefacts.isEmpty == false)
        #expect(try analyse(job([folder.path + "/second"], output)).status == .setAside)
        #expect(try FileManager.default.contentsOfDirectory(atPath: output) == ["findings.json"])
    }

    @Test(arguments: [false, true])
    func contrastAgentMakesTheStudyNotAnalysable(isNamedInOneSeriesOnly: Bool) throws {
        let found = try outcome { study, _ in
            let high = study.high.series
            study.change = { series, _, header in
                let isNamed = series == high || !isNamedInOneSeriesOnly
                header.set(.contrastBolusAgent, isNamed ? "Iomeprol 400" : "NONE")
            }
        }
        #expect(found.status == .notAnalysable)
        #expect(found.reasons.map(\.code).contains("iodine"))
        #expect(found.exitStatus == 0)
        #expect(found.artefacts.contains { $0.kind == .structuredReport })
    }

    @Test func ourOwnResultsAreNeverAnalysedAndChangeNothing() throws {
        let folder = try TemporaryFolder()
        let input = try folder.folder("in")
        try SmallStudy().write(to: input)
        let first = try analyse(job([input], folder.path + "/out"))
        let results = first.artefacts.map(\.path)
        #expect(!results.isEmpty)

        let alone = try analyse(job(results, folder.path + "/again"))
        #expect(alone.status == .leftAlone)
        #expect(alone.reasons.map(\.code) == ["ownResults"])

        let beside = try analyse(job([input] + results, folder.path + "/beside"))
        #expect(beside.acquisitionDigest == first.acquisitionDigest)
        #expect(beside.artefacts.map(\.sopInstanceUID) == first.artefacts.map(\.sopInstanceUID))
    }

    @Test func resultsTakeNoSeriesNumberOfTheScanners() throws {
        func numbers(_ low: Int, first: Int = 9000) throws -> [Int: AnalysisArtefact.Kind] {
            let folder = try TemporaryFolder()
            var study = SmallStudy()
            study.low.series = low
            try study.write(to: try folder.folder("in"))
            var job = job([folder.path + "/in"], folder.path + "/out")
            job.firstSeriesNumber = first
            return try analyse(job).artefacts.reduce(into: [:]) { found, artefact in
                let object = try DataSet(contentsOf: artefact.path, untilPixelData: true)
                if let number = object.integer(.seriesNumber) { found[number] = artefact.kind }
            }
        }
        #expect(Set(try numbers(4).keys).isSuperset(of: [9000, 9002, 9003]))
        let moved = try numbers(9300)
        #expect(moved.keys.allSatisfy { $0 >= 10_000 } && moved[10_000] == .summary)
        #expect(try numbers(4, first: 31_000)[31_000] == .summary)
    }

    @Test func theSameJobMakesTheSameBytes() throws {
        let folder = try TemporaryFolder()
        let input = try folder.folder("in")
        try SmallStudy().write(to: input)
        let outcomes = try ["one", "two"].map { try analyse(job([input], "\(folder.path)/\($0)")) }
        for (first, second) in zip(outcomes[0].artefacts, outcomes[1].artefacts) {
            let isEqual = FileManager.default.contentsEqual(atPath: first.path, andPath: second.path)
            #expect(isEqual, "\(first.kind)")
        }
        #expect(outcomes[0].artefacts.count == outcomes[1].artefacts.count)
    }

    /// Fingers of a hand with calcinosis, as a Siemens scanner sends them with all that comes along. The limits are
    /// those of the quick images: noise and blur, no projection artefacts.
    @Test func theDepositsOfAHandAreFoundAndWeighed() throws {
        let folder = try TemporaryFolder()
        var scan = ScanParameters()
        scan.slices = 170
        // Fingers: what the rays of a scanner pass there, not the 5 cm of a palm.
        scan.quickWaterCm = 1.8
        let study = HandStudy(
            HandPhantom(scan: scan, seed: 5), pair: try #require(SpectrumPair("80/Sn150")), mode: .quick)
        try study.write(to: URL(fileURLWithPath: folder.path))
        let truth = try JSONDecoder().decode(
            PhantomTruth.self, from: Data(contentsOf: URL(fileURLWithPath: folder.path + "/truth/truth.json")))

        let outcome = try analyse(job([folder.path + "/study"], folder.path + "/out"))
        #expect(outcome.status == .reported, "\(outcome.reasons)")
        let document = try JSONDecoder().decode(
            FindingsDocument.self, from: Data(contentsOf: URL(fileURLWithPath: outcome.findings)))
        let found = try #require(document.deposits)
        let acquisition = try #require(document.acquisition)
        #expect(acquisition.slices == 170)
        #expect(acquisition.low.tubeVoltageKV == 80 && acquisition.high.tinFilterMm == 0.6)
        #expect(acquisition.region == "hand" && acquisition.laterality == "right")

        func distance(_ deposit: FindingsDocument.Deposit, _ other: PhantomTruth.Deposit) -> Double {
            guard let centre = deposit.centre else { return .infinity }
            let step = zip([centre.xMm, centre.yMm, centre.zMm], other.centreMm).map { $0 - $1 }
            return step.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        let whole = truth.deposits.filter { $0.scannedFraction > 0.999 && $0.equivalentDiameterMm >= 3 }
        try #require(whole.count >= 3)
        var masses = (found: 0.0, true: 0.0)
        for deposit in whole {
            let match = try #require(
                found.first { distance($0, deposit) < 1 }, "deposit \(deposit.number) was not found")
            #expect(match.material == "hydroxyapatite")
            let mass = try #require(match.hydroxyapatiteMassMg)
            #expect(abs(mass.value / deposit.hydroxyapatiteMassMg - 1) < 0.3, "deposit \(deposit.number)")
            masses.found += mass.value
            masses.true += deposit.hydroxyapatiteMassMg
        }
        #expect(abs(masses.found / masses.true - 1) < 0.1, "\(masses)")
        for deposit in found where deposit.material == "hydroxyapatite" {
            let isKnown = truth.deposits.contains { distance(deposit, $0) < $0.equivalentDiameterMm }
            #expect(isKnown, "deposit \(deposit.number) is none")
        }
        try expectReportEqualsFindings(folder.path + "/out")
    }

    /// Of the images only the part around the body is kept, unless maps of the air are asked for too.
    @Test func theAirAroundTheBodyChangesNoResult() throws {
        let folder = try TemporaryFolder()
        var scan = ScanParameters()
        (scan.columns, scan.rows) = (300, 200)
        scan.pixelSpacingMm = 0.5
        scan.slices = 120
        scan.sliceSpacingMm = 0.8
        scan.sliceThicknessMm = 1
        scan.quickWaterCm = 2
        try HandStudy(HandPhantom(scan: scan, seed: 12), pair: try #require(SpectrumPair("80/Sn150")), mode: .quick)
            .write(to: URL(fileURLWithPath: folder.path))
        var job = job([folder.path + "/study"], folder.path + "/part")
        #expect(try analyse(job).status == .reported)
        (job.outputFolder, job.maps) = (folder.path + "/whole", ["ha", "fat"])
        #expect(try analyse(job).status == .reported)

        let files = ["seg.dcm"] + (1...120).map { "maps/ha/" + String(format: "%04d.dcm", $0) }
        for file in files {
            let (part, whole) = (
                try DataSet(contentsOf: "\(folder.path)/part/\(file)"),
                try DataSet(contentsOf: "\(folder.path)/whole/\(file)")
            )
            #expect(part.integer(.columns) == 300 && part.integer(.rows) == 200)
            #expect(part.doubles(.imagePositionPatient) == whole.doubles(.imagePositionPatient), "\(file)")
            #expect(part.bytes(.pixelData) == whole.bytes(.pixelData), "\(file)")
        }
        let labels = try #require(DataSet(contentsOf: folder.path + "/part/seg.dcm").bytes(.pixelData))
        #expect(labels.contains { $0 != 0 })
    }

    private struct RoundTrip: Decodable {
        var count: Int
        var differences: [String]
    }

    /// What highdicom reads from the report is what `findings.json` holds, to the last printed digit.
    private func expectReportEqualsFindings(_ results: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let python =
            ProcessInfo.processInfo.environment["APATITE_PYTHON"]
            ?? root.deletingLastPathComponent().appendingPathComponent(".venv/bin/python").path
        let script = root.appendingPathComponent("peers/compare_findings.py").path
        let (status, output) = try Tool.run(
            python, ["-W", "ignore", script, results + "/sr.dcm," + results + "/findings.json"])
        try #require(status == 0, "\(output)")
        let last = output.split(separator: "\n").last.map(String.init) ?? ""
        let comparison = try #require(try JSONDecoder().decode([RoundTrip].self, from: Data(last.utf8)).first)
        #expect(comparison.differences == [])
        #expect(comparison.count > 100)
    }
}
