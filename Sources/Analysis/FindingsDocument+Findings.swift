import DICOM
package import DualEnergyCT
package import Foundation
package import Report
package import StudyAssembly

extension FindingsDocument {
    /// A study that has no findings.
    init(status: AnalysisOutcome.Status, reasons: [AnalysisReason], studyInstanceUID: String?) {
        self.status = status
        self.reasons = reasons
        self.studyInstanceUID = studyInstanceUID
        algorithmVersion = apatiteVersion
    }

    /// A study that was analysed, with or without deposits, or not analysable.
    package init(
        findings: Findings, acquisition: DualEnergyAcquisition, status: AnalysisOutcome.Status,
        reasons: [AnalysisReason], studyInstanceUID: String?, identities: [Int: DepositIdentity] = [:],
        calibration: (name: String, digest: String)? = nil, isReviewed: Bool = false,
        unusedContours: UnusedContours? = nil
    ) {
        self.init(status: status, reasons: reasons, studyInstanceUID: studyInstanceUID)
        self.acquisition = Acquisition(acquisition)
        contours = isReviewed ? "reviewed" : nil
        contoursNotUsed = unusedContours?.obstacle.rawValue
        trust = Trust(findings.trust)
        trust?.calibrationName = calibration?.name
        trust?.calibrationDigest = calibration?.digest
        totals = findings.totals.map(Totals.init)
        let smallest = findings.deposits.calcium.smallestDetectableChange
        totals?.smallestDetectableMassChangePercent = smallest.massPercent.flatMap { tidy($0) }
        totals?.smallestDetectableVolumeChangePercent = smallest.volumePercent.flatMap { tidy($0) }
        urate = findings.urate.map(Urate.init)
        comparison = findings.comparison.map(Comparison.init)
        guard status == .reported else { return }
        deposits = findings.deposits.map { Deposit($0, identities[$0.number]) }
        exclusions = findings.exclusions.map {
            Exclusion(cause: $0.cause.rawValue, count: $0.count, volumeMm3: tidy($0.volumeMm3))
        }
        addDetails(of: findings)
    }

    /// As it is written: keys sorted, one value a line.
    package func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        var data = try encoder.encode(self)
        data.append(UInt8(ascii: "\n"))
        return data
    }
}

/// Four decimals are below the precision of any of the values; nil for what is no number.
func tidy(_ value: Double) -> Double? {
    guard value.isFinite, abs(value) < 1e12 else { return nil }
    return (value * 1e4).rounded() / 1e4
}

extension FindingsDocument.Point {
    init?(_ place: PatientVector) {
        guard let x = tidy(place.x), let y = tidy(place.y), let z = tidy(place.z) else { return nil }
        self.init(xMm: x, yMm: y, zMm: z)
    }
}

extension FindingsDocument.Interval {
    init?(_ estimate: Estimate) {
        guard let value = tidy(estimate.value), let low = tidy(estimate.low), let high = tidy(estimate.high) else {
            return nil
        }
        self.init(value: value, low: low, high: high)
    }
}

extension FindingsDocument.Acquisition {
    fileprivate init(_ acquisition: DualEnergyAcquisition) {
        let pair = acquisition.pair
        let geometry = acquisition.grid
        self.init(
            region: pair.region.rawValue, laterality: pair.laterality.rawValue, kernel: acquisition.kernel,
            contrastAgent: acquisition.contrastAgent,
            low: FindingsDocument.Energy(acquisition.low, airHU: acquisition.agreement.airLowHU),
            high: FindingsDocument.Energy(acquisition.high, airHU: acquisition.agreement.airHighHU),
            columns: geometry.columns, rows: geometry.rows, slices: geometry.slices,
            columnSpacingMm: geometry.columnSpacingMm, rowSpacingMm: geometry.rowSpacingMm,
            sliceSpacingMm: tidy(geometry.sliceSpacingMm) ?? geometry.sliceSpacingMm,
            sliceThicknessMm: pair.sliceThicknessMm, boneRatio: tidy(acquisition.agreement.boneRatio),
            expectedBoneRatio: tidy(acquisition.agreement.expectedBoneRatio))
    }
}

