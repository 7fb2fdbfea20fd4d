import DualEnergyCT
import StudyAssembly
import Testing

@Suite struct GeometryTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var headers: [ImageHeader]
        var expected: String
        var testDescription: String { name }

        init(_ name: String, _ expected: String, _ headers: [ImageHeader]) {
            self.name = name
            self.headers = headers
            self.expected = expected
        }

        init(
            _ name: String, _ expected: String, at picked: Set<Int> = Set(0...19),
            _ change: (inout ImageHeader) -> Void
        ) {
            self.init(name, expected, Sample.study.changing({ picked.contains($0) }, change))
        }
    }

    /// Indices 0 to 9 are the low, 10 to 19 the high energy.
    @Test(arguments: [
        Case("NaN spacing", "set aside: absurdGeometry") { $0.pixelSpacing = [.nan] },
        Case("NaN spacing in one image", "set aside: absurdGeometry", at: [4]) {
            $0.pixelSpacing = [.nan, 0.4]
        },
        Case("zero spacing", "set aside: absurdGeometry") { $0.pixelSpacing = [0, 0.4] },
        Case("negative spacing", "set aside: absurdGeometry") { $0.pixelSpacing = [-0.4, 0.4] },
        Case("absurd spacing", "set aside: absurdGeometry") { $0.pixelSpacing = [400, 400] },
        Case("no spacing", "set aside: absurdGeometry") { $0.pixelSpacing = [] },
        Case("NaN position", "set aside: absurdGeometry", at: [4]) { $0.position = [.nan] },
        Case("a position at the end of the world", "set aside: absurdGeometry", at: [4]) {
            $0.position[2] = 1e300
        },
        Case("zero thickness", "set aside: absurdGeometry") { $0.sliceThickness = 0 },
        Case("no orientation", "set aside: absurdGeometry") { $0.orientation = [] },
        Case("oblong direction", "set aside: absurdGeometry") { $0.orientation = [2, 0, 0, 0, 1, 0] },
        Case("no right angle", "set aside: absurdGeometry") { $0.orientation = [1, 0, 0, 0.6, 0.8, 0] },
        Case("65535 rows", "set aside: absurdSize", at: [4]) {
            $0.rows = 65535
            $0.columns = 65535
        },
        Case("no rows", "set aside: absurdSize") { $0.rows = 0 },
        Case("slope 0", "set aside: badRescale") { $0.rescaleSlope = 0 },
        Case("slope NaN", "set aside: badRescale", at: [12]) { $0.rescaleSlope = .nan },
        Case("intercept infinite", "set aside: badRescale") { $0.rescaleIntercept = .infinity },
        Case("colour", "set aside: unsupportedPixels") { $0.samplesPerPixel = 3 },
        Case("tilt in the tag", "set aside: gantryTilt") { $0.gantryTilt = 12 },
        Case("NaN tilt", "set aside: gantryTilt") { $0.gantryTilt = .nan },
        Case("tilt in the positions", "set aside: gantryTilt") { $0.position[1] += 0.6 * $0.position[2] },
        Case("one image of another size", "set aside: contradictoryGeometry", at: [4]) { $0.rows = 256 },
        Case("one image in another plane", "set aside: contradictoryGeometry", at: [14]) {
            $0.orientation = [0, 1, 0, 0, 0, -1]
        },
        Case("another matrix in one energy", "set aside: reconstructedDifferently", at: Set(10...19)) { $0.rows = 256 },
        Case("slices apart", "set aside: slicesApart") { $0.sliceThickness = 0.3 },
        Case("one position twice", "set aside: duplicateSlices", at: [4]) { $0.position[2] -= 0.5 },
        Case("one slice between its places", "set aside: unevenSpacing", at: [4]) { $0.position[2] += 0.25 },
        Case("another slice spacing in one energy", "set aside: reconstructedDifferently", at: Set(10...19)) {
            $0.position[2] *= 1.2
        },
        Case("three slices", "set aside: tooFewSlices", Array(Sample.low[..<3]) + Array(Sample.high[..<3])),
        Case("one missing in the low energy", "set aside: missingSlices", Sample.study.without([4])),
        Case("the same missing in both", "set aside: missingSlices, missingSlices", Sample.study.without([4, 14])),
        Case("the end missing in the high energy", "set aside: missingSlices", Sample.study.without([18, 19])),
        Case("the start missing in the low energy", "set aside: missingSlices", Sample.study.without([0])),
        Case("positions rounded as scanners do", "grid", at: [0, 3, 6, 9, 12, 15, 18]) { $0.position[2] += 0.004 },
        Case("shuffled", "grid", (0..<20).map { Sample.study[$0 * 7 % 20] }),
    ])
    func geometryIsCheckedBeforeItIsUsed(_ study: Case) {
        #expect(decision(study.headers) == study.expected)
    }

    @Test func missingSlicesAreCountedAndPlaced() {
        let found = reasons(Sample.study.without([12, 13, 17]))
        #expect(found.count == 1)
        #expect(found.first?.message.contains("3 of 10 slices of series 5 (Sn150 kV) are missing") == true)
        #expect(found.first?.message.contains("slices 3 to 4, slice 8") == true)
        #expect(found.first?.message.contains("51 mm") == true)
    }

    @Test func slicesAreSortedAlongTheNormalOfAnObliqueStack() throws {
        let (c, s) = (0.955336489125606, 0.2955202066613396)
        let normal = PatientVector(0, -s, c)
        let oblique = Sample.study.changing { header in
            let index = Double(header.instanceNumber! - 1)
            header.orientation = [1, 0, 0, 0, c, s]
            // Instance numbers rise against the normal.
            let p = PatientVector(10, 20, 30) - (0.5 * index) * normal
            header.position = [p.x, p.y, p.z]
        }
        guard case .grid(let grid) = try StudyAssembler().choose(oblique) else { throw Unexpected() }
        #expect(grid.low.map(\.instanceNumber) == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
        #expect(grid.high.map(\.instanceNumber) == grid.low.map(\.instanceNumber))
        #expect(abs(grid.geometry.sliceSpacingMm - 0.5) < 1e-9)
        for (index, header) in grid.low.enumerated() {
            let expected = grid.geometry.position(0, 0, Double(index))
            let actual = PatientVector(header.position[0], header.position[1], header.position[2])
            #expect((expected - actual).length < 1e-6)
        }
    }

    @Test func anEndlessSpanIsRefusedWithoutTakingMemory() {
        let found = reasons(Sample.study.changing({ $0 == 9 }) { $0.position[2] = 99_000 })
        #expect(found.map(\.code) == [.unevenSpacing])
    }

    @Test func moreVoxelsThanTheLimitAreRefused() throws {
        #expect(throws: SetAside.self) { try StudyAssembler(maximumVoxels: 1000).choose(Sample.study) }
    }
}

extension [ImageHeader] {
    func without(_ indices: Set<Int>) -> [ImageHeader] {
        enumerated().filter { !indices.contains($0.offset) }.map(\.element)
    }
}
