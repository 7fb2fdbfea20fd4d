/// All deposits of a study, measured, classified and numbered.
package struct DepositCatalogue {
    let context: MeasurementContext
    private let minimumDepositMm3: Double
    package private(set) var deposits: [Deposit] = []
    package private(set) var exclusions: [Exclusion]
    var measurements: [DepositMeasurement] = []
    var voxelLists: [[Int]] = []
    var excludedVoxels: [Int] = []
    /// Calcium that is no calcinosis, one entry for each kind and cause.
    package private(set) var otherMineral: [OtherMineral] = []
    var vascularVoxels: [Int] = []
    var otherVoxels: [Int] = []
    /// Squared distance to the nearest bone voxel in mm2.
    private let boneDistances: Volume<Float>

    package init(context: MeasurementContext, minimumDepositMm3: Double) {
        self.context = context
        self.minimumDepositMm3 = minimumDepositMm3
        exclusions = context.segmentation.exclusions
        let bone: Volume<UInt8> = context.segmentation.labels.map { $0 == TissueLabel.bone ? 1 : 0 }
        boneDistances = bone.squaredDistancesMm2(capMm: 1000)
    }

    /// - Parameter kinds: what kind of calcification each piece is, from its voxels and its distance to bone in mm.
    package mutating func measureAll(
        kinds: ([[Int]], [Double?]) -> [CalcificationSorter.Kind] = { lists, _ in lists.map { _ in .calcinosis } },
        progress: (Double) -> Void
    ) {
        let calcium = calciumCandidates()
        let urate = UrateSearch.candidates(context)
        let sorted = kinds(calcium, calcium.map(boneDistance)) + urate.map { _ in .calcinosis }
        var found: [Measured] = []
        let total = Double(max(1, calcium.count + urate.count))
        for (n, voxels) in (calcium + urate).enumerated() {
            let meter = DepositMeter(voxels: voxels, context: context)
            let measurement = meter.measure()
            let isUrateCandidate = n >= calcium.count
            if !isUrateCandidate, sorted[n] == .calcinosis,
                let parts = MixedDeposit.parts(of: voxels, meter, context: context)
            {
                found += parts.map { ($0.measurement, $0.voxels, $0.meter, .calcinosis) }
                progress(Double(n + 1) / total)
                continue
            }
            // What has no mass beyond its own tissue and the blur of the bone beside it is an edge of something else
            // (one-sided, 90 %). Urate has none: its ratio speaks.
            let hasMass =
                measurement.material == .urate || measurement.massMg.value > 1.28 * measurement.massDeviationMg
            let isLarge = measurement.volumeMm3.value >= minimumDepositMm3 && hasMass
            // What was looked for as urate and is neither urate nor possibly urate was dense soft tissue.
            if isUrateCandidate ? measurement.material == .urate : isLarge {
                switch sorted[n] {
                case .vascular where measurement.material != .urate: add(.vascular, nil, measurement, voxels)
                case .other(let cause) where measurement.material != .urate: add(.other, cause, measurement, voxels)
                default: found.append((measurement, voxels, meter, sorted[n]))
                }
            } else if !isUrateCandidate {
                exclude(voxels, .belowMinimumVolume)
            }
            progress(Double(n + 1) / total)
        }
        list(found)
    }

    /// Measures a reader's contours, each as one deposit whatever its size: nothing else is looked for.
    ///
    /// - Parameters:
    ///   - leftOut: mineral that was found and is in none of them. What is no calcinosis is told as always, the rest as
    ///     left out by the reader, or as too small where it would not have been reported anyway.
    ///   - kinds: as for `measureAll`.
    package mutating func measureContours(
        leftOut: [SegmentationResult.LeftOut],
        kinds: ([[Int]], [Double?]) -> [CalcificationSorter.Kind] = { lists, _ in lists.map { _ in .calcinosis } },
        progress: (Double) -> Void
    ) {
        let contours = calciumCandidates()
        var found: [Measured] = []
        for (n, voxels) in contours.enumerated() {
            let meter = DepositMeter(voxels: voxels, context: context)
            found.append((meter.measure(), voxels, meter, .calcinosis))
            progress(Double(n + 1) / Double(contours.count))
        }
        for piece in leftOut where !piece.isWhole { exclude(piece.voxels, .leftOutByReader) }
        let pieces = leftOut.filter(\.isWhole).map(\.voxels)
        for (voxels, kind) in zip(pieces, kinds(pieces, pieces.map(boneDistance))) {
            let volumeMm3 = Double(voxels.count) * context.low.geometry.voxelVolumeMm3
            switch kind {
            case _ where volumeMm3 < minimumDepositMm3: exclude(voxels, .belowMinimumVolume)
            case .vascular: add(.vascular, nil, DepositMeter(voxels: voxels, context: context).measure(), voxels)
            case .other(let cause):
                add(.other, cause, DepositMeter(voxels: voxels, context: context).measure(), voxels)
            default: exclude(voxels, .leftOutByReader)
            }
        }
        list(found)
        for n in deposits.indices {
            deposits[n].contour = Int(context.segmentation.componentIndex.voxels[voxelLists[n][0]])
        }
    }

    private typealias Measured = (
        measurement: DepositMeasurement, voxels: [Int], meter: DepositMeter, kind: CalcificationSorter.Kind
    )

    /// Takes up what is reported, the largest first.
    private mutating func list(_ found: [Measured]) {
        let ordered = found.sorted {
            ($0.measurement.volumeMm3.value, $1.voxels[0]) > ($1.measurement.volumeMm3.value, $0.voxels[0])
        }
        for (n, entry) in ordered.enumerated() {
            measurements.append(entry.measurement)
            voxelLists.append(entry.voxels)
            deposits.append(describe(entry.measurement, entry.voxels, entry.meter, number: n + 1))
            deposits[n].mayBeVessel = entry.kind == .vesselLike
        }
        otherMineral.sort { $0.order < $1.order }
    }

    private mutating func add(
        _ kind: OtherMineral.Kind, _ cause: OtherMineral.Cause?, _ measurement: DepositMeasurement, _ voxels: [Int]
    ) {
        if kind == .vascular { vascularVoxels += voxels } else { otherVoxels += voxels }
        let n =
            otherMineral.firstIndex { $0.kind == kind && $0.cause == cause }
            ?? {
                otherMineral.append(
                    OtherMineral(kind: kind, count: 0, volumeMm3: 0, hydroxyapatiteMassMg: 0, cause: cause))
                return otherMineral.count - 1
            }()
        otherMineral[n].count += 1
        otherMineral[n].volumeMm3 += measurement.volumeMm3.value
        otherMineral[n].hydroxyapatiteMassMg += measurement.massMg.value
    }

    private func calciumCandidates() -> [[Int]] {
        var lists = [[Int]](repeating: [], count: context.segmentation.componentCount)
        for (n, index) in context.segmentation.componentIndex.voxels.enumerated() where index > 0 {
            lists[Int(index) - 1].append(n)
        }
        return lists.filter { !$0.isEmpty }
    }

    private mutating func exclude(_ voxels: [Int], _ cause: Exclusion.Cause) {
        excludedVoxels += voxels
        exclusions.add(cause, volumeMm3: Double(voxels.count) * context.low.geometry.voxelVolumeMm3)
    }

    private func describe(
        _ measurement: DepositMeasurement, _ voxels: [Int], _ meter: DepositMeter, number: Int
    ) -> Deposit {
        let g = context.low.geometry
        let centre = meter.centre()
        let position = g.position(centre.0, centre.1, centre.2)
        let skin = voxels.map { context.segmentation.distanceToSkinMm.voxels[$0] }.min() ?? 0
        var deposit = Deposit(
            number: number, material: measurement.material, volumeMm3: measurement.volumeMm3,
            hydroxyapatiteMassMg: measurement.massMg, meanDensityMgPerCm3: measurement.meanDensityMgPerCm3,
            peakDensityMgPerCm3: measurement.peakDensityMgPerCm3,
            largestDiameterMm: Diameter.largest(voxels, in: g), distanceToSkinMm: Double(skin),
            distanceToBoneMm: boneDistance(voxels), dualEnergyRatio: measurement.ratio, centre: position,
            centreSlice: Int(centre.2.rounded()), voxelCount: voxels.count)
        deposit.peakDensityDeviationMgPerCm3 = measurement.peakDensityDeviation
        deposit.massRepeatabilityMg = measurement.massNoiseMg
        return deposit
    }

    /// From surface to surface: half a voxel less on either side than between the nearest centres.
    private func boneDistance(_ voxels: [Int]) -> Double? {
        let g = context.low.geometry
        let nearest = voxels.map { boneDistances.voxels[$0] }.min() ?? Self.farthestMm2
        guard nearest < Self.farthestMm2 * 0.999 else { return nil }
        let spacing = (g.columnSpacingMm + g.rowSpacingMm + g.sliceSpacingMm) / 3
        // Voxels that share a face or an edge touch.
        let distance = Double(nearest).squareRoot()
        return distance < 1.5 * spacing ? 0 : distance - spacing
    }

    /// Squared distance in mm2 that stands for no bone in the field.
    private static let farthestMm2: Float = 1e6
}
