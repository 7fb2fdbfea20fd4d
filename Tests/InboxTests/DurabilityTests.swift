import DICOM
import Foundation
import TestSupport
import Testing

struct DurabilityTests {
    @Test func aStartTakesUpWhatAKillLeft() throws {
        let folder = try TemporaryFolder()
        let state = try TemporaryFolder()
        let images = try SampleImage.write(2, to: folder)
        do {
            let fixture = try InboxFixture(in: state)
            #expect(try fixture.statuses(images) == [.success, .success])
        }
        // Files without rows, and one that was being received.
        for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
            try? FileManager.default.removeItem(atPath: state.file(name))
        }
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: state.file("received/incoming/1-1.part")))
        // And one whose content is not what its name says.
        try FileManager.default.copyItem(
            atPath: images[0].path, toPath: state.file("received/00/\(String(repeating: "0", count: 62)).dcm"))

        let fixture = try InboxFixture(in: state)
        #expect(try fixture.query("SELECT count(*) FROM instance") == "2")
        #expect(try fixture.query("SELECT ae_title FROM source") == "SCANNER")
        #expect(fixture.leftovers.isEmpty)
        #expect(fixture.stored.count == 2)
        #expect(try fixture.statuses(images) == [.success, .success])
        #expect(try fixture.query("SELECT count(*) FROM instance") == "2")
    }

    /// One call as the trace shows it: where in the trace it began and ended.
    private struct Call {
        let name: String
        let arguments: String
        let result: Int
        let begin: Int
        let end: Int
    }

    private func calls(_ trace: String) -> [Call] {
        var unfinished: [Substring: (String, Int)] = [:]
        var calls: [Call] = []
        for (index, line) in trace.split(separator: "\n").enumerated() {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { continue }
            var text = parts[1].trimmingCharacters(in: .whitespaces)
            var begin = index
            if text.hasSuffix("<unfinished ...>") {
                unfinished[parts[0]] = (String(text.dropLast("<unfinished ...>".count)), index)
                continue
            }
            if text.hasPrefix("<..."), let resumed = text.range(of: "resumed>") {
                guard let (beginning, started) = unfinished.removeValue(forKey: parts[0]) else { continue }
                text = beginning + text[resumed.upperBound...]
                begin = started
            }
            guard let open = text.firstIndex(of: "("), let equals = text.range(of: " = ", options: .backwards) else {
                continue
            }
            let result = text[equals.upperBound...].split(separator: " ").first.flatMap { Int($0) } ?? -1
            calls.append(
                Call(
                    name: String(text[..<open]),
                    arguments: text[open..<equals.lowerBound].trimmingCharacters(in: .whitespaces)
                        .replacingOccurrences(of: " )", with: ")"),
                    result: result, begin: begin, end: index))
        }
        return calls
    }

    @Test func successIsSentOnlyWhenFileFolderAndRowAreOnTheDisk() throws {
        let folder = try TemporaryFolder()
        let state = try TemporaryFolder()
        let images = try SampleImage.write(1, to: folder)
        let trace = folder.file("trace")
        let receiver = try Tool(
            "strace",
            [
                "-f", "-s", "200", "-o", trace, "-e",
                "trace=openat,close,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,accept4,sendto",
                Tool.built("ingest-tool"), "receive", state.path, "0",
            ])
        let port = receiver.readLine()
        #expect(
            try Tool.run("storescu", ["-aec", "APATITE", "127.0.0.1", port] + images.map(\.path)).status == 0)
        _ = receiver.finish()
        let calls = try calls(String(contentsOfFile: trace, encoding: .utf8))

        let connection = try #require(calls.first { $0.name == "accept4" && $0.result >= 0 }?.result)
        let opened = try #require(calls.first { $0.name == "openat" && $0.arguments.contains(".part\"") })
        let fileSynced = try #require(
            calls.first { $0.name == "fdatasync" && $0.arguments == "(\(opened.result))" && $0.begin > opened.end })
        let written = calls.last {
            $0.name == "write" && $0.arguments.hasPrefix("(\(opened.result),") && $0.begin > opened.end
                && $0.end < fileSynced.begin
        }
        let renamed = try #require(calls.first { $0.name == "renameat2" && $0.arguments.contains(".part\"") })
        let folderOpened = try #require(
            calls.first {
                $0.name == "openat" && $0.arguments.contains("O_DIRECTORY") && $0.begin > renamed.end
            })
        let folderSynced = try #require(
            calls.first {
                $0.name == "fsync" && $0.arguments == "(\(folderOpened.result))" && $0.begin > folderOpened.end
            })
        // Every connection of the ledger's pool has the log open; the writer's is the one that is written.
        let logs = Set(calls.filter { $0.arguments.contains("ledger.sqlite-wal\"") }.map { "(\($0.result)" })
        let rowWritten = try #require(
            calls.first { call in
                call.name == "pwrite64" && call.begin > folderSynced.end
                    && logs.contains { call.arguments.hasPrefix($0 + ",") }
            })
        let log = String(rowWritten.arguments.prefix { $0 != "," })
        let rowSynced = try #require(
            calls.first {
                ($0.name == "fdatasync" || $0.name == "fsync") && $0.arguments == log + ")"
                    && $0.begin > rowWritten.end
            })
        let answered = try #require(
            calls.first {
                ($0.name == "write" || $0.name == "sendto") && $0.arguments.hasPrefix("(\(connection),")
                    && $0.begin > opened.end
            })
        #expect(written != nil)
        #expect(fileSynced.result == 0 && folderSynced.result == 0 && rowSynced.result == 0)
        #expect(fileSynced.end < renamed.begin)
        #expect(renamed.end < folderSynced.begin)
        #expect(rowSynced.end < answered.begin)
    }
}
