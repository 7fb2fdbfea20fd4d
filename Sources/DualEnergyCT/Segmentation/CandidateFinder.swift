/// Finds mineral above the expected bone surface.
package struct CandidateFinder {
    let input: SegmentationInput
    let fields: TissueFields
    let solver: TwoEnergySolver
    package let edge: CorticalEdge

    /// Never less than this density in mg/cm3, however quiet the images: below it tissue itself varies.
    static let leastFloor: Float = 22
    static let floorInNoise: Float = 3.2
    /// What exceeds the floor by this factor is no noise: about four and a half standard deviations.
    static let firmness: Float = 1.4
    /// Share of the largest density nearby that a voxel must have: the foot of a dense deposit's blur is not deposit.
    static let relativeFloor: Float = 0.32
    static let relativeReachMm = 2.0
    static let leastSkinDistanceMm: Float = 0.3
    static let nearAirMm: Float = 1.4

    package init(input: SegmentationInput, fields: TissueFields, solver: TwoEnergySolver) {
        self.input = input
        self.fields = fields
        self.solver = solver
        // The images' blur and the fields' own.
        let own = Float(TissueFields.smoothingMm)
        let blur = Float(input.pointSpreadSigmaMm)
        edge = CorticalEdge(sigmaMm: (blur * blur + own * own).squareRoot())
    }

    /// The candidates with their features; their fate is not decided yet.
    package func find(surface: BoneSurface) -> (candidates: [Candidate], height: BoneHeights) {
        let height = BoneHeights(surface: surface, skinDistanceMm: fields.skinDistanceMm)
        let widths = widths(of: surface)
        let excess = excess(over: height, widthsMm: widths)
        let nearby = excess.maximumFiltered(radiusMm: CandidateFinder.relativeReachMm)
        let mask = Volume<UInt8>(geometry: fields.geometry) { range, mask in
            for n in range {
                let isIn =
                    excess.voxels[n] > 0 && excess.voxels[n] > CandidateFinder.relativeFloor * nearby.voxels[n]
                (mask + n).initialize(to: isIn ? 1 : 0)
            }
        }
        let components = ConnectedComponents(of: mask, connectivity: .faces)
        let candidates = components.voxelLists().map { voxels in
            describe(voxels, densities: voxels.map { excess.voxels[$0] }, height: height, widthsMm: widths)
        }
        return (candidates, height)
    }

    /// Widths in mm of the edge at each point of bone.
    package func widths(of surface: BoneSurface) -> [Float] {
        surface.points.map { edge.edge(peak: $0.density, fullDensity: $0.fullDensity).widthMm }
    }

    /// Density in mg/cm3 that the blur of the cortex leaves beyond its surface: a Gaussian edge of the cortex' own
    /// density; where another bone lies opposite, as in a joint, of both.
    @inline(__always)
    func tail(at n: Int, heightMm: Float, _ heights: BoneHeights, widthsMm: [Float]) -> Float {
        let surface = heights.surface
        guard heightMm < 4 * edge.sigmaMm, let p = surface.pointIndex(nearestTo: n) else { return 0 }
        let own = surface.points[p].fullDensity * edge.remainder(heightMm: heightMm, widthMm: widthsMm[p])
        guard let facing = surface.facing(n, within: 4 * edge.sigmaMm) else { return own }
        // No slice lies clear of both bones: nothing can be seen in such a gap.
        if heightMm + facing.heightMm < 4 * heights.stepMm(n) { return .infinity }
        let other = surface.points[facing.point].fullDensity
        return own + other * edge.remainder(heightMm: facing.heightMm, widthMm: widthsMm[facing.point])
    }

    /// Density in mg/cm3 of what is no bone, where it exceeds the floor of its place; else 0.
    private func excess(over height: BoneHeights, widthsMm: [Float]) -> Volume<Float> {
        return Volume(geometry: fields.geometry) { range, excess in
            for n in range {
                (excess + n).initialize(to: 0)
                let e = height[n]
                let skin = fields.skinDistanceMm.voxels[n]
                guard skin > CandidateFinder.leastSkinDistanceMm, e > BoneHeights.edgeMm, fields.metal.voxels[n] == 0
                else { continue }
                // Near air only the plain estimate holds: air and fat differ from muscle in the same direction.
                let local = skin < CandidateFinder.nearAirMm ? 0 : fields.onLocalTissue.voxels[n]
                guard local > floor(at: n) || fields.onMuscle.voxels[n] > denseFloor(at: n) else { continue }
                let tail = tail(at: n, heightMm: e, height, widthsMm: widthsMm)
                let density = skin < CandidateFinder.nearAirMm ? 0 : local - tail
                if density > floor(at: n) { excess[n] = density }
                // Urate holds no calcium, so the estimate that leaves the tissue free does not see it.
                let onMuscle = fields.onMuscle.voxels[n] - tail
                if onMuscle > max(density, denseFloor(at: n)) { excess[n] = onMuscle }
            }
        }
    }

    /// Above this density in mg/cm3 on muscle nothing is soft tissue: tendon and skin read up to 40.
    @inline(__always)
    private func denseFloor(at n: Int) -> Float { max(50, 5 * fields.onMuscleNoise * fields.starvation(at: n)) }

    @inline(__always)
    private func floor(at n: Int) -> Float {
        max(CandidateFinder.leastFloor, CandidateFinder.floorInNoise * fields.localNoise.voxels[n])
    }

    /// - Parameter densities: of the voxels, in mg/cm3 over their tissue and the blur of bone.
    package func describe(
        _ voxels: [Int], densities: [Float], height: BoneHeights, widthsMm: [Float]
    ) -> Candidate {
        let voxelVolume = fields.geometry.voxelVolumeMm3
        var peak: Float = 0
        var firm = 0
        var fat: Float = 0
        var proud = 0
        var least = Float.infinity
        var largest = -Float.infinity
        var skin: Float = 0
        var leastSkin = Float.infinity
        for (n, density) in zip(voxels, densities) {
            peak = max(peak, density)
            if density > min(CandidateFinder.firmness * floor(at: n), 1.2 * denseFloor(at: n)) { firm += 1 }
            least = min(least, height[n])
            largest = max(largest, height[n])
            if height[n] > 1.2 { proud += 1 }
            fat += fields.fatFraction.voxels[n]
            skin += fields.skinDistanceMm.voxels[n]
            leastSkin = min(leastSkin, fields.skinDistanceMm.voxels[n])
        }
        let g = fields.geometry
        let cut = voxels.count { n in
            let c = g.coordinates(n)
            return c.i == 0 || c.j == 0 || c.k == 0 || c.i == g.columns - 1 || c.j == g.rows - 1
                || c.k == g.slices - 1
        }
        let tails = voxels.map { tail(at: $0, heightMm: height[$0], height, widthsMm: widthsMm) }
        let pooled = pool(voxels, tails: tails, height: height)
        var candidate = Candidate(
            voxels: voxels, volumeMm3: Double(voxels.count) * voxelVolume, leastHeightMm: least,
            largestHeightMm: largest, proudShare: Double(proud) / Double(voxels.count), peak: peak,
            firmVolumeMm3: Double(firm) * voxelVolume, excessLowHU: pooled.low, excessHighHU: pooled.high,
            pooledFreeDensity: pooled.density, pooledFreeNoise: pooled.noise, pooledOnMuscle: pooled.onMuscle,
            pooledTail: pooled.tail,
            meanSkinDistanceMm: skin / Float(voxels.count), leastSkinDistanceMm: leastSkin,
            innerRadiusMm: innerRadiusMm(voxels),
            shape: PrincipalAxes(voxels.map { g.gridPosition($0) }), fatAround: fat / Float(voxels.count),
            cutShare: Double(cut) / Double(voxels.count))
        candidate.compactness = g.compactness(of: voxels)
        candidate.corticalDensity = height.surface.corticalDensity
        candidate.measure(against: height, density: fields.onMuscle)
        if let metal = fields.metalDistanceMm {
            candidate.metalDistanceMm = voxels.lazy.map { metal.voxels[$0] }.min() ?? .infinity
        }
        return candidate
    }

    /// Radius in mm of the largest ball inside, from its centre to that of the nearest voxel outside; 6 at most.
    private func innerRadiusMm(_ voxels: [Int]) -> Float {
        let mask = fields.geometry.localMask(of: voxels).mask
        return mask.complement().squaredDistancesMm2(capMm: 6).voxels.max()?.squareRoot() ?? 0
    }

    /// Mean raw excess over the local tissue; away from bone when enough of the candidate is.
    private func pool(_ voxels: [Int], tails: [Float], height: BoneHeights) -> Pooled {
        let away = voxels.indices.filter {
            height[voxels[$0]] > 1 && fields.skinDistanceMm.voxels[voxels[$0]] > 1.2
        }
        var used = away.count >= 12 ? away : Array(voxels.indices)
        if away.count < 12 {
            // At the skin the outer voxels hold air.
            let depths = voxels.map { fields.skinDistanceMm.voxels[$0] }.sorted()
            let middle = depths[depths.count / 2]
            if middle < 1.5 { used = used.filter { fields.skinDistanceMm.voxels[voxels[$0]] >= middle } }
        }
        var (low, high, tail, fatLow, fatHigh) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for index in used {
            let n = voxels[index]
            low += Double(Float(input.low.voxels[n]) - solver.muscleLow)
            high += Double(Float(input.high.voxels[n]) - solver.muscleHigh)
            tail += Double(tails[index])
            fatLow += Double(fields.fatFraction.voxels[n] * solver.fatLow)
            fatHigh += Double(fields.fatFraction.voxels[n] * solver.fatHigh)
        }
        let count = Double(used.count)
        (low, high, tail) = (low / count, high / count, tail / count)
        let weight = Double(solver.lowWeight)
        let onMuscle = weight * low / Double(solver.mineralLow) + (1 - weight) * high / Double(solver.mineralHigh)
        // Density with the tissue left free does not depend on the fat that is taken off.
        let density = solver.free(Float(low) + solver.muscleLow, Float(high) + solver.muscleHigh).density
        low -= fatLow / count
        high -= fatHigh / count
        // Neighbouring voxels share noise: about one independent sample a cubic millimetre.
        let samples = max(1, Double(used.count) * fields.geometry.voxelVolumeMm3 / CandidateRules.mm3OfSample)
        let determinant = Double(solver.mineralLow * solver.fatHigh - solver.mineralHigh * solver.fatLow)
        let fromLow = Double(solver.fatHigh) / determinant * input.noiseLowHU
        let fromHigh = Double(solver.fatLow) / determinant * input.noiseHighHU
        let starvation = used.reduce(0) { $0 + Double(fields.starvation(at: voxels[$1])) } / count
        let noise = starvation * ((fromLow * fromLow + fromHigh * fromHigh) / samples).squareRoot()
        return Pooled(low: low, high: high, density: Double(density), noise: noise, tail: tail, onMuscle: onMuscle)
    }

    private struct Pooled {
        var low, high: Double
        var density, noise: Double
        var tail, onMuscle: Double
    }
}
