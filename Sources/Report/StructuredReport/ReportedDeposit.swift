package import DICOM
package import DualEnergyCT

/// One deposit as a structured report of Apatite's names it, read back.
///
/// Reference: PS3.16 TID 1411
package struct ReportedDeposit: Sendable, Equatable {
    /// Number of its segment.
    package var segment: Int
    package var material: MaterialClass
    package var volumeMm3: Estimate?
    package var hydroxyapatiteMassMg: Estimate?

    /// All that a report lists with a segment, in the order of the segments.
    package static func all(in report: DataSet) -> [ReportedDeposit] {
        report.items(.contentSequence).filter { $0.isNamed(.imagingMeasurements) }
            .flatMap { $0.items(.contentSequence) }.compactMap { ReportedDeposit(group: $0) }
            .sorted { $0.segment < $1.segment }
    }

    private init?(group: DataSet) {
        let items = group.items(.contentSequence)
        guard
            let segment = items.first(where: { $0.isNamed(.referencedSegment) })?
                .items(.referencedSOPSequence).first?.integer(.referencedSegmentNumber),
            let finding = items.first(where: { $0.isNamed(.finding) })
        else { return nil }
        self.segment = segment
        material =
            finding.hasValue(.calcification) ? .hydroxyapatite : finding.hasValue(.uricAcid) ? .urate : .indeterminate
        volumeMm3 = items.first { $0.isNamed(.volume) }.flatMap { Estimate(number: $0) }
        hydroxyapatiteMassMg = items.first { $0.isNamed(.hydroxyapatiteMass) }.flatMap { Estimate(number: $0) }
    }
}

extension Estimate {
    /// A number with its widths, as TID 310 has them.
    fileprivate init?(number item: DataSet) {
        func value(_ item: DataSet) -> Double? { item.items(.measuredValueSequence).first?.double(.numericValue) }
        guard let middle = value(item) else { return nil }
        func width(_ code: Code) -> Double {
            item.items(.contentSequence).first { $0.isNamed(code) }.flatMap(value) ?? 0
        }
        self.init(
            value: middle, low: middle - width(.lowerUncertainty), high: middle + width(.upperUncertainty))
    }
}
