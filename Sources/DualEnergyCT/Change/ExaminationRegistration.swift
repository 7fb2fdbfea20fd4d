/// Lays a prior examination over the present one, bone by bone: fingers are held otherwise each time.
struct ExaminationRegistration {
    /// From mm on the present grid to mm on the prior one.
    let field: MotionField
    /// Median distance between the bone surfaces of both after registration, in mm.
    let residualMm: Double
    /// The part of the present grid that holds bone and deposits, with their surroundings.
    let box: VoxelBox

    private static let finestMm = 0.9
    private static let fineMm = 0.6
    private static let coarseMm = 2.0
    private static let startMm = 4.0
    /// Slope from which a voxel tells something, in mg/cm3 per mm.
    private static let steepness: Float = 40
    private static let marginMm = 14.0
    /// Joints may have turned by these angles, in degrees.
    private static let jointDegrees = [-30.0, -15, 15, 30]
    /// Part of the bones that must have found their places.
    private static let leastFoundShare = 0.6

    /// Nil when there is no bone in both, or the bones of the one are not found in the other.
    init?(
        labels: Volume<UInt16>, density: Volume<Int16>, priorLabels: Volume<UInt16>, priorDensity: Volume<Int16>
    ) {
        guard let box = Self.box(of: labels), let priorBox = Self.box(of: priorLabels) else { return nil }
        self.box = box
        let grid = RegistrationGrid(labels.geometry, box: box, finestMm: Self.finestMm)
        let priorGrid = RegistrationGrid(priorLabels.geometry, box: priorBox, finestMm: Self.finestMm)
        let mineral = Self.mineral(density, on: grid)
        let prior = Self.mineral(priorDensity, on: priorGrid)
        let pieces = BonePieces(of: Self.mask(labels, on: grid) { $0 == SegmentLabel.bone })
        let deposits = Self.mask(labels, on: grid) { $0 >= SegmentLabel.firstDeposit }
        func parts(_ sigmaMm: Double) -> PieceRegistration {
            PieceRegistration(
                pieces: pieces, grid: grid, soft: nil, bone: mineral.smoothed(sigmaMm: sigmaMm).volume,
                steepness: Self.steepness, reachMm: 3, excluded: deposits)
        }
        let (fine, coarse) = (parts(Self.fineMm), parts(Self.coarseMm))
        guard pieces.count > 0, fine.whole.points.count >= PieceRegistration.fewestSamples else { return nil }
        let target = PieceRegistration.Target(
            coarse: prior.smoothed(sigmaMm: Self.coarseMm), fine: prior.smoothed(sigmaMm: Self.fineMm),
            contrast: Contrast())
        let blurred = parts(Self.startMm)
        let starts = BoneAxes.starts(from: labels, to: priorLabels)
        let whole = Self.wholeMotion(
            blurred.whole, coarse.whole, prior.smoothed(sigmaMm: Self.startMm), target, starts: starts)
        let chain = PartChain(
            parts: fine.parts, coarseParts: coarse.parts, target: target, whole: whole, jointTurns: Self.jointTurns,
            hold: RigidFit.Hold(shiftMm: 3, rotation: 0.3))
        let motions = chain.motions()
        let ceiling = RigidFit.costCeiling * RigidFit.costCeiling / 4
        var (found, total) = (0, 0)
        let good = zip(fine.parts, motions).map { part, motion -> RigidMotion? in
            total += part.voxelCount
            guard let motion, motion.coveredShare > 0.7, motion.cost < ceiling else { return nil }
            found += part.voxelCount
            return motion.motion
        }
        guard Double(found) > Self.leastFoundShare * Double(total) else { return nil }
        field = MotionField(pieces, grid: grid, motions: good, whole: whole)
        residualMm = Self.residual(
            pieces, good, grid, field, prior: Self.mask(priorLabels, on: priorGrid) { $0 == SegmentLabel.bone },
            priorGrid)
    }

    private static var jointTurns: [GridPoint] {
        let axes = [GridPoint(1, 0, 0), GridPoint(0, 1, 0), GridPoint(0, 0, 1)]
        return [.zero] + axes.flatMap { axis in jointDegrees.map { ($0 * .pi / 180) * axis } }
    }

