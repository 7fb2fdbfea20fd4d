package import DICOM
internal import Foundation
package import Ledger
package import Report
internal import Synchronization

/// Brings what Apatite once reported of a patient back from an archive, for a comparison: report, segmentation and map of
/// hydroxyapatite of earlier studies, each in a folder of its own in the layout of our results.
///
/// What comes is read for its headers only, never analysed and never an input. Everything ends by one time limit.
package struct ArchivePrior: Sendable {
    package var peer: Association.Peer
    package var seconds: Int
    package var retrieval = Retrieval.get
    /// Folders of what comes are made below it: `priors/`.
    package var stateFolder: String

    package init(peer: Association.Peer, seconds: Int, stateFolder: String) {
        self.peer = peer
        self.seconds = seconds
        self.stateFolder = stateFolder
    }

    /// How the archive is to send what it has.
    package enum Retrieval: Sendable, Equatable {
        case get
        /// To a port of ours, under an AE Title that the archive knows with it.
        case move(aeTitle: String, port: UInt16, loopbackOnly: Bool)
    }

    /// Results of one earlier study.
    package struct Found: Sendable, Equatable {
        /// Relative to the state folder.
        package var folder: String
        /// As DICOM writes it: YYYYMMDD.
        package var studyDate: String
    }

    /// What a search came to.
    package enum Outcome: Sendable, Equatable {
        /// Newest study first; empty when the archive has none.
        case found([Found])
        /// Why, for the report, and in words for the operator.
        case failed(PriorSearchFailure, reason: String)
    }

    /// Studies that are looked into, newest first.
    private static let studyLimit = 5
    private static let classes = [
        SOPClass.comprehensive3DSR, SOPClass.enhancedSR, SOPClass.segmentation, SOPClass.ctImage,
    ]

    /// Searches on a thread of its own; returns when the time is up whatever the archive does.
    /// - Parameter known: Study Instance UIDs that are not looked into, because their results are here.
    package func search(for patient: StudyPatient, except known: Set<String> = []) async -> Outcome {
        let running = RunningSearch()
        return await withTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                await withTaskCancellationHandler {
                    await withCheckedContinuation { continuation in
                        Thread.detachNewThread {
                            continuation.resume(returning: search(for: patient, known, running))
                        }
                    }
                } onCancel: {
                    running.stop()
                }
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(seconds))
                running.stop()
                return nil
            }
            for await outcome in group {
                guard let outcome else { continue }
                group.cancelAll()
                return outcome
            }
            return .failed(.timedOut, reason: "the archive took too long")
        }
    }

    private func search(for patient: StudyPatient, _ known: Set<String>, _ running: RunningSearch) -> Outcome {
        let name = patient.identity.patientID
        // Wildcards of a query (PS3.4 section C.2.2.2.4) would match others.
        guard !name.isEmpty, !name.contains(where: { "*?\\".contains($0) }), !patient.studyDate.isEmpty else {
            return .failed(
                .unclearPatient, reason: "the study says too little of its patient or date to ask for a prior")
        }
        do {
            let archive = try PriorArchive(
                peer, retrieval, sopClasses: Self.classes, seconds: seconds, started: running.started)
            do {
                let found = try fetch(patient, known, from: archive)
                archive.release()
                return .found(found)
            } catch {
                archive.abort()
                throw error
            }
        } catch let error as DICOMError {
            return .failed(PriorSearchFailure(error.code), reason: error.message)
        } catch {
            return .failed(.failed, reason: "a prior cannot be written")
        }
    }

    private func fetch(_ patient: StudyPatient, _ known: Set<String>, from archive: PriorArchive) throws -> [Found] {
        var found: [Found] = []
        let unknown = try studies(of: patient, in: archive).filter { !known.contains($0.study.rawValue) }
        for (date, study) in unknown.prefix(Self.studyLimit) {
            do {
                let series = try series(of: study, in: archive)
                let prior = PriorStudy(patient: patient, study: study, series: series, stateFolder: stateFolder)
                if let folder = try prior.fetch(from: archive) { found.append(Found(folder: folder, studyDate: date)) }
            } catch {
                // The newest is what matters: what was fetched before the time was up is good.
                if found.isEmpty { throw error }
                return found
            }
        }
        return found
    }

    /// Earlier studies of whom is surely the patient, newest first.
    private func studies(
        of patient: StudyPatient, in archive: PriorArchive
    ) throws -> [(date: String, study: UID)] {
        let query = DataSet()
        query.set(.specificCharacterSet, "ISO_IR 192")
        query.set(.patientID, patient.identity.patientID)
        for tag in [
            Tag.issuerOfPatientID, .patientName, .patientBirthDate, .studyInstanceUID, .studyDate, .modalitiesInStudy,
        ] { query.setEmpty(tag) }
        return try archive.find(.study, query).compactMap { match -> (date: String, study: UID)? in
            guard let study = match.uid(.studyInstanceUID), let date = match.string(.studyDate),
                study.rawValue != patient.studyInstanceUID, date < patient.studyDate,
                patient.identity.isSurely(PatientIdentity(match))
            else { return nil }
            return (date, study)
        }.sorted { ($0.date, $0.study.rawValue) > ($1.date, $1.study.rawValue) }
    }

    private func series(of study: UID, in archive: PriorArchive) throws -> [PriorStudy.Series] {
        let query = DataSet()
        query.set(.studyInstanceUID, study)
        for tag in [Tag.seriesInstanceUID, .modality, .seriesDescription] { query.setEmpty(tag) }
        return try archive.find(.series, query).compactMap { match in
            match.uid(.seriesInstanceUID).map {
                PriorStudy.Series(
                    uid: $0, modality: match.string(.modality) ?? "",
                    description: match.string(.seriesDescription) ?? "")
            }
        }
    }
}

extension PatientIdentity {
    init(_ header: DataSet) {
        self.init(
            patientID: header.string(.patientID) ?? "", issuer: header.string(.issuerOfPatientID) ?? "",
            name: header.string(.patientName) ?? "", birthDate: header.string(.patientBirthDate) ?? "")
    }
}

extension PriorSearchFailure {
    fileprivate init(_ code: DICOMError.Code) {
        switch code {
        case .timedOut, .cancelled: self = .timedOut
        case .unreachable, .associationAborted: self = .unreachable
        case .associationRejected, .unsupported: self = .refused
        default: self = .failed
        }
    }
}

/// Ends a search from outside its thread.
private final class RunningSearch: Sendable {
    private let state = Mutex<(interrupter: Interrupter?, isStopped: Bool)>((nil, false))

    func started(_ interrupter: Interrupter) {
        state.withLock { state in
            state.interrupter = interrupter
            if state.isStopped { interrupter.interrupt() }
        }
    }

    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.interrupter?.interrupt()
        }
    }
}
