/// Measures the motion of each part of the body between the images of a pair.
struct EnergyRegistration {
    private let pair: DualEnergyPair
    private let grid: RegistrationGrid
    private let fine: PieceRegistration
    private let coarse: PieceRegistration
    private let target: PieceRegistration.Target

    /// Soft tissue ends and bone begins, in HU at low energy.
    private static let boneFloorHU: Float = 120
    private static let boneMaskHU: Float = 170
    private static let fineMm = 0.6
    private static let coarseMm = 2.0
    /// Slope from which a voxel tells something, in HU per mm.
    private static let steepness: Float = 70
    private static let reachMm = 14.0
    /// Air around the body that a moving part may come from or go to, in mm.
    private static let marginMm = 8.0

    /// Nil when the images show nothing to register by.
    init?(_ pair: DualEnergyPair, box body: VoxelBox) {
        self.pair = pair
        let box = Self.widened(body, in: pair.low.geometry)
        let grid = RegistrationGrid(pair.low.geometry, box: box)
        let floor = Self.boneFloorHU
        let soft = RegistrationImage(
            grid.means(pair.low) { min(Float($0), floor) }, start: grid.start)
        let bone = RegistrationImage(
            grid.means(pair.low) { max(Float($0) - floor, 0) }, start: grid.start)
        let high = RegistrationImage(grid.means(pair.high) { Float($0) }, start: grid.start)
        // A mean above the threshold of both shares together: bone, however thin.
        let mask = Volume<UInt8>(
            geometry: grid.geometry,
            voxels: zip(soft.volume.voxels, bone.volume.voxels).map { $0 + $1 > Self.boneMaskHU ? 1 : 0 })
        let pieces = BonePieces(of: mask)
        func parts(_ sigmaMm: Double) -> PieceRegistration {
            PieceRegistration(
                pieces: pieces, grid: grid, soft: soft.smoothed(sigmaMm: sigmaMm).volume,
                bone: bone.smoothed(sigmaMm: sigmaMm).volume, steepness: Self.steepness, reachMm: Self.reachMm)
        }
        fine = parts(Self.fineMm)
        guard fine.whole.points.count >= PieceRegistration.fewestSamples else { return nil }
        coarse = parts(Self.coarseMm)
        target = PieceRegistration.Target(
            coarse: high.smoothed(sigmaMm: Self.coarseMm), fine: high.smoothed(sigmaMm: Self.fineMm),
            contrast: Contrast(slope: 0.6, offset: 0, isFree: true))
        self.grid = grid
    }

    private static func widened(_ box: VoxelBox, in g: GridGeometry) -> VoxelBox {
        func range(_ range: Range<Int>, _ spacing: Double, _ count: Int) -> Range<Int> {
            let margin = Int(marginMm / spacing) + 1
            return max(0, range.lowerBound - margin)..<min(count, range.upperBound + margin)
        }
        return VoxelBox(
            columns: range(box.columns, g.columnSpacingMm, g.columns), rows: range(box.rows, g.rowSpacingMm, g.rows),
            slices: range(box.slices, g.sliceSpacingMm, g.slices))
    }

    func run() -> MeasuredMotion {
        let loose = RigidFit.Hold(shiftMm: 10, rotation: 0.3)
        var whole = coarse.whole.solve(
            from: .identity, in: target.coarse, contrast: target.contrast, hold: loose, rounds: 25)
        whole = fine.whole.solve(
            from: whole.motion, in: target.fine, contrast: whole.contrast, hold: loose, rounds: 12)
        if !fine.whole.isBetter(whole.motion, than: .identity, target.fine, whole.contrast) {
            whole.motion = .identity
        }
        var settled = target
        settled.contrast = whole.contrast
        let chain = PartChain(
            parts: fine.parts, coarseParts: coarse.parts, target: settled, whole: whole.motion,
            hold: RigidFit.Hold(shiftMm: 2, rotation: 0.08), starts: [.identity])
        // A part that fits as well where the whole went has not moved on its own.
        let motions = zip(fine.parts, chain.motions()).map { part, found -> PartMotion? in
            guard var motion = found else { return nil }
            if !part.fit.isBetter(motion.motion, than: whole.motion, target.fine, whole.contrast) {
                motion.motion = whole.motion
            }
            return motion
        }
        return MeasuredMotion(registration: fine, whole: whole, parts: motions)
    }
}

