public import DICOM
public import Foundation

/// Takes results back that were delivered before: archives that follow IHE Imaging Object Change Management hide what
/// the note names, and keep it for whoever must know what was once on a screen.
///
/// Reference: IHE RAD TF-2 4.66, PS3.3 A.35.4 (Key Object Selection Document), PS3.16 TID 2010.
public struct RejectionNote: Sendable, Equatable {
    /// Why; each has the document title that makes an archive do what is meant.
    public enum Reason: String, Sendable, Codable, CaseIterable {
        /// A newer revision has replaced the results. They were right about the images they rest on, and a decision
        /// may rest on them: rejected for quality reasons, which hides them from daily reading and keeps them
        /// reachable. Not a matter of patient safety, nor of the worklist entry or of retention, which are the
        /// scanner's and the archive's to judge.
        case superseded
        /// Somebody has withdrawn them because they must not be used: rejected for patient safety reasons, after which
        /// an archive stops handing them out.
        case withdrawn
    }

    /// What is taken back: reports, segmentations, pictures, maps. All of one study.
    public var rejected: [DocumentReference]
    public var reason: Reason
    /// File of one of the rejected objects, or of any other object of the study: patient, study and request are copied
    /// from it.
    public var studyFile: String
    /// The recorded time of the decision, not the time of writing: a note that is written again after a crash is then
    /// the same object.
    public var decidedAt: Date
    public var algorithmVersion: String
    /// Device Serial Number of this installation.
    public var installationSerial: String
    public var language: ReportLanguage

    public init(
        rejected: [DocumentReference], reason: Reason, studyFile: String, decidedAt: Date, algorithmVersion: String,
        installationSerial: String, language: ReportLanguage = .english
    ) {
        self.rejected = rejected
        self.reason = reason
        self.studyFile = studyFile
        self.decidedAt = decidedAt
        self.algorithmVersion = algorithmVersion
        self.installationSerial = installationSerial
        self.language = language
    }
}

/// Writes a rejection note as a Key Object Selection Document. Equal notes make equal files.
///
/// - Parameter path: of the file to be written, replaced when there is one.
/// - Returns: what to deliver; `kind` is `rejectionNote`.
/// - Throws: `DICOMError`: `invalidValue` without a rejected object, and what reading the study's file or writing gives.
public func writeRejectionNote(_ note: RejectionNote, to path: String) throws(DICOMError) -> WrittenResult {
    guard !note.rejected.isEmpty else {
        throw DICOMError(.invalidValue, "a rejection note names at least one object")
    }
    let study = try DataSet(contentsOf: note.studyFile, untilPixelData: true)
    let object = RejectionNoteObject(note: note, study: study)
    try writeStructuredReport(object.tree, header: object.header, to: path)
    let instance = StoredInstance(
        sopClassUID: SOPClass.keyObjectSelection, sopInstanceUID: object.sopInstanceUID,
        transferSyntaxUID: TransferSyntax.explicitLittleEndian.uid, path: path)
    return WrittenResult(
        kind: .rejectionNote, path: path, instance: instance, seriesInstanceUID: object.seriesInstanceUID)
}

/// The note on its way into DICOM.
private struct RejectionNoteObject {
    let note: RejectionNote
    let study: DataSet
    private let date: String
    private let time: String
    private let content: [UInt8]

    init(note: RejectionNote, study: DataSet) {
        self.note = note
        self.study = study
        (date, time) = note.decidedAt.dicomDateAndTime(offset: study.string(.timezoneOffsetFromUTC))
        var content = Fingerprint()
        for object in note.rejected { content.add("rejected", object.sopInstanceUID.rawValue) }
        content.add("reason", note.reason.rawValue)
        content.add("decided", "\(date) \(time)")
        content.add("device", "\(note.algorithmVersion) \(note.installationSerial) \(note.language.rawValue)")
        content.add(header: study, tags: CopiedAttributes.tags(of: study) + [.referencedRequestSequence])
        self.content = content.digest
    }

    var sopInstanceUID: UID { uid("rejection note instance") }
    var seriesInstanceUID: UID { uid("rejection note series") }
    /// The same for every note of this installation and version: nothing else has an influence on one.
    private var deviceUID: UID {
        UID.derived(from: SHA256.digest(of: Array("device \(note.algorithmVersion) \(serial)".utf8)))
    }

    private func uid(_ role: String) -> UID { UID.derived(from: SHA256.digest(of: content + Array(role.utf8))) }

    // MARK: - Tree