    /// Density without what is below that of soft tissue, in mg/cm3.
    private static func mineral(_ tenths: Volume<Int16>, on grid: RegistrationGrid) -> RegistrationImage {
        RegistrationImage(grid.means(tenths) { max(0, min(900, Float($0) / 10)) }, start: grid.start)
    }

    private static func mask(
        _ labels: Volume<UInt16>, on grid: RegistrationGrid, _ isIn: (UInt16) -> Bool
    ) -> Volume<UInt8> {
        let shares = grid.means(labels) { isIn($0) ? 1 : 0 }
        return Volume(geometry: grid.geometry, voxels: shares.voxels.map { $0 > 0.45 ? 1 : 0 })
    }

    /// The box of bone and deposits with a margin.
    private static func box(of labels: Volume<UInt16>) -> VoxelBox? {
        let g = labels.geometry
        let spacings = [g.columnSpacingMm, g.rowSpacingMm, g.sliceSpacingMm]
        let margins = spacings.map { Int(marginMm / $0) + 1 }
        return labels.box(margins: SIMD3(margins)) { $0 == SegmentLabel.bone || $0 >= SegmentLabel.firstDeposit }
    }

    /// The best of several starts: the hand may lie anywhere and any way round.
    private static func wholeMotion(
        _ blurred: RigidFit, _ coarse: RigidFit, _ blurredTarget: RegistrationImage,
        _ target: PieceRegistration.Target, starts: [RigidMotion]
    ) -> RigidMotion {
        let loose = RigidFit.Hold(shiftMm: 60, rotation: 1)
        let step = max(1, blurred.points.count / 800)
        let ranked = starts.enumerated().map {
            (index: $0.offset, cost: blurred.cost($0.element, blurredTarget, target.contrast, every: step))
        }.sorted { ($0.cost, $0.index) < ($1.cost, $1.index) }
        var best: RigidFit.Outcome?
        for entry in ranked.prefix(6) {
            let first = blurred.solve(
                from: starts[entry.index], in: blurredTarget, contrast: target.contrast, hold: loose, rounds: 30)
            let second = coarse.solve(
                from: first.motion, in: target.coarse, contrast: target.contrast, hold: loose, rounds: 20)
            if second.cost < best?.cost ?? .infinity { best = second }
        }
        return best?.motion ?? .identity
    }

    /// Median distance between the surfaces of found bones and the prior's.
    private static func residual(
        _ pieces: BonePieces, _ motions: [RigidMotion?], _ grid: RegistrationGrid, _ field: MotionField,
        prior: Volume<UInt8>, _ priorGrid: RegistrationGrid
    ) -> Double {
        let inside = prior.squaredDistancesMm2(capMm: 10)
        let outside = prior.complement().squaredDistancesMm2(capMm: 10)
        let half = norm(priorGrid.geometry.spacing) / 2 / 3.0.squareRoot()
        // Distance to the surface, positive outside; surfaces lie half a voxel off the last centres.
        let signed = Volume<Float>(
            geometry: prior.geometry,
            voxels: prior.voxels.indices.map {
                prior.voxels[$0] == 0
                    ? inside.voxels[$0].squareRoot() - Float(half) : Float(half) - outside.voxels[$0].squareRoot()
            })
        let image = RegistrationImage(signed, start: priorGrid.start)
        let g = pieces.labels.geometry
        var distances: [Double] = []
        let area = g.columns * g.rows
        image.volume.voxels.withUnsafeBufferPointer { v in
            for n in area..<max(area, g.voxelCount - area) {
                let label = Int(pieces.labels.voxels[n])
                guard label > 0, motions[label - 1] != nil else { continue }
                for m in [n + 1, n + g.columns, n + area] where pieces.labels.voxels[m] == 0 {
                    // The surface is between this voxel and its empty neighbour.
                    let p = field(0.5 * (grid.point(n) + grid.point(m)))
                    let at = (p - image.start) / image.volume.geometry.spacing
                    if let sample = RegistrationImage.sample(v, image.volume.geometry, at: at) {
                        distances.append(abs(sample.value))
                    }
                }
            }
        }
        guard !distances.isEmpty else { return .infinity }
        distances.sort()
        return distances[distances.count / 2]
    }
}

