/// The prior examination's deposits where they would lie in the present one.
struct CarriedLesions {
    /// Present voxels, as linear indices, of each of the prior's lesions.
    private(set) var voxels: [[Int]]
    /// Whether the present images show the lesion's place: most of its volume is in their field.
    private(set) var isCovered: [Bool]

    private static let leastCoveredShare = 0.7
    private static let blockSide = 8

    init(_ prior: PriorExamination, onto grid: GridGeometry, by registration: ExaminationRegistration) {
        let g = prior.labels.geometry
        var lesionOf = [Int: Int]()
        for (n, lesion) in prior.lesions.enumerated() {
            lesionOf[Int(SegmentLabel.firstDeposit) + lesion.number - 1] = n
        }
        let extents = Self.extents(prior.labels)
        var found = [[Int]](repeating: [], count: prior.lesions.count)
        let sides = grid.spacing
        // A block can only meet a lesion whose box its middle comes near to.
        let radius = norm(sides) * Double(Self.blockSide) / 2 + 2
        registration.box.forEachBlock(side: Self.blockSide) { block in
            let near = registration.field.candidates(near: block.middle * sides, radius: radius)
            let at = registration.field(block.middle * sides, among: near)
            guard extents.contains(where: { $0.isNear(at, withinMm: 1.3 * radius) }) else { return }
            for k in block.slices {
                for j in block.rows {
                    for i in block.columns {
                        let p = registration.field(GridPoint(Double(i), Double(j), Double(k)) * sides, among: near)
                        guard let label = Self.nearest(prior.labels, p), label >= SegmentLabel.firstDeposit,
                            let lesion = lesionOf[Int(label)]
                        else { continue }
                        found[lesion].append(grid.index(i, j, k))
                    }
                }
            }
        }
        voxels = found
        let scale = g.voxelVolumeMm3 / grid.voxelVolumeMm3
        var counts = [Int](repeating: 0, count: prior.lesions.count)
        for label in prior.labels.voxels where label >= SegmentLabel.firstDeposit {
            if let lesion = lesionOf[Int(label)] { counts[lesion] += 1 }
        }
        isCovered = counts.indices.map {
            Double(found[$0].count) >= Self.leastCoveredShare * scale * Double(counts[$0]) && counts[$0] > 0
        }
    }

    /// The value of the voxel nearest to a place in mm; nil outside.
    static func nearest<Element>(_ volume: Volume<Element>, _ p: GridPoint) -> Element? {
        let g = volume.geometry
        let at = (p / g.spacing).rounded(.toNearestOrAwayFromZero)
        guard at.x >= 0, at.y >= 0, at.z >= 0, at.x < Double(g.columns), at.y < Double(g.rows), at.z < Double(g.slices)
        else { return nil }
        return volume[Int(at.x), Int(at.y), Int(at.z)]
    }

    private struct Extent {
        var low: GridPoint
        var high: GridPoint

        func isNear(_ p: GridPoint, withinMm distance: Double) -> Bool {
            let outside = pointwiseMax(pointwiseMax(low - p, p - high), .zero)
            return norm(outside) <= distance
        }
    }

    /// Boxes in mm around the deposits of a label volume.
    private static func extents(_ labels: Volume<UInt16>) -> [Extent] {
        let g = labels.geometry
        var boxes: [UInt16: Extent] = [:]
        for (n, label) in labels.voxels.enumerated() where label >= SegmentLabel.firstDeposit {
            let p = g.gridPoint(ofVoxel: n)
            let box = boxes[label] ?? Extent(low: p, high: p)
            boxes[label] = Extent(low: pointwiseMin(box.low, p), high: pointwiseMax(box.high, p))
        }
        return Array(boxes.values)
    }
}
