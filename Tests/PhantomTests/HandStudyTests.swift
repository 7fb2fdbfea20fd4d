import DICOM
import Foundation
import Phantom
import TestSupport
import Testing

/// The files of a study, judged by `dciodvfy` (dicom3tools) and by reading them back.
@Suite struct HandStudyTests {
    private static func write(
        vendor: Vendor = .siemens, isSingleEnergy: Bool = false, seed: UInt64 = 5, into name: String
    ) throws -> URL {
        var scan = ScanParameters()
        scan.slices = 10
        scan.startMm = 15
        let folder = try TemporaryFolder("phantom-\(name)").url
        try HandStudy(
            HandPhantom(scan: scan, seed: seed), pair: SpectrumPair(low: .kv80, high: .tin150), mode: .quick,
            vendor: vendor, isSingleEnergy: isSingleEnergy
        ).write(to: folder)
        return folder
    }

    private static func files(_ folder: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: folder.path + "/" + path, isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }

    /// What `dciodvfy` prints about a file.
    private static func judgement(of path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["dciodvfy", path]
        let output = Pipe()
        process.standardError = output
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }

    @Test func aStudyOfTheKneeIsJudgedTooAndSaysWhatItIs() throws {
        var scan = ScanParameters()
        (scan.columns, scan.rows, scan.slices) = (0, 0, 4)
        scan.pixelSpacingMm = 0.8
        let folder = try TemporaryFolder("phantom-knee").url
        try RegionStudy(
            RegionPhantom(RegionParameters(.knee), scan: scan, seed: 1), pair: SpectrumPair(low: .kv80, high: .tin150),
            mode: .quick
        ).write(to: folder)
        let paths = try Self.files(folder.appendingPathComponent("study"))
        #expect(paths.count == 8)
        let text = try Self.judgement(of: folder.path + "/study/" + paths[0])
        #expect(text.contains("CTImage") && !text.contains("Error"), "\(text)")
        let data = try DataSet(contentsOf: folder.path + "/study/" + paths[0])
        #expect(data.string(.bodyPartExamined) == "KNEE" && data.string(.laterality) == "R")
    }

    @Test(arguments: Vendor.allCases) func dciodvfyFindsNoError(_ vendor: Vendor) throws {
        let folder = try Self.write(vendor: vendor, into: "judged")
        for path in try Self.files(folder.appendingPathComponent("study")) where path.hasSuffix("0001.dcm") {
            let text = try Self.judgement(of: folder.path + "/study/" + path)
            #expect(text.contains(path.hasPrefix("dose") ? "XRayRadiationDoseSR" : "CTImage"), "\(text)")
            #expect(!text.contains("Error"), "\(path): \(text)")
        }
    }

    @Test func theSameArgumentsMakeTheSameFiles() throws {
        let (first, second) = (try Self.write(into: "first"), try Self.write(into: "second"))
        let other = try Self.write(seed: 6, into: "other")
        let paths = try Self.files(first)
        #expect(paths == (try Self.files(second)))
        #expect(paths.count == 1 + 3 * 10 + 2 + 1 + 2)
        for path in paths {
            let data = FileManager.default.contents(atPath: first.path + "/" + path)
            #expect(data != nil && data == FileManager.default.contents(atPath: second.path + "/" + path), "\(path)")
        }
        let uids = try [first, other].map {
            try DataSet(contentsOf: $0.path + "/study/2-80kV/0001.dcm").string(.studyInstanceUID)
        }
        #expect(uids[0] != uids[1])
    }

    @Test func bothEnergiesShareStudyFrameAndPlaces() throws {
        let folder = try Self.write(into: "pair")
        for number in ["0001", "0010"] {
            let low = try DataSet(contentsOf: folder.path + "/study/2-80kV/\(number).dcm")
            let high = try DataSet(contentsOf: folder.path + "/study/3-Sn150kV/\(number).dcm")
            for tag in [Tag.studyInstanceUID, .frameOfReferenceUID, .convolutionKernel, .patientID] {
                #expect(low.string(tag) != nil && low.string(tag) == high.string(tag), "\(tag)")
            }
            #expect(low.doubles(.imagePositionPatient) == high.doubles(.imagePositionPatient))
            #expect(low.double(.kvp) == 80)
            #expect(high.double(.kvp) == 150)
            #expect(low.strings(.imageType).suffix(2) == ["DNRG", "DET_A"])
            #expect(high.strings(.imageType).suffix(2) == ["DNRG", "DET_B"])
            #expect(low.string(.seriesInstanceUID) != high.string(.seriesInstanceUID))
            #expect(low.string(.patientName) == "Phantom-Müller^Zoë")
        }
    }

    @Test func aSingleEnergyStudyHasOneThinSeries() throws {
        let folder = try Self.write(isSingleEnergy: true, into: "single")
        let series = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/study").sorted()
        #expect(series == ["1-topogram", "2-axial", "dose"])
        let image = try DataSet(contentsOf: folder.path + "/study/2-axial/0001.dcm")
        #expect(image.strings(.imageType).contains("SNRG"))
    }
}
