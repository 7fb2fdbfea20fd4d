/// The anatomy of a measured study: places and forms of the deposits, sums by side and digit, what the bones show.
package struct AnatomyReading: Sendable {
    private let context: MeasurementContext
    private let placing: DepositPlacing
    private let laterality: Laterality
    private let tendons: TendonProbe
    /// Numbers of the bones on the context's grid; nil without a hand.
    private let pieces: Volume<Int32>?

    package init(_ context: MeasurementContext, region: BodyRegion, laterality: Laterality) {
        self.context = context
        self.laterality = laterality
        tendons = TendonProbe(context)
        // Bones come apart for the sake of a hand's digits; nothing else asks for them.
        var bones: DisjoinedBones?
        if DepositPlacing.mayShowHand(region) {
            bones = DisjoinedBones(
                bone: context.segmentation.labels.map { $0 == TissueLabel.bone ? 1 : 0 }, image: context.low,
                softHU: Float(context.paths.typical.low.muscleHU))
        }
        let body = context.segmentation.body
        placing = DepositPlacing(
            pieces: bones?.pieces ?? [], paths: LimbPaths(body: body), region: region, laterality: laterality,
            skinDistance: { Self.distanceToSkin(from: $0, along: $1, in: body) })
        pieces = placing.hands.isEmpty ? nil : bones?.labels
    }

    /// The header names one side and the images show the other.
    package var contradictsHeader: Bool { placing.contradictsHeader }

    /// The deposit with its place, its form and its distance to the nearest joint.
    /// - Parameter voxels: its voxels on the grid of the context.
    package func described(_ deposit: Deposit, voxels: [Int]) -> Deposit {
        let positions = voxels.map { context.low.geometry.millimetres($0) }
        let shape = PrincipalAxes(positions)
        var result = deposit
        result.place = placing.place(subject(positions, voxels, shape))
        result.morphology = DepositForm.morphology(
            of: shape, voxelCount: voxels.count, volumeMm3: deposit.volumeMm3.value,
            meanMgPerCm3: deposit.meanDensityMgPerCm3.value)
        let joints = placing.joints
        if !joints.isEmpty {
            let squared = positions.flatMap { p in joints.map { ($0 - p).dot($0 - p) } }
            result.distanceToJointMm = Double(squared.min() ?? 0).squareRoot()
        }
        return result
    }

    /// Where a piece of mineral lies, before anything else is known of it.
    package func surroundings(of voxels: [Int], distanceToBoneMm: Double?) -> CalcificationSorter.Surroundings {
        let positions = voxels.map { context.low.geometry.millimetres($0) }
        let subject = subject(positions, voxels, PrincipalAxes(positions))
        return CalcificationSorter.Surroundings(
            place: placing.place(subject), distanceToBoneMm: distanceToBoneMm, depthMm: subject.depthMm,
            fatFraction: subject.fatFraction, restsOnBone: subject.restsOnBone)
    }

    private func subject(
        _ positions: [SIMD3<Float>], _ voxels: [Int], _ shape: PrincipalAxes
    ) -> DepositPlacing.Subject {
        let nearest = voxels[
            positions.indices.min {
                (positions[$0] - shape.centre).magnitude
                    < (positions[$1] - shape.centre).magnitude
            }!]
        return DepositPlacing.Subject(
            centre: shape.centre, depthMm: Double(context.segmentation.distanceToSkinMm.voxels[nearest]),
            restsOnBone: BoneContact.rests(positions, shape, labels: context.segmentation.labels),
            fatFraction: Double(context.segmentation.localFatFraction.voxels[nearest]),
            elongation: shape.extents.x / max(shape.extents.y, 0.1),
            tendonShare: tendons.share(beside: positions, shape),
            isOnStrand: tendons.runsThrough(positions, shape))
    }

    /// Sides and digits that were seen, whether they hold a deposit or not.
    package func regions(of deposits: [Deposit], totals: (_ of: [Int]) -> Totals) -> [RegionTotals] {
        var regions: [RegionTotals] = []
        func add(_ side: BodySide?, _ digit: Digit?) {
            let members = deposits.indices.filter {
                deposits[$0].place?.side == side && (digit == nil || deposits[$0].place?.digit == digit)
            }
            regions.append(RegionTotals(side: side, digit: digit, totals: totals(members)))
        }
        for side in sides {
            add(side, nil)
            for digit in Digit.allCases where digits(of: side).contains(digit) { add(side, digit) }
        }
        return regions
    }

    /// What the bones of the hands show that a reader should look at.
    package var boneFlags: [BoneFlag]? {
        guard let pieces, placing.hands.contains(where: { $0.reading.side != nil || headerSide != nil }) else {
            return nil
        }
        let erosions = BoneErosions(context, pieces: pieces)
        return hands.flatMap { side, reading in
            HandFlags(reading, loose: placing.loose, side: side, erosions: erosions).flags
        }
    }

    /// Digits whose tip lies inside of the scan, and all that were seen; nil without a hand.
    package var digitsCovered: (complete: Int, seen: Int)? {
        guard !hands.isEmpty else { return nil }
        let g = context.low.geometry
        let far = g.gridPosition(g.voxelCount - 1)
        let tips = hands.flatMap { $0.1.digits.compactMap(\.chain.bones.last) }
        let complete = tips.count { bone in
            let beyond = bone.ends.1 + Self.tipMm * bone.axis
            return all(beyond .>= SIMD3(repeating: 0)) && all(beyond .<= far)
        }
        return (complete, tips.count)
    }

    /// Soft tissue beyond the last bone of a digit, in mm, at the least.
    private static let tipMm: Float = 2

    /// The analogue of a radiographic score for each side: projected area times density class, summed.
    /// - Parameter members: voxels of each deposit, in the order of the deposits.
    package func radiographicScores(_ deposits: [Deposit], members: [[Int]]) -> [RadiographicScore] {
        sides.map { side in
            let volar = hands.first { $0.0 == side }?.1.volar
            var score = RadiographicScore(side: side, value: 0)
            for (deposit, voxels) in zip(deposits, members)
            where deposit.material == .hydroxyapatite && deposit.place?.side == side {
                let area = Self.projectedCm2(voxels.map { context.low.geometry.millimetres($0) }, along: volar)
                score.value += area * Double(RadiographicScore.densityClass(deposit.meanDensityMgPerCm3.value))
            }
            return score
        }
    }

    /// Area of the shadow in cm2 along a direction; the largest of the grid's three where none is known.
    private static func projectedCm2(_ positions: [SIMD3<Float>], along direction: SIMD3<Float>?) -> Double {
        let cell: Float = 0.75
        var directions: [SIMD3<Float>] = [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
        if let direction { directions = [direction] }
        let counts = directions.map { direction in
            let (a, b) = direction.crossSection
            return Set(positions.map { SIMD2<Int32>(Int32($0.dot(a) / cell), Int32($0.dot(b) / cell)) }).count
        }
        return Double(counts.max() ?? 0) * Double(cell * cell) / 100
    }

    /// Hands whose palm could be told from the back.
    package var palms: [Palm] {
        let g = context.low.geometry
        return hands.compactMap { side, reading in
            reading.volar.map { volar in
                Palm(
                    side: side,
                    volar: Double(volar.x) * g.rowDirection + Double(volar.y) * g.columnDirection
                        + Double(volar.z) * g.sliceDirection)
            }
        }
    }

    /// Hydroxyapatite-equivalent density over the whole volume of the bones of each side.
    /// - Parameter density: in mg/cm3 at a voxel of the context's grid.
    package func boneDensity(_ density: (_ i: Int, _ j: Int, _ k: Int) -> Double) -> [BoneDensity] {
        let g = context.low.geometry
        var sums: [BodySide?: (mass: Double, count: Int)] = [:]
        let labels = context.segmentation.labels
        for k in 0..<g.slices {
            for j in 0..<g.rows {
                for i in 0..<g.columns where labels[i, j, k] == TissueLabel.bone {
                    let side = side(ofLimb: placing.paths.limb(at: g.millimetres(g.index(i, j, k))))
                    sums[side, default: (0, 0)].mass += density(i, j, k)
                    sums[side]!.count += 1
                }
            }
        }
        // Noise averages out over a skeleton; the error of the slopes does not.
        let calibration = context.calibration
        let common = max(calibration.commonLow, calibration.commonHigh)
        let relative = (common * common + calibration.independent * calibration.independent).squareRoot()
        return [BodySide.right, .left, nil].compactMap { side in
            guard let sum = sums[side], sum.count > 100 else { return nil }
            let mean = sum.mass / Double(sum.count)
            return BoneDensity(
                side: side, meanMgPerCm3: .normal(mean, mean * relative, atLeast: 0),
                volumeMm3: Double(sum.count) * g.voxelVolumeMm3)
        }
    }

    private var headerSide: BodySide? { laterality == .right ? .right : laterality == .left ? .left : nil }

    private func side(ofLimb number: Int) -> BodySide? {
        guard !contradictsHeader else { return nil }
        return placing.hands.first { $0.limb == number }?.reading.side ?? headerSide
    }

    private var hands: [(BodySide?, HandReading)] {
        placing.hands.map { (side(ofLimb: $0.limb), $0.reading) }
    }

    private var sides: [BodySide?] {
        guard !contradictsHeader else { return [nil] }
        let seen = hands.map(\.0)
        if seen.isEmpty { return headerSide.map { [$0] } ?? [] }
        return [BodySide.right, .left].filter { seen.contains($0) } + (seen.contains(nil) ? [nil] : [])
    }

    private func digits(of side: BodySide?) -> [Digit] {
        hands.filter { $0.0 == side }.flatMap { $0.1.digits.compactMap(\.digit) }
    }

    /// In mm, by steps of half a voxel, at most 40; nil where the images end before.
    private static func distanceToSkin(
        from point: SIMD3<Float>, along direction: SIMD3<Float>, in body: Volume<UInt8>
    ) -> Float? {
        let g = body.geometry
        let spacing = SIMD3(Float(g.columnSpacingMm), Float(g.rowSpacingMm), Float(g.sliceSpacingMm))
        let count = SIMD3(Int32(g.columns), Int32(g.rows), Int32(g.slices))
        let step = 0.5 * spacing.min()
        var way: Float = 0
        while way < 40 {
            let at = ((point + way * direction) / spacing).rounded(.toNearestOrEven)
            let index = SIMD3<Int32>(Int32(at.x), Int32(at.y), Int32(at.z))
            guard all(index .>= 0), all(index .< count) else { return nil }
            if body[Int(index.x), Int(index.y), Int(index.z)] == 0 { return way }
            way += step
        }
        return way
    }
}
