import DICOM
import DualEnergyCT

/// What is said of the region as a whole: totals and trust.
///
/// Reference: PS3.16 TID 1501 (Measurement and Qualitative Evaluation Group).
struct TID1501MeasurementGroup {
    let context: ReportContext

    /// Always present for a region that was analysed, also when nothing was found: a machine reads "none" here.
    func totals(_ totals: Totals, _ urate: UrateStatement) -> ContentItem {
        let name = Phrases(language: .english).place(context.place.region, context.place.laterality)
        var items: [ContentItem] = [
            .number(.numberOfCalcifications, Double(totals.count), .noUnits, decimals: 0),
            .estimate(.totalVolume, totals.volumeMm3, .cubicMillimetre, maximumDecimals: 2),
            .estimate(.totalMass, totals.hydroxyapatiteMassMg, .milligram, maximumDecimals: 2),
            .number(
                .minimumDetectableCalcinosis, totals.smallestDetectableVolumeMm3, .cubicMillimetre, decimals: 1),
            .number(.minimumDetectableUrate, urate.smallestDetectableVolumeMm3, .cubicMillimetre, decimals: 1),
        ]
        if urate.verdict != .negative {
            items.append(.number(.urateVolume, urate.volumeMm3, .cubicMillimetre, decimals: 1))
        }
        items += [
            .code(.contains, .calcinosis, presence(totals)),
            .code(.contains, .urateDeposit, verdict(urate)),
            .code(.contains, .acroOsteolysis, .flagNotAssessed),
            .code(.contains, .boneErosion, .flagNotAssessed),
            .code(.contains, .pencilling, .flagNotAssessed),
        ]
        return group("Total \(name)", finding: .calcification, items)
    }

    /// How far the scan can be trusted, with the measurements behind it.
    func trust() -> ContentItem {
        let trust = context.findings.trust
        var items: [ContentItem] = [
            .number(.imageNoise, trust.noiseLowHU, .hounsfieldUnit, decimals: 1),
            .number(.misregistration, trust.misregistrationMm, .millimetre, decimals: 2),
            .number(.calciumRatioUsed, trust.calciumRatio, .ratio, decimals: 2),
            .number(.metalVolume, trust.metalVolumeMm3, .cubicMillimetre, decimals: 1),
            .code(.contains, .analysisStatus, status(trust.status)),
        ]
        let writer = ReportWriter(findings: context.findings, facts: context.facts)
        for reason in trust.reasons {
            items.append(.code(.contains, .reason, code(for: reason.kind)))
            items.append(.text(.contains, .comment, writer.sentence(for: reason)))
        }
        items.append(.code(.contains, .calibrationSource, source(trust.calibration)))
        return group("Trust", finding: .imagingStudyQuality, items)
    }

    private func group(_ identifier: String, finding: Code, _ items: [ContentItem]) -> ContentItem {
        .container(
            .measurementGroup, template: "1501",
            children: [
                .text(.hasObservationContext, .trackingIdentifier, identifier),
                .uid(.hasObservationContext, .trackingUniqueIdentifier, context.identity.trackingUID(identifier)),
                .code(.contains, .finding, finding),
                context.findingSite(side: context.place.lateralityCode),
            ] + items)
    }

    // MARK: - Codes

    private func presence(_ totals: Totals) -> Code {
        if totals.count > 0 { return .present }
        return context.findings.deposits.contains { $0.material == .indeterminate } ? .indeterminate : .absent
    }

    private func verdict(_ urate: UrateStatement) -> Code {
        switch urate.verdict {
        case .negative: .negative
        case .indeterminate: .indeterminate
        case .positive: .positive
        }
    }

    private func status(_ status: Trust.Status) -> Code {
        switch status {
        case .analysable: .analysable
        case .limited: .analysableWithLimitations
        case .notAnalysable: .notAnalysable
        }
    }

    private func code(for reason: Trust.Reason.Kind) -> Code {
        switch reason {
        case .noise: .noiseTooHigh
        case .motion: .motionBetweenEnergies
        case .metal: .metalArtefact
        case .beamHardening: .beamHardening
        case .coverage: .regionNotCovered
        case .ratioOutsideBand: .ratioOutsideBand
        case .iodine: .iodinatedContrast
        case .kernel: .kernelUnsuitable
        case .calibration: .calibrationDoubtful
        }
    }

    private func source(_ calibration: Trust.Calibration) -> Code {
        switch calibration {
        case .rods: .calibrationRods
        case .bone: .calibrationBone
        case .table: .calibrationTable
        }
    }
}
