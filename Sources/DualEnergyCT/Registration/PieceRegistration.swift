/// The parts of one image with the samples that find their motions.
package struct PieceRegistration: Sendable {
    package struct Part: Sendable {
        var fit: RigidFit
        var voxelCount: Int
        /// Parts beside this one with the gap to them in mm.
        var neighbours: [(part: Int, gapMm: Double)] = []
    }

    package let pieces: BonePieces
    let grid: RegistrationGrid
    /// Part n belongs to piece n + 1.
    package var parts: [Part]
    /// Samples of the whole image.
    let whole: RigidFit

    /// Samples of one part and of the whole at most.
    private static let partSamples = 2500
    private static let wholeSamples = 20_000
    /// Fewest samples that make a fit.
    static let fewestSamples = 60

    /// - Parameters:
    ///   - soft, bone: the two shares of the image on the grid of the registration, smoothed.
    ///   - steepness: slope in the image's unit per mm from which a voxel tells something about motion.
    ///   - reachMm: how far from its bone the soft tissue counts for a part.
    ///   - excluded: voxels that tell nothing.
    init(
        pieces: BonePieces, grid: RegistrationGrid, soft: Volume<Float>?, bone: Volume<Float>, steepness: Float,
        reachMm: Double, excluded: Volume<UInt8>? = nil
    ) {
        self.pieces = pieces
        self.grid = grid
        let g = grid.geometry
        var edges = Self.edges(soft: soft, bone: bone, steepness: steepness)
        if let excluded { edges.removeAll { excluded.voxels[$0] != 0 } }
        let mask = Volume<UInt8>(geometry: g, voxels: pieces.labels.voxels.map { $0 == 0 ? 0 : 1 })
        let distances = mask.distanceMap(capMm: reachMm)
        var lists = [[Int]](repeating: [], count: pieces.count)
        for n in edges {
            let bone = distances.nearest[n]
            guard bone >= 0 else { continue }
            lists[Int(pieces.labels.voxels[Int(bone)]) - 1].append(n)
        }
        func fit(_ voxels: [Int], limit: Int) -> RigidFit {
            let step = max(1, (voxels.count + limit - 1) / limit)
            var fit = RigidFit()
            for index in stride(from: 0, to: voxels.count, by: step) {
                let n = voxels[index]
                fit.points.append(grid.point(n))
                fit.soft.append(soft?.voxels[n] ?? 0)
                fit.bone.append(bone.voxels[n])
            }
            return fit
        }
        var counts = [Int](repeating: 0, count: pieces.count)
        for label in pieces.labels.voxels where label > 0 { counts[Int(label) - 1] += 1 }
        parts = lists.indices.map { Part(fit: fit(lists[$0], limit: Self.partSamples), voxelCount: counts[$0]) }
        whole = fit(edges, limit: Self.wholeSamples)
        for (pair, gap) in Self.gaps(pieces, distances) {
            parts[pair.0].neighbours.append((pair.1, gap))
            parts[pair.1].neighbours.append((pair.0, gap))
        }
    }

    /// Voxels where the image is steep.
    private static func edges(soft: Volume<Float>?, bone: Volume<Float>, steepness: Float) -> [Int] {
        let g = bone.geometry
        guard g.columns > 2, g.rows > 2, g.slices > 2 else { return [] }
        let area = g.columns * g.rows
        let limit = steepness * steepness
        let (dx, dy, dz) = (
            Float(1 / (2 * g.columnSpacingMm)), Float(1 / (2 * g.rowSpacingMm)), Float(1 / (2 * g.sliceSpacingMm))
        )
        var result: [Int] = []
        func value(_ b: UnsafeBufferPointer<Float>, _ s: UnsafeBufferPointer<Float>?, _ n: Int) -> Float {
            0.7 * b[n] + (s?[n] ?? 0)
        }
        func scan(_ b: UnsafeBufferPointer<Float>, _ s: UnsafeBufferPointer<Float>?) {
            for k in 1..<(g.slices - 1) {
                for j in 1..<(g.rows - 1) {
                    let row = g.index(0, j, k)
                    for n in (row + 1)..<(row + g.columns - 1) {
                        let x = (value(b, s, n + 1) - value(b, s, n - 1)) * dx
                        let y = (value(b, s, n + g.columns) - value(b, s, n - g.columns)) * dy
                        let z = (value(b, s, n + area) - value(b, s, n - area)) * dz
                        if x * x + y * y + z * z > limit { result.append(n) }
                    }
                }
            }
        }
        bone.voxels.withUnsafeBufferPointer { b in
            if let soft { soft.voxels.withUnsafeBufferPointer { scan(b, $0) } } else { scan(b, nil) }
        }
        return result
    }

    /// Pairs of parts whose territories meet, with the least gap between their bones in mm, in a fixed order.
    private static func gaps(_ pieces: BonePieces, _ distances: DistanceMap) -> [((Int, Int), Double)] {
        let g = pieces.labels.geometry
        var least: [Int: Float] = [:]
        func owner(_ n: Int) -> Int {
            let bone = distances.nearest[n]
            return bone < 0 ? 0 : Int(pieces.labels.voxels[Int(bone)])
        }
        for n in pieces.labels.voxels.indices {
            let a = owner(n)
            guard a > 0 else { continue }
            let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
            for (isIn, m) in [
                (i + 1 < g.columns, n + 1), (j + 1 < g.rows, n + g.columns),
                (k + 1 < g.slices, n + g.columns * g.rows),
            ] where isIn {
                let b = owner(m)
                guard b > 0, b != a else { continue }
                let gap =
                    distances.squaredMm2.voxels[n].squareRoot() + distances.squaredMm2.voxels[m].squareRoot()
                let key = min(a, b) * 8192 + max(a, b)
                least[key] = min(least[key] ?? .infinity, gap)
            }
        }
        return least.sorted { $0.key < $1.key }.map { (($0.key / 8192 - 1, $0.key % 8192 - 1), Double($0.value)) }
    }
}

