import Foundation
import Testing

/// The documentation of what is written says what the code writes, no more and no less. With APATITE_WRITE_DOCS=1 the
/// test writes the tables instead of comparing them.
struct DocumentationTests {
    @Test(arguments: ["Sources/Report/Report.docc/WhatWeWrite.md", "docs/conformance.md"])
    func theTablesOfThePageAreThoseOfTheCode(page: String) throws {
        let url = OutsideReaders.repository.appendingPathComponent(page)
        let text = try String(contentsOf: url, encoding: .utf8)
        var made = text
        var count = 0
        for (name, table) in try DocumentedTables().sections() {
            let (begin, end) = ("<!-- \(name) -->\n", "<!-- end of \(name) -->")
            guard let start = made.range(of: begin), let stop = made.range(of: end) else { continue }
            made.replaceSubrange(start.upperBound..<stop.lowerBound, with: "\n\(table)\n")
            count += 1
        }
        #expect(count >= 4, "the page lost the places of its tables")
        if ProcessInfo.processInfo.environment["APATITE_WRITE_DOCS"] == "1" {
            try made.write(to: url, atomically: true, encoding: .utf8)
        } else {
            let isSame = made == text
            #expect(isSame, "run this test with APATITE_WRITE_DOCS=1 and look at what changes in \(page)")
        }
    }
}
