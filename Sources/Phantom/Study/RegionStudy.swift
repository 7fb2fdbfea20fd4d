import DICOM
import DualEnergyCT
public import Foundation

/// The study of a limb or trunk as a scanner would send it, and what is really in it.
public struct RegionStudy {
    public var phantom: RegionPhantom
    public var pair: SpectrumPair
    public var mode: SimulationMode
    public var vendor: Vendor

    public init(_ phantom: RegionPhantom, pair: SpectrumPair, mode: SimulationMode, vendor: Vendor = .siemens) {
        self.phantom = phantom
        self.pair = pair
        self.mode = mode
        self.vendor = vendor
    }

    /// Writes `study/` (DICOM, both energies) and `truth/` (`truth.json`, `labels.nrrd`) into a folder.
    public func write(to folder: URL) throws {
        let study = folder.appendingPathComponent("study")
        let truth = folder.appendingPathComponent("truth")
        for path in [study, truth] {
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        }
        let images = phantom.simulate(mode: mode, pair: pair)
        var identity = StudyIdentity(
            seed: phantom.seed, side: phantom.parameters.side,
            key: "\(phantom.parameters) \(phantom.scan) \(pair.description) \(mode.rawValue) \(vendor.rawValue)")
        identity.bodyPart = phantom.parameters.region.rawValue.uppercased()
        let writer = SeriesWriter(identity: identity, vendor: vendor, folder: study)
        try writer.write(series(2, pair.low, tube: "A", images.low))
        try writer.write(series(3, pair.high, tube: "B", images.high))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(phantom.truth(mode: mode, pair: pair)).write(to: truth.appendingPathComponent("truth.json"))
        try LabelFile.write(phantom.truthLabels(), to: truth.appendingPathComponent("labels.nrrd"))
    }

    private func series(_ number: Int, _ spectrum: TubeSpectrum, tube: String, _ volume: Volume<Int16>) -> ImageSeries {
        let kilovoltage = "\(spectrum.tinMm > 0 ? "Sn" : "")\(spectrum.peakKilovoltage)kV"
        let thickness = phantom.scan.sliceThicknessMm
        let name = phantom.parameters.region.rawValue.capitalized
        let isSiemens = vendor == .siemens
        return ImageSeries(
            number: number, name: "\(number)-\(kilovoltage)",
            description: isSiemens
                ? "DE_\(name) \(DataSet.decimalString(thickness)) \(vendor.kernel[0]) 3 \(kilovoltage) \(tube)"
                : "\(name) \(kilovoltage)",
            imageType: ["ORIGINAL", "PRIMARY", "AXIAL"]
                + (isSiemens ? ["CT_SOM5 SPI DUAL", "STD", "DNRG", "DET_\(tube)"] : []),
            kilovoltage: spectrum.peakKilovoltage, tinMm: spectrum.tinMm, thicknessMm: thickness, volume: volume,
            seconds: 12)
    }
}