/// The motion found for one part.
package struct PartMotion: Sendable {
    package var motion: RigidMotion
    /// Mean squared residual with its ceiling, and what it was without the part's own motion.
    package var cost: Double
    package var costBefore: Double
    package var deviationMm: Double
    package var coveredShare: Double
}

extension PieceRegistration {
    /// What the other image shows, coarse and fine, and how it differs in contrast.
    struct Target: Sendable {
        var coarse: RegistrationImage
        var fine: RegistrationImage
        var contrast: Contrast
    }

    /// This image's parts at both levels: the samples are the same, their values differ.
    struct Levels: Sendable {
        var coarse: PieceRegistration
        var fine: PieceRegistration
    }
}

/// Registers part by part: the best known first, each neighbour from where its neighbour went.
struct PartChain {
    let parts: [PieceRegistration.Part]
    let coarseParts: [PieceRegistration.Part]
    let target: PieceRegistration.Target
    let whole: RigidMotion
    /// Rotations about the joint with the neighbour that a start is tried with, in radians.
    var jointTurns: [GridPoint] = [.zero]
    var hold: RigidFit.Hold
    /// Other starts for every part.
    var starts: [RigidMotion] = []

    private static let farthestGapMm = 14.0

    func motions() -> [PartMotion?] {
        var result = [PartMotion?](repeating: nil, count: parts.count)
        let usable = parts.indices.filter { parts[$0].fit.points.count >= PieceRegistration.fewestSamples }
        guard let first = root(usable) else { return result }
        result[first] = fit(first, from: [whole] + starts)
        var waiting = Set(usable)
        waiting.remove(first)
        while !waiting.isEmpty {
            let next = nearest(waiting, done: result)
            waiting.remove(next.part)
            var candidates = [whole] + starts
            for (other, gap) in parts[next.part].neighbours where gap < Self.farthestGapMm {
                guard let motion = result[other]?.motion else { continue }
                let joint = joint(between: next.part, and: other)
                for turn in jointTurns {
                    candidates.append(RigidMotion(rotation: turn, about: joint).then(motion))
                }
            }
            result[next.part] = fit(next.part, from: candidates)
        }
        return result
    }

    /// The large part that the motion of the whole suits best.
    private func root(_ usable: [Int]) -> Int? {
        guard let largest = usable.map({ parts[$0].voxelCount }).max() else { return nil }
        return usable.filter { 3 * parts[$0].voxelCount > largest }.min {
            quality($0) < quality($1)
        }
    }

    private func quality(_ n: Int) -> Double {
        coarseParts[n].fit.cost(whole, target.coarse, target.contrast, every: 4)
    }

    /// The waiting part with the smallest gap to a done one; the first waiting one where none is near.
    private func nearest(_ waiting: Set<Int>, done: [PartMotion?]) -> (part: Int, gap: Double) {
        var best = (part: waiting.min() ?? 0, gap: Double.infinity)
        for part in waiting.sorted() {
            for (other, gap) in parts[part].neighbours where done[other] != nil && gap < best.gap { best = (part, gap) }
        }
        return best
    }

    /// Where two parts are nearest to each other: between the part's sample nearest to the other's middle.
    private func joint(between part: Int, and other: Int) -> GridPoint {
        let middle = parts[other].fit.centre
        return parts[part].fit.points.min { norm($0 - middle) < norm($1 - middle) } ?? middle
    }

    private func fit(_ n: Int, from candidates: [RigidMotion]) -> PartMotion {
        let (coarse, fine) = (coarseParts[n].fit, parts[n].fit)
        let step = max(1, coarse.points.count / 400)
        let scored = candidates.enumerated().map {
            (index: $0.offset, cost: coarse.cost($0.element, target.coarse, target.contrast, every: step))
        }.sorted { ($0.cost, $0.index) < ($1.cost, $1.index) }
        var best: RigidFit.Outcome?
        for entry in scored.prefix(candidates.count > 8 ? 3 : 2) {
            var outcome = coarse.solve(
                from: candidates[entry.index], in: target.coarse, contrast: target.contrast, hold: hold, rounds: 15)
            outcome = fine.solve(
                from: outcome.motion, in: target.fine, contrast: target.contrast, hold: hold, rounds: 12)
            if outcome.cost < best?.cost ?? .infinity { best = outcome }
        }
        let start = candidates[scored[0].index]
        let before = fine.cost(start, target.fine, target.contrast)
        // A start that no step improves is the answer: nothing moved, or the neighbour's motion is this part's.
        guard let best, best.cost <= before, best.deviationMm.isFinite else {
            return PartMotion(
                motion: start, cost: before, costBefore: before, deviationMm: .infinity,
                coveredShare: fine.coveredShare(start, target.fine))
        }
        return PartMotion(
            motion: best.motion, cost: best.cost, costBefore: before, deviationMm: best.deviationMm,
            coveredShare: best.coveredShare)
    }
}
