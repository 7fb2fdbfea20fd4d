import DICOM
import Foundation
import Ledger
import Pipeline
import Report
import TestSupport
import Testing

/// Earlier results from an archive: Orthanc with what Apatite writes, and archives that do not answer.
@Suite(.serialized)
struct ArchivePriorTests {
    private static let patient = PatientIdentity(
        patientID: "P1", issuer: "HOSPITAL", name: "DOE^JANE", birthDate: "19600101")

    private static let today = StudyPatient(
        identity: patient, studyInstanceUID: "2.25.900", studyDate: "20260301")

    private func archive(_ port: UInt16, state: TemporaryFolder, seconds: Int = 20) -> ArchivePrior {
        ArchivePrior(
            peer: Association.Peer(
                host: "127.0.0.1", port: port, calledAETitle: "PACS", callingAETitle: "APATITE", associationSeconds: 5,
                answerSeconds: 5), seconds: seconds, stateFolder: state.path)
    }

    /// Report, segmentation and two slices of a map of one study, as far as a search looks at them.
    private static func results(
        study: Int, date: String, closed: String = "101500", description: String = "Apatite calcinosis report",
        change: (DataSet) -> Void = { _ in }
    ) -> [DataSet] {
        func object(_ number: Int, _ sopClass: UID, _ modality: String, series: Int, _ description: String) -> DataSet {
            let data = SampleImage.make(number, study: UID(rawValue: "2.25.\(study)"), side: 8)
            data.set(.sopClassUID, sopClass)
            data.set(.sopInstanceUID, UID(rawValue: "2.25.\(study).\(closed).\(number)"))
            data.set(.seriesInstanceUID, UID(rawValue: "2.25.\(study).\(closed).\(series)0"))
            data.set(.seriesDescription, description)
            data.set(.modality, modality)
            data.set(.manufacturer, "Apatite project")
            data.set(.patientID, patient.patientID)
            data.set(.issuerOfPatientID, patient.issuer)
            data.set(.patientName, patient.name)
            data.set(.patientBirthDate, patient.birthDate)
            data.set(.studyDate, date)
            data.set(.contentDate, date)
            data.set(.contentTime, closed)
            change(data)
            return data
        }
        let report = object(1, SOPClass.comprehensive3DSR, "SR", series: 1, description)
        report.remove(.pixelData)
        addTotals(to: report)
        let evidence = report.appendItem(.currentRequestedProcedureEvidenceSequence).appendItem(
            .referencedSeriesSequence)
        evidence.set(.seriesInstanceUID, UID(rawValue: "2.25.\(study).\(closed).20"))
        return [
            report, object(2, SOPClass.segmentation, "SEG", series: 2, "Apatite segmentation"),
            object(4, SOPClass.ctImage, "CT", series: 3, "Apatite HA map [mg/cm3]"),
            object(3, SOPClass.ctImage, "CT", series: 3, "Apatite HA map [mg/cm3]"),
            object(5, SOPClass.ctImage, "CT", series: 4, "DE_Hand_80kV"),
        ]
    }

    /// The group of totals of a right hand, which says what the report is about.
    private static func addTotals(to report: DataSet) {
        func item(_ name: CodedConcept, in parent: DataSet) -> DataSet {
            let item = parent.appendItem(.contentSequence)
            item.append(name, to: .conceptNameCodeSequence)
            return item
        }
        let measurements = item(CodedConcept("126010", "DCM", "Imaging Measurements"), in: report)
        let group = item(CodedConcept("125007", "DCM", "Measurement Group"), in: measurements)
        item(CodedConcept("112039", "DCM", "Tracking Identifier"), in: group).set(.textValue, "Total right hand")
        let site = item(CodedConcept("363698007", "SCT", "Finding Site"), in: group)
        site.append(CodedConcept("85562004", "SCT", "Hand"), to: .conceptCodeSequence)
        let side = item(CodedConcept("272741003", "SCT", "Laterality"), in: site)
        side.append(CodedConcept("24028007", "SCT", "Right"), to: .conceptCodeSequence)
    }

    private func send(_ objects: [DataSet], to port: UInt16) throws {
        let folder = try TemporaryFolder("sent")
        let instances = try objects.enumerated().map { number, data in
            let path = folder.file("\(number).dcm")
            try data.write(to: path)
            return StoredInstance(
                sopClassUID: try #require(data.uid(.sopClassUID)),
                sopInstanceUID: try #require(data.uid(.sopInstanceUID)),
                transferSyntaxUID: TransferSyntax.explicitLittleEndian.uid, path: path)
        }
        let peer = Association.Peer(
            host: "127.0.0.1", port: port, calledAETitle: "PACS", callingAETitle: "TEST", associationSeconds: 5,
            answerSeconds: 10)
        try StorageUser.send(instances, to: peer) { instance, outcome in
            guard case .answered(.success, _, _) = outcome else {
                Issue.record("\(instance.sopInstanceUID): \(outcome)")
                return
            }
        }
    }

