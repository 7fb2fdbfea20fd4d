/// Bones without a visible marrow cavity: small distal phalanges, and shafts narrower than the blur.
///
/// A dense, elongated body that carries on from the end of a bone, along that bone's axis, is the next bone of the
/// chain. What lies beside a shaft, or is much less dense than the neighbour's cortex, is not.
package struct SolidBones {
    let fields: TissueFields
    let surface: BoneSurface
    private let bones: [Bone]
    private let grid: PointGrid
    private let boneOfPoint: [Int]

    /// Share of the neighbouring cortex' density that the core must reach.
    static let leastRelativeDensity: Float = 0.5
    static let leastLengthMm: Float = 5
    static let leastElongation: Float = 1.3
    /// Its least width as a share of the bone's that it continues, whose width is that of a tube of marrow, 1.4 times a solid
    /// core's of the same radius: a stone before the end of a metacarpal is narrower than any phalanx that follows it.
    static let leastRelativeWidth: Float = 0.35
    /// Widest joint space that the chain may cross, from marrow to core, in mm.
    static let reachMm: Float = 6.5
    /// From marrow to what stands on the bone, in mm, at most.
    static let cortexMm: Float = 2.5

    private struct Bone {
        var shape: PrincipalAxes
        var density: Float
        var isElongated: Bool { shape.extents.x > 1.5 * shape.extents.y }
    }

    package init(fields: TissueFields, surface: BoneSurface, seeds: Volume<UInt8>) {
        self.fields = fields
        self.surface = surface
        let components = ConnectedComponents(of: seeds, connectivity: .facesEdgesAndCorners)
        var members = [[Int]](repeating: [], count: components.components.count)
        var boneOfPoint = [Int](repeating: 0, count: surface.points.count)
        for (n, point) in surface.points.enumerated() {
            let bone = components.number(at: Int(point.voxel)) - 1
            boneOfPoint[n] = bone
            members[bone].append(n)
        }
        self.boneOfPoint = boneOfPoint
        bones = members.map { list in
            var densities = ValueHistogram(step: 8)
            for n in list { densities.add(surface.points[n].density) }
            return Bone(
                shape: PrincipalAxes(list.map { surface.points[$0].position }),
                density: densities.percentile(0.5) ?? .infinity)
        }
        grid = PointGrid(surface.points.map(\.position), cellMm: SolidBones.reachMm)
    }

    /// The cores among the candidates that are bone, as voxels to add to the seeds.
    package func cores(of candidates: [Candidate]) -> [[Int]] {
        candidates.compactMap { candidate in
            guard candidate.fate == .deposit, candidate.volumeMm3 > 10 else { return nil }
            let core = denseCore(candidate)
            return core.count >= 8 && continuesABone(core) ? core : nil
        }
    }

    /// Whether another bone's marrow lies at the flank of a core, no further than a cortex: the next bone of a chain
    /// is alone in its place, a deposit at a joint stands on the bone that is there.
    private func liesBeside(anotherThan bone: Int, _ core: PrincipalAxes) -> Bool {
        let reach = 0.5 * core.extents.y + SolidBones.cortexMm
        let from = core.centre
        return surface.points.indices.contains { n in
            guard boneOfPoint[n] != bone else { return false }
            let way = surface.points[n].position - from
            let along = (way * core.axis).sum()
            return abs(along) < 0.35 * core.extents.x && (way * way).sum() - along * along < reach * reach
        }
    }

    /// The largest connected part above 0.6 of the candidate's own density.
    private func denseCore(_ candidate: Candidate) -> [Int] {
        var densities = ValueHistogram(step: 8)
        for n in candidate.voxels { densities.add(fields.onMuscle.voxels[n]) }
        guard let top = densities.percentile(0.95) else { return [] }
        let dense = candidate.voxels.filter { fields.onMuscle.voxels[$0] > 0.6 * top }
        guard !dense.isEmpty else { return [] }
        let (box, mask) = fields.geometry.localMask(of: dense)
        let lists = ConnectedComponents(of: mask, connectivity: .facesEdgesAndCorners).voxelLists()
        guard let largest = lists.max(by: { $0.count < $1.count }) else { return [] }
        return largest.map { fields.geometry.index(fromLocal: $0, in: box) }
    }

    private func continuesABone(_ core: [Int]) -> Bool {
        let positions = core.map { fields.geometry.gridPosition($0) }
        let shape = PrincipalAxes(positions)
        guard shape.extents.x >= SolidBones.leastLengthMm,
            shape.extents.x >= SolidBones.leastElongation * shape.extents.y
        else { return false }
        let density =
            positions.reduce(Float(0)) {
                $0 + TrilinearSampler(geometry: fields.geometry).value(fields.onMuscle, at: $1)
            } / Float(positions.count)
        return [shape.axis, -1 * shape.axis].contains { outward in
            // The end of the core that faces the bone.
            let least = positions.map { (($0 - shape.centre) * outward).sum() }.min() ?? 0
            let end = shape.centre + least * outward
            var near: [Int: (count: Float, position: SIMD3<Float>, normal: SIMD3<Float>)] = [:]
            grid.forEachNeighbour(of: end, within: SolidBones.reachMm) { n in
                let point = surface.points[n]
                let old = near[boneOfPoint[n]] ?? (0, SIMD3(repeating: 0), SIMD3(repeating: 0))
                near[boneOfPoint[n]] = (old.count + 1, old.position + point.position, old.normal + point.normal)
            }
            return near.contains { number, facing in
                let bone = bones[number]
                // Only shafts go on in a bone without a cavity; what lies before a carpal bone is a deposit.
                guard facing.count >= 6, density > SolidBones.leastRelativeDensity * bone.density, bone.isElongated,
                    shape.extents.y > SolidBones.leastRelativeWidth * bone.shape.extents.y
                else { return false }
                // The core leaves the bone's end, not its side.
                let toEnd = end - bone.shape.centre
                let along = (toEnd * bone.shape.axis).sum()
                guard abs(along) > 0.3 * bone.shape.extents.x else { return false }
                let direction = along > 0 ? bone.shape.axis : -1 * bone.shape.axis
                guard (direction * outward).sum() > 0.5 else { return false }
                let lateral = toEnd - along * bone.shape.axis
                if (lateral * lateral).sum().squareRoot() > 2 + 0.5 * bone.shape.extents.y { return false }
                let toBone = facing.position / facing.count - end
                let length = (toBone * toBone).sum().squareRoot()
                let aim = -(toBone * outward).sum() / max(length, 0.1)
                let normal = (facing.normal * outward).sum() / facing.count
                return aim > 0.75 && normal > 0.1 && !liesBeside(anotherThan: number, shape)
            }
        }
    }
}

