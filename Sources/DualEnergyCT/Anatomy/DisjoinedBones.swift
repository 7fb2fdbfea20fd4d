/// One bone, or what the images show as one: its shape in millimetres of the grid (column, row, slice times spacing).
package struct BonePiece: Sendable {
    package var centre: SIMD3<Float>
    /// Unit vector of the long axis; its sign is free until a chain gives it one.
    package var axis: SIMD3<Float>
    /// The two ends of the long axis: means of the outermost tenths along it.
    package var ends: (SIMD3<Float>, SIMD3<Float>)
    /// Extents along the three principal axes in mm, longest first.
    package var extents: SIMD3<Float>
    /// Cross-section at steps of a millimetre along the axis, from `ends.0` on, in voxels; empty for a bone that is
    /// given by its ends alone.
    package var profile: [Float]
    /// Its number in `DisjoinedBones.labels`; 0 for a bone that is given by its shape alone.
    package var number: Int32 = 0
    /// Least and largest of its voxels' centres along columns, rows and slices.
    package var bounds: (SIMD3<Float>, SIMD3<Float>)

    package var lengthMm: Float { (ends.1 - ends.0).magnitude }
    package var isElongated: Bool { extents.x > 1.35 * extents.y }

    package init(positions: [SIMD3<Float>]) {
        let shape = PrincipalAxes(positions)
        (centre, axis, extents) = (shape.centre, shape.axis, shape.extents)
        bounds = positions.reduce((positions[0], positions[0])) { (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1)) }
        let along = positions.map { ($0 - shape.centre).dot(shape.axis) }
        let sorted = along.sorted()
        let low = sorted[sorted.count / 50]
        let high = sorted[sorted.count - 1 - sorted.count / 50]
        // Where the axis leaves the bone: on the axis itself, so that a broad base pulls it to no side.
        ends = (shape.centre + low * shape.axis, shape.centre + high * shape.axis)
        profile = [Float](repeating: 0, count: max(1, Int(high - low)))
        for at in along where at >= low && at < high {
            profile[min(Int(Float(profile.count) * (at - low) / (high - low)), profile.count - 1)] += 1
        }
    }

    /// Turns the bone so that its axis points along a direction.
    package mutating func orient(towards direction: SIMD3<Float>) {
        if (ends.1 - ends.0).dot(direction) < 0 {
            ends = (ends.1, ends.0)
            profile.reverse()
        }
        axis = (ends.1 - ends.0).direction
    }

    /// Distance in mm from a point to the line between both ends.
    package func distance(to point: SIMD3<Float>) -> Float {
        let line = ends.1 - ends.0
        let share = min(max((point - ends.0).dot(line) / max(line.dot(line), 1e-6), 0), 1)
        return (point - ends.0 - share * line).magnitude
    }
}

