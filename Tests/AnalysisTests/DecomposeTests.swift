import DICOM
import Foundation
import TestSupport
import Testing

/// `apatite decompose` on what is no limb.
@Suite struct DecomposeTests {
    /// A cylinder of water with one rod of 200 mg/cm3 hydroxyapatite, and no bone.
    private func phantom() -> SmallStudy {
        var study = SmallStudy()
        study.change = { series, slice, header in
            header.set(.bodyPartExamined, "PHANTOM")
            var bytes: [UInt8] = []
            for row in 0..<SmallStudy.side {
                for column in 0..<SmallStudy.side {
                    let (x, y) = (Double(column) - 31.5, Double(row) - 31.5)
                    let isInside = x * x + y * y < 28 * 28
                    let isRod = (x - 10) * (x - 10) + y * y < 5 * 5
                    // Slopes of 80 and Sn150 kV in 5 cm of water, in HU per mg/cm3.
                    let value = !isInside ? -1000 : isRod ? (series == 4 ? 2.1 : 0.91) * 200 : 0
                    let noise = (column * 7919 + row * 104_729 + series * 31 + slice * 15_485) % 21 - 10
                    let stored = Int(value) + noise + 1024
                    bytes += [UInt8(stored & 0xFF), UInt8(stored >> 8)]
                }
            }
            header.setBytes(.pixelData, bytes)
        }
        return study
    }

    private func mean(_ path: String, column: Int, row: Int) throws -> Double {
        let image = try DataSet(contentsOf: path)
        let bytes = try #require(image.bytes(.pixelData))
        let slope = try #require(image.double(.rescaleSlope))
        var sum = 0.0
        for j in (row - 2)...(row + 2) {
            for i in (column - 2)...(column + 2) {
                let at = 2 * (j * SmallStudy.side + i)
                sum += slope * Double(Int16(truncatingIfNeeded: Int(bytes[at]) | Int(bytes[at + 1]) << 8))
            }
        }
        return sum / 25
    }

    @Test func aPhantomHasMapsThoughItHasNoReport() throws {
        let folder = try TemporaryFolder()
        let study = try folder.folder("study")
        try phantom().write(to: study)
        let analysed = try ProgramRun("apatite", ["analyze", study, "--output", folder.path + "/report"])
        #expect(analysed.status == 4, "an analysis asks for a limb")

        let run = try ProgramRun(
            "apatite", ["decompose", study, "--output", folder.path + "/out", "--maps", "ha,vmi:70,fat"])
        #expect(run.status == 0, "\(run.standardError)")
        let maps = folder.path + "/out/maps"
        #expect(try FileManager.default.contentsOfDirectory(atPath: maps).sorted() == ["fat", "ha", "vmi-70"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: maps + "/ha").count == 12)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out") == ["maps"])
        let rod = try mean(maps + "/ha/0006.dcm", column: 41, row: 31)
        #expect((150...250).contains(rod), "\(rod) mg/cm3")
        #expect(try abs(mean(maps + "/ha/0006.dcm", column: 20, row: 31)) < 25)
        #expect(try abs(mean(maps + "/vmi-70/0006.dcm", column: 20, row: 31)) < 15)
    }

    @Test func theSameStudyMakesTheSameMaps() throws {
        let folder = try TemporaryFolder()
        let study = try folder.folder("study")
        try phantom().write(to: study)
        for name in ["one", "two"] {
            #expect(try ProgramRun("apatite", ["decompose", study, "--output", "\(folder.path)/\(name)"]).status == 0)
        }
        let paths = ["one", "two"].map { "\(folder.path)/\($0)/maps/ha/0003.dcm" }
        #expect(FileManager.default.contentsEqual(atPath: paths[0], andPath: paths[1]))
    }

    @Test func whatIsNotDualEnergyAndWhatIsNoMapAreTold() throws {
        let folder = try TemporaryFolder()
        var single = SmallStudy()
        single.change = { _, _, header in
            header.set(.imageType, ["ORIGINAL", "PRIMARY", "AXIAL"])
            header.set(.seriesDescription, "Hand")
        }
        try single.write(single.low, to: try folder.folder("study"))
        let arguments = ["decompose", folder.path + "/study", "--output", folder.path + "/out"]
        #expect(try ProgramRun("apatite", arguments).status == 3)
        #expect(try ProgramRun("apatite", arguments + ["--maps", "ha,iodine"]).status == 64)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/out"))
    }

    /// Noise of one voxel each: a mean takes most of it away.
    @Test func mapsThatKeepEdgesAreQuieterAndSayWhatTheyAre() throws {
        let folder = try TemporaryFolder()
        let study = try folder.folder("study")
        var fine = phantom()
        let paint = fine.change
        fine.change = { series, slice, header in
            paint(series, slice, header)
            header.set(.pixelSpacing, doubles: [0.6, 0.6])
            // The phantom's own pattern is a ramp, which a mean leaves as it is.
            var bytes = header.bytes(.pixelData) ?? []
            var state = UInt64(series * 1000 + slice)
            for at in stride(from: 0, to: bytes.count - 1, by: 2) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let value = Int(bytes[at]) | Int(bytes[at + 1]) << 8
                let noisy = max(0, value + Int(state >> 33) % 49 - 24)
                (bytes[at], bytes[at + 1]) = (UInt8(noisy & 0xFF), UInt8(noisy >> 8))
            }
            header.setBytes(.pixelData, bytes)
        }
        try fine.write(to: study)
        var scatter: [Double] = []
        var uids: Set<String> = []
        for arguments in [[], ["--keep-edges"]] {
            let output = "\(folder.path)/\(arguments.count)"
            let run = try ProgramRun(
                "apatite", ["decompose", study, "--output", output, "--maps", "vmi:70"] + arguments)
            #expect(run.status == 0, "\(run.standardError)")
            let path = output + "/maps/vmi-70/0006.dcm"
            let image = try DataSet(contentsOf: path)
            uids.insert(try #require(image.string(.sopInstanceUID)))
            let isMarked = try #require(image.string(.derivationDescription)).contains("edge-keeping mean")
            #expect(isMarked == !arguments.isEmpty)
            #expect(try #require(image.string(.seriesDescription)).contains("edges kept") == !arguments.isEmpty)
            #expect(try abs(mean(path, column: 20, row: 31)) < 15)
            scatter.append(try self.scatter(image))
        }
        #expect(uids.count == 2)
        #expect(scatter[1] < 0.6 * scatter[0], "\(scatter)")
    }

    /// Standard deviation over a square of water, in the image's unit.
    private func scatter(_ image: DataSet) throws -> Double {
        let bytes = try #require(image.bytes(.pixelData))
        var values: [Double] = []
        for j in 26...36 {
            for i in 12...22 {
                let at = 2 * (j * SmallStudy.side + i)
                values.append(Double(Int16(truncatingIfNeeded: Int(bytes[at]) | Int(bytes[at + 1]) << 8)))
            }
        }
        let mean = values.reduce(0, +) / Double(values.count)
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }
}
