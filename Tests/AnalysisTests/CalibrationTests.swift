import Analysis
import DICOM
import DualEnergyCT
import Foundation
import Phantom
import TestSupport
import Testing

/// `apatite calibrate` on studies as a scanner sends them, made by a forward model of its own.
@Suite struct CalibrationTests {
    /// Writes the scan of a rod phantom; `aluminiumMm` is the tube's inherent filtration.
    private static func writeRods(
        to folder: String, seed: UInt64 = 1, aluminiumMm: Double = 3, date: String = "20260105",
        change: (inout RodPhantom) -> Void = { _ in }
    ) throws {
        var phantom = RodPhantom(diameterMm: 70, densitiesMgPerCm3: [100, 200, 400], rodDiameterMm: 11)
        change(&phantom)
        var scan = ScanParameters()
        scan.pixelSpacingMm = 0.6
        scan.columns = 180
        scan.rows = 180
        scan.slices = 10
        scan.sliceSpacingMm = 1
        scan.sliceThicknessMm = 1
        scan.noiseLowHU = 6
        scan.noiseHighHU = 6
        var pair = try #require(SpectrumPair("80/Sn150"))
        pair.filtration = TubeFiltration(aluminiumMm: aluminiumMm)
        try RodStudy(phantom, scan: scan, pair: pair, seed: seed, studyDate: date).write(
            to: URL(fileURLWithPath: folder))
    }

    private static func calibrate(_ folder: TemporaryFolder, _ study: String, _ more: [String] = []) throws
        -> ProgramRun
    {
        try ProgramRun(
            "apatite",
            [
                "calibrate", folder.path + "/\(study)/study", "--rods", "100,200,400", "--output",
                folder.path + "/ct1.json",
            ]
                + more)
    }

    @Test func aPhantomCalibratesAndIsCheckedUntilTheTubeChanges() throws {
        let folder = try TemporaryFolder()
        try Self.writeRods(to: try folder.folder("first"))
        let made = try Self.calibrate(folder, "first", ["--name", "CT one"])
        #expect(made.status == 0, "\(made.standardError)")
        #expect(String(decoding: made.standardOutput, as: UTF8.self).contains("CT one"))
        let path = folder.path + "/ct1.json"
        let content = try Data(contentsOf: URL(fileURLWithPath: path))
        let json = try #require(try JSONSerialization.jsonObject(with: content) as? [String: Any])
        let result = try #require(json["result"] as? [String: Double])
        // 2.09 and 0.93 HU per mg/cm3 behind 7 cm of water, from spectra and coefficients of another source.
        let (low, high) = (try #require(result["lowSlope"]), try #require(result["highSlope"]))
        #expect(abs(low / 2.10 - 1) < 0.03, "\(low)")
        #expect(abs(high / 0.928 - 1) < 0.03, "\(high)")
        #expect(json["studyDate"] as? String == "20260105")
        #expect((json["scanner"] as? [String: String])?["stationName"] == "CTSIM")
        // The same study gives the same bytes.
        #expect(try Self.calibrate(folder, "first", ["--name", "CT one"]).status == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == content)

        func check(_ study: String) throws -> ProgramRun {
            try ProgramRun(
                "apatite", ["calibrate", "--check", folder.path + "/\(study)/study", "--calibration", path])
        }
        try Self.writeRods(to: try folder.folder("second"), seed: 2, date: "20260205")
        for _ in 0..<2 {
            let second = try check("second")
            #expect(second.status == 0, "\(second.standardError)")
            #expect(String(decoding: second.standardOutput, as: UTF8.self).contains("31 days after"))
        }
        try Self.writeRods(to: try folder.folder("third"), seed: 3, aluminiumMm: 5.5, date: "20260305")
        let third = try check("third")
        #expect(third.status == 4)
        #expect(third.standardError.contains("low-energy slope has moved"), "\(third.standardError)")
        // One line a study, however often it was checked.
        let trend = try String(contentsOfFile: folder.path + "/ct1.trend.csv", encoding: .utf8)
        #expect(trend.split(separator: "\n").map { $0.prefix(8) } == ["studyDat", "20260205", "20260305"])
    }

    @Test(arguments: [RodPhantom.Base.resin, .polyethylene]) func aPhantomMayBeOfPlastic(base: RodPhantom.Base) throws {
        let folder = try TemporaryFolder()
        try Self.writeRods(to: try folder.folder("water"))
        try Self.writeRods(to: try folder.folder("plastic")) { $0.base = base }
        var slopes: [Double] = []
        for (study, name) in [("water", "water"), ("plastic", base.rawValue)] {
            let made = try Self.calibrate(folder, study, ["--base", name])
            #expect(made.status == 0, "\(made.standardError)")
            slopes.append(try CalibrationFile.read(path: folder.path + "/ct1.json").calibration().lowSlope)
        }
        // A slope is stated in water whatever the rods are made of.
        #expect(abs(slopes[1] / slopes[0] - 1) < 0.015, "\(slopes)")
        #expect(
            try Self.calibrate(folder, "plastic", ["--base", "acrylic"]).standardError.contains("not the material"))
    }

