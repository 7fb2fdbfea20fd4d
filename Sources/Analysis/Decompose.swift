import DICOM
import DualEnergyCT
public import Foundation
import Report
import StudyAssembly

/// Material maps of any dual-energy study, of a body part or of a phantom: no segmentation, no report.
public struct DecompositionJob: Sendable {
    /// Files, or folders that are searched with all their folders, in any order.
    public var inputs: [String]
    /// Where `maps/KIND/NNNN.dcm` are written; made when absent.
    public var outputFolder: String
    /// By the names that `MaterialMap` has: "ha", "vmi:70" ...
    public var maps: [String]
    /// Content date and time of the maps.
    public var closedAt: Date
    public var configurationDigest: String
    public var installationSerial: String
    /// Rod calibrations: the one of the study's scanner and settings is used.
    public var calibrations: [CalibrationFile]
    /// Maps of an edge-keeping mean of the images: for seeing.
    public var keepsEdges: Bool

    public init(
        inputs: [String], outputFolder: String, maps: [String], closedAt: Date, configurationDigest: String = "none",
        installationSerial: String = "unnamed", calibrations: [CalibrationFile] = [], keepsEdges: Bool = false
    ) {
        self.inputs = inputs
        self.outputFolder = outputFolder
        self.maps = maps
        self.closedAt = closedAt
        self.configurationDigest = configurationDigest
        self.installationSerial = installationSerial
        self.calibrations = calibrations
        self.keepsEdges = keepsEdges
    }
}

/// How a decomposition ended.
public enum DecompositionOutcome: Sendable, Equatable {
    /// The number of images written, and why none of the calibrations was used when there were some.
    case written(images: Int, withoutCalibration: AnalysisReason?)
    case leftAlone(AnalysisReason)
    case setAside([AnalysisReason])
}

/// Whether a word names a material map.
public func isMapName(_ name: String) -> Bool { MaterialMap(name: name) != nil }

/// Writes the material maps of a study.
///
/// - Parameter progress: called with the part that is done, from 0 to 1, and the words for what is being done.
/// - Throws: `AnalysisFailure` for what is no property of the study: a folder that cannot be written.
public func decompose(
    _ job: DecompositionJob, progress: (Double, String) -> Void = { _, _ in }
) throws(AnalysisFailure) -> DecompositionOutcome {
    var assembler = StudyAssembler()
    assembler.isTestObject = true
    let (fate, _) = assembler.assemble(job.inputs) { progress(0.4 * $0, "reading the study") }
    switch fate {
    case .leftAlone(let reason): return .leftAlone(AnalysisReason(reason))
    case .setAside(let reasons): return .setAside(reasons.map { AnalysisReason($0) })
    case .analysable(let acquisition):
        let calibration = try CalibrationChoice(for: acquisition, among: job.calibrations)
        let rods = try calibration.file?.usable()
        do {
            try FileManager.default.createDirectory(atPath: job.outputFolder, withIntermediateDirectories: true)
            var source = try ReportSource(
                of: acquisition,
                job: AnalysisJob(
                    inputs: [], outputFolder: job.outputFolder, closedAt: job.closedAt, closingSignal: .commandLine,
                    configurationDigest: job.configurationDigest, installationSerial: job.installationSerial))
            source.calibrationDigest = calibration.file?.digest ?? ""
            var options = DecompositionOptions()
            options.calibration = rods
            options.keepsEdges = job.keepsEdges
            source.keepsEdges = job.keepsEdges
            let mapper = MaterialMapper(pair: acquisition.pair, options: options)
            let images = try write(mapper, of: acquisition, job, source) {
                progress(0.4 + 0.6 * $0, "making the maps")
            }
            return .written(images: images, withoutCalibration: calibration.refusal.map { AnalysisReason($0) })
        } catch let error as DICOMError {
            throw AnalysisFailure(message: "The maps cannot be written: \(error.message)")
        } catch {
            throw AnalysisFailure(
                message: "The maps cannot be written: check the space and permissions of the folder.")
        }
    }
}

/// - Returns: the number of images.
private func write(
    _ mapper: MaterialMapper, of acquisition: DualEnergyAcquisition, _ job: DecompositionJob, _ source: ReportSource,
    progress: (Double) -> Void
) throws -> Int {
    let maps = job.maps.compactMap { MaterialMap(name: $0) }
    let writer = try MapWriter(maps, findings: nil, source: source, folder: job.outputFolder)
    let geometry = acquisition.pair.low.geometry
    for slab in slabs(of: geometry) {
        try writer.write(slab, mapper.slab(slab, maps))
        progress(Double(slab.upperBound) / Double(geometry.slices))
    }
    return writer.results.count
}
