import DICOM
import DualEnergyCT
import Foundation

/// Whose the rows are, as a pseudonym or by name.
struct CohortSubject {
    /// Names the analysis: the same study analysed again in the same way has the same.
    var analysis: String
    var patient: String
    var study: String
    /// YYYY-MM-DD; shifted unless the patient is named.
    var date: String
    var sex: String
    /// In years; 90 stands for all above too, unless the patient is named.
    var age: String

    /// - Parameter key: of the pseudonyms; nil names the patient.
    init(_ outcome: AnalysisOutcome, key: [UInt8]?) {
        func pseudonym(_ role: String, _ text: String) -> String {
            guard !text.isEmpty else { return "" }
            guard let key else { return text }
            let digest = SHA256.digest(of: key + Array("\(role)\n\(text)".utf8))
            return SHA256.hexadecimal(Array(digest.prefix(6)))
        }
        let report = outcome.artefacts.first { $0.kind == .structuredReport }
        let header = report.flatMap { try? DataSet(contentsOf: $0.path, untilPixelData: true) }
        let uid = outcome.studyInstanceUID ?? ""
        // A result's UID says all that its content depends on; a study without results is told apart by its fate.
        let digest = SHA256.digest(of: (key ?? []) + Array((report?.sopInstanceUID ?? "\(uid) \(outcome.status)").utf8))
        analysis = SHA256.hexadecimal(Array(digest.prefix(8)))
        let issuer = header?.string(.issuerOfPatientID) ?? ""
        let id = header?.string(.patientID) ?? ""
        patient = key == nil ? id : pseudonym("patient", id.isEmpty ? "" : "\(issuer)\n\(id)")
        study = pseudonym("study", uid)
        sex = header?.string(.patientSex) ?? ""
        let years = header?.string(.patientAge).flatMap { $0.hasSuffix("Y") ? Int($0.dropLast()) : nil }
        age = years.map { "\(key == nil ? $0 : min($0, 90))" } ?? ""
        let shift = key.map { Self.shift($0, "\(issuer)\n\(id)") } ?? 0
        date = Self.date(header?.string(.studyDate) ?? "", shiftedBy: -shift)
    }

    /// Days from 1 to 365, the same for all examinations of a patient.
    private static func shift(_ key: [UInt8], _ patient: String) -> Int {
        let digest = SHA256.digest(of: key + Array("date\n\(patient)".utf8))
        return (Int(digest[0]) << 16 | Int(digest[1]) << 8 | Int(digest[2])) % 365 + 1
    }

    /// `YYYYMMDD` as `YYYY-MM-DD`, so many days later; "" when it is no date.
    private static func date(_ text: String, shiftedBy days: Int) -> String {
        let digits = text.compactMap(\.wholeNumberValue)
        guard digits.count == 8, text.count == 8, let zone = TimeZone(identifier: "UTC") else { return "" }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts = DateComponents(
            year: digits[0..<4].reduce(0) { $0 * 10 + $1 }, month: digits[4] * 10 + digits[5],
            day: digits[6] * 10 + digits[7])
        guard let date = calendar.date(from: parts), let moved = calendar.date(byAdding: .day, value: days, to: date)
        else { return "" }
        let result = calendar.dateComponents([.year, .month, .day], from: moved)
        func padded(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        return "\(result.year ?? 0)-\(padded(result.month))-\(padded(result.day))"
    }
}

/// The rows of one analysis: columns and values side by side, so that they cannot come apart.
struct CohortRows {
    private(set) var deposits: [[String]]
    private(set) var study: [String]

    static let depositHeader = depositColumns.map(\.name)
    static let studyHeader = studyColumns.map(\.name)

    init(document: FindingsDocument, subject: CohortSubject, outcome: AnalysisOutcome) {
        let whole = Row(subject: subject, document: document, outcome: outcome)
        study = Self.studyColumns.map { $0.value(whole) }
        deposits = (document.deposits ?? []).map { deposit in
            Self.depositColumns.map { $0.value((whole, deposit)) }
        }
    }

    private struct Row {
        var subject: CohortSubject
        var document: FindingsDocument
        var outcome: AnalysisOutcome
    }

    private struct Column<Subject>: Sendable {
        var name: String
        var value: @Sendable (Subject) -> String
        init(_ name: String, _ value: @escaping @Sendable (Subject) -> String) {
            self.name = name
            self.value = value
        }
    }

