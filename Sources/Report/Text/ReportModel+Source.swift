public import DualEnergyCT

/// The report of a study in words, without writing any object.
public func reportModel(findings: Findings, source: ReportSource) -> ReportModel {
    ReportModel(findings: findings, facts: ReportFacts(source: source.withNames.sayingNoWrongSide(findings)))
}
