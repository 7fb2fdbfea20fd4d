/// Pieces that are too wide for one bone beyond the wrist: rays that lie side by side, joined where noise or thick slices
/// close the gap, or with the wrist in one block.
///
/// They are eroded further and further until they fall apart. What does not is one bone.
struct WideBones {
    /// The heads of the metacarpals are 14 to 17 mm wide, two neighbours together over 30; by the measure of
    /// `PrincipalAxes` a rod counts a seventh more than it is.
    private static let widestMm: Float = 20
    /// From the erosion that all bones had to the waist of the thinnest metacarpal, in mm.
    private static let erosionsMm: [Double] = [1.2, 1.6, 2, 2.4, 2.8, 3.2, 3.6]
    /// What falls off must stand for a bone: half the size of the smallest carpal bone but the pisiform, in mm3.
    private static let leastCoreMm3 = 60.0
    /// A block of bones falls apart one by one.
    private static let rounds = 4

    private let mask: Volume<UInt8>

    /// - Parameter parted: 1 in bone without the joints that showed.
    init(_ parted: Volume<UInt8>) { mask = parted }

    /// Gives what falls off wide pieces labels of its own.
    func part(_ labels: inout Volume<Int32>) {
        var last = labels.voxels.max() ?? 0
        var looked = [Bool](repeating: false, count: Int(last) + 1)
        for _ in 0..<Self.rounds {
            looked += [Bool](repeating: false, count: Int(last) + 1 - looked.count)
            var members = [[Int]](repeating: [], count: looked.count)
            labels.voxels.withUnsafeBufferPointer { labels in
                for n in labels.indices where labels[n] > 0 && !looked[Int(labels[n])] {
                    members[Int(labels[n])].append(n)
                }
            }
            for (label, voxels) in members.enumerated() where !voxels.isEmpty {
                let shape = PrincipalAxes(voxels.map { labels.geometry.millimetres($0) })
                if shape.extents.y <= Self.widestMm || !part(Int32(label), voxels, &labels, &last) {
                    looked[label] = true
                }
            }
        }
    }

    /// - Returns: whether it fell apart.
    private func part(_ label: Int32, _ voxels: [Int], _ labels: inout Volume<Int32>, _ last: inout Int32) -> Bool {
        guard let box = labels.box(margins: SIMD3(repeating: 2), where: { $0 == label }) else { return false }
        let own = labels.cropped(to: box)
        let bone = mask.cropped(to: box)
        let g = own.geometry
        let piece = Volume<UInt8>(
            geometry: g, voxels: zip(own.voxels, bone.voxels).map { $0 == label && $1 != 0 ? 1 : 0 })
        let least = Int((Self.leastCoreMm3 / g.voxelVolumeMm3).rounded(.up))
        for erosion in Self.erosionsMm {
            let cores = ConnectedComponents(of: piece.eroded(byMm: erosion), connectivity: .faces).voxelLists()
                .filter { $0.count >= least }
            guard cores.count > 1 else { continue }
            var seeds = Volume<UInt8>(geometry: g, repeating: 0)
            var numbers = [Int32](repeating: 0, count: g.voxelCount)
            for (n, core) in cores.enumerated() {
                if n > 0 { last += 1 }
                for at in core { (seeds.voxels[at], numbers[at]) = (1, n == 0 ? label : last) }
            }
            let nearest = seeds.distanceMap(capMm: 20).nearest
            for k in 0..<g.slices {
                for j in 0..<g.rows {
                    let from = g.index(0, j, k)
                    let to = labels.geometry.index(
                        box.columns.lowerBound, box.rows.lowerBound + j, box.slices.lowerBound + k)
                    for i in 0..<g.columns where own.voxels[from + i] == label && nearest[from + i] >= 0 {
                        labels.voxels[to + i] = numbers[Int(nearest[from + i])]
                    }
                }
            }
            return true
        }
        return false
    }
}
