import DICOM
import DualEnergyCT

extension ReportContext {
    /// Header of the structured report: what it is, what it rests on, what it replaces.
    ///
    /// Reference: PS3.3 A.35.13, C.17.1 and C.17.2.
    func documentHeader(_ kind: SeriesKind, segmentation: SegmentationObject?) -> DataSet {
        let header = header(kind)
        identifyCodingScheme(in: header)
        header.setEmpty(.referencedPerformedProcedureStepSequence)
        header.setEmpty(.performedProcedureCodeSequence)
        header.set(.completionFlag, isPartial ? "PARTIAL" : "COMPLETE")
        if let partialDescription { header.set(.completionFlagDescription, partialDescription) }
        header.set(.preliminaryFlag, "FINAL")
        header.set(.verificationFlag, "UNVERIFIED")
        setAuthor(of: header)
        setEvidence(of: header, segmentation: segmentation)
        setPriorEvidence(of: header)
        setRequest(of: header)
        if let predecessor = source.predecessor { setPredecessor(predecessor, of: header) }
        return header
    }

    /// Whether an expected region, slice or side was not analysed.
    private var isPartial: Bool { partialDescription != nil }

    /// What is missing, in English; nil for a complete report.
    private var partialDescription: String? {
        if model.isNotAnalysable { return "Not analysable" }
        if findings.trust.reasons.contains(where: { $0.kind == .coverage }) { return "Region not fully covered" }
        let sides = findings.regions.compactMap(\.side)
        guard place.laterality == .both, let side = sides.first, Set(sides).count == 1 else { return nil }
        let missing: Laterality = side == .right ? .left : .right
        let name = Phrases(language: .english).place(place.region, missing)
        return "\(name.prefix(1).uppercased() + name.dropFirst()) not analysed"
    }

    /// The prior report, when it was compared with or could not be.
    var comparedPrior: PriorReport? { findings.comparison == nil ? nil : source.prior }

    /// Objects of other studies: the prior report and its segmentation, and reviewed contours that an editor put elsewhere.
    private func setPriorEvidence(of header: DataSet) {
        if let review = source.review, let elsewhere = review.studyInstanceUID {
            let study = header.appendItem(.pertinentOtherEvidenceSequence)
            study.set(.studyInstanceUID, elsewhere)
            let reviewed = review.segmentation
            append(reviewed.seriesInstanceUID, [(reviewed.sopClassUID, reviewed.sopInstanceUID)], to: study)
        }
        guard let prior = comparedPrior else { return }
        let study = header.appendItem(.pertinentOtherEvidenceSequence)
        study.set(.studyInstanceUID, prior.studyInstanceUID)
        for object in [prior.report, prior.segmentation].compactMap({ $0 }) {
            append(object.seriesInstanceUID, [(object.sopClassUID, object.sopInstanceUID)], to: study)
        }
    }

    private func setAuthor(of header: DataSet) {
        let author = header.appendItem(.authorObserverSequence)
        author.set(.observerType, "DEV")
        author.setEmpty(.institutionName)
        author.setEmpty(Tag(0x0008, 0x0082))  // Institution Code Sequence
        author.set(.stationName, "APATITE")
        author.set(.deviceUID, identity.deviceUID)
        author.set(.manufacturer, "Apatite project")
        author.set(.manufacturerModelName, "Apatite")
    }

    /// Every instance that the tree names; some archives open no report without it.
    private func setEvidence(of header: DataSet, segmentation: SegmentationObject?) {
        let study = header.appendItem(.currentRequestedProcedureEvidenceSequence)
        study.copy(.studyInstanceUID, from: source.header)
        for series in [source.low, source.high] {
            append(
                series.seriesInstanceUID, series.instances.map { ($0.sopClassUID, $0.sopInstanceUID) }, to: study)
        }
        if segmentation != nil {
            append(
                seriesInstanceUID(.segmentation), [(SOPClass.segmentation, sopInstanceUID(.segmentation))], to: study)
        }
        if let review = source.review, review.studyInstanceUID == nil {
            let reviewed = review.segmentation
            append(reviewed.seriesInstanceUID, [(reviewed.sopClassUID, reviewed.sopInstanceUID)], to: study)
        }
    }

    private func setPredecessor(_ predecessor: DocumentReference, of header: DataSet) {
        let study = header.appendItem(.predecessorDocumentsSequence)
        study.copy(.studyInstanceUID, from: source.header)
        append(predecessor.seriesInstanceUID, [(predecessor.sopClassUID, predecessor.sopInstanceUID)], to: study)
    }

    private func append(_ series: UID, _ instances: [(sopClass: UID, sopInstance: UID)], to study: DataSet) {
        let item = study.appendItem(.referencedSeriesSequence)
        item.set(.seriesInstanceUID, series)
        for instance in instances {
            let reference = item.appendItem(.referencedSOPSequence)
            reference.set(.referencedSOPClassUID, instance.sopClass)
            reference.set(.referencedSOPInstanceUID, instance.sopInstance)
        }
    }

    /// The order that the report answers, as far as the source knows it.
    private func setRequest(of header: DataSet) {
        let request = source.header.items(.requestAttributesSequence).first
        guard source.header.string(.accessionNumber) != nil || request?.string(.requestedProcedureID) != nil else {
            return
        }
        let item = header.appendItem(.referencedRequestSequence)
        item.copy(.studyInstanceUID, from: source.header)
        item.copy([.accessionNumber, Tag(0x0008, 0x0051)], from: source.header)
        let fromRequest: [Tag] = [
            .referencedStudySequence, .requestedProcedureID, .requestedProcedureDescription,
            .requestedProcedureCodeSequence, .placerOrderNumberImagingServiceRequest,
            .fillerOrderNumberImagingServiceRequest,
        ]
        if let request { item.copy(fromRequest, from: request) }
        for tag in fromRequest + [.accessionNumber] where !item.contains(tag) { item.setEmpty(tag) }
    }
}
