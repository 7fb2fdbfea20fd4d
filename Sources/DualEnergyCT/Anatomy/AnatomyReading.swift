/// The anatomy of a measured study: places and forms of the deposits, sums by side and digit, what the bones show.
package struct AnatomyReading: Sendable {
    private let context: MeasurementContext
    private let placing: DepositPlacing
    private let laterality: Laterality

    package init(_ context: MeasurementContext, region: BodyRegion, laterality: Laterality) {
        self.context = context
        self.laterality = laterality
        let g = context.low.geometry
        let bone = Volume<UInt8>(
            geometry: g, voxels: context.segmentation.labels.voxels.map { $0 == TissueLabel.bone ? 1 : 0 })
        let pieces = DisjoinedBones(
            bone: bone, image: context.low, softHU: Float(context.paths.typical.low.muscleHU))
        let body = context.segmentation.body
        placing = DepositPlacing(
            pieces: pieces.pieces, paths: LimbPaths(body: body), region: region, laterality: laterality,
            skinDistance: { Self.distance(from: $0, along: $1, in: body) })
    }

    /// The header names one side and the images show the other.
    package var contradictsHeader: Bool { placing.contradictsHeader }

    /// The deposit with its place, its form and its distance to the nearest joint.
    /// - Parameter voxels: its voxels on the grid of the context.
    package func described(_ deposit: Deposit, voxels: [Int]) -> Deposit {
        let g = context.low.geometry
        let positions = voxels.map { g.millimetres($0) }
        let shape = PrincipalAxes(positions)
        let nearest = voxels[
            positions.indices.min {
                (positions[$0] - shape.centre).magnitude
                    < (positions[$1] - shape.centre).magnitude
            }!]
        var result = deposit
        result.place = placing.place(
            .init(
                centre: shape.centre, depthMm: Double(context.segmentation.distanceToSkinMm.voxels[nearest]),
                distanceToBoneMm: deposit.distanceToBoneMm,
                fatFraction: Double(context.segmentation.localFatFraction.voxels[nearest]),
                elongation: shape.extents.x / max(shape.extents.y, 0.1)))
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

    /// Acro-osteolysis of each digit: the end phalanx against the first one of the same ray. What this version does not
    /// measure says so.
    package var boneFlags: [BoneFlag]? {
        guard placing.hands.contains(where: { $0.reading.side != nil || headerSide != nil }) else { return nil }
        var flags: [BoneFlag] = []
        for (side, reading) in hands {
            for (digit, chain) in reading.digits {
                guard let digit else { continue }
                flags.append(Self.acroOsteolysis(chain, side: side, digit: digit))
            }
            for kind in [BoneFlag.Kind.erosion, .pencilling, .dislocation, .collapse] {
                flags.append(BoneFlag(kind: kind, state: .notAssessed, side: side))
            }
        }
        return flags
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

    /// Half the usual share of the end phalanx in the first one, from the lengths of adult hands (0.42 to 0.5 in
    /// fingers, 0.7 in the thumb).
    private static func leastShare(_ digit: Digit) -> Double { digit == .first ? 0.45 : 0.28 }

    private static func acroOsteolysis(_ chain: BoneChain, side: BodySide?, digit: Digit) -> BoneFlag {
        var flag = BoneFlag(
            kind: .acroOsteolysis, state: .notAssessed, side: side, digit: digit, limit: leastShare(digit), unit: "1")
        let last: [BoneRole] = digit == .first ? [.proximal] : [.proximal, .middle]
        guard let first = chain.lengthMm(of: .proximal), last.allSatisfy({ chain.lengthMm(of: $0) != nil }) else {
            return flag
        }
        let share = Double((chain.lengthMm(of: .distal) ?? 0) / first)
        flag.measured = share
        flag.state = share < leastShare(digit) ? .flagged : .notFlagged
        return flag
    }

    /// In mm, by steps of half a voxel, at most 40.
    private static func distance(
        from point: SIMD3<Float>, along direction: SIMD3<Float>, in body: Volume<UInt8>
    ) -> Float {
        let g = body.geometry
        let spacing = SIMD3(Float(g.columnSpacingMm), Float(g.rowSpacingMm), Float(g.sliceSpacingMm))
        let count = SIMD3(Int32(g.columns), Int32(g.rows), Int32(g.slices))
        let step = 0.5 * spacing.min()
        var way: Float = 0
        while way < 40 {
            let at = ((point + way * direction) / spacing).rounded(.toNearestOrEven)
            let index = SIMD3<Int32>(Int32(at.x), Int32(at.y), Int32(at.z))
            guard all(index .>= 0), all(index .< count) else { return way }
            if body[Int(index.x), Int(index.y), Int(index.z)] == 0 { return way }
            way += step
        }
        return way
    }
}
