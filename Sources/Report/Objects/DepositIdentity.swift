public import DICOM
public import DualEnergyCT

/// What a deposit is called in every result, and by which identifier it is followed over examinations.
public struct DepositIdentity: Sendable, Equatable {
    /// Tracking Identifier: `R-D2-1`.
    public var name: String
    /// Tracking Unique Identifier. A later examination hands it back as `Deposit.identity` of the same lesion.
    public var trackingUID: UID

    public init(name: String, trackingUID: UID) {
        self.name = name
        self.trackingUID = trackingUID
    }
}

/// The identities of all deposits, under their numbers, as ``writeResults(findings:source:to:)`` writes them.
public func depositIdentities(findings: Findings, source: ReportSource) -> [Int: DepositIdentity] {
    let context = ReportContext(source: source, findings: findings)
    return findings.deposits.reduce(into: [:]) { result, deposit in
        result[deposit.number] = DepositIdentity(
            name: context.names[deposit.number], trackingUID: context.trackingUID(of: deposit))
    }
}
