import DICOM
public import DualEnergyCT
import Foundation
import StudyAssembly

/// What a person says of a calibration beside the rods.
public struct CalibrationRequest: Sendable {
    public var inputs: [String]
    public var rods: RodDescription
    public var name: String
    public var validDays: Int

    public init(inputs: [String], rods: RodDescription, name: String, validDays: Int) {
        self.inputs = inputs
        self.rods = rods
        self.name = name
        self.validDays = validDays
    }
}

/// From the study of a rod phantom to its calibration.
///
/// - Throws: `CalibrationFailure` with the reason and what to do.
public func calibrate(
    _ request: CalibrationRequest, progress: (Double, String) -> Void = { _, _ in }
) throws(CalibrationFailure) -> CalibrationFile {
    let (acquisition, conditions) = try readTestObject(request.inputs) { progress(0.5 * $0, "reading the study") }
    progress(0.5, "looking for rods")
    guard let low = CalibrationFile.Beam(acquisition.pair.lowBeam),
        let high = CalibrationFile.Beam(acquisition.pair.highBeam)
    else {
        throw CalibrationFailure(
            "Rods calibrate pairs of tube voltages and monoenergetic pairs.", "Scan the phantom with such a pair.")
    }
    guard CalendarDay(conditions.studyDate) != nil else {
        throw CalibrationFailure(
            "The study has no date, so that no calibration could ever expire.", "Send it again with its Study Date.")
    }
    let scan: RodScan
    let calibration: RodCalibration
    let residuals: [RodResidual]
    do {
        scan = try RodScan(request.rods, in: acquisition.pair)
        progress(0.8, "fitting")
        (calibration, residuals) = try scan.calibrate()
    } catch {
        throw CalibrationFailure(error)
    }
    var file = CalibrationFile(
        name: request.name, studyDate: conditions.studyDate, validDays: request.validDays,
        scanner: conditions.scanner,
        settings: .init(
            low: low, high: high, kernel: conditions.kernel, filterType: conditions.filterType,
            sliceThicknessMm: acquisition.pair.sliceThicknessMm),
        phantom: .init(
            base: request.rods.base.rawValue, densitiesMgPerCm3: request.rods.densitiesMgPerCm3,
            relativeTolerance: request.rods.relativeTolerance, baseLowHU: scan.baseLowHU,
            baseHighHU: scan.baseHighHU, pathCm: scan.pathCm),
        result: .init(calibration), rods: residuals.map { .init($0) }, algorithmVersion: apatiteVersion)
    file.digest = file.computedDigest
    return file
}

/// The two energies of a phantom's study, and the conditions of its scan.
func readTestObject(
    _ inputs: [String], progress: (Double) -> Void
) throws(CalibrationFailure) -> (DualEnergyAcquisition, ScanConditions) {
    var assembler = StudyAssembler()
    assembler.isTestObject = true
    switch assembler.assemble(inputs, progress: progress).fate {
    case .leftAlone(let reason):
        throw CalibrationFailure(
            reason.message, "Send both energies of one dual-energy scan of the phantom, reconstructed alike.")
    case .setAside(let reasons):
        throw CalibrationFailure(
            reasons.map(\.message).joined(separator: " "), reasons.map(\.remedy).joined(separator: " "))
    case .analysable(let acquisition):
        do {
            return (acquisition, try ScanConditions(of: acquisition))
        } catch {
            throw CalibrationFailure("A file of the study can no longer be read.", "Run it again.")
        }
    }
}

extension CalibrationFile.Result {
    fileprivate init(_ calibration: RodCalibration) {
        self.init(
            lowSlope: calibration.lowSlope, highSlope: calibration.highSlope,
            effectiveAluminiumMm: calibration.filtration.aluminiumMm,
            anodeAngleDegrees: calibration.filtration.anodeAngleDegrees, lowFactor: calibration.lowFactor,
            highFactor: calibration.highFactor, lowRelativeVariance: calibration.relativeCovariance.low,
            highRelativeVariance: calibration.relativeCovariance.high,
            relativeCovariance: calibration.relativeCovariance.both)
    }
}

extension CalibrationFile.RodEntry {
    fileprivate init(_ residual: RodResidual) {
        self.init(
            densityMgPerCm3: residual.densityMgPerCm3, diameterMm: residual.diameterMm, lowHU: residual.lowHU,
            highHU: residual.highHU, lowResidualMgPerCm3: residual.lowMgPerCm3,
            highResidualMgPerCm3: residual.highMgPerCm3)
    }
}
