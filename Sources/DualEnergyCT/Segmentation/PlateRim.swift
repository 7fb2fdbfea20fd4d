/// The rim of a flat bone: its plate, carried on in its own plane and no thicker.
///
/// Towards its rim the two cortices of a blade (scapula, ilium) come closer than the blur and no marrow is seen between
/// them, so the seed of marrow stops short. Calcinosis that rests on a plate lies on its face, where the bone below is
/// many times wider than what stands on it.
struct PlateRim {
    let fields: TissueFields
    let surface: BoneSurface
    /// Height of each voxel above the expected bone surface in mm.
    let height: BoneHeights

    /// Thickest plate, its least width along the rim and away from it, in mm, and their least ratio to the thickness: no
    /// phalanx is so flat, and no shaft in both directions.
    static let thickestMm: Float = 10
    static let leastWidthMm: Float = 9
    static let leastFlatness: Float = 2.5
    /// Towards its tip a blade narrows in its own plane as well. It is wider further in, where it is wider than any bone
    /// of a finger and still flat; and its tip goes on thinning.
    static let tipMm: [Float] = [6, 9, 12]
    static let bladeWidthMm: Float = 16
    static let bladeFlatness: Float = 2
    static let thinning: Float = 0.7
    /// How far inside of the marrow the plate is measured, in mm.
    static let insideMm: Float = 3
    /// By how much the rim may be thicker than the plate, as a factor and in mm.
    static let thickening: Float = 1.1
    static let looseMm: Float = 0.5
    /// Share of the candidate that must be as dense as half of its densest part, and of that the share that must lie
    /// beside a plate, and of that the share that must be no thicker.
    static let leastSolidShare = 0.6
    static let leastShare = 0.5
    static let leastThinShare = 0.75
    private static let samples = 60
    private static let directions = 12
    /// Sine of the angle by which the way out of the marrow may leave the plate's plane: beyond it leads out of a face.
    private static let mostAslant: Float = 0.7
    private static let stepMm: Float = 0.3
    private static let farthestMm: Float = 26

    func contains(_ candidate: Candidate) -> Bool {
        guard candidate.touchesBone, candidate.relativeDensity > CandidateRules.leastHeldDensity else { return false }
        var densities = ValueHistogram(step: 8)
        for n in candidate.voxels { densities.add(fields.onMuscle.voxels[n]) }
        let solid = 0.5 * (densities.percentile(0.75) ?? 0)
        let stride = max(1, candidate.voxels.count / Self.samples)
        var (thin, onPlate, solids, all) = (0, 0, 0, 0)
        for at in Swift.stride(from: 0, to: candidate.voxels.count, by: stride) {
            let voxel = candidate.voxels[at]
            // Only what is near a bone says how thick that is.
            guard let point = surface.pointIndex(nearestTo: voxel) else { continue }
            all += 1
            guard fields.onMuscle.voxels[voxel] > solid else { continue }
            solids += 1
            guard let isThin = continuesPlate(voxel, surface.points[point].position, solid: solid) else { continue }
            onPlate += 1
            if isThin { thin += 1 }
        }
        return solids > 0 && Double(solids) >= Self.leastSolidShare * Double(all)
            && Double(onPlate) >= Self.leastShare * Double(solids)
            && Double(thin) >= Self.leastThinShare * Double(onPlate)
    }

    /// Whether a voxel's stretch across the plate is no longer than the plate is thick; nil where it is beside no plate.
    private func continuesPlate(_ voxel: Int, _ marrow: SIMD3<Float>, solid: Float) -> Bool? {
        let place = fields.geometry.gridPosition(voxel)
        let outward = (place - marrow).direction
        let inside = marrow - Self.insideMm * outward
        // The nearest voxel of marrow may lie aslant: across the way out as it is, and across the plate itself.
        let (a, b) = outward.crossSection
        let across = (0..<Self.directions).map { n -> SIMD3<Float> in
            let angle = Double.pi * Double(n) / Double(Self.directions)
            return Float(cosine(angle)) * a + Float(sine(angle)) * b
        }
        let isThin = [across, SIMD3<Float>.neighbourDirections].compactMap { directions -> Bool? in
            let plate = thinnest(at: inside, of: directions, solid: solid)
            let aslant = outward.dot(plate.along)
            guard plate.mm > 0, plate.mm <= Self.thickestMm, abs(aslant) < Self.mostAslant else { return nil }
            let outInPlane = (outward - aslant * plate.along).direction
            let least = max(Self.leastWidthMm, Self.leastFlatness * plate.mm)
            guard reach(from: inside, along: -1 * outInPlane, solid: solid) >= least else { return nil }
            let own = extent(at: place, along: plate.along, solid: solid)
            let width = outInPlane.cross(plate.along)
            if extent(at: inside, along: width, solid: solid) >= least {
                return own <= Self.thickening * plate.mm + Self.looseMm
            }
            let isBlade = Self.tipMm.contains { way in
                let deeper = inside - way * outInPlane
                let thickness = extent(at: deeper, along: plate.along, solid: solid)
                return thickness > 0 && thickness <= Self.thickestMm
                    && extent(at: deeper, along: width, solid: solid)
                        >= max(Self.bladeWidthMm, Self.bladeFlatness * thickness)
            }
            return isBlade && own <= Self.thinning * plate.mm ? true : nil
        }
        return isThin.isEmpty ? nil : isThin.contains(true)
    }

    /// The direction along which the solid through a place is thinnest.
    private func thinnest(
        at place: SIMD3<Float>, of directions: [SIMD3<Float>], solid: Float
    ) -> (mm: Float, along: SIMD3<Float>) {
        directions.map { (extent(at: place, along: $0, solid: solid), $0) }.min { $0.0 < $1.0 } ?? (0, directions[0])
    }

    /// Length in mm of the solid stretch through a place; 0 where that is not solid.
    private func extent(at place: SIMD3<Float>, along direction: SIMD3<Float>, solid: Float) -> Float {
        guard isSolid(place, solid) else { return 0 }
        return Self.stepMm + reach(from: place, along: direction, solid: solid)
            + reach(from: place, along: -1 * direction, solid: solid)
    }

    private func reach(from place: SIMD3<Float>, along direction: SIMD3<Float>, solid: Float) -> Float {
        var way = Self.stepMm
        while way < Self.farthestMm, isSolid(place + way * direction, solid) { way += Self.stepMm }
        return way - Self.stepMm
    }

    private func isSolid(_ place: SIMD3<Float>, _ solid: Float) -> Bool {
        let g = fields.geometry
        let at = (place / g.spacingMm).rounded(.toNearestOrEven)
        guard at.x >= 0, at.y >= 0, at.z >= 0, at.x < Float(g.columns), at.y < Float(g.rows), at.z < Float(g.slices)
        else { return false }
        let n = g.index(Int(at.x), Int(at.y), Int(at.z))
        return height[n] <= BoneHeights.edgeMm || fields.onMuscle.voxels[n] > solid
    }
}
