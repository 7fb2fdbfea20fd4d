/// Choices that a site can make for the analysis of a pair.
public struct AnalysisOptions: Sendable, Equatable {
    public var limits = TrustLimits()
    /// What the model table assumes between anode and patient.
    public var filtration = Filtration.standard
    /// The site's rods, for images of their beams: better than bone, which is better than the table.
    public var calibration: RodCalibration?
    /// Calcium deposits below this volume at half maximum in mm3 are counted as excluded: below a ball of 1.2 mm
    /// nothing can be told from noise and the blur of bone.
    public var minimumDepositMm3 = 1.0
    /// An earlier examination of the same part of the body, to state change against.
    public var prior: PriorExamination?
    /// Contours that a reader reviewed: measured in place of deposits that the core finds. Bone and everything else
    /// stays its own.
    public var contours: ReviewedContours?

    public init() {}
}

/// Finds, names and weighs the deposits of a dual-energy pair.
///
/// Synchronous and deterministic; it keeps no state and may run for several pairs at once. Memory is about 40 bytes for
/// each voxel of the body's box besides the pair itself.
/// - Parameter progress: called with the share of the work that is done, from 0 to 1.
public func analyse(
    _ pair: DualEnergyPair, options: AnalysisOptions = AnalysisOptions(), progress: (Double) -> Void = { _ in }
) -> Findings {
    progress(0)
    return analyse(EnergyAlignment(pair), options: options, progress: progress)
}

