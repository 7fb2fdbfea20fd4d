import DICOM
import DualEnergyCT

/// The whole content tree.
///
/// It holds no coordinates, no table and no reference by identifier, so that it stands in Comprehensive 3D SR and in
/// Enhanced SR alike. The Impressions come before the library: a viewer that shows nothing but text shows them first.
///
/// Reference: PS3.16 TID 1500.
struct TID1500MeasurementReport {
    let context: ReportContext
    /// Nil when there is no segmentation: deposits then stand in groups without a segment.
    let segmentation: SegmentationObject?

    func root() -> ContentItem {
        .container(
            .imagingMeasurementReport, template: "1500", .root,
            children: [
                .code(.hasConceptModifier, .languageOfContent, .english)
            ] + TID1002ObserverContext(context: context).items() + procedures + [
                impressions(context.editions[0])
            ] + secondImpressions + recommendation + [
                TID1600ImageLibrary(context: context).item(),
                .container(.imagingMeasurements, children: groups),
            ] + prior + review)
    }

    /// All procedures that the source names; a code of the source that lacks a part is none.
    private var procedures: [ContentItem] {
        let named = context.source.header.items(.procedureCodeSequence).compactMap(\.asCodedConcept).filter {
            $0.value.utf8.count <= 16 && !$0.meaning.isEmpty
        }
        return (named.isEmpty ? [Code.ctUnspecifiedBodyRegion.concept] : named).map {
            ContentItem(.hasConceptModifier, Code.procedureReported.concept, .code($0))
        }
    }

    private func impressions(_ edition: ReportContext.Edition, recommendation: String? = nil) -> ContentItem {
        .container(
            .impressions,
            children: [
                .code(.hasConceptModifier, .languageOfContent, edition.language == .french ? .french : .english),
                .text(.contains, .impression, edition.model.impression),
            ] + (recommendation.map { [.text(.contains, .recommendation, $0)] } ?? []))
    }

    /// The same in the second language, with what the first says outside its container.
    private var secondImpressions: [ContentItem] {
        context.editions.dropFirst().map { impressions($0, recommendation: $0.model.recommendation) }
    }

    /// What was compared with: a composite object of another study, named in Pertinent Other Evidence.
    private var prior: [ContentItem] {
        guard let prior = context.comparedPrior else { return [] }
        return [
            ContentItem(
                .contains, Code.priorReport.concept,
                .composite(sopClass: prior.report.sopClassUID, sopInstance: prior.report.sopInstanceUID))
        ]
    }

    /// The segmentation whose contours were measured, which is evidence of this study.
    private var review: [ContentItem] {
        guard let review = context.source.review, !context.model.isNotAnalysable else { return [] }
        return [
            ContentItem(
                .contains, Code.reviewedSegmentation.concept,
                .composite(
                    sopClass: review.segmentation.sopClassUID, sopInstance: review.segmentation.sopInstanceUID))
        ]
    }

    private var recommendation: [ContentItem] {
        context.model.recommendation.map { [.text(.contains, .recommendation, $0)] } ?? []
    }

    private var groups: [ContentItem] {
        let group = TID1501MeasurementGroup(context: context)
        let trust = group.trust()
        guard !context.model.isNotAnalysable, let totals = context.findings.totals, let urate = context.findings.urate
        else { return [trust] }
        let deposits = context.findings.deposits.map { deposit in
            TID1411VolumetricMeasurementGroup(context: context, segmentation: segmentation, deposit: deposit).item()
        }
        return deposits + group.formerDeposits() + [group.totals(totals, urate)] + group.regions()
            + group.otherMineral()
            + group.exclusions() + group.detectionLimits() + [trust]
    }
}

/// Who made the observation: this device, and the reader whose contours it measured, where there is one.
///
/// Reference: PS3.16 TID 1001, 1002, 1003 and 1004.
struct TID1002ObserverContext {
    let context: ReportContext

    func items() -> [ContentItem] {
        [
            .code(.hasObservationContext, .observerType, .device),
            .uid(.hasObservationContext, .deviceObserverUID, context.identity.deviceUID),
            .text(.hasObservationContext, .deviceObserverName, "APATITE"),
            .text(.hasObservationContext, .deviceObserverManufacturer, "Apatite project"),
            .text(.hasObservationContext, .deviceObserverModelName, "Apatite \(context.source.algorithmVersion)"),
            .text(.hasObservationContext, .deviceObserverSerialNumber, context.source.installationSerial),
        ] + reader
    }

    private var reader: [ContentItem] {
        guard let name = context.source.review?.readerName, !context.model.isNotAnalysable else { return [] }
        return [
            .code(.hasObservationContext, .observerType, .person),
            ContentItem(.hasObservationContext, Code.personObserverName.concept, .personName(name)),
        ]
    }
}
