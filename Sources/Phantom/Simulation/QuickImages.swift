import DualEnergyCT

/// Images without projections: the CT number of each material behind one depth of water, blurred, with textured noise.
struct QuickImages: Sendable {
    let object: any PaintedObject
    let frame: ScanFrame
    let pair: SpectrumPair
    let seed: UInt64
    /// Standard deviation of the in-plane blur in mm, beyond the pixel's own aperture.
    private let blurMm = 0.38

    func make() -> (low: Volume<Int16>, high: Volume<Int16>) {
        var table = [SIMD4<Float>](repeating: SIMD4(-1000, -1000, 0, 0), count: 256)
        for (label, mixture) in object.mixtures {
            table[Int(label)] = SIMD4(
                Float(pair.filteredLow.effectiveHU(of: mixture, waterCm: frame.scan.quickWaterCm)),
                Float(pair.filteredHigh.effectiveHU(of: mixture, waterCm: frame.scan.quickWaterCm)), 0, 0)
        }
        let sampler = SliceSampler(object: object, frame: frame, cellsPerPixel: 1, table: table)
        let kernel = TexturedNoise.gaussian(
            sigma: Float(blurMm / frame.scan.pixelSpacingMm),
            radius: max(1, Int((3 * blurMm / frame.scan.pixelSpacingMm).rounded(.up))))
        let noise = TexturedNoise(columns: frame.geometry.columns, rows: frame.geometry.rows)
        let output = VolumePairWriter(frame.geometry)
        sampler.forEachSlice { slice, cells in
            let blurred = Self.blurred(cells, columns: sampler.cellColumns, rows: sampler.cellRows, kernel)
            let fields = [0, 1].map { noise.slice(seed: seed, stream: UInt64(slice * 2 + $0) &+ 1 << 32) }
            output.write(slice, fields, blurred, box: frame.pixelBox, scan: frame.scan)
        }
        return output.volumes()
    }

    /// Separable blur; what lies beyond the box is air.
    private static func blurred(
        _ cells: UnsafeMutableBufferPointer<SIMD4<Float>>, columns: Int, rows: Int, _ kernel: [Float]
    ) -> [SIMD4<Float>] {
        let radius = kernel.count / 2
        let air = SIMD4<Float>(-1000, -1000, 0, 0)
        var line = [SIMD4<Float>](repeating: air, count: max(columns, rows) + 2 * radius)
        var result = [SIMD4<Float>](repeating: air, count: columns * rows)
        kernel.withUnsafeBufferPointer { kernel in
            line.withUnsafeMutableBufferPointer { line in
                result.withUnsafeMutableBufferPointer { result in
                    for j in 0..<rows {
                        for i in 0..<columns { line[i + radius] = cells[j * columns + i] }
                        for i in 0..<radius { line[columns + radius + i] = air }
                        for i in 0..<columns {
                            var sum = SIMD4<Float>.zero
                            for t in 0..<kernel.count { sum += kernel[t] * line[i + t] }
                            result[j * columns + i] = sum
                        }
                    }
                    for i in 0..<columns {
                        for j in 0..<rows { line[j + radius] = result[j * columns + i] }
                        for j in 0..<radius { line[rows + radius + j] = air }
                        for j in 0..<rows {
                            var sum = SIMD4<Float>.zero
                            for t in 0..<kernel.count { sum += kernel[t] * line[j + t] }
                            result[j * columns + i] = sum
                        }
                    }
                }
            }
        }
        return result
    }
}