/// Where all the bone of a scan lies and which way it runs: starts for a registration.
private enum BoneAxes {
    /// Patient coordinates as they are, and bones laid over bones in every way that turns axes into axes, each also
    /// shifted along the limb: the one scan may have begun earlier.
    static func starts(from labels: Volume<UInt16>, to prior: Volume<UInt16>) -> [RigidMotion] {
        guard let a = frame(labels), let b = frame(prior) else { return [.identity] }
        let (g, h) = (labels.geometry, prior.geometry)
        // Rows of the matrix that takes directions of the present grid to those of the prior one.
        let from = [g.rowDirection, g.columnDirection, g.sliceDirection]
        let to = [h.rowDirection, h.columnDirection, h.sliceDirection]
        func row(_ n: Int) -> GridPoint { GridPoint(to[n].dot(from[0]), to[n].dot(from[1]), to[n].dot(from[2])) }
        let turn = RigidMotion(rows: (row(0), row(1), row(2)), offset: .zero)
        let zero = h.gridPoint(g.origin)
        var rotations = [turn]
        for (s, t) in [(1.0, 1.0), (1, -1), (-1, 1), (-1, -1)] {
            // Third axis by the right hand, so that no mirror comes in.
            let signs = GridPoint(s, t, s * t)
            func entry(_ r: Int, _ c: Int) -> Double {
                (0..<3).reduce(0) { $0 + signs[$1] * b.axes[$1][r] * a.axes[$1][c] }
            }
            func line(_ r: Int) -> GridPoint { GridPoint(entry(r, 0), entry(r, 1), entry(r, 2)) }
            rotations.append(RigidMotion(rows: (line(0), line(1), line(2)), offset: .zero))
        }
        var result = [turn.then(RigidMotion(shift: zero))]
        for rotation in rotations {
            for shift in [0.0, -12, 12, -25, 25, -40, 40] {
                let place = b.centre + shift * b.axes[0] - rotation(a.centre)
                result.append(rotation.then(RigidMotion(shift: place)))
            }
        }
        return result
    }

    /// Centre and principal axes, longest first, right-handed, in mm of the grid.
    private static func frame(_ labels: Volume<UInt16>) -> (centre: GridPoint, axes: [GridPoint])? {
        let g = labels.geometry
        var (sum, count) = (GridPoint.zero, 0.0)
        var points: [GridPoint] = []
        for n in stride(from: 0, to: labels.voxels.count, by: 7) where labels.voxels[n] == SegmentLabel.bone {
            let p = g.gridPoint(ofVoxel: n)
            points.append(p)
            sum += p
            count += 1
        }
        guard count > 10 else { return nil }
        let centre = sum / count
        var m = [[Double]](repeating: [0, 0, 0], count: 3)
        for p in points {
            let d = p - centre
            for r in 0..<3 { for c in 0..<3 { m[r][c] += d[r] * d[c] / count } }
        }
        let first = dominant(m)
        var along = 0.0
        for r in 0..<3 { for c in 0..<3 { along += first[r] * m[r][c] * first[c] } }
        for r in 0..<3 { for c in 0..<3 { m[r][c] -= along * first[r] * first[c] } }
        let second = dominant(m)
        let straight = second - (second * first).sum() * first
        let unit = straight / norm(straight)
        return (centre, [first, unit, crossProduct(first, unit)])
    }

    /// The axis of the largest spread, by the power method.
    private static func dominant(_ m: [[Double]]) -> GridPoint {
        var v = GridPoint(0.36, 0.48, 0.8)
        for _ in 0..<200 {
            let next = GridPoint(
                m[0][0] * v.x + m[0][1] * v.y + m[0][2] * v.z, m[1][0] * v.x + m[1][1] * v.y + m[1][2] * v.z,
                m[2][0] * v.x + m[2][1] * v.y + m[2][2] * v.z)
            let length = norm(next)
            guard length > 1e-12 else { return v }
            v = next / length
        }
        return v
    }
}
