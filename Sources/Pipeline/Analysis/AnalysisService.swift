internal import Analysis
internal import Configuration
internal import DICOM
internal import Foundation
internal import Ledger
internal import Logging
internal import ServiceLifecycle

/// Runs the analyses that wait in the ledger, one at a time, each in a worker process of its own.
struct AnalysisService: Service {
    let ledger: Ledger
    let configuration: ApatiteConfiguration
    let calibrations: [CalibrationFile]
    let configurationDigest: String
    let logger: Logger

    /// Starts that ended with the service itself after which a study is suspected to be the cause.
    private static let startLimit = 10

    /// Until something outside the studies, a full disk say, is tried again.
    private static let pause = Duration.seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let seen = ledger.analyses.rings
                do {
                    if let ticket = try ledger.beginNextAnalysis(at: Date()) {
                        await run(ticket)
                        continue
                    }
                } catch {
                    logger.error("the ledger cannot be used, trying again", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: Self.pause)
                }
                // `apatitectl retry` is another process and cannot ring.
                await ledger.analyses.wait(after: seen, timeout: .seconds(1))
            }
        }
    }

    private func run(_ ticket: AnalysisTicket) async {
        do {
            if let failure = try await analyse(ticket) {
                await settle(
                    ticket, .worker(failure, attempt: ticket.failures + 1, limit: configuration.limits.workerAttempts))
            }
        } catch {
            await settle(ticket, .storage(error))
        }
    }

    /// - Returns: how the worker failed; nil when the analysis was concluded.
    /// - Throws: what is no property of the study.
    private func analyse(_ ticket: AnalysisTicket) async throws -> WorkerFailure? {
        if ticket.hasTwoPatients {
            // Also when the second patient came after the study was closed, and when an operator asked again.
            try finish(ticket, AnalysisEnd(fate: .setAside, reasons: [StudyCompletion.twoPatients]))
            return nil
        }
        let rule = EligibilityRule(configuration.eligibility)
        let verdict = rule.verdict(on: ticket)
        if case .leftAlone(let reason) = verdict {
            try finish(ticket, AnalysisEnd(fate: .leftAlone, reasons: [reason]))
            return nil
        }
        if ticket.starts > Self.startLimit {
            let reason = StudyReason(
                code: "serviceStopped", message: "the service stopped \(Self.startLimit) times during this analysis",
                remedy: "Look for the cause in the journal, then: apatitectl retry.")
            try finish(ticket, AnalysisEnd(fate: .setAside, reasons: [reason]))
            return nil
        }
        let folder = ResultFolder(
            stateFolder: configuration.service.stateFolder, study: ticket.study, analysis: ticket.id,
            start: ticket.starts)
        try folder.prepare()
        let priors = try await PriorSearch(ledger: ledger, configuration: configuration, logger: logger)
            .search(for: ticket.study)
        var job = job(for: ticket, in: folder, isEligible: verdict == .eligible)
        job.priorCandidates = priors.candidates.map(\.folder)
        job.priorSearchFailure = priors.failure
        try job.json().write(to: URL(fileURLWithPath: folder.path + "/job.json"))
        logger.info(
            "analysis begun", metadata: ["study": "\(ticket.study)", "revision": "\(ticket.revision)"])
        let worker = try WorkerProcess(
            executable: configuration.service.worker, folder: folder.path,
            wallSeconds: Double(configuration.limits.workerWallSeconds))
        let end = await worker.run { _ in crashPoint("during-analysis") }
        return try conclude(ticket, end, in: folder, priors)
    }

    private func conclude(
        _ ticket: AnalysisTicket, _ end: WorkerEnd, in folder: ResultFolder, _ priors: PriorSearch.Found
    ) throws -> WorkerFailure? {
        if end == .cancelled {
            try ledger.abandon(analysis: ticket.id, at: Date())
            folder.remove()
            logger.info("analysis put back: the service stops", metadata: ["study": "\(ticket.study)"])
            return nil
        }
        if let failure = WorkerFailure(end) { return failure }
        guard case .exited(_, let output) = end else { return nil }
        let outcome = try AnalysisOutcome(json: output)
        guard let results = results(outcome, in: folder) else {
            let reason = StudyReason(
                code: "workerFailed", message: "the worker named a result that it did not write",
                remedy: "Report the fault with the study's worker.log; other studies are not affected.")
            return WorkerFailure(reason: reason)
        }
        try folder.sync()
        crashPoint("after-analysis-before-report")
        var end = AnalysisEnd(
            fate: Self.fate(outcome),
            reasons: outcome.reasons.map { StudyReason(code: $0.code, message: $0.message, remedy: $0.remedy) },
            acquisitionDigest: outcome.acquisitionDigest, results: results,
            prior: results.isEmpty ? nil : priors.record(of: outcome.prior))
        end.contoursDigest = outcome.contoursDigest
        end.areContoursOwn = outcome.contours == .unchanged
        end.areContoursRefused = outcome.contours == .refused && !results.isEmpty
        try finish(ticket, end, folder: folder)
        return nil
    }

    private func finish(_ ticket: AnalysisTicket, _ end: AnalysisEnd, folder: ResultFolder? = nil) throws {
        let finished = try ledger.finish(analysis: ticket.id, end, at: Date())
        if finished.isUnchanged { folder?.remove() }
        let fate = finished.fate
        let level: Logger.Level = fate == .setAside ? .warning : .info
        var metadata: Logger.Metadata = ["study": "\(ticket.study)", "revision": "\(ticket.revision)"]
        if !end.reasons.isEmpty { metadata["reason"] = "\(end.reasons.map(\.code).joined(separator: ","))" }
        if finished.isUnchanged { metadata["unchanged"] = "true" }
        if end.areContoursRefused {
            logger.warning(
                "reviewed contours refused, a revision says so (apatitectl show \(ticket.study))", metadata: metadata)
        } else if ticket.review != nil, end.results.isEmpty, !end.areContoursOwn {
            logger.warning(
                "reviewed contours refused, the report stands (apatitectl show \(ticket.study))", metadata: metadata)
        } else {
            logger.log(level: level, "study \(fate.rawValue)", metadata: metadata)
        }
    }

    /// Does what the one switch says.
    private func settle(_ ticket: AnalysisTicket, _ error: StageError) async {
        let metadata: Logger.Metadata = ["study": "\(ticket.study)", "reason": "\(error.reason)"]
        do {
            switch error.verdict {
            case .setAside(let reason):
                logger.warning("the worker failed, the study is set aside", metadata: metadata)
                try finish(ticket, AnalysisEnd(fate: .setAside, reasons: [reason]))
            case .retry(isCounted: true):
                logger.warning("the worker failed, trying again", metadata: metadata)
                _ = try ledger.analysisFailed(ticket.id, detail: error.code, at: Date())
            case .retry(isCounted: false), .refuse, .halt:
                logger.error("analysis put back, trying again", metadata: metadata)
                try ledger.abandon(analysis: ticket.id, detail: error.code, at: Date())
                try? await Task.sleep(for: Self.pause)
            }
        } catch {
            // The analysis stays begun, and is the first to be begun again.
            logger.error("the ledger cannot be used, trying again", metadata: ["error": "\(error)"])
            try? await Task.sleep(for: Self.pause)
        }
    }

    private static func fate(_ outcome: AnalysisOutcome) -> StudyState {
        switch outcome.status {
        case .reported: .reported
        case .notAnalysable: .notAnalysable
        case .leftAlone: .leftAlone
        case .setAside: outcome.mayBeIncomplete ? .incomplete : .setAside
        }
    }

    /// - Returns: nil when the worker names a file outside its folder or one that is not there.
    private func results(_ outcome: AnalysisOutcome, in folder: ResultFolder) -> [RecordedResult]? {
        let report = outcome.artefacts.first { $0.kind == .structuredReport }
        var results: [RecordedResult] = []
        for artefact in outcome.artefacts {
            guard let path = folder.relative(artefact.path) else { return nil }
            let isAlternative = artefact.kind == .enhancedStructuredReport
            let kind = artefact.kind.rawValue
            results.append(
                RecordedResult(
                    kind: kind, sopClassUID: artefact.sopClassUID,
                    sopInstanceUID: artefact.sopInstanceUID, seriesInstanceUID: artefact.seriesInstanceUID,
                    transferSyntaxUID: artefact.transferSyntaxUID, path: path,
                    destinations: isAlternative
                        ? [] : configuration.destinations.filter { $0.takes(kind: kind) }.map(\.name),
                    alternativeOf: isAlternative ? report?.sopInstanceUID : nil))
        }
        return results
    }

    private func job(for ticket: AnalysisTicket, in folder: ResultFolder, isEligible: Bool) -> AnalysisJob {
        let limits = configuration.limits
        var workerLimits = AnalysisLimits()
        workerLimits.memoryBytes = UInt64(limits.workerMemoryMegabytes) << 20
        workerLimits.processorSeconds = UInt64(limits.workerProcessorSeconds)
        let signal: ClosingSignal =
            switch ticket.signal {
            case .quietPeriod: .quietPeriod
            case .performedProcedureStep: .performedProcedureStep
            case .operatorRequest: .operatorRequest
            case .reviewedContours: .reviewedContours
            }
        var job = AnalysisJob(
            inputs: ticket.images.map { "\(configuration.service.stateFolder)/\($0)" }, outputFolder: folder.path,
            closedAt: ticket.closedAt, closingSignal: signal, revision: ticket.revision,
            predecessor: ticket.predecessor.map {
                PredecessorReport(
                    sopClassUID: $0.sopClassUID, sopInstanceUID: $0.sopInstanceUID,
                    seriesInstanceUID: $0.seriesInstanceUID,
                    findings: "\(configuration.service.stateFolder)/\($0.folder)/findings.json")
            }, language: ReportLanguage(rawValue: configuration.analysis.language) ?? .english,
            maps: configuration.analysis.maps, identityOnPictures: configuration.picture.identity,
            configurationDigest: configurationDigest, installationSerial: configuration.service.installationSerial,
            eligibility: isEligible
                ? nil
                : Eligibility(
                    regions: configuration.eligibility.bodyParts, protocols: configuration.eligibility.protocols),
            calibrations: calibrations, limits: workerLimits)
        job.firstSeriesNumber = configuration.analysis.firstSeriesNumber
        job.contours = ticket.review.map { "\(configuration.service.stateFolder)/\($0.path)" }
        job.keptContours = ticket.keptContours.map { "\(configuration.service.stateFolder)/\($0)" }
        job.ownSegmentation = ticket.review?.ownSegmentation.map { "\(configuration.service.stateFolder)/\($0)" }
        return job
    }
}