    private static func number(_ value: Double?) -> String { value.map { DataSet.decimalString($0) } ?? "" }
    private static func number(_ value: Int?) -> String { value.map(String.init) ?? "" }

    /// Three columns: the value and the ends of its 95 % interval.
    private static func interval<Subject>(
        _ name: String, _ unit: String, _ value: @escaping @Sendable (Subject) -> FindingsDocument.Interval?
    ) -> [Column<Subject>] {
        [
            Column("\(name)\(unit)") { number(value($0)?.value) },
            Column("\(name)_low\(unit)") { number(value($0)?.low) },
            Column("\(name)_high\(unit)") { number(value($0)?.high) },
        ]
    }

    private typealias DepositRow = (whole: Row, deposit: FindingsDocument.Deposit)

    private static let depositColumns: [Column<DepositRow>] =
        [
            Column("analysis") { $0.whole.subject.analysis },
            Column("patient") { $0.whole.subject.patient },
            Column("study") { $0.whole.subject.study },
            Column("examination_date") { $0.whole.subject.date },
            Column("deposit") { number($0.deposit.number) },
            Column("material") { $0.deposit.material },
        ]
        + interval("volume", "_mm3") { $0.deposit.volumeMm3 }
        + interval("hydroxyapatite_mass", "_mg") { $0.deposit.hydroxyapatiteMassMg }
        + interval("mean_density", "_mg_per_cm3") { $0.deposit.meanDensityMgPerCm3 }
        + [
            Column("peak_density_mg_per_cm3") { number($0.deposit.peakDensityMgPerCm3) },
            Column("peak_density_deviation_mg_per_cm3") { number($0.deposit.peakDensityDeviationMgPerCm3) },
            Column("largest_diameter_mm") { number($0.deposit.largestDiameterMm) },
            Column("distance_to_skin_mm") { number($0.deposit.distanceToSkinMm) },
            Column("distance_to_bone_mm") { number($0.deposit.distanceToBoneMm) },
        ]
        + interval("dual_energy_ratio", "") { $0.deposit.dualEnergyRatio }
        + [
            Column("centre_x_mm") { number($0.deposit.centre?.xMm) },
            Column("centre_y_mm") { number($0.deposit.centre?.yMm) },
            Column("centre_z_mm") { number($0.deposit.centre?.zMm) },
            Column("voxels") { number($0.deposit.voxelCount) },
            Column("name") { $0.deposit.name ?? "" },
            Column("side") { $0.deposit.place?.side ?? "" },
            Column("digit") { number($0.deposit.place?.digit) },
            Column("segment") { $0.deposit.place?.segment ?? "" },
            Column("aspect") { $0.deposit.place?.aspect ?? "" },
            Column("compartment") { $0.deposit.place?.compartment ?? "" },
            Column("form") { $0.deposit.morphology ?? "" },
            Column("distance_to_joint_mm") { number($0.deposit.distanceToJointMm) },
            Column("change") { $0.deposit.change?.outcome ?? "" },
        ]
        + interval("mass_change", "_percent") { $0.deposit.change?.massPercent }
        + interval("volume_change", "_percent") { $0.deposit.change?.volumePercent }

