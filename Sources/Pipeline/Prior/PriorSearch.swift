internal import Configuration
internal import DICOM
internal import Foundation
internal import Ledger
internal import Logging

/// Looks for earlier reports of a study's patient: in our own ledger, and when that holds none in an archive.
struct PriorSearch: Sendable {
    let ledger: Ledger
    let configuration: ApatiteConfiguration
    let logger: Logger

    /// What may be compared with, newest first, and what became of the search.
    struct Found: Sendable {
        var candidates: [(folder: String, prior: RecordedPrior)] = []
        /// What to record when none of the candidates is chosen.
        var otherwise: RecordedPrior?

        /// What to record when the analysis chose this folder.
        func record(of folder: String?) -> RecordedPrior? {
            candidates.first { $0.folder == folder }?.prior ?? otherwise
        }
    }

    /// Never in the way of a report: what goes wrong is a search without a find.
    func search(for study: Int64) async throws -> Found {
        guard configuration.priors.compare else { return Found() }
        let state = configuration.service.stateFolder
        let own = try ledger.priorCandidates(for: study).filter {
            FileManager.default.fileExists(atPath: "\(state)/\($0.folder)/findings.json")
        }
        if !own.isEmpty {
            return Found(
                candidates: own.map {
                    let prior = RecordedPrior(
                        outcome: .given, origin: .ledger, analysis: $0.analysis, folder: $0.folder)
                    return ("\(state)/\($0.folder)", prior)
                }, otherwise: RecordedPrior(outcome: .notComparable, origin: .ledger))
        }
        guard let archive = archive(), let patient = try ledger.patient(of: study) else {
            return Found(otherwise: RecordedPrior(outcome: .none))
        }
        switch await archive.search(for: patient) {
        case .found(let folders):
            let outcome: RecordedPrior.Outcome = folders.isEmpty ? .none : .notComparable
            return Found(
                candidates: folders.map {
                    ("\(state)/\($0)", RecordedPrior(outcome: .given, origin: .archive, folder: $0))
                }, otherwise: RecordedPrior(outcome: outcome, origin: .archive))
        case .failed(let reason):
            logger.warning(
                "no prior from the archive, reporting without", metadata: ["study": "\(study)", "reason": "\(reason)"])
            return Found(otherwise: RecordedPrior(outcome: .notReached, origin: .archive, detail: reason))
        }
    }

    private func archive() -> ArchivePrior? {
        guard let destination = configuration.destinations.first(where: { $0.name == configuration.priors.query })
        else { return nil }
        let seconds = configuration.priors.timeoutSeconds
        return ArchivePrior(
            peer: Association.Peer(
                host: destination.host, port: UInt16(destination.port), calledAETitle: destination.aeTitle,
                callingAETitle: destination.callingAETitle ?? configuration.service.aeTitle,
                associationSeconds: seconds, answerSeconds: seconds),
            seconds: seconds, stateFolder: configuration.service.stateFolder)
    }
}
