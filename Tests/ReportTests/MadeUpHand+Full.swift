import DICOM
import DualEnergyCT
import Report

extension MadeUpHand {
    /// Findings in which every field of the core is filled: two sides told apart, places, forms, a prior, bones.
    func fullFindings() -> Findings {
        var findings = findings()
        let places: [DepositPlace] = [
            DepositPlace(
                side: .right, digit: .second, segment: .distal, aspect: .volar, compartment: .fingertipFatPad),
            DepositPlace(side: .right, compartment: .carpalTunnel),
            DepositPlace(side: .right, digit: .third, segment: .middle, aspect: .dorsal, compartment: .tendonSheath),
            DepositPlace(side: .left, digit: .fifth, segment: .proximal, compartment: .periarticular),
            DepositPlace(side: .right, digit: .second, segment: .proximal, compartment: .subcutaneous),
            DepositPlace(side: .left, digit: .first, segment: .metacarpal, compartment: .besideMuscle),
            DepositPlace(side: .left, compartment: .other),
        ]
        let changes: [DepositChange] = [
            change(.increased, 31), change(.stable, 4), DepositChange(outcome: .new), change(.decreased, -40),
            DepositChange(outcome: .notComparable, priorNumbers: [3]), change(.stable, -3), change(.stable, 0),
        ]
        let forms = Morphology.allCases
        for index in findings.deposits.indices {
            findings.deposits[index].place = places[index]
            findings.deposits[index].change = changes[index]
            if findings.deposits[index].material != .urate {
                findings.deposits[index].peakDensityDeviationMgPerCm3 = 18
            }
            findings.deposits[index].morphology = forms[index % forms.count]
            findings.deposits[index].distanceToJointMm = 2 + Double(index)
            if changes[index].outcome != .new { findings.deposits[index].identity = "2.25.90\(index)" }
        }
        // Two parts of one lesion that split.
        findings.deposits[4].identity = findings.deposits[0].identity
        findings.regions = regions(of: findings)
        findings.otherMineral = [
            OtherMineral(kind: .vascular, count: 2, volumeMm3: 96.4, hydroxyapatiteMassMg: 31.25),
            OtherMineral(kind: .other, count: 1, volumeMm3: 24.4, hydroxyapatiteMassMg: 9.5, cause: .looseBody),
        ]
        findings.boneFlags = boneFlags
        findings.boneDensity = [BodySide.right, .left].map {
            BoneDensity(
                side: $0, meanMgPerCm3: Estimate(value: 412, low: 398, high: 426), volumeMm3: 22_450)
        }
        findings.radiographicScores = [BodySide.right, .left].map {
            RadiographicScore(side: $0, value: $0 == .right ? 3.26 : 0.41)
        }
        findings.detectionLimits = Compartment.allCases.enumerated().map { index, compartment in
            DetectionLimitStatement(
                compartment: compartment, calciumMm3: index < 3 ? 0.84 : 2.3 + Double(index),
                urateMm3: compartment == .periarticular ? nil : 12.1)
        }
        findings.comparison = Comparison(
            totalMassPercent: Estimate(value: 31, low: 18, high: 44),
            totalVolumePercent: Estimate(value: 27.4, low: 15.1, high: 39.7), smallestDetectableMassPercent: 15,
            resolved: [
                ResolvedDeposit(
                    priorNumber: 6, identity: "2.25.990", priorVolumeMm3: 12.5, priorHydroxyapatiteMassMg: 4.25,
                    remainingMassMg: Estimate(value: 0.1, low: 0, high: 0.6), centre: PatientVector(0, 0, 0),
                    place: DepositPlace(side: .left, digit: .fourth, segment: .distal))
            ], registrationResidualMm: 0.34)
        findings.comparison?.smallestDetectableVolumePercent = 17.5
        findings.comparison?.stillMeasured = [
            ResolvedDeposit(
                priorNumber: 8, identity: "2.25.991", priorVolumeMm3: 3.2, priorHydroxyapatiteMassMg: 0.6,
                remainingMassMg: Estimate(value: 0.5, low: 0.2, high: 0.8), centre: PatientVector(0, 0, 0),
                place: DepositPlace(side: .right, digit: .fifth, segment: .distal))
        ]
        findings.palms = [BodySide.right, .left].map { Palm(side: $0, volar: PatientVector(0, 1, 0)) }
        findings.trust.coveredPercent = 98.6
        findings.trust.metalVolumeMm3 = 61.2
        findings.exclusions.append(Exclusion(cause: .belowMinimumVolume, count: 3, volumeMm3: 1.4))
        findings.exclusions.append(Exclusion(cause: .beamHardening, count: 1, volumeMm3: 3.3))
        return findings
    }

