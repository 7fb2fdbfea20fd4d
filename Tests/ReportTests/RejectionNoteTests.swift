import DICOM
import Foundation
import Report
import TestSupport
import Testing

/// What takes results back, as readers from elsewhere see it.
struct RejectionNoteTests {
    private let hand = MadeUpHand(spacingMm: (4, 4, 4))

    private func note(_ folder: TemporaryFolder, reason: RejectionNote.Reason) throws -> RejectionNote {
        let results = try writeResults(findings: hand.findings(), source: hand.source(), to: folder.path)
        let objects = results.compactMap { result in
            result.instance.map {
                DocumentReference(
                    sopClassUID: $0.sopClassUID, sopInstanceUID: $0.sopInstanceUID,
                    seriesInstanceUID: result.seriesInstanceUID ?? "")
            }
        }
        return RejectionNote(
            rejected: objects, reason: reason,
            studyFile: try #require(results.first { $0.kind == .structuredReport }).path,
            decidedAt: Date(timeIntervalSince1970: 1_790_000_000), algorithmVersion: "0.1.0",
            installationSerial: "site-1")
    }

    private struct Reading: Decodable {
        var title: String
        var references: [String]
        var series: [String]
        var evidence: [String: String]
        var patientName: String
        var study: String
        var contentTime: String
        var description: String
    }

    @Test(arguments: [
        (RejectionNote.Reason.superseded, "DCM|113001"), (.withdrawn, "DCM|113037"),
    ])
    func aNoteNamesEveryObjectAndItsReason(reason: RejectionNote.Reason, title: String) throws {
        let folder = try TemporaryFolder("rejection")
        let note = try note(folder, reason: reason)
        let written = try writeRejectionNote(note, to: folder.file("note.dcm"))
        #expect(written.kind == .rejectionNote)
        #expect(written.instance?.sopClassUID == SOPClass.keyObjectSelection)
        let lines = try OutsideReaders.run("dciodvfy", ["-new", written.path]).text.split(separator: "\n")
        let faults = lines.filter { line in
            line.hasPrefix("Error") || line.hasPrefix("Warning") && !KnownWarnings.dciodvfy(line)
        }
        #expect(faults == [])
        let json = try OutsideReaders.python("read_rejection_note.py", [written.path])
        let reading = try JSONDecoder().decode(Reading.self, from: Data(json.utf8))
        #expect(reading.title == title)
        #expect(reading.references == note.rejected.map(\.sopInstanceUID.rawValue))
        #expect(reading.series == note.rejected.map(\.seriesInstanceUID.rawValue))
        #expect(reading.evidence.count == note.rejected.count)
        #expect(reading.patientName == "Synthétique^Main")
        #expect(reading.study == "2.25.77")
        #expect(!reading.description.isEmpty)
    }

    @Test func aNoteWrittenTwiceIsOneObject() throws {
        let folder = try TemporaryFolder("rejection-twice")
        let note = try note(folder, reason: .superseded)
        let first = try writeRejectionNote(note, to: folder.file("one.dcm"))
        let second = try writeRejectionNote(note, to: folder.file("two.dcm"))
        #expect(first.instance?.sopInstanceUID == second.instance?.sopInstanceUID)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: first.path))
                == Data(contentsOf: URL(fileURLWithPath: second.path)))
    }

    @Test func anythingElseGivesAnotherNote() throws {
        let folder = try TemporaryFolder("rejection-other")
        let note = try note(folder, reason: .superseded)
        var fewer = note
        fewer.rejected.removeLast()
        var later = note
        later.decidedAt += 1
        var withdrawn = note
        withdrawn.reason = .withdrawn
        var french = note
        french.language = .french
        let uids = try [note, fewer, later, withdrawn, french].map {
            try writeRejectionNote($0, to: folder.file("note.dcm")).instance?.sopInstanceUID
        }
        #expect(Set(uids).count == 5)
    }

    @Test func aNoteOfNothingIsRefused() throws {
        let folder = try TemporaryFolder("rejection-none")
        var note = try note(folder, reason: .withdrawn)
        note.rejected = []
        #expect(throws: DICOMError.self) { try writeRejectionNote(note, to: folder.file("note.dcm")) }
    }
}