    @Test func whatGivesNoCalibrationIsRefusedWithTheReasonAndTheRemedy() throws {
        let folder = try TemporaryFolder()
        try Self.writeRods(to: try folder.folder("first"))
        func refusal(_ inputs: String, _ rods: String) throws -> String {
            let run = try ProgramRun(
                "apatite", ["calibrate", inputs, "--rods", rods, "--output", folder.path + "/refused.json"])
            #expect(run.status == 4)
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/refused.json"))
            return run.standardError
        }
        let study = folder.path + "/first/study"
        #expect(try refusal(study, "100,200,400,800").contains("3 of 4 rods were found"))
        #expect(try refusal(study, "50,100").contains("Fewer than 3 rods"))
        #expect(try refusal(study, "100,250,400").contains("off the line"))
        #expect(try refusal(study + "/2-80kV", "100,200,400").contains("high-energy series is missing"))
        // Densities that are named a tenth too low give a line all the same; the spectra know better.
        let doubtful = try Self.calibrate(folder, "first")
        #expect(!doubtful.standardError.contains("contradict"), "\(doubtful.standardError)")
        let low = try ProgramRun(
            "apatite", ["calibrate", study, "--rods", "88,176,352", "--output", folder.path + "/low.json"])
        #expect(low.status == 0)
        #expect(low.standardError.contains("contradict the computed spectra"), "\(low.standardError)")
        let usage = try ProgramRun("apatite", ["calibrate", study, "--rods", "a,b", "--output", "/tmp/x.json"])
        #expect(usage.status == 64)
    }