/// The bones of a mask taken apart at their joints.
///
/// A joint shows as a thin dark sheet between two bright plates, also where the mask runs across it: what a closing
/// fills there is cut out unless it is marrow, the rest is eroded until it falls apart, and every voxel of bone joins the
/// nearest remainder.
package struct DisjoinedBones: Sendable {
    /// Half the width of the widest joint space that is looked for, in mm.
    static let closingMm = 1.4
    /// Share of the height of the plates by which a joint is darker.
    static let leastDepth: Float = 0.3
    /// Share of that depth which is a cavity in two of the three families of planes, at most: a joint's sheet comes to the
    /// bone's surface in every plane but those along it. Narrow marrow cavities and the gaps of thin spongiosa are as dark
    /// and as thin, and closed.
    static let mostCavity: Float = 0.3
    /// Dense cortex counts as one height: the depth of a joint matters, not the brightness of its plates. Over soft tissue.
    static let heightsHU: ClosedRange<Float> = -250...1000
    static let erosionMm = 0.8
    /// The smallest remainder that stands for a bone, in mm3.
    static let leastCoreMm3 = 12.0
    /// A piece whose contact with another is larger than this share of its own size (volume to the power of 2/3) is a
    /// slice cut off that bone: spongiosa between thin plates looks like a joint. Joints reach 1, slices 2 to 5.
    static let mostContact = 1.5

    package private(set) var pieces: [BonePiece] = []
    /// 0, or the number of the piece from 1, on the grid of the mask.
    package private(set) var labels: Volume<Int32>

    /// - Parameters:
    ///   - bone: 1 in bone, marrow included.
    ///   - image: CT numbers in HU on the same grid.
    ///   - softHU: CT number of soft tissue.
    package init(bone: Volume<UInt8>, image: Volume<Int16>, softHU: Float) {
        labels = Volume(geometry: bone.geometry, repeating: 0)
        guard let box = bone.box(margins: SIMD3(repeating: 4), where: { $0 != 0 }) else { return }
        let mask = bone.cropped(to: box)
        let g = mask.geometry
        let heights: Volume<Float> = image.cropped(to: box).map {
            min(max(Float($0) - softHU, Self.heightsHU.lowerBound), Self.heightsHU.upperBound)
        }
        let parted = Self.withoutJoints(mask, heights)
        let least = Int((Self.leastCoreMm3 / g.voxelVolumeMm3).rounded(.up))
        // Small bones vanish when eroded: what no core came from is tried again with less, at last as it is.
        var cores = Volume<Int32>(geometry: g, repeating: 0)
        var count: Int32 = 0
        for tried in [parted.eroded(byMm: Self.erosionMm), parted.eroded(byMm: 0.4 * Self.erosionMm), parted, mask] {
            count = cores.add(ConnectedComponents(of: tried, connectivity: .faces), leastVoxels: least, after: count)
        }
        guard count > 0 else { return }
        let seeds: Volume<UInt8> = cores.map { $0 > 0 ? 1 : 0 }
        let nearest = seeds.distanceMap(capMm: 6).nearest
        var found = Volume<Int32>(geometry: g) { range, found in
            for n in range {
                let isFound = mask.voxels[n] != 0 && nearest[n] >= 0
                (found + n).initialize(to: isFound ? cores.voxels[Int(nearest[n])] : 0)
            }
        }
        found.merge(Self.fragments(found, count: Int(count)))
        WideBones(parted).part(&found)
        collect(found, box)
    }

    private mutating func collect(_ found: Volume<Int32>, _ box: VoxelBox) {
        let g = found.geometry
        var members: [[SIMD3<Float>]] = []
        var index: [Int32: Int] = [:]
        for k in 0..<g.slices {
            for j in 0..<g.rows {
                let from = g.index(0, j, k)
                let to = labels.geometry.index(
                    box.columns.lowerBound, box.rows.lowerBound + j, box.slices.lowerBound + k)
                for i in 0..<g.columns where found.voxels[from + i] > 0 {
                    let label = found.voxels[from + i]
                    if index[label] == nil {
                        index[label] = members.count
                        members.append([])
                    }
                    labels.voxels[to + i] = Int32(index[label]! + 1)
                    members[index[label]!].append(labels.geometry.millimetres(to + i))
                }
            }
        }
        pieces = members.enumerated().map { number, positions in
            var piece = BonePiece(positions: positions)
            piece.number = Int32(number + 1)
            return piece
        }
    }

    private static func withoutJoints(_ mask: Volume<UInt8>, _ heights: Volume<Float>) -> Volume<UInt8> {
        let raised = heights.maximumFiltered(radiusMm: closingMm)
        let lowered = raised.map { -$0 }.maximumFiltered(radiusMm: closingMm)
        // A deposit around a joint must not hold the water back that comes out of it.
        var floor = heights
        floor.update { n, height in if mask.voxels[n] == 0 { height = min(height, 0) } }
        let cavities = floor.deepestCavities(outlet: mask.complement(), range: heightsHU)
        var result = mask
        result.update { n, isBone in
            guard isBone != 0 else { return }
            let closing = -lowered.voxels[n]
            let depth = closing - heights.voxels[n]
            guard closing > 100, depth > leastDepth * closing else { return }
            if cavities.second.voxels[n] < mostCavity * depth { isBone = 0 }
        }
        return result
    }

    /// For each piece the one that it belongs to: itself, or the bone that it is a slice of.
    private static func fragments(_ labels: Volume<Int32>, count: Int) -> [Int32] {
        let g = labels.geometry
        var volumes = [Double](repeating: 0, count: count + 1)
        for label in labels.voxels where label > 0 { volumes[Int(label)] += g.voxelVolumeMm3 }
        var contacts: [Int64: Double] = [:]
        let axes = [
            (stride: 1, last: { $0 % g.columns == g.columns - 1 }, area: g.rowSpacingMm * g.sliceSpacingMm),
            (
                stride: g.columns, last: { $0 / g.columns % g.rows == g.rows - 1 },
                area: g.columnSpacingMm * g.sliceSpacingMm
            ),
            (stride: g.columns * g.rows, last: { (_: Int) in false }, area: g.columnSpacingMm * g.rowSpacingMm),
        ]
        for axis in axes {
            for n in 0..<max(labels.voxels.count - axis.stride, 0) where labels.voxels[n] > 0 {
                let (here, other) = (labels.voxels[n], labels.voxels[n + axis.stride])
                guard other > 0, other != here, !axis.last(n) else { continue }
                contacts[Int64(min(here, other)) << 32 | Int64(max(here, other)), default: 0] += axis.area
            }
        }
        var parent = (0...count).map { Int32($0) }
        func root(_ n: Int32) -> Int32 {
            var n = n
            while parent[Int(n)] != n { n = parent[Int(n)] }
            return n
        }
        for (key, area) in contacts.sorted(by: { $0.key < $1.key }) {
            let (a, b) = (Int32(key >> 32), Int32(key & 0xffff_ffff))
            let smaller = min(volumes[Int(a)], volumes[Int(b)])
            let size = cubeRoot(smaller * smaller)
            if area > mostContact * size { parent[Int(max(root(a), root(b)))] = min(root(a), root(b)) }
        }
        return parent.indices.map { root(Int32($0)) }
    }
}

