/// Urate beside bone. Without calcium it reads little more than muscle, and on that baseline only its core does so where
/// fat lies around; the borders of muscle and fat that run along bone join the core with all that is no urate.
extension CandidateFinder {
    /// How far in mm urate reaches beyond its core.
    static let rimMm = 1.0

    /// The cores of urate in a piece that is no deposit by itself, with their rims; none of them shares a voxel with another.
    ///
    /// - Parameters:
    ///   - widthsMm: of the edge at each point of bone.
    ///   - taken: voxels of all pieces, which a rim leaves alone but for the candidate's own.
    package func urate(
        in candidate: Candidate, rules: CandidateRules, height: BoneHeights, widthsMm: [Float], taken: Set<Int>
    ) -> [Candidate] {
        let voxelMm3 = fields.geometry.voxelVolumeMm3
        guard Double(candidate.voxels.count) * voxelMm3 >= CandidateRules.leastUrateMm3 else { return [] }
        func onMuscle(_ n: Int) -> Float {
            fields.onMuscle.voxels[n] - tail(at: n, heightMm: height[n], height, widthsMm: widthsMm)
        }
        func described(_ voxels: [Int]) -> Candidate {
            describe(voxels, densities: voxels.map(onMuscle), height: height, widthsMm: widthsMm)
        }
        let dense = candidate.voxels.filter { onMuscle($0) > Float(CandidateRules.mostLeanDensity) }
        guard Double(dense.count) * voxelMm3 >= CandidateRules.leastUrateMm3 else { return [] }
        let (box, mask) = fields.geometry.localMask(of: dense)
        let cores = ConnectedComponents(of: mask, connectivity: .faces).voxelLists()
            .filter { Double($0.count) * voxelMm3 >= CandidateRules.leastUrateMm3 }
            .map { core in core.map { fields.geometry.index(fromLocal: $0, in: box) } }
            .filter { rules.isDenseWithoutCalcium(described($0)) }
        let candidatesOwn = Set(candidate.voxels)
        var used = Set(cores.joined())
        return cores.compactMap { core in
            let voxels = withRim(core, height: height, onMuscle: onMuscle) { n in
                !used.contains(n) && (candidatesOwn.contains(n) || !taken.contains(n))
            }
            used.formUnion(voxels)
            var whole = described(voxels)
            guard rules.isClearOfNoise(whole), whole.excessLowHU >= CandidateRules.leastExcessWithoutCalciumHU else {
                return nil
            }
            whole.fate = .deposit
            return whole
        }
    }

    /// To half of the way between a core and the tissue around it.
    private func withRim(
        _ core: [Int], height: BoneHeights, onMuscle: (Int) -> Float, isFree: (Int) -> Bool
    ) -> [Int] {
        let g = fields.geometry
        let count = Float(core.count)
        let inside = core.reduce(0) { $0 + onMuscle($1) } / count
        let fat = core.reduce(0) { $0 + fields.fatFraction.voxels[$1] } / count
        let half = 0.5 * (inside + fat * solver.fatOnMuscle)
        var voxels = core
        var isOwn = Set(core)
        let places = PointGrid(core.map { g.gridPosition($0) }, cellMm: Float(Self.rimMm))
        var next = 0
        while next < voxels.count {
            let own = voxels[next]
            next += 1
            g.forEachFaceNeighbour(of: own) { n, _ in
                guard !isOwn.contains(n), isFree(n), height[n] > BoneHeights.edgeMm,
                    fields.metal.voxels[n] == 0,
                    fields.skinDistanceMm.voxels[n] > Self.nearAirMm, onMuscle(n) > half
                else { return }
                var isNear = false
                places.forEachNeighbour(of: g.gridPosition(n), within: Float(Self.rimMm)) { _ in isNear = true }
                guard isNear else { return }
                isOwn.insert(n)
                voxels.append(n)
            }
        }
        return voxels.sorted()
    }
}