    @Test func aCalibrationThatWasChangedOrIsNoneIsNotRead() throws {
        let folder = try TemporaryFolder()
        try Self.writeRods(to: try folder.folder("first"))
        #expect(try Self.calibrate(folder, "first").status == 0)
        let text = try String(contentsOfFile: folder.path + "/ct1.json", encoding: .utf8)
        func complaint(_ text: String) -> String {
            do {
                _ = try CalibrationFile(json: Data(text.utf8), name: "it")
                return "read"
            } catch {
                return error.description
            }
        }
        #expect(complaint(text) == "read")
        #expect(complaint(text.replacingOccurrences(of: "365", with: "366")).contains("digest"))
        #expect(complaint(text.replacingOccurrences(of: "\"schema\" : 1", with: "\"schema\" : 2")).contains("schema 2"))
        #expect(complaint(text.replacingOccurrences(of: "\"kernel\"", with: "\"colonel\"")).contains("lacks kernel"))
        #expect(
            complaint(text.replacingOccurrences(of: "\"validDays\" : 365", with: "\"validDays\" : \"x\"")).contains(
                "wrong type"))
        #expect(complaint("rods").contains("not JSON"))
        var absurd = try CalibrationFile.read(path: folder.path + "/ct1.json")
        absurd.result.lowSlope = 40
        #expect(complaint(String(decoding: try absurd.json(), as: UTF8.self)).contains("slopes are none"))
    }

    @Test func theCalibrationOfAStudysScannerIsUsedAndAnotherIsRefusedInTheReport() throws {
        let folder = try TemporaryFolder()
        try Self.writeRods(to: try folder.folder("rods"))
        #expect(try Self.calibrate(folder, "rods").status == 0)
        var scan = ScanParameters()
        scan.slices = 60
        scan.startMm = 60
        let hand = HandStudy(
            HandPhantom(scan: scan, seed: 3), pair: try #require(SpectrumPair("80/Sn150")), mode: .quick)
        try hand.write(to: URL(fileURLWithPath: try folder.folder("hand")))

        func analysed(_ name: String, _ arguments: [String]) throws -> (trust: [String: Any], uid: String, text: String)
        {
            let out = folder.path + "/" + name
            let run = try ProgramRun(
                "apatite", ["analyze", folder.path + "/hand/study", "--output", out] + arguments)
            #expect(run.status == 0, "\(run.standardError)")
            let findings = try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: out + "/findings.json")))
            let trust = try #require((findings as? [String: Any])?["trust"] as? [String: Any])
            let report = try DataSet(contentsOf: out + "/sr.dcm")
            return (
                trust, report.string(.sopInstanceUID) ?? "", String(decoding: run.standardOutput, as: UTF8.self)
            )
        }
        let without = try analysed("without", [])
        let file = folder.path + "/ct1.json"
        let with = try analysed("with", ["--calibration", file])
        #expect(with.trust["calibration"] as? String == "rods")
        #expect(with.trust["calibrationDigest"] as? String == (try CalibrationFile.read(path: file)).digest)
        #expect(without.trust["calibration"] as? String != "rods")
        #expect(with.uid != without.uid)

        // Another kernel, an expired one, one of the future.
        for (unit, change) in [
            ("kernel", { $0.settings.kernel = "Br64" }), ("days", { $0.studyDate = "20240105" }),
            ("before", { $0.studyDate = "20260205" }), ("scanner", { $0.scanner.deviceSerialNumber = "7" }),
        ] as [(String, (inout CalibrationFile) -> Void)] {
            var other = try CalibrationFile.read(path: file)
            change(&other)
            try other.json().write(to: URL(fileURLWithPath: folder.path + "/other.json"))
            let refused = try analysed("refused", ["--calibration", folder.path + "/other.json"])
            #expect(refused.trust["calibration"] as? String == without.trust["calibration"] as? String)
            let reasons = try #require(refused.trust["reasons"] as? [[String: Any]])
            #expect(reasons.contains { $0["kind"] as? String == "calibration" && $0["unit"] as? String == unit })
        }

        // Sources that disagree: a low slope that bone contradicts, a high one that no spectrum explains.
        func reasons(_ trust: [String: Any]) -> Set<String> {
            Set((trust["reasons"] as? [[String: Any]] ?? []).compactMap { $0["unit"] as? String })
        }
        #expect(reasons(with.trust).isDisjoint(with: ["bone", "table"]))
        for (unit, word, factors) in [
            ("bone", "bone contradicts the site", (low: 1.13, high: 1.0)),
            ("table", "rods contradict the computed spectra", (low: 1.13, high: 1.13)),
        ] {
            var other = try CalibrationFile.read(path: file)
            other.result.lowSlope *= factors.low
            other.result.lowFactor *= factors.low
            other.result.highSlope *= factors.high
            other.result.highFactor *= factors.high
            try other.json().write(to: URL(fileURLWithPath: folder.path + "/other.json"))
            let doubted = try analysed("doubted-\(unit)", ["--calibration", folder.path + "/other.json"])
            #expect(doubted.trust["calibration"] as? String == "rods")
            #expect(doubted.trust["status"] as? String == "limited")
            #expect(reasons(doubted.trust).contains(unit), "\(doubted.trust)")
            let page = try String(contentsOfFile: folder.path + "/doubted-\(unit)/report.html", encoding: .utf8)
            #expect(page.contains(word))
        }
    }

    @Test func theMapsOfAStudyTakeTheCalibrationOfItsScanner() throws {
        let folder = try TemporaryFolder()
        try Self.writeRods(to: try folder.folder("rods"), aluminiumMm: 9)
        #expect(try Self.calibrate(folder, "rods").status == 0)
        var other = try CalibrationFile.read(path: folder.path + "/ct1.json")
        other.settings.kernel = "Br64"
        try other.json().write(to: URL(fileURLWithPath: folder.path + "/other.json"))

        /// The density of the rod of 400 mg/cm3: the median of what is above 300, which its rim hardly moves.
        func mapped(
            _ name: String, _ arguments: [String]
        ) throws -> (density: Double, uid: String, complaint: String) {
            let out = folder.path + "/" + name
            let run = try ProgramRun(
                "apatite", ["decompose", folder.path + "/rods/study", "--output", out] + arguments)
            #expect(run.status == 0, "\(run.standardError)")
            let image = try DataSet(contentsOf: out + "/maps/ha/0005.dcm")
            let bytes = try #require(image.bytes(.pixelData))
            let slope = try #require(image.double(.rescaleSlope))
            var rod: [Double] = []
            for at in stride(from: 0, to: bytes.count, by: 2) {
                let stored = UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8
                let density = slope * Double(Int16(bitPattern: stored))
                if density > 300 { rod.append(density) }
            }
            rod.sort()
            try #require(!rod.isEmpty)
            return (rod[rod.count / 2], image.string(.sopInstanceUID) ?? "", run.standardError)
        }
        let without = try mapped("without", [])
        let with = try mapped("with", ["--calibration", folder.path + "/ct1.json"])
        #expect(abs(with.density / 400 - 1) < 0.02, "\(with.density)")
        #expect(abs(with.density - 400) < abs(without.density - 400), "\(without.density)")
        #expect(with.uid != without.uid)
        #expect(!with.complaint.contains("calibration"))
        let refused = try mapped("refused", ["--calibration", folder.path + "/other.json"])
        #expect(refused.uid == without.uid)
        #expect(refused.complaint.contains("another kernel"))
    }
}
