import DICOM
import DualEnergyCT

/// One deposit with its segment, its numbers and its evaluations, in the order of the template's rows.
///
/// Reference: PS3.16 TID 1411 (Volumetric ROI Measurements and Qualitative Evaluations), 1419, 4019.
struct TID1411VolumetricMeasurementGroup {
    let context: ReportContext
    let segmentation: SegmentationObject?
    let deposit: Deposit

    func item() -> ContentItem {
        .container(
            .measurementGroup, template: segmentReference.isEmpty ? "1501" : "1411",
            children: identification + segmentReference + algorithm + numbers + evaluations)
    }

    // MARK: - Rows

    private var identification: [ContentItem] {
        let identifier = context.place.identifier(ofDeposit: deposit.number)
        return [
            .text(.hasObservationContext, .trackingIdentifier, identifier),
            .uid(.hasObservationContext, .trackingUniqueIdentifier, context.identity.trackingUID(identifier)),
            .code(.contains, .findingCategory, .abnormalStructure),
            .code(.contains, .finding, finding),
            context.findingSite(side: context.place.depositLateralityCode),
        ]
    }

    private var finding: Code {
        switch deposit.material {
        case .hydroxyapatite: .calcification
        case .urate: .uricAcid
        case .indeterminate: .indeterminateDeposit
        }
    }

    private var segmentReference: [ContentItem] {
        let label = SegmentLabel.firstDeposit + UInt16(deposit.number - 1)
        guard let segment = segmentation?.segments.first(where: { $0.label == label }) else { return [] }
        return [
            ContentItem(
                .contains, Code.referencedSegment.concept,
                .image(
                    sopClass: SOPClass.segmentation, sopInstance: context.sopInstanceUID(.segmentation),
                    segments: [UInt16(segment.number)])),
            .uid(.contains, .sourceSeriesForSegmentation, context.source.low.seriesInstanceUID),
        ]
    }

    /// TID 4019. The uncertainty rows of TID 310 carry no level: it is stated here.
    private var algorithm: [ContentItem] {
        [
            .text(.hasConceptModifier, .algorithmName, "Apatite"),
            .text(.hasConceptModifier, .algorithmVersion, context.source.algorithmVersion),
            .text(
                .hasConceptModifier, .algorithmParameters, "configuration sha256=\(context.source.configurationDigest)"),
            .text(
                .hasConceptModifier, .algorithmParameters, "calibration=\(context.findings.trust.calibration.rawValue)"),
            .text(.hasConceptModifier, .algorithmParameters, "uncertainty=95% interval"),
        ]
    }

    private var numbers: [ContentItem] {
        var items: [ContentItem] = [
            .estimate(.volume, deposit.volumeMm3, .cubicMillimetre, maximumDecimals: 2)
        ]
        // Urate holds no hydroxyapatite: an equivalent mass would only mislead.
        if deposit.material != .urate {
            let mean = deposit.meanDensityMgPerCm3
            items += [
                .estimate(
                    .hydroxyapatiteMass, deposit.hydroxyapatiteMassMg, .milligram, maximumDecimals: 2,
                    modifiers: [.code(.hasConceptModifier, .measurementMethod, .materialDecomposition)]),
                .estimate(
                    .hydroxyapatiteDensity, mean, .milligramPerCubicCentimetre, maximumDecimals: 0,
                    modifiers: [.code(.hasConceptModifier, .derivation, .mean)]),
                .number(
                    .hydroxyapatiteDensity, deposit.peakDensityMgPerCm3, .milligramPerCubicCentimetre, decimals: 0,
                    children: [
                        .code(.hasConceptModifier, .measurementMethod, .percentile95),
                        .code(.hasConceptModifier, .derivation, .maximum),
                    ]),
            ]
        }
        items += [
            .number(.largestDiameter, deposit.largestDiameterMm, .millimetre, decimals: 1),
            .number(.distanceFromSkin, deposit.distanceToSkinMm, .millimetre, decimals: 1),
        ]
        if let distance = deposit.distanceToBoneMm {
            items.append(.number(.distanceToBone, distance, .millimetre, decimals: 1))
        }
        items.append(.estimate(.dualEnergyRatio, deposit.dualEnergyRatio, .ratio, maximumDecimals: 2))
        return items
    }

    private var evaluations: [ContentItem] {
        let material: Code =
            switch deposit.material {
            case .hydroxyapatite: .hydroxyapatite
            case .urate: .uricAcid
            case .indeterminate: .indeterminate
            }
        var items: [ContentItem] = [.code(.contains, .materialClass, material)]
        if let distance = deposit.distanceToBoneMm {
            items.append(.code(.contains, .contactWithBone, distance <= 0 ? .present : .absent))
        }
        return items
    }
}

extension ReportContext {
    /// Reference: PS3.16 TID 1419 row 2.
    func findingSite(side: Code?) -> ContentItem {
        .code(
            .hasConceptModifier, .findingSite, place.siteCode,
            children: side.map { [.code(.hasConceptModifier, .laterality, $0)] } ?? [])
    }
}
