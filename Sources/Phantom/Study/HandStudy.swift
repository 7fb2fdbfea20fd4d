import DICOM
import DualEnergyCT
public import Foundation

/// A study of a hand phantom as a scanner would send it, and what is really in it.
public struct HandStudy {
    public var phantom: HandPhantom
    public var pair: SpectrumPair
    public var mode: SimulationMode
    public var vendor: Vendor
    /// One series at the pair's low spectrum only, from a scan with one tube.
    public var isSingleEnergy: Bool

    public init(
        _ phantom: HandPhantom, pair: SpectrumPair, mode: SimulationMode, vendor: Vendor = .siemens,
        isSingleEnergy: Bool = false
    ) {
        self.phantom = phantom
        self.pair = pair
        self.mode = mode
        self.vendor = vendor
        self.isSingleEnergy = isSingleEnergy
    }

    /// Writes `study/` (DICOM) and `truth/` (`truth.json`, `labels.nrrd`) into a folder.
    public func write(to folder: URL) throws {
        let study = folder.appendingPathComponent("study")
        let truthFolder = folder.appendingPathComponent("truth")
        for path in [study, truthFolder] {
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        }
        let images = phantom.simulate(mode: mode, pair: pair)
        var key =
            "\(phantom.parameters) \(phantom.scan) \(pair.description) \(mode.rawValue) \(vendor.rawValue) \(isSingleEnergy)"
        if phantom.visit != HandVisit() { key += " \(Self.text(phantom.visit))" }
        if let motion = phantom.motion { key += " moved \(motion)" }
        let identity = StudyIdentity(
            seed: phantom.seed, side: phantom.parameters.side, key: key, visit: phantom.visit.number)
        let writer = SeriesWriter(identity: identity, vendor: vendor, folder: study)
        for series in series(low: images.low, high: images.high) { try writer.write(series) }
        try DoseReport(identity: identity, vendor: vendor, pair: pair, isSingleEnergy: isSingleEnergy)
            .write(to: study.appendingPathComponent("dose"))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(phantom.truth(mode: mode, pair: pair)).write(
            to: truthFolder.appendingPathComponent("truth.json"))
        try LabelFile.write(phantom.truthLabels(), to: truthFolder.appendingPathComponent("labels.nrrd"))
    }

    /// A visit as text that is always the same: a dictionary's own is not.
    private static func text(_ visit: HandVisit) -> String {
        let growth = visit.growth.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
        return "visit \(visit.number) \(visit.pose) \(growth) \(visit.newDeposits)"
    }

    private func series(low: Volume<Int16>, high: Volume<Int16>) -> [ImageSeries] {
        let thickness = phantom.scan.sliceThicknessMm
        let top = ImageSeries(
            number: 1, name: "1-topogram", description: "Topogram 0.6 T20f",
            imageType: ["ORIGINAL", "PRIMARY", "LOCALIZER", "CT_SOM5 TOP"], kilovoltage: 100,
            thicknessMm: thickness, volume: Self.topogram(low))
        let millimetres = DataSet.decimalString(thickness)
        guard !isSingleEnergy else {
            return [
                top,
                ImageSeries(
                    number: 2, name: "2-axial", description: "Hand \(millimetres) \(vendor.kernel[0])",
                    imageType: ["ORIGINAL", "PRIMARY", "AXIAL"]
                        + (vendor == .siemens ? ["CT_SOM5 SPI", "STD", "SNRG", "DET_A"] : []),
                    kilovoltage: pair.low.peakKilovoltage, tinMm: pair.low.tinMm, thicknessMm: thickness, volume: low,
                    seconds: 12),
            ]
        }
        func axial(_ number: Int, _ spectrum: TubeSpectrum, _ tube: String, _ volume: Volume<Int16>) -> ImageSeries {
            let kilovoltage = "\(spectrum.tinMm > 0 ? "Sn" : "")\(spectrum.peakKilovoltage)kV"
            return ImageSeries(
                number: number, name: "\(number)-\(kilovoltage)",
                description: vendor == .siemens
                    ? "DE_Hand \(millimetres) \(vendor.kernel[0]) 3 \(kilovoltage) \(tube)" : "Hand \(kilovoltage)",
                imageType: ["ORIGINAL", "PRIMARY", "AXIAL"]
                    + (vendor == .siemens ? ["CT_SOM5 SPI DUAL", "STD", "DNRG", "DET_\(tube)"] : []),
                kilovoltage: spectrum.peakKilovoltage, tinMm: spectrum.tinMm, thicknessMm: thickness, volume: volume,
                seconds: 12)
        }
        let mixed = Self.mixed(low, high)
        let mixedType =
            ["DERIVED", "PRIMARY", "AXIAL"]
            + (vendor == .siemens ? ["CT_SOM5 SPI DUAL", "STD", "DNRG", "DET_AB", "COMP"] : [])
        let thick = Self.thick(mixed, millimetres: 3)
        return [
            top, axial(2, pair.low, "A", low), axial(3, pair.high, "B", high),
            ImageSeries(
                number: 4, name: "4-mixed", description: "DE_Hand \(millimetres) \(vendor.kernel[0]) 3 M_0.5",
                imageType: mixedType, kilovoltage: nil, thicknessMm: thickness, volume: mixed, seconds: 12),
            ImageSeries(
                number: 5, name: "5-mixed-3mm", description: "DE_Hand 3.0 \(vendor.kernel[0]) 3 M_0.5",
                imageType: ["DERIVED", "SECONDARY"] + mixedType.dropFirst(2), kilovoltage: nil,
                thicknessMm: thick.geometry.sliceSpacingMm, volume: thick, seconds: 12),
        ]
    }

