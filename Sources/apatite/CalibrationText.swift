import Analysis
import DualEnergyCT
import Foundation

/// Calibrations and checks in words and columns.
enum CalibrationText {
    static func calibration(_ file: CalibrationFile, table: TableComparison) -> String {
        let result = file.result
        let phantom = file.phantom
        var lines = [
            "Calibration \(file.name), scan of \(file.studyDate), holds \(file.validDays) days",
            "Energies    \(name(file.settings.low)) and \(name(file.settings.high)), kernel \(file.settings.kernel)",
            "Base        \(phantom.base), \(text(phantom.baseLowHU, 1)) and \(text(phantom.baseHighHU, 1)) HU; "
                + "path \(text(phantom.pathCm, 1)) cm",
            "Slopes      \(text(result.lowSlope, 4)) and \(text(result.highSlope, 4)) HU per mg/cm3, uncertain by "
                + "\(percent(result.lowRelativeVariance.squareRoot())) and "
                + "\(percent(result.highRelativeVariance.squareRoot())) (1 SD); ratio "
                + text(result.lowSlope / result.highSlope, 3),
            "Filtration  as \(text(result.effectiveAluminiumMm, 1)) mm Al; what it leaves: factors "
                + "\(text(result.lowFactor, 4)) and \(text(result.highFactor, 4))",
            "Table       slopes \(signed(table.low)) and \(signed(table.high)) off the computed ones, "
                + "\(text(table.deviations, 1)) standard deviations of both",
            "",
            row(["Rod", "Diameter", "Low", "High", "Residual low", "high"]),
            row(["mg/cm3", "mm", "HU", "HU", "mg/cm3", "mg/cm3"]),
        ]
        lines += file.rods.map { rod in
            row([
                text(rod.densityMgPerCm3, 0), text(rod.diameterMm, 1), text(rod.lowHU, 1), text(rod.highHU, 1),
                text(rod.lowResidualMgPerCm3, 2), text(rod.highResidualMgPerCm3, 2),
            ])
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What a physicist should know before using it; nil where the sources of calibration agree.
    static func warning(_ table: TableComparison) -> String? {
        let limit = TrustLimits().calibrationDeviations
        guard table.deviations > limit else { return nil }
        return "warning: the rods contradict the computed spectra by \(text(table.deviations, 1)) standard deviations "
            + "(limit \(text(limit, 0))). Check the densities of --rods and the tube voltage and filter that the header "
            + "names; reports that rest on this calibration will say so."
    }

    static func check(_ check: CalibrationCheck, limitPercent: Double) -> String {
        var lines = [
            "Constancy check of \(check.studyDate), \(check.ageDays) days after the calibration, "
                + "\(check.checkCount) on record",
            "Low energy  \(signed(check.change.low)) +- \(percent(check.change.lowUncertainty)) (1 SD), "
                + words(check.low),
            "High energy \(signed(check.change.high)) +- \(percent(check.change.highUncertainty)) (1 SD), "
                + words(check.high),
            "Limit       \(text(limitPercent, 1)) %",
            "",
            row(["Rod", "Measured", "1 SD"]),
            row(["mg/cm3", "mg/cm3", "mg/cm3"]),
        ]
        lines += check.rods.map {
            row([text($0.densityMgPerCm3, 0), text($0.measuredMgPerCm3, 1), text($0.standardUncertainty, 1)])
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What somebody has to do something about.
    static func alarms(_ check: CalibrationCheck, limitPercent: Double) -> [String] {
        var alarms: [String] = []
        let cases = [("low", check.low, check.change.low), ("high", check.high, check.change.high)]
        for (name, verdict, change) in cases {
            switch verdict {
            case .constant: break
            case .drifted:
                alarms.append(
                    "The \(name)-energy slope has moved by \(signed(change)), more than \(text(limitPercent, 1)) %. "
                        + "Repeat the scan; if it stays, call the scanner's service and calibrate again.")
            case .drifting(let days):
                alarms.append(
                    "The \(name)-energy slope is drifting and will pass \(text(limitPercent, 1)) % in about "
                        + "\(text(days, 0)) days. Calibrate again before.")
            }
        }
        if check.isExpired { alarms.append("The calibration has expired. Calibrate again.") }
        return alarms
    }

    private static func words(_ verdict: ConstancyTrend.Verdict) -> String {
        switch verdict {
        case .constant: "constant"
        case .drifted: "BEYOND THE LIMIT"
        case .drifting(let days): "DRIFTING, at the limit in about \(text(days, 0)) days"
        }
    }

    private static func name(_ beam: CalibrationFile.Beam) -> String {
        if let energy = beam.monoenergeticKeV { return "\(text(energy, 0)) keV" }
        let tin = beam.tinFilterMm ?? 0
        return "\(tin > 0 ? "Sn" : "")\(text(beam.tubeVoltageKV ?? 0, 0)) kV"
    }

    private static func row(_ cells: [String]) -> String {
        cells.map { String(repeating: " ", count: max(0, 13 - $0.count)) + $0 }.joined()
    }

    private static func text(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }
    private static func percent(_ value: Double) -> String { text(100 * value, 2) + " %" }
    private static func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + percent(value) }
}
