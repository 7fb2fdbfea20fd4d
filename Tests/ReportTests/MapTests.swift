import DICOM
import DualEnergyCT
import Foundation
import Report
import TestSupport
import Testing

/// Material maps as readers from elsewhere see them.
struct MapTests {
    private struct Reading: Decodable {
        var slices: Int
        var size: [Int]
        var spacing: [Double]
        var largestDifference: Double
        var rescaleDifference: Double
        var unit: String
        var quantity: String
        var imageType: [String]
        var rescaleType: String
        var seriesDescription: String
        var seriesNumber: Int
        var laterality: String?
        var patientName: String
        var uniqueInstances: Int
        var uniqueSeries: Int
        var instanceNumbers: [Int]
        var sources: [[String]]
    }

    /// A map, a plausible value of it in the mapper's unit, and what must be read back.
    struct Kind: Sendable, CustomTestStringConvertible {
        var map: MaterialMap
        var value: Double
        /// From the mapper's unit to the written one.
        var factor = 1.0
        var slope: Double
        var type: String
        var rescale: String
        var unit: String
        var quantity: String
        var testDescription: String { map.name }
    }

    static let kinds = [
        Kind(
            map: .hydroxyapatite, value: 200, slope: 0.1, type: "MAT_SPECIFIC", rescale: "MGML", unit: "mg/cm3",
            quantity: "HADENS"),
        Kind(
            map: .deviation(of: .hydroxyapatite), value: 25, slope: 0.1, type: "MAT_SPECIFIC", rescale: "MGML",
            unit: "mg/cm3", quantity: "HADENSSD"),
        Kind(
            map: .urate, value: 150, slope: 0.1, type: "MAT_SPECIFIC", rescale: "MGML", unit: "mg/cm3",
            quantity: "MSUDENS"),
        Kind(
            map: .virtualNonCalcium, value: 50, slope: 1, type: "MAT_REMOVED", rescale: "HU_MOD", unit: "129321",
            quantity: "112031"),
        Kind(
            map: .fatFraction, value: 0.4, factor: 100, slope: 0.1, type: "MAT_FRACTIONAL", rescale: "PCT", unit: "%",
            quantity: "129100"),
        Kind(
            map: .waterFraction, value: 0.6, factor: 100, slope: 0.1, type: "MAT_FRACTIONAL", rescale: "PCT",
            unit: "%", quantity: "129103"),
        Kind(
            map: .electronDensity, value: 1.04, slope: 0.0001, type: "ELECTRON_DENSITY", rescale: "EDW",
            unit: "{ratio}", quantity: "130083"),
        Kind(
            map: .effectiveAtomicNumber, value: 7.6, slope: 0.001, type: "EFF_ATOMIC_NUM", rescale: "Z_EFF",
            unit: "129320", quantity: "129320"),
        Kind(
            map: .monoenergetic(keV: 70), value: 60, slope: 1, type: "VMI", rescale: "HU", unit: "[hnsf'U]",
            quantity: "112031"),
        Kind(
            map: .freeHydroxyapatite, value: 210, slope: 0.1, type: "MAT_SPECIFIC", rescale: "MGML", unit: "mg/cm3",
            quantity: "HADENS"),
        Kind(
            map: .deviation(of: .monoenergetic(keV: 70)), value: 14, slope: 0.1, type: "STD_DEV", rescale: "HU",
            unit: "[hnsf'U]", quantity: "112031"),
        Kind(
            map: .deviation(of: .electronDensity), value: 0.02, slope: 0.0001, type: "STD_DEV", rescale: "EDW",
            unit: "{ratio}", quantity: "130083"),
        Kind(
            map: .deviation(of: .fatFraction), value: 0.3, factor: 100, slope: 0.1, type: "STD_DEV", rescale: "PCT",
            unit: "%", quantity: "129100"),
    ]

    /// The build of dciodvfy in Debian 12 is older than the terms and units for multi-energy
    /// images (CID 301), and knows no private code.
    private static let knownWarnings = [
        "99APATITE", "2.25.72847384625926937499331000365924451897", "RescaleType(0028,1054)", "ImageType(0008,0008)",
        "DeviceUID(0018,1002)", "in a units Code Sequence is not UCUM = <DCM>",
    ]

