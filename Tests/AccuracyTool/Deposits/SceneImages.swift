import DualEnergyCT

/// A scene sampled finely and averaged over each voxel, before blur.
struct PaintedScene {
    var low: Volume<Float>
    var high: Volume<Float>
    /// Shares of each voxel.
    var deposit: Volume<Float>
    var neighbour: Volume<Float>
    var bone: Volume<Float>
    var depositMm3 = 0.0

    init(_ anatomy: SceneAnatomy, geometry g: GridGeometry, shift: SIMD3<Float>) {
        low = Volume(geometry: g, repeating: 0)
        (high, deposit, neighbour, bone) = (low, low, low, low)
        func samples(_ spacing: Double) -> Int { max(1, Int((spacing / 0.24).rounded(.up))) }
        let (a, b, c) = (samples(g.columnSpacingMm), samples(g.rowSpacingMm), samples(g.sliceSpacingMm))
        let share = 1 / Float(a * b * c)
        let spacing = SIMD3(Float(g.columnSpacingMm), Float(g.rowSpacingMm), Float(g.sliceSpacingMm))
        let middle = 0.5 * SIMD3(Float(g.columns - 1), Float(g.rows - 1), Float(g.slices - 1)) - shift
        func offsets(_ count: Int) -> [Float] { (0..<count).map { (Float($0) + 0.5) / Float(count) - 0.5 } }
        let (x, y, z) = (offsets(a), offsets(b), offsets(c))
        for k in 0..<g.slices {
            for j in 0..<g.rows {
                for i in 0..<g.columns {
                    let n = g.index(i, j, k)
                    let at = SIMD3(Float(i), Float(j), Float(k)) - middle
                    var sum = SIMD2<Float>(0, 0)
                    var (own, other, hard) = (0, 0, 0)
                    for dz in z {
                        for dy in y {
                            for dx in x {
                                let matter = anatomy.matter(at: (at + SIMD3(dx, dy, dz)) * spacing)
                                sum += anatomy.numbers[matter]
                                switch matter {
                                case SceneAnatomy.Matter.deposit: own += 1
                                case SceneAnatomy.Matter.neighbour: other += 1
                                case SceneAnatomy.Matter.cortex, SceneAnatomy.Matter.marrow: hard += 1
                                default: break
                                }
                            }
                        }
                    }
                    (low.voxels[n], high.voxels[n]) = (sum.x * share, sum.y * share)
                    deposit.voxels[n] = Float(own) * share
                    neighbour.voxels[n] = Float(other) * share
                    bone.voxels[n] = Float(hard) * share
                }
            }
        }
        depositMm3 = deposit.voxels.reduce(0) { $0 + Double($1) } * g.voxelVolumeMm3
    }
}

/// Blur and noise of a scene.
enum SceneFilter {
    static func gaussian(_ volume: Volume<Float>, inPlaneMm: Double, axialMm: Double) -> Volume<Float> {
        var result = volume
        let g = volume.geometry
        let area = g.columns * g.rows
        convolve(&result.voxels, count: g.columns, stride: 1, sigma: inPlaneMm / g.columnSpacingMm)
        convolve(&result.voxels, count: g.rows, stride: g.columns, sigma: inPlaneMm / g.rowSpacingMm)
        convolve(&result.voxels, count: g.slices, stride: area, sigma: axialMm / g.sliceSpacingMm)
        return result
    }

    /// Along one axis; what lies beyond the border is the border's value.
    private static func convolve(_ voxels: inout [Float], count: Int, stride: Int, sigma: Double) {
        let radius = max(1, Int((4 * sigma).rounded(.up)))
        var kernel = (-radius...radius).map { Float(exponential(-0.5 * Double($0 * $0) / (sigma * sigma))) }
        let total = kernel.reduce(0, +)
        kernel = kernel.map { $0 / total }
        var line = [Float](repeating: 0, count: count)
        voxels.withUnsafeMutableBufferPointer { v in
            let block = count * stride
            for start in Swift.stride(from: 0, to: v.count, by: block) {
                for offset in 0..<stride {
                    let first = start + offset
                    for n in 0..<count { line[n] = v[first + n * stride] }
                    for n in 0..<count {
                        var sum: Float = 0
                        for t in -radius...radius { sum += kernel[t + radius] * line[min(max(n + t, 0), count - 1)] }
                        v[first + n * stride] = sum
                    }
                }
            }
        }
    }

    /// Adds noise that has little power at the lowest frequencies in plane, as filtered back-projection gives.
    static func noisy(
        _ clean: Volume<Float>, deviation: Double, grainMm: Double, sliceMm: Double, seed: UInt64
    ) -> Volume<Int16> {
        var generator = SeededNumbers(seed: seed)
        let g = clean.geometry
        let white = Volume<Float>(geometry: g, voxels: clean.voxels.map { _ in generator.grain() })
        let narrow = gaussian(white, inPlaneMm: grainMm, axialMm: 0.7 * sliceMm)
        let wide = gaussian(narrow, inPlaneMm: 2 * grainMm, axialMm: 0.01)
        let noise = zip(narrow.voxels, wide.voxels).map { $0 - 0.8 * $1 }
        let power = (noise.reduce(0) { $0 + $1 * $1 } / Float(noise.count)).squareRoot()
        let scale = Float(deviation) / power
        return Volume<Int16>(
            geometry: g,
            voxels: zip(clean.voxels, noise).map { Int16(min(max(($0 + scale * $1).rounded(), -1024), 3071)) })
    }
}
