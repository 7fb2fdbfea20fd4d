/// The noise of a pair from a few parts of it: as good as from all of it, at a cost that does not grow.
enum NoiseSample {
    private static let parts = 3
    private static let slicesOfPart = 24

    /// Nil where no part holds enough soft tissue.
    static func measure(_ pair: DualEnergyPair) -> NoiseEstimate? {
        median(parts(of: pair).compactMap { NoiseEstimate.measure(low: $0.low, high: $0.high) })
    }

    /// The images of the parts that are measured.
    static func parts(of pair: DualEnergyPair) -> [(low: Volume<Int16>, high: Volume<Int16>)] {
        let g = pair.low.geometry
        return slices(of: g.slices).map { range in
            let box = VoxelBox(columns: 0..<g.columns, rows: 0..<g.rows, slices: range)
            return (pair.low.cropped(to: box), pair.high.cropped(to: box))
        }
    }

    /// The parts that are measured: evenly over the scan, all of a short one.
    static func slices(of count: Int) -> [Range<Int>] {
        guard count > parts * slicesOfPart else { return [0..<count] }
        return (0..<parts).map { part in
            let first = (2 * part + 1) * count / (2 * parts) - slicesOfPart / 2
            return first..<(first + slicesOfPart)
        }
    }

    /// The part in the middle by the product of both variances.
    static func median(_ estimates: [NoiseEstimate]) -> NoiseEstimate? {
        let sorted = estimates.sorted { $0.voxel.low * $0.voxel.high < $1.voxel.low * $1.voxel.high }
        return sorted.isEmpty ? nil : sorted[sorted.count / 2]
    }
}
