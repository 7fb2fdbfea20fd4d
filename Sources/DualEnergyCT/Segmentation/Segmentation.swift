/// Parts bone from deposits and names what is neither.
///
/// Marrow cavities are the seeds of bone; the cortex around them has a locally smooth thickness; bone is marrow plus
/// the cortex expected there, and mineral above that surface is a deposit. Nothing depends on the orientation of the
/// images or on a fixed skeleton: resorbed and demineralised bone still is a shell round marrow.
public func segment(_ input: SegmentationInput) -> SegmentationResult { segmentWithReasons(input).result }

/// `segment` with what each decision rests on.
package func segmentWithReasons(
    _ input: SegmentationInput
) -> (result: SegmentationResult, candidates: [Candidate], fields: TissueFields?) {
    guard input.low.geometry.voxelCount > 0, let fields = TissueFields(input) else {
        return (.empty(input.low.geometry), [], nil)
    }
    let solver = TwoEnergySolver(input)
    let finder = CandidateFinder(input: input, fields: fields, solver: solver)
    let rules = CandidateRules(input: input)
    func decided(_ surface: BoneSurface) -> (candidates: [Candidate], height: BoneHeights) {
        var (candidates, height) = finder.find(surface: surface)
        let rim = PlateRim(fields: fields, surface: surface, height: height)
        let mixed = MixedTissue(
            input: input, fields: fields, solver: solver, height: height, hardeningDensity: rules.hardeningDensity)
        for n in candidates.indices {
            candidates[n].fate = rules.fate(of: candidates[n])
            if candidates[n].fate == .excluded(.beamHardening), rules.isOnTissue(candidates[n]),
                mixed.isCalcium(candidates[n])
            {
                candidates[n].fate = .deposit
            }
            guard candidates[n].fate == .deposit, candidates[n].leastHeightMm < CandidateRules.crumbHeightMm else {
                continue
            }
            let facing = BoneFacing(candidates[n].voxels, height: height)
            if rules.isCrumb(candidates[n], facing) || rules.isHeld(candidates[n], facing)
                || rules.isLamina(candidates[n], facing)
                || candidates[n].relativeDensity > CandidateRules.leastHeldDensity && rim.contains(candidates[n])
            {
                candidates[n].fate = .bone
            }
        }
        func mayHoldUrate(_ c: Candidate) -> Bool {
            c.touchesBone
                && (c.fate == .tissue || c.fate == .bone || c.fate == .deposit && rules.isDenseWithoutCalcium(c))
        }
        var taken = Set(candidates.flatMap(\.voxels))
        let widths = finder.widths(of: surface)
        for n in candidates.indices where mayHoldUrate(candidates[n]) {
            for piece in finder.urate(
                in: candidates[n], rules: rules, height: height, widthsMm: widths, taken: taken)
            {
                let own = Set(piece.voxels)
                taken.formUnion(own)
                candidates[n].voxels.removeAll(where: own.contains)
                if candidates[n].fate == .deposit { candidates[n].fate = .tissue }
                candidates.append(piece)
            }
        }
        candidates.removeAll(where: \.voxels.isEmpty)
        let skirt = BoneSkirt(density: fields.onMuscle, height: height)
        candidates += candidates.indices.compactMap { candidates[$0].cut(skirt) }
        for n in candidates.indices where candidates[n].fate == .deposit && candidates[n].touchesBone {
            let facing = BoneFacing(candidates[n].voxels, height: height)
            if rules.isLayer(candidates[n], facing) { candidates[n].fate = .bone }
        }
        NoiseAround(fields: fields, solver: solver, height: height).sort(&candidates)
        return (candidates, height)
    }
    var seeds = MarrowSeeds.find(fields, solver: solver, input: input)
    var surface = BoneSurface(seeds: seeds, fields: fields, edge: finder.edge)
    surface.settleThickness()
    var (candidates, height) = decided(surface)
    // A chain of bones without cavities is followed from one to the next.
    for _ in 0..<3 {
        let cores = SolidBones(fields: fields, surface: surface, seeds: seeds).cores(of: candidates)
        if cores.isEmpty { break }
        for n in cores.joined() { seeds.voxels[n] = 1 }
        surface = BoneSurface(seeds: seeds, fields: fields, edge: finder.edge)
        surface.settleThickness()
        (candidates, height) = decided(surface)
    }
    // Deposits on bone bias the thickness under them: they are found, their points set aside, and the surface is
    // settled again from what is around.
    for _ in 0..<2 {
        let covered = surface.cover(under: candidates.filter { $0.fate == .deposit }, height: height)
        if covered.isEmpty { break }
        surface.settleThickness(around: covered)
        (candidates, height) = decided(surface)
    }
    DepositFoot(height: height).extend(&candidates)
    let result = SegmentationResult.make(fields: fields, height: height, candidates: candidates)
    return (result, candidates, fields)
}

