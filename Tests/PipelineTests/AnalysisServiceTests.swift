import Configuration
import Foundation
import Ledger
import Pipeline
import Testing

struct AnalysisServiceTests {
    @Test func aQuietStudyIsAnalysedAndItsResultsAreQueuedOnce() async throws {
        let fixture = try PipelineFixture(worker: PipelineFixture.reporting)
        let pipeline = try fixture.pipeline()
        let ledger = pipeline.ledger
        try PipelineFixture.record("1.1", in: ledger)
        try await fixture.run(pipeline) {
            try await eventually("the report") { try ledger.study(1)?.state == .reported }
        }
        let due = try ledger.deliveries.due(at: Date())
        #expect(due.map(\.destination) == ["pacs"])
        let file = fixture.configuration.service.stateFolder + "/" + (due.first?.object.path ?? "")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "report\n")
    }

    @Test func aWorkerThatCrashesSetsItsStudyAsideAndHoldsUpNoOther() async throws {
        let fixture = try PipelineFixture(worker: PipelineFixture.crashing(onJobsWith: "received/1.1"))
        let pipeline = try fixture.pipeline()
        let ledger = pipeline.ledger
        try PipelineFixture.record("1.1", in: ledger)
        try PipelineFixture.record("2.1", study: "1.2.4", in: ledger)
        try await fixture.run(pipeline) {
            try await eventually("both fates") {
                try ledger.study(1)?.state == .setAside && ledger.study(2)?.state == .reported
            }
        }
        let study = try #require(try ledger.study(1))
        #expect(study.reasons.map(\.code) == ["workerCrashed"])
        #expect(try ledger.detail(1)?.events.filter { $0.kind == "analysisFailed" }.count == 1)
    }

    @Test func aWorkerThatHangsIsStoppedAndItsStudySetAside() async throws {
        let fixture = try PipelineFixture(worker: "exec sleep 600") {
            $0.limits.workerWallSeconds = 1
            $0.limits.workerAttempts = 1
        }
        let pipeline = try fixture.pipeline()
        let ledger = pipeline.ledger
        try PipelineFixture.record("1.1", in: ledger)
        try await fixture.run(pipeline) {
            try await eventually("the end of the wait") { try ledger.study(1)?.state == .setAside }
        }
        #expect(try ledger.study(1)?.reasons.map(\.code) == ["workerTimedOut"])
    }

    @Test func aStopDuringAnAnalysisPutsItBackAndTheNextStartReportsItOnce() async throws {
        let fixture = try PipelineFixture(
            worker: "[ -e $(dirname $0)/go ] || exec sleep 600\n" + PipelineFixture.reporting)
        var pipeline: Pipeline? = try fixture.pipeline()
        let ledger = try #require(pipeline?.ledger)
        try PipelineFixture.record("1.1", in: ledger)
        let stop = ContinuousClock.now
        try await fixture.run(try #require(pipeline)) {
            try await eventually("the analysis") { try ledger.study(1)?.state == .analysing }
        }
        #expect(ContinuousClock.now - stop < .seconds(10))
        #expect(try ledger.study(1)?.state == .queued)
        pipeline = nil
        try Data().write(to: fixture.folder.appending(path: "go"))
        let again = try fixture.pipeline()
        try await fixture.run(again) {
            try await eventually("the report") { try again.ledger.study(1)?.state == .reported }
        }
        #expect(try again.ledger.deliveries.due(at: Date()).count == 1)
        #expect(try again.ledger.detail(1)?.analyses.map(\.state) == ["reported"])
    }

    @Test(arguments: [
        ("leftAlone", "singleEnergy", false, 3, StudyState.leftAlone),
        ("setAside", "contradictoryHeaders", false, 4, .setAside),
        ("setAside", "missingSlices", true, 4, .incomplete),
    ])
    func eachFateOfTheWorkerIsTheStudys(
        status: String, code: String, mayBeIncomplete: Bool, exit: Int, state: StudyState
    ) async throws {
        let fixture = try PipelineFixture(
            worker: PipelineFixture.outcome(status, code: code, mayBeIncomplete: mayBeIncomplete, exit: exit))
        let pipeline = try fixture.pipeline()
        let ledger = pipeline.ledger
        try PipelineFixture.record("1.1", in: ledger)
        try await fixture.run(pipeline) {
            try await eventually("the fate") { try ledger.study(1)?.state == state }
        }
        #expect(try ledger.study(1)?.reasons.map(\.code) == [code])
        #expect(try ledger.deliveries.due(at: Date()).isEmpty)
    }

    @Test func aResultOutsideTheWorkersFolderIsNotBelieved() async throws {
        let fixture = try PipelineFixture(
            worker: PipelineFixture.reporting + "| sed 's#\"path\":\"[^\"]*\"#\"path\":\"/etc/hostname\"#'")
        let pipeline = try fixture.pipeline()
        let ledger = pipeline.ledger
        try PipelineFixture.record("1.1", in: ledger)
        try await fixture.run(pipeline) {
            try await eventually("the fate") { try ledger.study(1)?.state == .setAside }
        }
        #expect(try ledger.study(1)?.reasons.map(\.code) == ["workerFailed"])
    }

    @Test func aSourceThatTheSiteDoesNotNameIsLeftAlone() async throws {
        let fixture = try PipelineFixture(worker: PipelineFixture.reporting) {
            $0.eligibility.callingAETitles = ["CT2"]
        }
        let pipeline = try fixture.pipeline()
        let ledger = pipeline.ledger
        try PipelineFixture.record("1.1", in: ledger)
        try await fixture.run(pipeline) {
            try await eventually("the fate") { try ledger.study(1)?.state == .leftAlone }
        }
        #expect(try ledger.study(1)?.reasons.map(\.code) == ["notEligible"])
    }

    @Test func aWorkerThatIsNotThereIsNoFaultOfTheStudy() async throws {
        let fixture = try PipelineFixture(worker: PipelineFixture.reporting) { $0.limits.workerAttempts = 1 }
        let worker = fixture.configuration.service.worker
        try FileManager.default.moveItem(atPath: worker, toPath: worker + "-away")
        let pipeline = try fixture.pipeline()
        let ledger = pipeline.ledger
        try PipelineFixture.record("1.1", in: ledger)
        try await fixture.run(pipeline) {
            try await eventually("a first try") {
                try ledger.detail(1)?.events.contains { $0.kind == "analysisPutBack" } == true
            }
            try FileManager.default.moveItem(atPath: worker + "-away", toPath: worker)
            try await eventually("the report") { try ledger.study(1)?.state == .reported }
        }
    }

    @Test func aDiskThatIsFullIsNoFaultOfTheStudy() async throws {
        // As the worker ends when it cannot write: sysexits.h, EX_SOFTWARE.
        let fixture = try PipelineFixture(
            worker: "[ -e $(dirname $0)/full ] && exit 70\n" + PipelineFixture.reporting
        ) { $0.limits.workerAttempts = 1 }
        let full = fixture.folder.appending(path: "full")
        try Data().write(to: full)
        let pipeline = try fixture.pipeline()
        let ledger = pipeline.ledger
        try PipelineFixture.record("1.1", in: ledger)
        try await fixture.run(pipeline) {
            try await eventually("a first try") {
                try ledger.detail(1)?.events.contains { $0.kind == "analysisPutBack" } == true
            }
            try FileManager.default.removeItem(at: full)
            try await eventually("the report") { try ledger.study(1)?.state == .reported }
        }
    }

    @Test func aSecondPatientAfterTheClosingOrAnOperatorsRetryIsNotAnalysed() async throws {
        let fixture = try PipelineFixture(worker: PipelineFixture.reporting)
        let pipeline = try fixture.pipeline()
        let ledger = pipeline.ledger
        try PipelineFixture.record("1.1", in: ledger)
        try ledger.close(study: 1, signal: .operatorRequest, at: Date())
        for patient in ["A", "B"] {
            var header = HeaderAttributes()
            header.patientID = patient
            header.patientName = patient
            _ = try ledger.record(
                ReceivedInstance(
                    sopClassUID: "1.2.840.10008.5.1.4.1.1.88.67", sopInstanceUID: "7.\(patient.utf8.first ?? 0)",
                    seriesInstanceUID: "7", studyInstanceUID: "1.2.3", transferSyntaxUID: "1.2.840.10008.1.2.1",
                    callingAETitle: "CT1", calledAETitle: "APATITE", sha256: patient, byteCount: 1,
                    path: "received/\(patient)", receivedAt: Date(), header: header))
        }
        try await fixture.run(pipeline) {
            try await eventually("the fate") { try ledger.study(1)?.state == .setAside }
        }
        #expect(try ledger.study(1)?.reasons.map(\.code) == ["twoPatients"])
        #expect(try ledger.deliveries.due(at: Date()).isEmpty)
    }

    @Test func aPriorSearchThatFailsIsToldToTheReportAndHoldsUpNothing() async throws {
        let fixture = try PipelineFixture(worker: PipelineFixture.reporting) { $0.priors.query = "pacs" }
        let pipeline = try fixture.pipeline()
        let ledger = pipeline.ledger
        // Without a Patient ID nobody can be asked about.
        try PipelineFixture.record("1.1", in: ledger)
        try await fixture.run(pipeline) {
            try await eventually("the report") { try ledger.study(1)?.state == .reported }
        }
        let job = fixture.configuration.service.stateFolder + "/results/study-1/analysis-1-1/job.json"
        let isTold = try String(contentsOfFile: job, encoding: .utf8).contains(
            "\"priorSearchFailure\":\"unclearPatient\"")
        #expect(isTold)
        #expect(try ledger.detail(1)?.analyses.first?.prior?.outcome == .notReached)
    }

    @Test func aSegmentationThatCrashesTheWorkerIsRefusedAndTheReportStands() async throws {
        let fixture = try PipelineFixture(worker: PipelineFixture.crashing(onJobsWith: "contours"))
        let pipeline = try fixture.pipeline()
        let ledger = pipeline.ledger
        try PipelineFixture.record("1.1", in: ledger)
        try await fixture.run(pipeline) {
            try await eventually("the report") { try ledger.study(1)?.state == .reported }
            _ = try ledger.record(
                ReceivedInstance(
                    sopClassUID: "1.2.840.10008.5.1.4.1.1.66.4", sopInstanceUID: "5.1", seriesInstanceUID: "5",
                    studyInstanceUID: "1.2.3", transferSyntaxUID: "1.2.840.10008.1.2.1", callingAETitle: "EDITOR",
                    calledAETitle: "APATITE", sha256: "ee", byteCount: 1, path: "received/5.1", receivedAt: Date()))
            try await eventually("the refusal") { try ledger.detail(1)?.reviews.first?.state == .refused }
        }
        #expect(try ledger.study(1)?.state == .reported && ledger.study(1)?.revision == 1)
        #expect(try ledger.detail(1)?.analyses.last?.reasons.map(\.code) == ["workerCrashed"])
    }

    static let failure = WorkerFailure(reason: StudyReason(code: "workerCrashed", message: "m", remedy: "r"))

    @Test(arguments: [
        (StageError.start(ConfigurationError(problems: [])), StageVerdict.halt(exitStatus: 78)),
        (.start(LedgerError(code: .tooNew, message: "m")), .halt(exitStatus: 78)),
        (.start(LedgerError(code: .cannotOpen, message: "m")), .halt(exitStatus: 70)),
        (.start(POSIXError(.EADDRINUSE)), .halt(exitStatus: 70)),
        (.storage(POSIXError(.ENOSPC)), .retry(isCounted: false)),
        (.worker(failure, attempt: 1, limit: 2), .retry(isCounted: true)),
        (.worker(failure, attempt: 2, limit: 2), .setAside(failure.reason)),
    ])
    func eachErrorBecomesExactlyOneThing(error: StageError, verdict: StageVerdict) {
        #expect(error.verdict == verdict)
    }

    @Test func oneStateFolderHasOneService() throws {
        let fixture = try PipelineFixture(worker: "exit 0")
        let first = try fixture.pipeline()
        #expect(throws: PipelineError.self) { try fixture.pipeline() }
        #expect(first.configuration == fixture.configuration)
    }

    @Test func theStatusLineSaysWhereTheServiceStands() {
        let status = LedgerStatus(
            studies: ["receiving": 1, "analysing": 0, "reported": 4, "setAside": 2], openAssociations: 2,
            deliveries: DeliveryCount(waiting: 0, delivered: 12, refused: 0),
            lastReportAt: "2026-03-01T10:32:10.000Z", conflicts: 0)
        #expect(
            StatusLine.text(status, timeZone: .gmt)
                == "receiving 2 associations; 1 study waiting, 0 analysing; 2 set aside; last report 10:32")
    }
}
