import DICOM
import DualEnergyCT
public import Foundation

/// The study of a rod phantom as a scanner would send it: both energies, nothing else.
public struct RodStudy {
    public var phantom: RodPhantom
    public var scan: ScanParameters
    public var pair: SpectrumPair
    public var vendor: Vendor
    public var seed: UInt64
    /// YYYYMMDD.
    public var studyDate: String

    public init(
        _ phantom: RodPhantom, scan: ScanParameters, pair: SpectrumPair, vendor: Vendor = .siemens, seed: UInt64,
        studyDate: String = "20260105"
    ) {
        self.phantom = phantom
        self.scan = scan
        self.pair = pair
        self.vendor = vendor
        self.seed = seed
        self.studyDate = studyDate
    }

    /// Writes `study/` (DICOM) and `truth/truth.json` into a folder.
    public func write(to folder: URL) throws {
        let study = folder.appendingPathComponent("study")
        let truth = folder.appendingPathComponent("truth")
        for path in [study, truth] {
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        }
        let images = phantom.simulate(pair: pair, scan: scan, seed: seed)
        let identity = StudyIdentity(
            seed: seed, side: nil, key: "\(phantom) \(scan) \(pair) \(vendor.rawValue) \(studyDate)", date: studyDate)
        let writer = SeriesWriter(identity: identity, vendor: vendor, folder: study)
        try writer.write(series(2, pair.low, tube: "A", images.low))
        try writer.write(series(3, pair.high, tube: "B", images.high))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(phantom.rods).write(to: truth.appendingPathComponent("truth.json"))
    }

    private func series(_ number: Int, _ spectrum: TubeSpectrum, tube: String, _ volume: Volume<Int16>) -> ImageSeries {
        let kilovoltage = "\(spectrum.tinMm > 0 ? "Sn" : "")\(spectrum.peakKilovoltage)kV"
        let isSiemens = vendor == .siemens
        return ImageSeries(
            number: number, name: "\(number)-\(kilovoltage)",
            description: isSiemens
                ? "DE_QA \(DataSet.decimalString(scan.sliceThicknessMm)) \(vendor.kernel[0]) 3 \(kilovoltage) \(tube)"
                : "QA \(kilovoltage)",
            imageType: ["ORIGINAL", "PRIMARY", "AXIAL"]
                + (isSiemens ? ["CT_SOM5 SPI DUAL", "STD", "DNRG", "DET_\(tube)"] : []),
            kilovoltage: spectrum.peakKilovoltage, tinMm: spectrum.tinMm, thicknessMm: scan.sliceThicknessMm,
            volume: volume, seconds: 12)
    }
}