/// What a registration of the two energies found.
struct MeasuredMotion {
    let registration: PieceRegistration
    let whole: RigidFit.Outcome
    let parts: [PartMotion?]

    /// Root mean square displacement of the samples of a fit, in mm.
    private static func displacementMm(_ fit: RigidFit, _ motion: RigidMotion, from other: RigidMotion = .identity)
        -> Double
    {
        var sum = 0.0
        for p in fit.points {
            let d = motion(p) - other(p)
            sum += (d * d).sum()
        }
        return (sum / Double(max(1, fit.points.count))).squareRoot()
    }

    private var displacements: [(mm: Double, deviationMm: Double)] {
        var result = [(mm: Self.displacementMm(registration.whole, whole.motion), deviationMm: whole.deviationMm)]
        for (part, motion) in zip(registration.parts, parts) {
            guard let motion, motion.deviationMm.isFinite else { continue }
            result.append((Self.displacementMm(part.fit, motion.motion), motion.deviationMm))
        }
        return result
    }

    /// The largest displacement of a part or of the whole, in mm.
    var largestMm: Double { displacements.map(\.mm).max() ?? 0 }
    /// The same among those that exceed their standard deviation fourfold.
    var largestSureMm: Double { displacements.filter { $0.mm > 4 * $0.deviationMm }.map(\.mm).max() ?? 0 }

    /// Parts that moved otherwise than the whole by more than is left alone.
    var partsMoved: Int {
        zip(registration.parts, parts).count { part, motion in
            guard let motion else { return false }
            return Self.displacementMm(part.fit, motion.motion, from: whole.motion)
                > max(EnergyAlignment.leastMm, 4 * motion.deviationMm)
        }
    }

    /// The image at the places to which the body in the box has moved; unchanged outside the box.
    func resampled(_ image: Volume<Int16>, box: VoxelBox) -> Volume<Int16> {
        let g = image.geometry
        let field = MotionField(
            registration.pieces, grid: registration.grid, motions: parts.map { $0?.motion }, whole: whole.motion)
        // Room for what comes from beyond the box.
        let margin = 3 + Int((2 + largestMm) / min(g.columnSpacingMm, g.rowSpacingMm, g.sliceSpacingMm))
        func range(_ range: Range<Int>, _ count: Int) -> Range<Int> {
            max(0, range.lowerBound - margin)..<min(count, range.upperBound + margin)
        }
        let wide = VoxelBox(
            columns: range(box.columns, g.columns), rows: range(box.rows, g.rows), slices: range(box.slices, g.slices))
        guard min(wide.columns.count, wide.rows.count, wide.slices.count) >= CubicSpline.fewestVoxels else {
            return image
        }
        let spline = CubicSpline(image.cropped(to: wide))
        let first = GridPoint(
            Double(wide.columns.lowerBound), Double(wide.rows.lowerBound), Double(wide.slices.lowerBound))
        var result = image
        spline.withCoefficients { coefficients in
            result.voxels.withUnsafeMutableBufferPointer { target in
                box.forEachBlock(side: 8) { block in
                    let half =
                        GridPoint(
                            Double(block.columns.count), Double(block.rows.count), Double(block.slices.count)) / 2
                    let near = field.candidates(near: block.middle * g.spacing, radius: norm(half * g.spacing))
                    for k in block.slices {
                        for j in block.rows {
                            for i in block.columns {
                                let p = field(GridPoint(Double(i), Double(j), Double(k)) * g.spacing, among: near)
                                let value = spline.value(coefficients, p / g.spacing - first)
                                target[g.index(i, j, k)] = Int16(min(max(value, -32_000), 32_000).rounded())
                            }
                        }
                    }
                }
            }
        }
        return result
    }
}
