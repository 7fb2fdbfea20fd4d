/// A scan averaged to voxels of about 1 mm, with the phantom's body told from air and table.
struct CoarseScan {
    /// HU, slightly smoothed.
    let image: Volume<Float>
    /// HU as averaged.
    let raw: Volume<Float>
    /// Deeper than `depthMm` in the body, inserts included.
    let inside: Volume<UInt8>
    /// The most frequent CT number inside.
    let baseHU: Double
    /// Standard deviation of the smoothed image about the base.
    let noiseHU: Double

    private static let voxelMm = 1.0
    private static let smoothingMm = 0.8
    private static let depthMm = 3.0
    /// Thinner than twice this is table, tube or tape.
    private static let openingMm = 4.0
    /// Least cross-section of a phantom in mm2, about 3 cm across.
    private static let leastAreaMm2 = 700.0

    /// Nil when there is no phantom.
    init?(_ volume: Volume<Int16>) {
        let coarse = Self.averaged(volume)
        guard let body = Self.body(coarse) else { return nil }
        let deep = body.eroded(byMm: Self.depthMm)
        var smooth = coarse
        smooth.smooth(sigmaMm: Self.smoothingMm)
        guard let (base, noise) = Self.base(of: smooth, inside: deep) else { return nil }
        (raw, image, inside, baseHU, noiseHU) = (coarse, smooth, deep, base, noise)
    }

    private static func averaged(_ volume: Volume<Int16>) -> Volume<Float> {
        let g = volume.geometry
        let (a, b, c) = (
            max(1, Int(voxelMm / g.columnSpacingMm + 0.01)), max(1, Int(voxelMm / g.rowSpacingMm + 0.01)),
            max(1, Int(voxelMm / g.sliceSpacingMm + 0.01))
        )
        var target = g
        (target.columns, target.rows, target.slices) = (g.columns / a, g.rows / b, g.slices / c)
        target.columnSpacingMm *= Double(a)
        target.rowSpacingMm *= Double(b)
        target.sliceSpacingMm *= Double(c)
        var result = Volume<Float>(geometry: target, repeating: 0)
        let share = 1 / Float(a * b * c)
        volume.voxels.withUnsafeBufferPointer { voxels in
            result.voxels.withUnsafeMutableBufferPointer { sums in
                for k in 0..<(target.slices * c) {
                    for j in 0..<(target.rows * b) {
                        let from = g.index(0, j, k)
                        let to = target.index(0, j / b, k / c)
                        for i in 0..<(target.columns * a) { sums[to + i / a] += Float(voxels[from + i]) }
                    }
                }
                for n in sums.indices { sums[n] *= share }
            }
        }
        return result
    }

    /// Centre of coarse voxel (0, 0, 0) in mm from that of the fine volume's.
    static func offset(of coarse: GridGeometry, in fine: GridGeometry) -> SIMD3<Double> {
        0.5
            * SIMD3(
                coarse.columnSpacingMm - fine.columnSpacingMm, coarse.rowSpacingMm - fine.rowSpacingMm,
                coarse.sliceSpacingMm - fine.sliceSpacingMm)
    }

    private static func body(_ coarse: Volume<Float>) -> Volume<UInt8>? {
        let g = coarse.geometry
        let solid = Volume<UInt8>(geometry: g, voxels: coarse.voxels.map { $0 > -400 ? 1 : 0 })
        let parts = ConnectedComponents(of: solid.opened(byMm: openingMm), connectivity: .faces)
        guard
            let largest = parts.components.indices.max(by: {
                parts.components[$0].voxelCount < parts.components[$1].voxelCount
            })
        else { return nil }
        let area = Double(parts.components[largest].voxelCount) * g.columnSpacingMm * g.rowSpacingMm
        guard area / Double(g.slices) >= leastAreaMm2 else { return nil }
        return parts.mask { $0 == largest }.holesFilled()
    }

    private static func base(of image: Volume<Float>, inside: Volume<UInt8>) -> (hu: Double, noise: Double)? {
        var counts = [Int](repeating: 0, count: 1000)
        for n in image.voxels.indices where inside.voxels[n] != 0 {
            let bin = Int((image.voxels[n] + 500).rounded())
            if counts.indices.contains(bin) { counts[bin] += 1 }
        }
        guard let peak = counts.indices.max(by: { counts[$0] < counts[$1] }), counts[peak] > 0 else { return nil }
        // A single bin is a noisy maximum: the mean around it, moved along until it stays.
        var mode = Double(peak - 500)
        for _ in 0..<6 {
            var (sum, count) = (0.0, 0.0)
            for bin in max(0, Int(mode) + 485)...min(counts.count - 1, Int(mode) + 515) {
                sum += Double(counts[bin] * (bin - 500))
                count += Double(counts[bin])
            }
            if count > 0 { mode = sum / count }
        }
        // Half of the values below the mode lie within 0.6745 deviations of it; above it there are rods.
        let below = image.voxels.indices.lazy
            .filter {
                inside.voxels[$0] != 0 && Double(image.voxels[$0]) <= mode && Double(image.voxels[$0]) > mode - 100
            }
            .map { mode - Double(image.voxels[$0]) }.sorted()
        guard !below.isEmpty else { return (mode, 1) }
        return (mode, max(1, below[below.count / 2] / 0.6745))
    }
}