extension FindingsDocument.Energy {
    fileprivate init(_ series: AcquiredSeries, airHU: Double) {
        self.init(
            seriesInstanceUID: series.seriesInstanceUID, seriesNumber: series.seriesNumber, tubeVoltageKV: nil,
            tinFilterMm: nil, monoenergeticKeV: nil, airHU: tidy(airHU),
            imageNumbers: SourceSeries(series).imageNumbers?.text)
        if case .monoenergetic(let energy) = series.beam { monoenergeticKeV = energy }
        if let kilovolts = series.beam.tubeKilovolts {
            tubeVoltageKV = kilovolts
            tinFilterMm = series.beam.tinMm
        }
    }
}

extension FindingsDocument.Trust {
    fileprivate init(_ trust: DualEnergyCT.Trust) {
        self.init(
            status: trust.status.rawValue,
            reasons: trust.reasons.map {
                FindingsDocument.Limit(
                    kind: $0.kind.rawValue, measured: tidy($0.measured), limit: tidy($0.limit), unit: $0.unit)
            }, noiseLowHU: tidy(trust.noiseLowHU), noiseHighHU: tidy(trust.noiseHighHU),
            misregistrationMm: tidy(trust.misregistrationMm),
            correctedMotionMm: tidy(trust.correctedMotionMm), correctedParts: trust.correctedParts,
            coveredPercent: trust.coveredPercent.flatMap { tidy($0) },
            metalVolumeMm3: tidy(trust.metalVolumeMm3),
            calciumRatio: tidy(trust.calciumRatio), calibration: trust.calibration.rawValue)
    }
}

extension FindingsDocument.Totals {
    init(_ totals: DualEnergyCT.Totals) {
        self.init(
            count: totals.count, volumeMm3: .init(totals.volumeMm3),
            hydroxyapatiteMassMg: .init(totals.hydroxyapatiteMassMg),
            smallestDetectableVolumeMm3: tidy(totals.smallestDetectableVolumeMm3))
    }
}

extension FindingsDocument.Urate {
    fileprivate init(_ urate: UrateStatement) {
        self.init(
            verdict: urate.verdict.rawValue, volumeMm3: tidy(urate.volumeMm3),
            smallestDetectableVolumeMm3: tidy(urate.smallestDetectableVolumeMm3))
    }
}

extension FindingsDocument.Deposit {
    fileprivate init(_ deposit: DualEnergyCT.Deposit, _ identity: DepositIdentity?) {
        self.init(
            number: deposit.number, material: deposit.material.rawValue, volumeMm3: .init(deposit.volumeMm3),
            hydroxyapatiteMassMg: .init(deposit.hydroxyapatiteMassMg),
            meanDensityMgPerCm3: .init(deposit.meanDensityMgPerCm3),
            peakDensityMgPerCm3: tidy(deposit.peakDensityMgPerCm3),
            peakDensityDeviationMgPerCm3: deposit.peakDensityDeviationMgPerCm3 > 0
                ? tidy(deposit.peakDensityDeviationMgPerCm3) : nil, largestDiameterMm: tidy(deposit.largestDiameterMm),
            distanceToSkinMm: tidy(deposit.distanceToSkinMm),
            distanceToBoneMm: deposit.distanceToBoneMm.flatMap { tidy($0) },
            dualEnergyRatio: .init(deposit.dualEnergyRatio), centre: FindingsDocument.Point(deposit.centre),
            centreSlice: deposit.centreSlice, voxelCount: deposit.voxelCount, identity: deposit.identity,
            hydroxyapatiteMassRepeatabilityMg: deposit.massRepeatabilityMg.flatMap { tidy($0) },
            name: identity?.name, trackingUID: identity?.trackingUID.rawValue, place: deposit.place.map { .init($0) },
            morphology: deposit.morphology?.rawValue, distanceToJointMm: deposit.distanceToJointMm.flatMap { tidy($0) },
            mayBeVessel: deposit.mayBeVessel ? true : nil,
            change: deposit.change.map(FindingsDocument.Change.init))
        let smallest = [deposit].smallestDetectableChange
        smallestDetectableVolumeChangePercent = smallest.volumePercent.flatMap { tidy($0) }
        // Urate holds no hydroxyapatite.
        guard deposit.material != .urate else { return }
        smallestDetectableMassChangePercent = smallest.massPercent.flatMap { tidy($0) }
    }
}