    /// Writes a map whose value is linear in the patient's coordinates.
    private func write(
        _ kind: Kind, _ hand: MadeUpHand, source: ReportSource? = nil, to folder: TemporaryFolder
    ) throws -> [WrittenResult] {
        let geometry = hand.geometry
        let writer = try MapWriter(
            [kind.map], findings: hand.findings(), source: source ?? hand.source(), folder: folder.path)
        for k in 0..<geometry.slices {
            var slab: [Float] = []
            for j in 0..<geometry.rows {
                for i in 0..<geometry.columns {
                    let p = geometry.position(Double(i), Double(j), Double(k))
                    slab.append(Float(kind.value * (1 + 0.001 * p.x + 0.002 * p.y + 0.0005 * p.z)))
                }
            }
            try writer.write(k..<(k + 1), [kind.map: slab])
        }
        return writer.results
    }

    private func read(_ kind: Kind, in folder: TemporaryFolder) throws -> Reading {
        let a = kind.value * kind.factor
        let numbers = [a, 0.001 * a, 0.002 * a, 0.0005 * a].map { "\($0)" }
        let json = try OutsideReaders.python(
            "read_maps.py", ["\(folder.path)/maps/\(kind.map.folderName)"] + numbers)
        return try JSONDecoder().decode(Reading.self, from: Data(json.utf8))
    }

    @Test(arguments: kinds)
    func everyKindIsFreeOfFaultsAndSaysWhatItIs(kind: Kind) throws {
        let folder = try TemporaryFolder("map")
        let hand = MadeUpHand(spacingMm: (2, 2, 10))
        let results = try write(kind, hand, to: folder)
        let slice = try #require(results.first)
        #expect(try OutsideReaders.faults(slice.path) == [])
        let text = try OutsideReaders.run("dciodvfy", ["-new", slice.path]).text
        let unknown = text.split(separator: "\n").filter { line in
            line.hasPrefix("Warning") && !Self.knownWarnings.contains { line.contains($0) }
        }
        #expect(unknown == [])
        let reading = try read(kind, in: folder)
        #expect(reading.imageType == ["DERIVED", "PRIMARY", "AXIAL", kind.type])
        #expect(reading.rescaleType == kind.rescale)
        #expect(reading.unit == kind.unit)
        #expect(reading.quantity == kind.quantity)
        #expect(reading.seriesDescription.hasPrefix("Apatite "))
        #expect(reading.largestDifference <= kind.slope * 0.51)
        #expect(reading.rescaleDifference < 1e-9 * kind.value * kind.factor + 1e-9)
    }

    @Test(arguments: [
        (PatientVector(1, 0, 0), PatientVector(0, 1, 0), (0.7, 0.9, 3.1)),
        // Gantry turned about two axes; columns from left to right; slices with a gap between them.
        (PatientVector(0.8, 0.6, 0), PatientVector(-0.36, 0.48, 0.8), (1.1, 0.8, 2.6)),
        (PatientVector(-1, 0, 0), PatientVector(0, -0.8, 0.6), (1, 1, 4)),
    ])
    func everyVoxelLiesInItsPlace(
        row: PatientVector, column: PatientVector, spacing: (Double, Double, Double)
    ) throws {
        let folder = try TemporaryFolder("map-place")
        let hand = MadeUpHand(spacingMm: spacing, rowDirection: row, columnDirection: column)
        let kind = Self.kinds[0]
        let results = try write(kind, hand, to: folder)
        #expect(results.count == hand.geometry.slices)
        let reading = try read(kind, in: folder)
        #expect(reading.size == [hand.geometry.columns, hand.geometry.rows, hand.geometry.slices])
        #expect(zip(reading.spacing, [spacing.0, spacing.1, spacing.2]).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(reading.largestDifference <= kind.slope * 0.51)
        #expect(reading.uniqueInstances == hand.geometry.slices)
        #expect(reading.uniqueSeries == 1)
        #expect(reading.laterality == "R")
        #expect(reading.patientName == "Synthétique^Main")
        // Slices carry the numbers of the images they were made from.
        #expect(reading.instanceNumbers == (0..<hand.geometry.slices).map { hand.geometry.slices - $0 })
        #expect(reading.sources.first == ["2.25.1000", "2.25.2000"])
    }

