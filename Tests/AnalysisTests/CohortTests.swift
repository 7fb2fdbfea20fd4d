import Analysis
import DICOM
import Foundation
import TestSupport
import Testing

/// The tables of a cohort, read by Python's own CSV reader.
@Suite struct CohortTests {
    private func outcome(_ folder: TemporaryFolder, _ name: String, patient: String, date: String) throws
        -> AnalysisOutcome
    {
        var study = SmallStudy()
        study.change = { series, slice, header in
            header.set(.patientID, patient)
            header.set(.studyDate, date)
            header.set(.convolutionKernel, "=HYPERLINK(\"http://x\")")
            let number = name.unicodeScalars.reduce(0) { 1000 * $0 + $1.value }
            header.set(.studyInstanceUID, UID(rawValue: "2.25.\(number)"))
            header.set(.sopInstanceUID, UID(rawValue: "2.25.\(number).\(series).\(slice)"))
        }
        try study.write(to: try folder.folder(name))
        return try analyse(
            AnalysisJob(
                inputs: [folder.path + "/" + name], outputFolder: folder.path + "/out-" + name,
                closedAt: Date(timeIntervalSince1970: 1_790_000_000), closingSignal: .commandLine, maps: []))
    }

    /// Rows as Python's reader sees them, by column.
    private func rows(_ path: String) throws -> [[String: String]] {
        let program = """
            import csv, json, sys
            print(json.dumps(list(csv.DictReader(open(sys.argv[1], encoding="utf-8", newline="")))))
            """
        let run = try Tool.run("python3", ["-c", program, path])
        #expect(run.status == 0, "\(run.output)")
        return try JSONDecoder().decode([[String: String]].self, from: Data(run.output.utf8))
    }

    private func days(_ text: String?) throws -> Int {
        let parts = try #require(text).split(separator: "-").compactMap { Int($0) }
        try #require(parts.count == 3)
        let date = DateComponents(
            calendar: Calendar(identifier: .gregorian), timeZone: .gmt, year: parts[0], month: parts[1], day: parts[2])
        return Int(try #require(date.date).timeIntervalSince1970 / 86_400)
    }

    @Test func onePersonHasOnePseudonymAndKeepsTheTimeBetweenExaminations() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/cohort.csv"
        let table = CohortTable(path: file)
        for (name, patient, date) in [
            ("a", "SECRET-1", "20260105"), ("b", "SECRET-1", "20260415"), ("c", "SECRET-2", "20260105"),
        ] {
            let result = try table.append(outcome(folder, name, patient: patient, date: date))
            #expect(result != .alreadyThere)
        }
        let studies = try rows(folder.path + "/cohort-studies.csv")
        #expect(studies.count == 3)
        #expect(Set(studies.map { $0["patient"] }).count == 2)
        #expect(studies[0]["patient"] == studies[1]["patient"])
        #expect(try days(studies[1]["examination_date"]) - days(studies[0]["examination_date"]) == 100)
        #expect(studies[0]["examination_date"] != "2026-01-05")
        #expect(studies[0]["low_tube_voltage_kV"] == "80")
        // A spreadsheet must not take a header's text for a formula.
        #expect(studies[0]["kernel"]?.hasPrefix("'=") == true)
        for path in [file, folder.path + "/cohort-studies.csv"] {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(!text.contains("SECRET") && !text.contains("2.25."))
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: file + ".key")
        #expect((attributes[.posixPermissions] as? Int) == 0o600)
    }

    @Test func theSameAnalysisIsAddedOnce() throws {
        let folder = try TemporaryFolder()
        let table = CohortTable(path: folder.path + "/cohort.csv")
        let found = try outcome(folder, "a", patient: "P", date: "20260105")
        #expect(try table.append(found) != .alreadyThere)
        #expect(try table.append(found) == .alreadyThere)
        #expect(try rows(folder.path + "/cohort-studies.csv").count == 1)
    }

    @Test func withIdentityTheTablesNameThePatient() throws {
        let folder = try TemporaryFolder()
        let table = CohortTable(path: folder.path + "/cohort.csv", namesPatients: true)
        _ = try table.append(outcome(folder, "a", patient: "P-17", date: "20260105"))
        let study = try #require(rows(folder.path + "/cohort-studies.csv").first)
        #expect(study["patient"] == "P-17")
        #expect(study["examination_date"] == "2026-01-05")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/cohort.csv.key"))
    }

    @Test func aTableOfOtherColumnsIsLeftAsItIs() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/cohort.csv"
        try "name,value\nx,1\n".write(toFile: file, atomically: true, encoding: .utf8)
        let found = try outcome(folder, "a", patient: "P", date: "20260105")
        #expect(throws: AnalysisFailure.self) { try CohortTable(path: file).append(found) }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "name,value\nx,1\n")
    }

    @Test func programsThatAppendAtOnceLoseNoRow() async throws {
        let folder = try TemporaryFolder()
        let found = try outcome(folder, "a", patient: "P", date: "20260105")
        let document = try String(contentsOfFile: found.findings, encoding: .utf8)
        let outcomes = try (0..<12).map { index in
            var other = found
            other.artefacts = []
            other.studyInstanceUID = "2.25.9\(index)"
            other.findings = folder.path + "/findings-\(index).json"
            try document.write(toFile: other.findings, atomically: true, encoding: .utf8)
            return other
        }
        let path = folder.path + "/cohort.csv"
        try await withThrowingTaskGroup { group in
            for outcome in outcomes { group.addTask { _ = try CohortTable(path: path).append(outcome) } }
            try await group.waitForAll()
        }
        #expect(try Set(rows(folder.path + "/cohort-studies.csv").map { $0["study"] }).count == 12)
    }
}