extension BoneSurface {
    /// Marks the points under deposits, with those around, as covered, and no others.
    ///
    /// - Returns: the points that were not covered before, or are no longer.
    package mutating func cover(under deposits: [Candidate], height: BoneHeights) -> [Int] {
        let before = points.map(\.isCovered)
        for n in points.indices { points[n].isCovered = false }
        var contacts: [SIMD3<Float>] = []
        for deposit in deposits {
            for voxel in deposit.voxels where height[voxel] < 1.5 {
                guard let p = pointIndex(nearestTo: voxel), !points[p].isCovered else { continue }
                points[p].isCovered = true
                contacts.append(points[p].position)
            }
        }
        let reach: Float = 1.5
        let grid = PointGrid(contacts, cellMm: reach)
        for n in points.indices where !points[n].isCovered {
            var isNear = false
            grid.forEachNeighbour(of: points[n].position, within: reach) { _ in isNear = true }
            if isNear { points[n].isCovered = true }
        }
        return points.indices.filter { points[$0].isCovered != before[$0] }
    }
}

extension SegmentationResult {
    /// Nothing but air.
    static func empty(_ geometry: GridGeometry) -> SegmentationResult {
        let clear = Volume<UInt8>(geometry: geometry, repeating: 0)
        let zero = Volume<Float>(geometry: geometry, repeating: 0)
        return SegmentationResult(
            labels: clear, componentIndex: Volume<UInt16>(geometry: geometry, repeating: 0), componentCount: 0,
            body: clear, distanceToSkinMm: zero, localFatFraction: zero, exclusions: [])
    }

    static func make(fields: TissueFields, height: BoneHeights, candidates: [Candidate]) -> SegmentationResult {
        let geometry = fields.geometry
        var labels = Volume<UInt8>(geometry: geometry, repeating: TissueLabel.none)
        var index = Volume<UInt16>(geometry: geometry, repeating: 0)
        labels.update { n, label in
            if fields.body.voxels[n] != 0, height[n] <= BoneHeights.edgeMm { label = TissueLabel.bone }
        }
        let deposits = candidates.filter { $0.fate == .deposit }
            .sorted { ($0.voxels.count, $1.voxels[0]) > ($1.voxels.count, $0.voxels[0]) }
            .prefix(Int(UInt16.max))
        for (number, deposit) in deposits.enumerated() {
            for n in deposit.voxels {
                labels.voxels[n] = TissueLabel.deposit
                index.voxels[n] = UInt16(number + 1)
            }
        }
        var exclusions = ExclusionTally()
        for candidate in candidates {
            switch candidate.fate {
            case .deposit, .tissue: break
            case .bone: for n in candidate.voxels { labels.voxels[n] = TissueLabel.bone }
            case .excluded(let cause):
                for n in candidate.voxels { labels.voxels[n] = TissueLabel.excluded }
                exclusions.add(cause, volumeMm3: candidate.volumeMm3)
            }
        }
        var metal = 0
        for n in labels.voxels.indices where fields.metal.voxels[n] != 0 {
            labels.voxels[n] = TissueLabel.metal
            index.voxels[n] = 0
            metal += 1
        }
        exclusions.add(.outsideSkin, count: fields.outside.count, volumeMm3: fields.outside.volumeMm3)
        if metal > 0 { exclusions.add(.metal, volumeMm3: Double(metal) * geometry.voxelVolumeMm3) }
        return SegmentationResult(
            labels: labels, componentIndex: index, componentCount: deposits.count, body: fields.body,
            distanceToSkinMm: fields.skinDistanceMm, localFatFraction: fields.fatFraction,
            exclusions: exclusions.entries)
    }
}

/// Exclusions summed by cause, in the order of `Exclusion.Cause`.
private struct ExclusionTally {
    private var counts: [Exclusion.Cause: (count: Int, volumeMm3: Double)] = [:]

    mutating func add(_ cause: Exclusion.Cause, count: Int = 1, volumeMm3: Double) {
        guard count > 0 else { return }
        let old = counts[cause] ?? (0, 0)
        counts[cause] = (old.count + count, old.volumeMm3 + volumeMm3)
    }

    var entries: [Exclusion] {
        Exclusion.Cause.allCases.compactMap { cause in
            counts[cause].map { Exclusion(cause: cause, count: $0.count, volumeMm3: $0.volumeMm3) }
        }
    }
}