    @Test func everyMapHasANameAndASeriesOfItsOwn() throws {
        let maps = MaterialMap.names.compactMap { MaterialMap(name: $0) } + [.monoenergetic(keV: 200)]
        let all = maps + maps.map { .deviation(of: $0) }
        for map in all { #expect(MaterialMap(name: map.name) == map) }
        #expect(MaterialMap(name: "ha-sd-sd") == nil && MaterialMap(name: "-sd") == nil)
        let folder = try TemporaryFolder("map-series")
        let hand = MadeUpHand(spacingMm: (10, 10, 100))
        let writer = try MapWriter(all, findings: nil, source: hand.source(), folder: folder.path)
        let pixels = [Float](repeating: 1, count: hand.geometry.rows * hand.geometry.columns)
        try writer.write(0..<1, Dictionary(uniqueKeysWithValues: all.map { ($0, pixels) }))
        let images = try writer.results.map { try DataSet(contentsOf: $0.path) }
        let numbers = images.compactMap { $0.integer(.seriesNumber) }
        #expect(Set(numbers).count == all.count)
        #expect(numbers.allSatisfy { (9000..<9000 + ReportSource.seriesNumberSpan).contains($0) }, "\(numbers)")
    }

    @Test func whatIsNoNumberIsZeroAndWhatIsTooLargeIsTheLargest() throws {
        let folder = try TemporaryFolder("map-range")
        let hand = MadeUpHand(spacingMm: (10, 10, 100))
        let pixels = hand.geometry.rows * hand.geometry.columns
        let writer = try MapWriter([.hydroxyapatite], findings: nil, source: hand.source(), folder: folder.path)
        var values = [Float](repeating: .nan, count: pixels)
        (values[1], values[2]) = (1e9, -.infinity)
        try writer.write(0..<1, [.hydroxyapatite: values])
        let image = try DataSet(contentsOf: writer.results[0].path)
        let bytes = try #require(image.bytes(.pixelData))
        #expect(Array(bytes[0..<6]) == [0, 0, 0xFF, 0x7F, 0, 0])
    }

    @Test func aSideThatIsNotKnownMakesNoFault() throws {
        let folder = try TemporaryFolder("map-side")
        let hand = MadeUpHand(spacingMm: (4, 4, 100))
        for side in [Laterality.both, .unknown] {
            let results = try write(Self.kinds[0], hand, source: hand.source(laterality: side), to: folder)
            #expect(try OutsideReaders.faults(results[0].path) == [])
        }
        // What a body has once has none, whatever the protocol was called.
        let header = hand.header(slice: 0)
        header.set(.bodyPartExamined, "PELVIS")
        let results = try write(Self.kinds[0], hand, source: hand.source(header: header), to: folder)
        #expect(try OutsideReaders.faults(results[0].path) == [])
    }

    @Test func theSameInputGivesTheSameMapsAndAnythingChangedOthers() throws {
        let hand = MadeUpHand(spacingMm: (4, 4, 40))
        let folders = try (0..<3).map { _ in try TemporaryFolder("map-identity") }
        let sources = [hand.source(), hand.source(), hand.source(revision: 2)]
        let results = try zip(folders, sources).map { try write(Self.kinds[0], hand, source: $1, to: $0) }
        for (one, two) in zip(results[0], results[1]) {
            #expect(try Data(contentsOf: URL(filePath: one.path)) == Data(contentsOf: URL(filePath: two.path)))
        }
        let identifiers = results.map { Set($0.compactMap { $0.instance?.sopInstanceUID }) }
        #expect(identifiers[0].isDisjoint(with: identifiers[2]))
    }

    @Test func namesAreReadAsTheyAreWritten() {
        for name in MaterialMap.names { #expect(MaterialMap(name: name)?.name == name) }
        #expect(MaterialMap(name: "vmi:52.5")?.folderName == "vmi-52.5")
        for name in ["", "HA", "vmi:", "vmi:10", "vmi:nan", "../ha"] { #expect(MaterialMap(name: name) == nil) }
    }
}