    private static func mixed(_ low: Volume<Int16>, _ high: Volume<Int16>) -> Volume<Int16> {
        var result = low
        high.voxels.withUnsafeBufferPointer { high in
            result.voxels.withUnsafeMutableBufferPointer { mixed in
                for i in mixed.indices { mixed[i] = Int16((Int32(mixed[i]) + Int32(high[i])) >> 1) }
            }
        }
        return result
    }

    /// Slices averaged to about this thickness.
    private static func thick(_ volume: Volume<Int16>, millimetres: Double) -> Volume<Int16> {
        var geometry = volume.geometry
        let group = min(geometry.slices, max(1, Int((millimetres / geometry.sliceSpacingMm).rounded())))
        geometry.origin = volume.geometry.position(0, 0, 0.5 * Double(group - 1))
        geometry.slices /= group
        geometry.sliceSpacingMm *= Double(group)
        var result = Volume<Int16>(geometry: geometry, repeating: 0)
        let count = geometry.columns * geometry.rows
        volume.voxels.withUnsafeBufferPointer { source in
            result.voxels.withUnsafeMutableBufferPointer { target in
                for k in 0..<geometry.slices {
                    for i in 0..<count {
                        var sum: Int32 = 0
                        for s in 0..<group { sum += Int32(source[(k * group + s) * count + i]) }
                        target[k * count + i] = Int16(sum / Int32(group))
                    }
                }
            }
        }
        return result
    }

    /// A projection from the front, head up, in the arbitrary units of a topogram.
    private static func topogram(_ volume: Volume<Int16>) -> Volume<Int16> {
        let g = volume.geometry
        let front = GridGeometry(
            columns: g.columns, rows: g.slices, slices: 1, columnSpacingMm: g.columnSpacingMm,
            rowSpacingMm: g.sliceSpacingMm, sliceSpacingMm: 1,
            origin: PatientVector(
                g.origin.x, g.origin.y + 0.5 * Double(g.rows) * g.rowSpacingMm, g.position(0, 0, Double(g.slices - 1)).z
            ),
            rowDirection: PatientVector(1, 0, 0), columnDirection: PatientVector(0, 0, -1))
        var result = Volume<Int16>(geometry: front, repeating: 0)
        volume.voxels.withUnsafeBufferPointer { source in
            for k in 0..<g.slices {
                for i in 0..<g.columns {
                    var sum = 0
                    for j in 0..<g.rows { sum += Int(source[g.index(i, j, k)]) + 1000 }
                    result[i, g.slices - 1 - k, 0] = Int16(min(max(sum / 80 - 200, -1024), 3071))
                }
            }
        }
        return result
    }
}