    /// An archive that no one here wrote.
    enum Server: String, Sendable, CaseIterable { case orthanc, dcmqrscp }

    /// - Parameter movePort: where it is to send to for the AE Title APATITE_PRIOR.
    private func launch(
        _ server: Server, in folder: TemporaryFolder, port: UInt16, movePort: UInt16 = 1
    ) async throws -> Tool {
        let tool: Tool
        switch server {
        case .orthanc:
            let configuration = """
                {"Name": "PACS", "StorageDirectory": "\(folder.path)/pacs", "IndexDirectory": "\(folder.path)/pacs",
                 "HttpServerEnabled": false, "Plugins": [], "DicomAet": "PACS", "DicomPort": \(port),
                 "DicomAlwaysAllowStore": true, "DicomAlwaysAllowFind": true, "DicomAlwaysAllowGet": true,
                 "DicomAlwaysAllowMove": true, "DicomModalities": {"prior": ["APATITE_PRIOR", "127.0.0.1", \(movePort)]}}
                """
            try Data(configuration.utf8).write(to: URL(fileURLWithPath: folder.file("orthanc.json")))
            tool = try Tool("/usr/sbin/Orthanc", [folder.file("orthanc.json")])
        case .dcmqrscp:
            let configuration = """
                NetworkTCPPort = \(port)
                MaxPDUSize = 16384
                MaxAssociations = 16
                HostTable BEGIN
                prior = (APATITE_PRIOR, localhost, \(movePort))
                HostTable END
                VendorTable BEGIN
                VendorTable END
                AETable BEGIN
                PACS \(try folder.folder("pacs")) RW (500, 1024mb) ANY
                AETable END

                """
            try Data(configuration.utf8).write(to: URL(fileURLWithPath: folder.file("dcmqrscp.cfg")))
            tool = try Tool("dcmqrscp", ["-c", folder.file("dcmqrscp.cfg")])
        }
        let peer = Association.Peer(
            host: "127.0.0.1", port: port, calledAETitle: "PACS", callingAETitle: "TEST", associationSeconds: 2,
            answerSeconds: 5)
        try await eventually("\(server)") { (try? StorageUser.verify(peer)) == .success }
        return tool
    }

    @Test(arguments: Server.allCases) func anArchiveSendsToAPortOfTheSearch(server: Server) async throws {
        let (state, folder) = (try TemporaryFolder("state"), try TemporaryFolder("archive"))
        let (port, movePort) = (try Tool.freePort(), try Tool.freePort())
        let archive = try await launch(server, in: folder, port: port, movePort: movePort)
        defer { archive.terminate() }
        try send(Self.results(study: 700, date: "20250101"), to: port)
        try send(Self.results(study: 800, date: "20251201"), to: port)
        var search = self.archive(port, state: state)
        search.retrieval = .move(aeTitle: "APATITE_PRIOR", port: movePort, loopbackOnly: true)
        guard case .found(let found) = await search.search(for: Self.today) else {
            Issue.record("nothing was found")
            return
        }
        #expect(found.map(\.studyDate) == ["20251201", "20250101"])
        let newest = state.file(try #require(found.first).folder)
        #expect(try DataSet(contentsOf: newest + "/seg.dcm").uid(.sopInstanceUID) == "2.25.800.101500.2")
        let slices = try ["0001", "0002"].map { try DataSet(contentsOf: "\(newest)/maps/ha/\($0).dcm") }
        #expect(slices.map { $0.uid(.sopInstanceUID) } == ["2.25.800.101500.3", "2.25.800.101500.4"])
        // What is known is not asked for again, and the port is free for the next search.
        #expect(
            await search.search(for: Self.today, except: ["2.25.800"])
                == .found(found.filter { $0.studyDate < "20250102" }))
    }

    @Test(arguments: Server.allCases) func anAETitleThatTheArchiveDoesNotKnowIsSaidAndHoldsUpNothing(
        server: Server
    ) async throws {
        let (state, folder) = (try TemporaryFolder("state"), try TemporaryFolder("archive"))
        let port = try Tool.freePort()
        let archive = try await launch(server, in: folder, port: port)
        defer { archive.terminate() }
        try send(Self.results(study: 700, date: "20250101"), to: port)
        var search = self.archive(port, state: state)
        search.retrieval = .move(aeTitle: "NOBODY", port: try Tool.freePort(), loopbackOnly: true)
        guard case .failed(_, let reason) = await search.search(for: Self.today) else {
            Issue.record("an unknown destination was sent to")
            return
        }
        #expect(reason.contains("archive"), "\(reason)")
    }

    @Test func aPortThatIsTakenIsSaid() async throws {
        let (state, folder) = (try TemporaryFolder("state"), try TemporaryFolder("archive"))
        let taken = try ListeningSocket(port: 0, loopbackOnly: true)
        defer { close(taken.descriptor) }
        let port = try Tool.freePort()
        let archive = try await launch(.orthanc, in: folder, port: port)
        defer { archive.terminate() }
        var search = self.archive(port, state: state)
        search.retrieval = .move(aeTitle: "APATITE_PRIOR", port: taken.port, loopbackOnly: true)
        guard case .failed(.failed, let reason) = await search.search(for: Self.today) else {
            Issue.record("a port that is taken was listened on")
            return
        }
        #expect(reason.contains("port \(taken.port)"))
    }