extension GridGeometry {
    /// The box around some voxels with one voxel of margin, and their mask inside it.
    package func localMask(of voxels: [Int]) -> (box: VoxelBox, mask: Volume<UInt8>) {
        var low = (i: columns, j: rows, k: slices)
        var high = (i: 0, j: 0, k: 0)
        for n in voxels {
            let c = coordinates(n)
            low = (min(low.i, c.i), min(low.j, c.j), min(low.k, c.k))
            high = (max(high.i, c.i), max(high.j, c.j), max(high.k, c.k))
        }
        let box = VoxelBox(
            columns: max(low.i - 1, 0)..<min(high.i + 2, columns), rows: max(low.j - 1, 0)..<min(high.j + 2, rows),
            slices: max(low.k - 1, 0)..<min(high.k + 2, slices))
        var mask = Volume<UInt8>(geometry: cropped(to: box), repeating: 0)
        for n in voxels {
            let c = coordinates(n)
            mask[c.i - box.columns.lowerBound, c.j - box.rows.lowerBound, c.k - box.slices.lowerBound] = 1
        }
        return (box, mask)
    }

    /// The linear index in this grid of a voxel of a box.
    package func index(fromLocal n: Int, in box: VoxelBox) -> Int {
        let i = n % box.columns.count
        let j = n / box.columns.count % box.rows.count
        let k = n / (box.columns.count * box.rows.count)
        return index(box.columns.lowerBound + i, box.rows.lowerBound + j, box.slices.lowerBound + k)
    }
}