    private func change(_ outcome: DepositChange.Outcome, _ percent: Double) -> DepositChange {
        var change = DepositChange(
            outcome: outcome, volumePercent: Estimate(value: percent, low: percent - 9, high: percent + 9),
            massPercent: Estimate(value: percent + 1, low: percent - 11, high: percent + 13),
            smallestDetectableMassPercent: 12.5, priorNumbers: [1], presentNumbers: [1])
        change.smallestDetectableVolumePercent = 14.5
        return change
    }

    private func regions(of findings: Findings) -> [RegionTotals] {
        BodySide.allCases.flatMap { side in
            ([nil] + Digit.allCases.map { $0 as Digit? }).map { digit in
                let chosen = findings.deposits.filter {
                    $0.material == .hydroxyapatite && $0.place?.side == side
                        && (digit == nil || $0.place?.digit == digit)
                }
                func sum(_ path: KeyPath<Deposit, Estimate>) -> Estimate {
                    chosen.reduce(Estimate(value: 0, low: 0, high: 0)) {
                        Estimate(
                            value: $0.value + $1[keyPath: path].value, low: $0.low + $1[keyPath: path].low,
                            high: $0.high + $1[keyPath: path].high)
                    }
                }
                return RegionTotals(
                    side: side, digit: digit,
                    totals: Totals(
                        count: chosen.count, volumeMm3: sum(\.volumeMm3),
                        hydroxyapatiteMassMg: sum(\.hydroxyapatiteMassMg),
                        smallestDetectableVolumeMm3: side == .right ? 0.84 : 1.12))
            }
        }
    }

    private var boneFlags: [BoneFlag] {
        [
            BoneFlag(
                kind: .acroOsteolysis, state: .flagged, side: .right, digit: .second, measured: 0.62, limit: 0.8,
                unit: "1"),
            BoneFlag(
                kind: .acroOsteolysis, state: .flagged, side: .left, digit: .third, measured: 9.5, limit: 12, unit: "mm"
            ),
            BoneFlag(
                kind: .acroOsteolysis, state: .notFlagged, side: .right, digit: .third, measured: 0.97, limit: 0.8),
            BoneFlag(
                kind: .erosion, state: .notFlagged, side: .right, digit: .second, measured: 0.6, limit: 1.5, unit: "mm"
            ),
            BoneFlag(kind: .pencilling, state: .notAssessed, side: .right, digit: .second),
            BoneFlag(
                kind: .dislocation, state: .flagged, side: .left, digit: .first, measured: 31, limit: 25, unit: "deg"),
            BoneFlag(kind: .collapse, state: .notFlagged, side: .right, measured: 0.54, limit: 0.45),
        ]
    }

    /// The source of an examination of both hands that is compared with a prior, in both languages, as a revision.
    func fullSource() -> ReportSource {
        var source = source(
            laterality: .both, revision: 3,
            predecessor: DocumentReference(
                sopClassUID: SOPClass.comprehensive3DSR, sopInstanceUID: "2.25.4711", seriesInstanceUID: "2.25.4712"))
        source.secondLanguage = .french
        source.prior = PriorReport(
            studyInstanceUID: "2.25.5000", examinationDate: "20250108",
            report: DocumentReference(
                sopClassUID: SOPClass.comprehensive3DSR, sopInstanceUID: "2.25.5001", seriesInstanceUID: "2.25.5002"),
            segmentation: DocumentReference(
                sopClassUID: SOPClass.segmentation, sopInstanceUID: "2.25.5003", seriesInstanceUID: "2.25.5004"))
        source.predecessorSummary = PredecessorSummary(
            series: [source.low, source.high].map {
                PredecessorSummary.Series(
                    seriesInstanceUID: $0.seriesInstanceUID, imageCount: geometry.slices - 24,
                    imageNumbers: ImageNumbers(1...(geometry.slices - 24)))
            }, trust: .limited, depositCount: 4, volumeMm3: 251.3, hydroxyapatiteMassMg: 101.5, urate: .negative,
            algorithmVersion: "0.1.0")
        source.calibrationDigest = String(repeating: "ab", count: 32)
        return source
    }
}
