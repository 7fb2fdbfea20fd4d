public import DualEnergyCT
import Foundation
import StudyAssembly

/// What a constancy check found.
public struct CalibrationCheck: Sendable, Equatable {
    public struct Rod: Sendable, Equatable {
        public var densityMgPerCm3: Double
        public var measuredMgPerCm3: Double
        public var standardUncertainty: Double
    }

    public var change: SlopeChange
    public var low: ConstancyTrend.Verdict
    public var high: ConstancyTrend.Verdict
    /// The densities that the stored calibration gives the rods.
    public var rods: [Rod]
    public var studyDate: String
    /// Days since the calibration.
    public var ageDays: Int
    public var isExpired: Bool
    /// Checks on record, this one included.
    public var checkCount: Int

    /// Somebody has to do something.
    public var isAlarm: Bool { low != .constant || high != .constant || isExpired }
}

/// Measures the rods again, compares them with a calibration and adds the check to the trend beside its file.
///
/// The same study checked twice is one check.
/// - Parameters:
///   - calibrationPath: the calibration's file; the trend is `trendPath(of:)`.
///   - limit: relative change of a slope that is too much.
public func checkCalibration(
    _ inputs: [String], calibrationPath: String, limit: Double, progress: (Double, String) -> Void = { _, _ in }
) throws(CalibrationFailure) -> CalibrationCheck {
    let file = try CalibrationFile.read(path: calibrationPath)
    let calibration = try file.calibration()
    let (acquisition, conditions) = try readTestObject(inputs) { progress(0.5 * $0, "reading the study") }
    let mismatch = file.mismatch(conditions)
    if let mismatch, mismatch != .expired { throw CalibrationFailure(mismatch) }
    progress(0.5, "looking for rods")
    let scan: RodScan
    do {
        scan = try RodScan(file.description, in: acquisition.pair)
    } catch {
        throw CalibrationFailure(error)
    }
    let change = scan.change(since: calibration)
    var record = try ConstancyRecord.read(path: trendPath(of: calibrationPath))
    let day = file.ageDays(conditions) ?? 0
    let trend = ConstancyTrend(limit: limit)
    record.add(
        .init(
            studyDate: conditions.studyDate, study: String(acquisition.digest.prefix(16)),
            calibration: String(file.digest.prefix(16)), change: change))
    func points(_ value: KeyPath<SlopeChange, Double>, _ uncertainty: KeyPath<SlopeChange, Double>)
        -> [ConstancyTrend.Point]
    {
        record.checks(of: file).map {
            ConstancyTrend.Point(
                day: $0.day, change: $0.change[keyPath: value], uncertainty: $0.change[keyPath: uncertainty])
        }.filter { $0.day <= Double(day) }
    }
    let check = CalibrationCheck(
        change: change, low: trend.verdict(points(\.low, \.lowUncertainty)),
        high: trend.verdict(points(\.high, \.highUncertainty)),
        rods: zip(file.description.densitiesMgPerCm3.filter { $0 > 0 }, scan.densities(by: calibration)).map {
            CalibrationCheck.Rod(
                densityMgPerCm3: $0, measuredMgPerCm3: $1.mgPerCm3, standardUncertainty: $1.standardUncertainty)
        }, studyDate: conditions.studyDate, ageDays: day, isExpired: mismatch == .expired,
        checkCount: record.checks(of: file).count)
    try record.write(path: trendPath(of: calibrationPath))
    return check
}

/// The trend's file: beside the calibration, with its name.
public func trendPath(of calibrationPath: String) -> String {
    let bare = calibrationPath.hasSuffix(".json") ? String(calibrationPath.dropLast(5)) : calibrationPath
    return bare + ".trend.csv"
}

extension CalibrationFailure {
    fileprivate init(_ mismatch: CalibrationFile.Mismatch) {
        let what =
            switch mismatch {
            case .scanner: "was made on another scanner"
            case .pair: "was made with another pair of energies"
            case .filter: "was made with another filter"
            case .kernel: "was made with another kernel"
            case .undated, .before: "is younger than this study, or the study has no date"
            case .expired: "has expired"
            }
        self.init("The calibration \(what).", "Scan the phantom as for the calibration, or calibrate anew.")
    }
}