    var tree: ContentItem {
        let isFrench = note.language == .french
        return ContentItem(
            .root, title.concept, .container(template: "2010"),
            children: [.code(.hasConceptModifier, .languageOfContent, isFrench ? .french : .english)]
                + observer + [.text(.contains, .keyObjectDescription, description)]
                + note.rejected.map { ContentItem(.contains, nil, reference(to: $0)) })
    }

    private var title: Code {
        switch note.reason {
        case .superseded: .rejectedForQuality
        case .withdrawn: .rejectedForSafety
        }
    }

    private var description: String {
        let say = Phrases(language: note.language)
        switch note.reason {
        case .superseded:
            return say(
                "Results of Apatite that a newer revision of the same study's report has replaced.",
                "Résultats d'Apatite remplacés par une révision plus récente du compte rendu de cet examen.")
        case .withdrawn:
            return say(
                "Results of Apatite that were withdrawn: do not use them.",
                "Résultats d'Apatite retirés : ne pas les utiliser.")
        }
    }

    private var observer: [ContentItem] {
        [
            .code(.hasObservationContext, .observerType, .device),
            .uid(.hasObservationContext, .deviceObserverUID, deviceUID),
            .text(.hasObservationContext, .deviceObserverName, "APATITE"),
            .text(.hasObservationContext, .deviceObserverManufacturer, "Apatite project"),
            .text(.hasObservationContext, .deviceObserverModelName, "Apatite \(note.algorithmVersion)"),
            .text(.hasObservationContext, .deviceObserverSerialNumber, serial),
        ]
    }

    /// A report is no image: it is referred to as a composite object.
    private func reference(to object: DocumentReference) -> ContentItem.Value {
        let reports = [SOPClass.comprehensive3DSR, SOPClass.enhancedSR, SOPClass.keyObjectSelection]
        return reports.contains(object.sopClassUID)
            ? .composite(sopClass: object.sopClassUID, sopInstance: object.sopInstanceUID)
            : .image(sopClass: object.sopClassUID, sopInstance: object.sopInstanceUID)
    }

    // MARK: - Header

    private var serial: String { note.installationSerial.isEmpty ? "unnamed" : note.installationSerial }

    /// Reference: PS3.3 C.17.6.1 and C.17.6.2.
    var header: DataSet {
        let header = DataSet()
        header.set(.specificCharacterSet, "ISO_IR 192")
        CopiedAttributes.copy(from: study, to: header)
        header.copy(.referencedRequestSequence, from: study)
        header.set(.sopClassUID, SOPClass.keyObjectSelection)
        header.set(.sopInstanceUID, sopInstanceUID)
        header.set(.modality, "KO")
        header.set(.seriesInstanceUID, seriesInstanceUID)
        header.set(.seriesNumber, integer: seriesNumber)
        header.set(.seriesDescription, "Apatite rejection note")
        header.setEmpty(.referencedPerformedProcedureStepSequence)
        header.set(.instanceNumber, integer: 1)
        for tag in [Tag.seriesDate, .contentDate] { header.set(tag, date) }
        for tag in [Tag.seriesTime, .contentTime] { header.set(tag, time) }
        header.set(.manufacturer, "Apatite project")
        header.set(.manufacturerModelName, "Apatite")
        header.set(.deviceSerialNumber, serial)
        header.set(.softwareVersions, note.algorithmVersion)
        setEvidence(of: header)
        return header
    }

    /// Among the numbers of what it rejects, which begin at a thousand.
    private var seriesNumber: Int {
        let isOwn = study.string(.manufacturer) == "Apatite project"
        let first = (isOwn ? study.integer(.seriesNumber) : nil).map { $0 / 1000 * 1000 } ?? 9000
        return first + ReportSource.rejectionNoteOffset
    }

    private func setEvidence(of header: DataSet) {
        let evidence = header.appendItem(.currentRequestedProcedureEvidenceSequence)
        evidence.copy(.studyInstanceUID, from: study)
        var items: [UID: DataSet] = [:]
        for object in note.rejected {
            let series = items[object.seriesInstanceUID] ?? evidence.appendItem(.referencedSeriesSequence)
            if items.updateValue(series, forKey: object.seriesInstanceUID) == nil {
                series.set(.seriesInstanceUID, object.seriesInstanceUID)
            }
            let reference = series.appendItem(.referencedSOPSequence)
            reference.set(.referencedSOPClassUID, object.sopClassUID)
            reference.set(.referencedSOPInstanceUID, object.sopInstanceUID)
        }
    }
}
