import DualEnergyCT

extension FindingsDocument {
    /// What is known of places and bones.
    mutating func addDetails(of findings: Findings) {
        regions = findings.regions.isEmpty ? nil : findings.regions.map(Region.init)
        otherMineral = findings.otherMineral?.map(OtherMineral.init)
        radiographicScores =
            findings.radiographicScores.isEmpty
            ? nil : findings.radiographicScores.map { .init(side: $0.side?.rawValue, value: tidy($0.value)) }
        detectionLimits = findings.detectionLimits?.map(DetectionLimit.init)
        boneFlags = findings.boneFlags?.map(BoneFlag.init)
        boneDensity = findings.boneDensity.isEmpty ? nil : findings.boneDensity.map(BoneDensity.init)
    }
}

extension FindingsDocument.Place {
    init(_ place: DepositPlace) {
        self.init(
            side: place.side?.rawValue, digit: place.digit?.rawValue, segment: place.segment?.rawValue,
            aspect: place.aspect?.rawValue, compartment: place.compartment?.rawValue)
    }
}

extension FindingsDocument.Region {
    fileprivate init(_ region: RegionTotals) {
        self.init(side: region.side?.rawValue, digit: region.digit?.rawValue, totals: .init(region.totals))
    }
}

extension FindingsDocument.OtherMineral {
    fileprivate init(_ mineral: DualEnergyCT.OtherMineral) {
        self.init(
            kind: mineral.kind.rawValue, cause: mineral.cause?.rawValue, count: mineral.count,
            volumeMm3: tidy(mineral.volumeMm3), hydroxyapatiteMassMg: tidy(mineral.hydroxyapatiteMassMg))
    }
}

extension FindingsDocument.DetectionLimit {
    fileprivate init(_ limit: DetectionLimitStatement) {
        self.init(
            compartment: limit.compartment.rawValue, calciumMm3: tidy(limit.calciumMm3),
            urateMm3: limit.urateMm3.flatMap { tidy($0) })
    }
}

extension FindingsDocument.BoneFlag {
    fileprivate init(_ flag: DualEnergyCT.BoneFlag) {
        self.init(
            kind: flag.kind.rawValue, state: flag.state.rawValue, side: flag.side?.rawValue,
            digit: flag.digit?.rawValue, measured: flag.measured.flatMap { tidy($0) },
            limit: flag.limit.flatMap { tidy($0) }, unit: flag.unit)
    }
}

extension FindingsDocument.BoneDensity {
    fileprivate init(_ density: DualEnergyCT.BoneDensity) {
        self.init(
            side: density.side?.rawValue, meanMgPerCm3: .init(density.meanMgPerCm3),
            volumeMm3: tidy(density.volumeMm3))
    }
}
