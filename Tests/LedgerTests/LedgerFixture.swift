import Foundation
import Ledger
import TestSupport

/// A ledger in a folder of its own, and arrivals in the order and at the times a test names.
final class LedgerFixture {
    let folder: URL
    let ledger: Ledger
    static let start = Date(timeIntervalSince1970: 1_770_000_000)

    init() throws {
        folder = try TemporaryFolder("ledger").url
        ledger = try Ledger(path: folder.appending(path: "ledger.sqlite").path)
    }

    var path: String { folder.appending(path: "ledger.sqlite").path }

    static func arrival(
        _ instance: String, study: String = "1.2.3", series: String = "1.2.3.1", sha256: String = "aa",
        sopClass: String = "1.2.840.10008.5.1.4.1.1.2", after seconds: Double = 0, association: Int64? = nil,
        header: HeaderAttributes = HeaderAttributes()
    ) -> ReceivedInstance {
        ReceivedInstance(
            sopClassUID: sopClass, sopInstanceUID: instance, seriesInstanceUID: series, studyInstanceUID: study,
            transferSyntaxUID: "1.2.840.10008.1.2.1", callingAETitle: "CT1", calledAETitle: "APATITE",
            sha256: sha256, byteCount: 100, path: "received/\(instance).dcm",
            receivedAt: start.addingTimeInterval(seconds), associationID: association, header: header)
    }

    static func patient(id: String = "", name: String = "", birthDate: String = "", manufacturer: String = "")
        -> HeaderAttributes
    {
        var header = HeaderAttributes()
        header.patientID = id
        header.patientName = name
        header.patientBirthDate = birthDate
        header.manufacturer = manufacturer
        return header
    }

    static func result(_ uid: String, kind: String = "sr", to destinations: [String] = ["pacs"]) -> RecordedResult {
        RecordedResult(
            kind: kind, sopClassUID: "1.2.840.10008.5.1.4.1.1.88.34", sopInstanceUID: uid,
            seriesInstanceUID: uid + ".1", transferSyntaxUID: "1.2.840.10008.1.2.1", path: "results/\(uid).dcm",
            destinations: destinations)
    }

    /// Runs the sqlite3 shell, as an operator would.
    func shell(_ sql: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [path, sql]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
