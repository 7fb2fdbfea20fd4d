import DICOM
import Foundation
import Inbox
import Testing

/// The conformance page says what the code's tables say, no more and no less.
struct ConformanceTests {
    private let rows: [String: [String]]

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/dicom.md"), encoding: .utf8)
        var section = ""
        var rows: [String: [String]] = [:]
        for line in page.split(separator: "\n") {
            if line.hasPrefix("## ") { section = String(line.dropFirst(3)) }
            if line.hasPrefix("| ") { rows[section, default: []].append(String(line)) }
        }
        // Without the heading of each table.
        self.rows = rows.mapValues { Array($0.dropFirst()) }
    }

    @Test func thePageListsTheAcceptedClasses() {
        #expect(rows["SOP classes"] == SOPClass.stored.map { "| \($0.uid) | \($0.name) |" })
    }

    @Test func thePageListsTheAcceptedTransferSyntaxes() {
        #expect(
            rows["Transfer syntaxes"]
                == TransferSyntax.allCases.map {
                    "| \($0.rawValue) | \($0.name) | \($0.isDecodable ? "yes" : "no: kept only") |"
                })
    }

    @Test func thePageListsTheStatusesOfAStore() throws {
        let named = try #require(rows["Status of a C-STORE"]).map { String($0.dropFirst(3).prefix(5)) }
        let given: [DIMSEStatus] = [.success, .outOfResources, .dataSetDoesNotMatch, .cannotUnderstand]
        #expect(named == given.map(\.description))
    }

    @Test func theDefaultsOfTheInboxAreTheTables() {
        let settings = InboxSettings(aeTitle: "A", stateFolder: "/")
        #expect(settings.sopClasses == Set(SOPClass.stored.map(\.uid) + [SOPClass.verification]))
        #expect(settings.transferSyntaxes == TransferSyntax.allCases)
    }
}
