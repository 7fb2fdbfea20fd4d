import DICOM
import DualEnergyCT
import Foundation
import Report
import TestSupport
import Testing

/// Patient and study come over from the source unchanged, attribute by attribute, in whatever script.
struct CopiedAttributesTests {
    private struct Comparison: Decodable {
        var count: Int
        var different: [String]
    }

    /// Overlong values too are copied as they came. Cut, a name or an ID would be another patient's for every archive
    /// that matches by it, and the result would stand beside a study that does not own it; an archive that took the
    /// images with such a value takes the results.
    @Test func everyAttributeOfPatientAndStudySurvivesInEveryCharacterSet() throws {
        let folder = try TemporaryFolder("headers")
        let written = try OutsideReaders.python("patient_headers.py", ["write", folder.path])
        let names = try JSONDecoder().decode([String].self, from: Data(written.utf8))
        #expect(names.count == 6)
        let hand = MadeUpHand(spacingMm: (4, 4, 4))
        for name in names {
            let path = folder.file("\(name).dcm")
            let header = try DataSet(contentsOf: path, untilPixelData: true)
            let source = hand.source(header: header)
            var results = try writeResults(findings: hand.findings(), source: source, to: try folder.folder(name))
            let maps = try MapWriter(
                [.hydroxyapatite], findings: hand.findings(), source: source, folder: try folder.folder("\(name)-maps"))
            let values = [Float](repeating: 100, count: hand.geometry.columns * hand.geometry.rows)
            try maps.write(0..<1, [.hydroxyapatite: values])
            results += maps.results
            let note = RejectionNote(
                rejected: [
                    DocumentReference(
                        sopClassUID: SOPClass.comprehensive3DSR, sopInstanceUID: "2.25.1", seriesInstanceUID: "2.25.2")
                ], reason: .superseded, studyFile: path, decidedAt: Date(timeIntervalSince1970: 1_790_000_000),
                algorithmVersion: "0.1.0", installationSerial: "site-1")
            let rejection = try writeRejectionNote(note, to: folder.file("\(name)-note.dcm"))
            let objects = (results + [rejection]).filter { $0.instance != nil }
            let json = try OutsideReaders.python("patient_headers.py", ["compare", path] + objects.map(\.path))
            let comparison = try JSONDecoder().decode(Comparison.self, from: Data(json.utf8))
            #expect(comparison.count > 25)
            #expect(comparison.different == [], "\(name)")
            guard name != "overlong" else { continue }
            for object in objects {
                let faults = try OutsideReaders.faults(object.path)
                #expect(faults == [], "\(name) \(object.kind)")
            }
        }
    }
}
