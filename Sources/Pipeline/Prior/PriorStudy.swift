internal import Analysis
internal import DICOM
internal import Foundation
internal import Ledger

/// One earlier study in an archive, with what Apatite wrote of it.
struct PriorStudy {
    struct Series {
        var uid: UID
        var modality: String
        /// As we wrote it, perhaps shortened; empty where the archive does not say.
        var description: String

        func may(be name: String) -> Bool { description.isEmpty || description.hasPrefix(name) }
    }

    var patient: StudyPatient
    var study: UID
    var series: [Series]
    var stateFolder: String

    private static let reportName = "Apatite calcinosis report"
    private static let mapName = "Apatite HA map"

    /// Revisions of a report, and of a map, that are looked at.
    private static let revisionLimit = 5

    /// Fetches the newest report of findings with its segmentation and its map of hydroxyapatite.
    /// - Returns: the folder relative to the state folder; nil when the study has no such report.
    func fetch(from archive: PriorArchive) throws -> String? {
        let files = FileManager.default
        let temporary = "\(stateFolder)/priors/incoming-\(UUID().uuidString)"
        try files.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: temporary) }
        guard let report = try newestReport(from: archive, into: temporary) else { return nil }
        // The report's name: what is there already was fetched whole.
        let digest = SHA256.digest(of: Array(report.header.string(.sopInstanceUID, or: "").utf8))
        let folder = "priors/\(SHA256.hexadecimal(digest).prefix(32))"
        if files.fileExists(atPath: "\(stateFolder)/\(folder)") { return folder }
        let assembled = "\(temporary)/prior"
        try files.createDirectory(atPath: "\(assembled)/maps/ha", withIntermediateDirectories: true)
        try files.moveItem(atPath: report.path, toPath: "\(assembled)/sr.dcm")
        try report.findings.json().write(to: URL(fileURLWithPath: "\(assembled)/findings.json"))
        try fetchSegmentation(of: report.header, from: archive, into: assembled, by: temporary)
        try fetchMap(of: report.header, from: archive, into: "\(assembled)/maps/ha", by: temporary)
        try ResultFolder.sync(folder: String(assembled.dropFirst(stateFolder.count + 1)), below: stateFolder)
        try files.moveItem(atPath: assembled, toPath: "\(stateFolder)/\(folder)")
        return folder
    }

    private func newestReport(from archive: PriorArchive, into folder: String) throws
        -> (path: String, header: DataSet, findings: FindingsDocument)?
    {
        let reports = series.filter {
            $0.modality == "SR" && $0.may(be: Self.reportName) && !$0.description.contains("NOT ANALYSABLE")
        }
        return try reports.prefix(Self.revisionLimit).flatMap { series in
            try get(series, from: archive, into: folder).map { ($0.path, try DataSet(contentsOf: $0.path)) }
        }.filter { isOurs($0.1, Self.reportName) }.compactMap { path, report in
            FindingsDocument(ofReport: report).map { (path, report, $0) }
        }.max { Self.closing($0.1) < Self.closing($1.1) }
    }

    /// The one that the report refers to.
    private func fetchSegmentation(
        of report: DataSet, from archive: PriorArchive, into folder: String, by temporary: String
    ) throws {
        let named = Set(
            report.items(.currentRequestedProcedureEvidenceSequence).flatMap { $0.items(.referencedSeriesSequence) }
                .compactMap { $0.uid(.seriesInstanceUID) })
        for series in series where series.modality == "SEG" && named.contains(series.uid) {
            for object in try get(series, from: archive, into: temporary)
            where isOurs(try DataSet(contentsOf: object.path, untilPixelData: true), "Apatite segmentation") {
                return try FileManager.default.moveItem(atPath: object.path, toPath: "\(folder)/seg.dcm")
            }
        }
    }

    /// The map that was written together with the report.
    private func fetchMap(
        of report: DataSet, from archive: PriorArchive, into folder: String, by temporary: String
    ) throws {
        let maps = series.filter { $0.modality == "CT" && $0.may(be: Self.mapName) }
        for series in maps.prefix(Self.revisionLimit) {
            let headers = try get(series, from: archive, into: temporary).map {
                ($0.path, try DataSet(contentsOf: $0.path, untilPixelData: true))
            }
            guard let first = headers.first, Self.closing(first.1) == Self.closing(report),
                headers.allSatisfy({ isOurs($0.1, Self.mapName) })
            else { continue }
            for (number, (path, _)) in headers.sorted(by: { Self.number($0.1) < Self.number($1.1) }).enumerated() {
                let digits = String(number + 1)
                let name = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
                try FileManager.default.moveItem(atPath: path, toPath: "\(folder)/\(name).dcm")
            }
            return
        }
    }

    private func get(_ series: Series, from archive: PriorArchive, into folder: String) throws -> [StoredInstance] {
        let query = DataSet()
        query.set(.studyInstanceUID, study)
        query.set(.seriesInstanceUID, series.uid)
        let own = "\(folder)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        return try archive.retrieve(.series, query, into: own)
    }

    /// Written by Apatite, of this name, this study and surely of this patient, and no report without findings, whatever
    /// the archive's answer said.
    private func isOurs(_ header: DataSet, _ name: String) -> Bool {
        let description = header.string(.seriesDescription) ?? ""
        return description.hasPrefix(name) && !description.contains("NOT ANALYSABLE")
            && header.string(.manufacturer) == HeaderAttributes.ownManufacturer
            && header.uid(.studyInstanceUID) == study
            && patient.identity.isSurely(PatientIdentity(header))
    }

    /// When the study was closed: the same in all results of one analysis.
    private static func closing(_ header: DataSet) -> String {
        header.string(.contentDate, or: "") + header.string(.contentTime, or: "")
    }

    private static func number(_ header: DataSet) -> Int { header.integer(.instanceNumber) ?? 0 }
}

extension DataSet {
    fileprivate func string(_ tag: Tag, or other: String) -> String { string(tag) ?? other }
}