extension Volume where Element == Int32 {
    /// Adds the components that hold none of the labels yet, numbered on from `count`.
    /// - Returns: the last number.
    fileprivate mutating func add(_ found: ConnectedComponents, leastVoxels: Int, after count: Int32) -> Int32 {
        var last = count
        for list in found.voxelLists() where list.count >= leastVoxels && !list.contains(where: { voxels[$0] > 0 }) {
            last += 1
            for n in list { voxels[n] = last }
        }
        return last
    }

    /// Gives each label the one that stands for it.
    fileprivate mutating func merge(_ roots: [Int32]) {
        for n in voxels.indices where voxels[n] > 0 { voxels[n] = roots[Int(voxels[n])] }
    }
}

extension SIMD3<Float> {
    package func dot(_ other: Self) -> Float { (self * other).sum() }
    package func cross(_ b: Self) -> Self {
        Self(y * b.z - z * b.y, z * b.x - x * b.z, x * b.y - y * b.x)
    }
    package var magnitude: Float { dot(self).squareRoot() }
    /// The unit vector, or zero for a vector without length.
    package var direction: Self { magnitude > 1e-6 ? self / magnitude : Self(repeating: 0) }
}

extension GridGeometry {
    /// Centre of a voxel in mm along columns, rows and slices, from voxel (0, 0, 0): right-handed, as the patient is.
    package func millimetres(_ index: Int) -> SIMD3<Float> {
        let (i, j, k) = (index % columns, index / columns % rows, index / (columns * rows))
        return SIMD3(
            Float(Double(i) * columnSpacingMm), Float(Double(j) * rowSpacingMm), Float(Double(k) * sliceSpacingMm))
    }
}
