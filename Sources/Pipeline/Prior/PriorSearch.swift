internal import Configuration
internal import DICOM
internal import Foundation
internal import Ledger
internal import Logging
internal import Report

/// Looks for earlier reports of a study's patient: in our own ledger, and in an archive where the site names one.
struct PriorSearch: Sendable {
    let ledger: Ledger
    let configuration: ApatiteConfiguration
    let logger: Logger

    /// What may be compared with, newest first, and what became of the search.
    struct Found: Sendable {
        struct Candidate: Sendable {
            /// Absolute.
            var folder: String
            /// As DICOM writes it: YYYYMMDD.
            var studyDate: String
            var prior: RecordedPrior
        }

        var candidates: [Candidate] = []
        /// What to record when none of the candidates is chosen.
        var otherwise: RecordedPrior?
        /// Why the archive could not be asked: the report says so.
        var failure: PriorSearchFailure?

        /// What to record when the analysis chose this folder.
        func record(of folder: String?) -> RecordedPrior? {
            candidates.first { $0.folder == folder }?.prior ?? otherwise
        }
    }

    /// Never in the way of a report: what goes wrong is a search without a find.
    ///
    /// The archive is asked also where the ledger holds an earlier report: a newer one, or one of this part and side, may
    /// have been made elsewhere. What the ledger has is not fetched again.
    func search(for study: Int64) async throws -> Found {
        guard configuration.priors.compare else { return Found() }
        let state = configuration.service.stateFolder
        let own = try ledger.priorCandidates(for: study).filter {
            FileManager.default.fileExists(atPath: "\(state)/\($0.folder)/findings.json")
        }
        var found = Found(
            candidates: own.map {
                Found.Candidate(
                    folder: "\(state)/\($0.folder)", studyDate: $0.studyDate,
                    prior: RecordedPrior(outcome: .given, origin: .ledger, analysis: $0.analysis, folder: $0.folder))
            },
            otherwise: RecordedPrior(
                outcome: own.isEmpty ? .none : .notComparable, origin: own.isEmpty ? nil : .ledger))
        guard let archive = archive(), let patient = try ledger.patient(of: study) else { return found }
        switch await archive.search(for: patient, except: Set(own.map(\.studyInstanceUID))) {
        case .found(let elsewhere):
            found.candidates += elsewhere.map {
                Found.Candidate(
                    folder: "\(state)/\($0.folder)", studyDate: $0.studyDate,
                    prior: RecordedPrior(outcome: .given, origin: .archive, folder: $0.folder))
            }
            // Those of one date keep their order: our own come first.
            found.candidates = found.candidates.enumerated().sorted {
                ($1.element.studyDate, $0.offset) < ($0.element.studyDate, $1.offset)
            }.map(\.element)
            if own.isEmpty {
                found.otherwise = RecordedPrior(outcome: elsewhere.isEmpty ? .none : .notComparable, origin: .archive)
            }
        case .failed(let failure, let reason):
            logger.warning(
                "the archive could not be asked for a prior, the report says so",
                metadata: ["study": "\(study)", "reason": "\(reason)"])
            found.failure = failure
            found.otherwise = RecordedPrior(outcome: .notReached, origin: .archive, detail: reason)
            for n in found.candidates.indices { found.candidates[n].prior.detail = "archive not reached: \(reason)" }
        }
        return found
    }

    private func archive() -> ArchivePrior? {
        let priors = configuration.priors
        guard let destination = configuration.destinations.first(where: { $0.name == priors.query }) else { return nil }
        let seconds = priors.timeoutSeconds
        var archive = ArchivePrior(
            peer: Association.Peer(
                host: destination.host, port: UInt16(destination.port), calledAETitle: destination.aeTitle,
                callingAETitle: destination.callingAETitle ?? configuration.service.aeTitle,
                associationSeconds: seconds, answerSeconds: seconds),
            seconds: seconds, stateFolder: configuration.service.stateFolder)
        if priors.retrieve == .move {
            archive.retrieval = .move(
                aeTitle: priors.moveAETitle, port: UInt16(priors.movePort),
                loopbackOnly: configuration.service.loopbackOnly)
        }
        return archive
    }
}