    @Test(arguments: Server.allCases)
    func theNewestEarlierReportComesBackWithItsSegmentationAndItsMap(server: Server) async throws {
        let (state, folder) = (try TemporaryFolder("state"), try TemporaryFolder("archive"))
        let port = try Tool.freePort()
        let archive = try await launch(server, in: folder, port: port)
        defer { archive.terminate() }
        try send(Self.results(study: 700, date: "20250101"), to: port)
        // Two revisions of the newer study: the later one counts.
        try send(Self.results(study: 800, date: "20251201"), to: port)
        try send(Self.results(study: 800, date: "20251201", closed: "120000"), to: port)
        // None of these is an earlier report of findings of the patient.
        try send(Self.results(study: 810, date: "20260401"), to: port)
        try send(
            Self.results(
                study: 820, date: "20260201", description: "Apatite calcinosis report - NOT ANALYSABLE"), to: port)
        try send(Self.results(study: 830, date: "20260202") { $0.set(.patientBirthDate, "19700101") }, to: port)
        try send(Self.results(study: 840, date: "20260203") { $0.set(.issuerOfPatientID, "ELSEWHERE") }, to: port)
        try send(Self.results(study: 850, date: "20260204") { $0.set(.manufacturer, "Somebody else") }, to: port)
        try send(Self.results(study: 860, date: "20260205") { $0.set(.patientID, "P11") }, to: port)

        guard case .found(let found) = await self.archive(port, state: state).search(for: Self.today) else {
            Issue.record("nothing was found")
            return
        }
        #expect(found.map(\.studyDate) == ["20251201", "20250101"])
        let newest = state.file(try #require(found.first).folder)
        let report = try DataSet(contentsOf: newest + "/sr.dcm")
        #expect(report.uid(.sopInstanceUID) == "2.25.800.120000.1")
        #expect(try DataSet(contentsOf: newest + "/seg.dcm").uid(.sopInstanceUID) == "2.25.800.120000.2")
        let slices = try ["0001", "0002"].map { try DataSet(contentsOf: "\(newest)/maps/ha/\($0).dcm") }
        #expect(slices.map { $0.uid(.sopInstanceUID) } == ["2.25.800.120000.3", "2.25.800.120000.4"])
        let findings = try String(contentsOfFile: newest + "/findings.json", encoding: .utf8)
        #expect(findings.contains("\"hand\"") && findings.contains("\"right\""))
        // Nothing else stays, and a second search brings the same.
        #expect(try FileManager.default.contentsOfDirectory(atPath: state.file("priors")).count == 2)
        #expect(await self.archive(port, state: state).search(for: Self.today) == .found(found))
    }

    @Test func whomAnArchiveDoesNotKnowSurelyHasNoPrior() async throws {
        let (state, folder) = (try TemporaryFolder("state"), try TemporaryFolder("orthanc"))
        let port = try Tool.freePort()
        let orthanc = try await launch(.orthanc, in: folder, port: port)
        defer { orthanc.terminate() }
        try send(Self.results(study: 700, date: "20250101"), to: port)
        var stranger = Self.today
        stranger.identity.patientID = "P2"
        #expect(await archive(port, state: state).search(for: stranger) == .found([]))
        stranger.identity.patientID = "P*"
        guard case .failed = await archive(port, state: state).search(for: stranger) else {
            Issue.record("a wildcard was asked for")
            return
        }
    }

    @Test func anArchiveThatSaysNothingIsWaitedForNoLongerThanItMay() async throws {
        let state = try TemporaryFolder("state")
        let silent = try ListeningSocket(port: 0, loopbackOnly: true)
        defer { close(silent.descriptor) }
        let start = ContinuousClock.now
        let outcome = await archive(silent.port, state: state, seconds: 2).search(for: Self.today)
        #expect(ContinuousClock.now - start < .seconds(8))
        guard case .failed(let failure, _) = outcome, [.timedOut, .unreachable].contains(failure) else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test func anArchiveWithoutQueriesIsNamedAsSuch() async throws {
        let (state, target) = (try TemporaryFolder("state"), try TemporaryFolder("target"))
        let port = try Tool.freePort()
        let scp = try Tool("storescp", ["-od", target.path, "\(port)"])
        defer { scp.terminate() }
        var reason = ""
        for _ in 0..<50 where !reason.contains("C-FIND") {
            guard case .failed(let failure, let why) = await archive(port, state: state).search(for: Self.today) else {
                continue
            }
            reason = why
            if why.contains("C-FIND") { #expect(failure == .refused) }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(reason.contains("does not offer C-FIND"))
    }
}
