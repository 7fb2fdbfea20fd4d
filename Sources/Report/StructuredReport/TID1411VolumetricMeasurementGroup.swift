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
        [
            .text(.hasObservationContext, .trackingIdentifier, context.names[deposit.number]),
            .uid(.hasObservationContext, .trackingUniqueIdentifier, context.trackingUID(of: deposit)),
            .code(.contains, .findingCategory, .abnormalStructure),
            .code(.contains, .finding, finding),
        ] + timePoint + [context.findingSite(deposit.place)]
    }

    /// Reference: PS3.16 TID 1502. Only of the first examination: the others name what they were compared with.
    private var timePoint: [ContentItem] {
        guard context.isBaseline else { return [] }
        return [
            .text(.hasObservationContext, .timePoint, "Baseline"),
            .code(.hasObservationContext, .timePointType, .baseline),
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

    private var algorithm: [ContentItem] {
        [
            .text(.hasConceptModifier, .algorithmName, "Apatite"),
            .text(.hasConceptModifier, .algorithmVersion, context.source.algorithmVersion),
        ] + context.algorithmParameters.map { .text(.hasConceptModifier, .algorithmParameters, $0) }
    }

    private var numbers: [ContentItem] {
        var items: [ContentItem] = [
            .estimate(.volume, deposit.volumeMm3, .cubicMillimetre, maximumDecimals: 2)
        ]
        // Urate holds no hydroxyapatite: an equivalent mass would only mislead.
        if deposit.material != .urate {
            let mean = deposit.meanDensityMgPerCm3
            let peak = deposit.peakDensityMgPerCm3
            let reach = 1.96 * deposit.peakDensityDeviationMgPerCm3
            let peakKind: [ContentItem] = [
                .code(.hasConceptModifier, .measurementMethod, .percentile95),
                .code(.hasConceptModifier, .derivation, .maximum),
            ]
            items += [
                .estimate(
                    .hydroxyapatiteMass, deposit.hydroxyapatiteMassMg, .milligram, maximumDecimals: 2,
                    modifiers: [.code(.hasConceptModifier, .measurementMethod, .materialDecomposition)]),
                .estimate(
                    .hydroxyapatiteDensity, mean, .milligramPerCubicCentimetre, maximumDecimals: 0,
                    modifiers: [.code(.hasConceptModifier, .derivation, .mean)]),
                reach > 0
                    ? .estimate(
                        .hydroxyapatiteDensity, Estimate(value: peak, low: max(0, peak - reach), high: peak + reach),
                        .milligramPerCubicCentimetre, maximumDecimals: 0, modifiers: peakKind)
                    : .number(
                        .hydroxyapatiteDensity, peak, .milligramPerCubicCentimetre, decimals: 0, children: peakKind),
            ]
        }
        items += [
            .number(.largestDiameter, deposit.largestDiameterMm, .millimetre, decimals: 1),
            .number(.distanceFromSkin, deposit.distanceToSkinMm, .millimetre, decimals: 1),
        ]
        if let distance = deposit.distanceToBoneMm {
            items.append(.number(.distanceToBone, distance, .millimetre, decimals: 1))
        }
        if let distance = deposit.distanceToJointMm {
            items.append(.number(.distanceToJoint, distance, .millimetre, decimals: 1))
        }
        items.append(.estimate(.dualEnergyRatio, deposit.dualEnergyRatio, .ratio, maximumDecimals: 2))
        let change = deposit.change
        // Where two scans were compared, of these two; else of this one and a later one like it.
        let smallest = [deposit].smallestDetectableChange
        let smallestMass =
            change?.smallestDetectableMassPercent ?? (deposit.material == .urate ? nil : smallest.massPercent)
        return items
            + context.changes(
                volume: change?.volumePercent,
                smallestVolume: change?.smallestDetectableVolumePercent ?? smallest.volumePercent,
                mass: change?.massPercent, smallestMass: smallestMass)
    }

    private var evaluations: [ContentItem] {
        let material: Code =
            switch deposit.material {
            case .hydroxyapatite: .hydroxyapatite
            case .urate: .uricAcid
            case .indeterminate: .indeterminate
            }
        var items: [ContentItem] = []
        if let compartment = deposit.place?.compartment {
            items.append(.code(.contains, .compartment, Code(compartment)))
        }
        if let aspect = deposit.place?.aspect {
            items.append(.code(.contains, .aspect, aspect == .volar ? .volar : .dorsal))
        }
        if let form = deposit.morphology { items.append(.code(.contains, .morphology, Code(form))) }
        items.append(.code(.contains, .materialClass, material))
        if let distance = deposit.distanceToBoneMm {
            items.append(.code(.contains, .contactWithBone, distance <= 0 ? .present : .absent))
        }
        return items + [.code(.contains, .change, change)]
    }

    private var change: Code {
        if let change = deposit.change { return Code(change.outcome) }
        return context.isBaseline ? .changeBaseline : .changeNotComparable
    }
}

extension ReportContext {
    /// No earlier examination is known; where the archive could not be asked for one, nobody knows.
    var isBaseline: Bool { findings.comparison == nil && source.priorSearchFailure == nil }

    /// Reference: PS3.16 TID 1419 row 2.
    func findingSite(_ site: Code, side: Code?, modifier: Code? = nil) -> ContentItem {
        .code(
            .hasConceptModifier, .findingSite, site,
            children: (side.map { [.code(.hasConceptModifier, .laterality, $0)] } ?? [])
                + (modifier.map { [.code(.hasConceptModifier, .topographicalModifier, $0)] } ?? []))
    }

    /// Where a deposit lies, as far as it is known.
    func findingSite(_ deposit: DepositPlace?) -> ContentItem {
        findingSite(
            place.siteCode(of: deposit), side: place.lateralityCode(of: deposit),
            modifier: deposit?.digit == nil ? nil : deposit?.segment?.code)
    }

    /// TID 4019 row 3. The uncertainty rows of TID 310 carry no level: it is stated here.
    var algorithmParameters: [String] {
        let digest = source.calibrationDigest.isEmpty ? "" : " sha256=\(source.calibrationDigest)"
        return [
            "configuration sha256=\(source.configurationDigest)",
            "calibration=\(findings.trust.calibration.rawValue)\(digest)",
            "uncertainty=95% interval",
            "peak=95th percentile of voxel densities corrected for partial volume",
        ] + (source.review == nil ? [] : ["contours=reviewed by a reader"])
    }

    /// Changes in percent of the prior's value, with what two scans could differ by for noise alone.
    func changes(
        volume: Estimate?, smallestVolume: Double?, mass: Estimate?, smallestMass: Double?
    ) -> [ContentItem] {
        var items: [ContentItem] = []
        if let volume { items.append(.estimate(.volumeChange, volume, .percent, maximumDecimals: 1)) }
        if let smallestVolume { items.append(.number(.smallestVolumeChange, smallestVolume, .percent, decimals: 1)) }
        if let mass { items.append(.estimate(.massChange, mass, .percent, maximumDecimals: 1)) }
        if let smallestMass { items.append(.number(.smallestMassChange, smallestMass, .percent, decimals: 1)) }
        return items
    }
}