/// `analyse` for a pair whose motion is known: whoever makes maps too registers once.
public func analyse(
    _ alignment: EnergyAlignment, options: AnalysisOptions = AnalysisOptions(), progress: (Double) -> Void = { _ in }
) -> Findings {
    let pair = alignment.pair
    let rods = options.calibration.flatMap { $0.applies(to: pair) ? $0 : nil }
    let filtration = rods?.filtration ?? options.filtration
    let lowTable = ResponseTable(pair.lowBeam, filtration: filtration)
    let highTable = ResponseTable(pair.highBeam, filtration: filtration)
    var trust = TrustAssessment()
    trust.sliceThicknessMm = pair.sliceThicknessMm
    trust.calciumRatio =
        PairResponse(low: lowTable.response(waterCm: 5), high: highTable.response(waterCm: 5)).calciumRatio
    trust.motion = alignment.motion
    guard let body = alignment.box else { return refusal(pair, trust, options) }
    let box = options.contours?.box(around: body) ?? body
    let low = pair.low.cropped(to: box)
    let high = pair.high.cropped(to: box)
    trust.coverageMm = Double(low.geometry.slices) * low.geometry.sliceSpacingMm
    trust.noise = alignment.noise
    guard let noise = trust.noise else { return refusal(pair, trust, options) }
    progress(0.1)
    let pointSpread = PointSpread.measure(low)
    var paths = PathMap(of: (low, high), tables: (lowTable, highTable))
    if let rods {
        paths = paths.scaled(low: rods.lowFactor, high: rods.highFactor)
        trust.calibration = .rods
        trust.rodContradiction = rods.comparedWithTable().deviations
    }
    trust.calciumRatio = paths.typical.calciumRatio
    trust.typicalPathCm = paths.typicalWaterCm
    guard trust.verdict(options.limits).status != .notAnalysable else { return refusal(pair, trust, options) }
    progress(0.15)

    let input = SegmentationInput(
        low: low, high: high, hydroxyapatiteLow: paths.typical.low.hydroxyapatite,
        hydroxyapatiteHigh: paths.typical.high.hydroxyapatite, muscleLowHU: paths.typical.low.muscleHU,
        muscleHighHU: paths.typical.high.muscleHU, fatLowHU: paths.typical.low.adiposeHU,
        fatHighHU: paths.typical.high.adiposeHU, noiseLowHU: noise.voxel.low.squareRoot(),
        noiseHighHU: noise.voxel.high.squareRoot(), sliceThicknessMm: pair.sliceThicknessMm,
        pointSpreadSigmaMm: pointSpread, iodineRatio: paths.typical.iodineRatio)
    var segmentation = segment(input)
    progress(0.75)
    let voxelMm3 = low.geometry.voxelVolumeMm3
    trust.metalVolumeMm3 =
        Double(segmentation.labels.voxels.count { $0 == TissueLabel.metal }) * voxelMm3
    var leftOut: [SegmentationResult.LeftOut] = []
    if let contours = options.contours {
        (segmentation, leftOut) = segmentation.reviewed(
            contours.labels.cropped(to: box), count: contours.identities.count)
    }
    let line = BoneLine.measure(
        low: low, high: high, labels: segmentation.labels, paths: paths, noise: noise,
        minimumMm3: options.limits.boneRatioMinimumMm3)
    if let line {
        let expected = BoneModel.line(low: pair.lowBeam, high: pair.highBeam, filtration: filtration, path: line.path)
        trust.boneRatio = line.slope / expected.slope / (rods.map { $0.lowFactor / $0.highFactor } ?? 1)
        trust.boneRatioDeviation = rods.map { line.ratioDeviation(byRods: $0) }
    }
    var calibration = CalibrationUncertainty.table(low: pair.lowBeam, high: pair.highBeam)
    if let rods {
        calibration = rods.uncertainty(pathCm: paths.typicalWaterCm)
    } else if let line,
        let bone = BoneCalibration.fit(
            line, low: pair.lowBeam, high: pair.highBeam, behind: paths.typicalPath)
    {
        calibration = bone.uncertainty
        trust.boneContradiction = bone.contradiction
        paths = bone.applied(to: paths, low: pair.lowBeam, high: pair.highBeam)
        trust.calciumRatio = paths.typical.calciumRatio
        if bone.gain > 0.3 { trust.calibration = .bone }
    }
    let verdict = trust.verdict(options.limits)
    guard verdict.status != .notAnalysable else { return refusal(pair, trust, options) }

    let context = MeasurementContext(
        low: low, high: high, segmentation: segmentation, paths: paths, noise: noise, pointSpreadSigmaMm: pointSpread,
        axialSigmaMm: PointSpread.axialSigmaMm(sliceThicknessMm: pair.sliceThicknessMm), calibration: calibration)
    // Balls are put into copies of the images: what they tell depends on nothing that is measured here.
    let ((anatomy, catalogue), limit) = together {
        let anatomy = AnatomyReading(context, region: pair.region, laterality: pair.laterality)
        var catalogue = DepositCatalogue(context: context, minimumDepositMm3: options.minimumDepositMm3)
        let kinds = { (lists: [[Int]], distances: [Double?]) in
            CalcificationSorter(context, region: pair.region).kinds(
                of: lists,
                surroundings: zip(lists, distances).map { anatomy.surroundings(of: $0, distanceToBoneMm: $1) })
        }
        if options.contours == nil {
            catalogue.measureAll(kinds: kinds, progress: { progress(0.75 + 0.2 * $0) })
        } else {
            catalogue.measureContours(leftOut: leftOut, kinds: kinds, progress: { progress(0.75 + 0.2 * $0) })
        }
        return (anatomy, catalogue)
    } and: {
        DetectionLimit(context: context, input: input, minimumDepositMm3: options.minimumDepositMm3)
    }
    trust.depositsOverBone = catalogue.volumeOverBone(leastBoneMm3: options.limits.boneRatioMinimumMm3)
    trust.contradictsSide = anatomy.contradictsHeader
    trust.digits = anatomy.digitsCovered
    let deposits = zip(catalogue.deposits, catalogue.voxelLists).map { deposit, voxels in
        var placed = anatomy.described(deposit, voxels: voxels)
        placed.centreSlice += box.slices.lowerBound
        return placed
    }
    var findings = Findings(
        trust: trust.verdict(options.limits), deposits: deposits, totals: catalogue.totals(limit),
        urate: catalogue.urateStatement(limit), exclusions: catalogue.exclusions,
        labels: catalogue.labels(on: pair.low.geometry, box: box),
        hydroxyapatiteTenths: DensityMap.tenths(context, on: pair.low.geometry, box: box))
    findings.regions = anatomy.regions(of: deposits) { catalogue.totals(limit, of: $0) }
    findings.radiographicScores = anatomy.radiographicScores(deposits, members: catalogue.voxelLists)
    findings.detectionLimits = limit.statements(pair.region)
    findings.otherMineral = catalogue.otherMineral
    findings.boneFlags = anatomy.boneFlags
    findings.palms = anatomy.palms
    if let map = findings.hydroxyapatiteTenths {
        findings.boneDensity = anatomy.boneDensity { i, j, k in
            Double(map[i + box.columns.lowerBound, j + box.rows.lowerBound, k + box.slices.lowerBound]) / 10
        }
    }
    if let prior = options.prior { findings.compare(with: prior, region: pair.region, laterality: pair.laterality) }
    if let contours = options.contours { findings.keepIdentities(of: contours) }
    progress(1)
    return findings
}

/// The findings of a study that claims neither presence nor absence.
private func refusal(_ pair: DualEnergyPair, _ trust: TrustAssessment, _ options: AnalysisOptions) -> Findings {
    Findings(
        trust: trust.verdict(options.limits), deposits: [], totals: nil, urate: nil, exclusions: [],
        labels: Volume(geometry: pair.low.geometry, repeating: SegmentLabel.none), hydroxyapatiteTenths: nil)
}