    private static let studyColumns: [Column<Row>] =
        [
            Column("analysis") { $0.subject.analysis },
            Column("patient") { $0.subject.patient },
            Column("study") { $0.subject.study },
            Column("examination_date") { $0.subject.date },
            Column("sex") { $0.subject.sex },
            Column("age_years") { $0.subject.age },
            Column("status") { $0.document.status.rawValue },
            Column("reasons") { $0.outcome.reasons.map(\.code).joined(separator: ";") },
            Column("algorithm_version") { $0.document.algorithmVersion },
            Column("region") { $0.document.acquisition?.region ?? "" },
            Column("laterality") { $0.document.acquisition?.laterality ?? "" },
            Column("kernel") { $0.document.acquisition?.kernel ?? "" },
            Column("low_tube_voltage_kV") { number($0.document.acquisition?.low.tubeVoltageKV) },
            Column("low_tin_filter_mm") { number($0.document.acquisition?.low.tinFilterMm) },
            Column("low_monoenergetic_keV") { number($0.document.acquisition?.low.monoenergeticKeV) },
            Column("high_tube_voltage_kV") { number($0.document.acquisition?.high.tubeVoltageKV) },
            Column("high_tin_filter_mm") { number($0.document.acquisition?.high.tinFilterMm) },
            Column("high_monoenergetic_keV") { number($0.document.acquisition?.high.monoenergeticKeV) },
            Column("slices") { number($0.document.acquisition?.slices) },
            Column("slice_thickness_mm") { number($0.document.acquisition?.sliceThicknessMm) },
            Column("slice_spacing_mm") { number($0.document.acquisition?.sliceSpacingMm) },
            Column("pixel_spacing_mm") { number($0.document.acquisition?.columnSpacingMm) },
            Column("deposits") { number($0.document.totals?.count) },
        ]
        + interval("total_volume", "_mm3") { $0.document.totals?.volumeMm3 }
        + interval("total_hydroxyapatite_mass", "_mg") { $0.document.totals?.hydroxyapatiteMassMg }
        + [
            Column("smallest_detectable_deposit_mm3") { number($0.document.totals?.smallestDetectableVolumeMm3) },
            Column("urate") { $0.document.urate?.verdict ?? "" },
            Column("urate_volume_mm3") { number($0.document.urate?.volumeMm3) },
            Column("smallest_detectable_urate_mm3") { number($0.document.urate?.smallestDetectableVolumeMm3) },
            Column("trust") { $0.document.trust?.status ?? "" },
            Column("noise_low_HU") { number($0.document.trust?.noiseLowHU) },
            Column("noise_high_HU") { number($0.document.trust?.noiseHighHU) },
            Column("misregistration_mm") { number($0.document.trust?.misregistrationMm) },
            Column("metal_volume_mm3") { number($0.document.trust?.metalVolumeMm3) },
            Column("calcium_ratio") { number($0.document.trust?.calciumRatio) },
            Column("calibration") { $0.document.trust?.calibration ?? "" },
            Column("covered_percent") { number($0.document.trust?.coveredPercent) },
        ]
        + OtherMineral.Kind.allCases.flatMap(mineral)
        + BoneFlag.Kind.allCases.map(flag)
        + [
            Column("prior") {
                $0.document.comparison.map { $0.obstacle ?? "compared" } ?? ""
            }
        ]
        + interval("total_mass_change", "_percent") { $0.document.comparison?.totalMassPercent }
        + interval("total_volume_change", "_percent") { $0.document.comparison?.totalVolumePercent }
        + [
            Column("smallest_detectable_mass_change_percent") {
                number($0.document.comparison?.smallestDetectableMassPercent)
            },
            Column("smallest_detectable_volume_change_percent") {
                number($0.document.comparison?.smallestDetectableVolumePercent)
            },
            Column("new_deposits") { row in
                number(
                    row.document.comparison.map { _ in
                        (row.document.deposits ?? []).count { $0.change?.outcome == "new" }
                    })
            },
            Column("resolved_deposits") { number($0.document.comparison?.resolved.count) },
        ]

    /// Calcium that is no calcinosis: empty where it was not looked for.
    private static func mineral(_ kind: OtherMineral.Kind) -> [Column<Row>] {
        @Sendable func found(_ row: Row) -> [FindingsDocument.OtherMineral]? {
            row.document.otherMineral?.filter { $0.kind == kind.rawValue }
        }
        return [
            Column("\(kind.rawValue)_calcifications") { number(found($0)?.reduce(0) { $0 + $1.count }) },
            Column("\(kind.rawValue)_volume_mm3") { number(found($0)?.reduce(0) { $0 + ($1.volumeMm3 ?? 0) }) },
            Column("\(kind.rawValue)_hydroxyapatite_mass_mg") {
                number(found($0)?.reduce(0) { $0 + ($1.hydroxyapatiteMassMg ?? 0) })
            },
        ]
    }

    /// Bones with a flag as `R-D2;L`, `none` where bones were looked at and none has one; empty where none was.
    private static func flag(_ kind: BoneFlag.Kind) -> Column<Row> {
        let words = kind.rawValue.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)" }
        return Column("\(words)_flags") { row in
            let flags = (row.document.boneFlags ?? []).filter { $0.kind == kind.rawValue }
            guard flags.contains(where: { $0.state != BoneFlag.State.notAssessed.rawValue }) else { return "" }
            let up = flags.filter { $0.state == BoneFlag.State.flagged.rawValue }.map { flag in
                [flag.side.map { $0.prefix(1).uppercased() }, flag.digit.map { "D\($0)" }].compactMap { $0 }
                    .joined(separator: "-")
            }
            return up.isEmpty ? "none" : up.joined(separator: ";")
        }
    }
}
