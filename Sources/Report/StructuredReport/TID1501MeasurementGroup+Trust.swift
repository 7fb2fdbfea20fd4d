import DICOM
import DualEnergyCT

extension TID1501MeasurementGroup {
    /// How far the scan can be trusted, with the measurements behind it and what the numbers cannot say.
    func trust() -> ContentItem {
        let trust = context.findings.trust
        var items: [ContentItem] = [
            // Where there was no tissue to measure it in there is no value, and none is no noise.
            .number(.imageNoise, trust.noiseLowHU > 0 ? trust.noiseLowHU : .nan, .hounsfieldUnit, decimals: 1),
            .number(.imageNoiseHigh, trust.noiseHighHU > 0 ? trust.noiseHighHU : .nan, .hounsfieldUnit, decimals: 1),
            .number(.misregistration, trust.misregistrationMm, .millimetre, decimals: 2),
            .number(.calciumRatioUsed, trust.calciumRatio, .ratio, decimals: 3),
            .number(.metalVolume, trust.metalVolumeMm3, .cubicMillimetre, decimals: 1),
            // A study with a gap is set aside before it comes here.
            .number(.missingSlices, 0, .noUnits, decimals: 0),
            .code(.contains, .analysisStatus, Code(trust.status)),
        ]
        if let percent = trust.coveredPercent {
            items.insert(.number(.coverage, percent, .percent, decimals: 1), at: items.count - 1)
        }
        let writer = ReportWriter(findings: context.findings, facts: context.facts)
        for reason in trust.reasons {
            items.append(.code(.contains, .reason, Code(reason.kind)))
            items.append(.text(.contains, .comment, writer.sentence(for: reason)))
        }
        items.append(.code(.contains, .calibrationSource, Code(trust.calibration)))
        var comments = [context.model.acquisition]
        if let totals = context.findings.totals { comments.append(writer.limit(totals)) }
        comments += writer.revisionLines
        comments.append(writer.decisionSupport)
        items += comments.map { .text(.contains, .comment, $0) }
        return group("Trust", finding: .imagingStudyQuality, site: wholeSite, items)
    }
}
