import DualEnergyCT

/// Images without projections: the CT number of each material behind 5 cm of water, blurred, with textured noise.
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
                Float(pair.low.effectiveHU(of: mixture, waterCm: 5)),
                Float(pair.high.effectiveHU(of: mixture, waterCm: 5)), 0, 0)
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

/// Two volumes that several threads fill, each with slices of its own.
final class VolumePairWriter: @unchecked Sendable {
    // Unchecked: every slice is written once, by one thread, and read after all have ended.
    private let geometry: GridGeometry
    private let low: UnsafeMutableBufferPointer<Int16>
    private let high: UnsafeMutableBufferPointer<Int16>

    init(_ geometry: GridGeometry) {
        self.geometry = geometry
        low = .allocate(capacity: geometry.voxelCount)
        high = .allocate(capacity: geometry.voxelCount)
        low.initialize(repeating: -1024)
        high.initialize(repeating: -1024)
    }

    deinit {
        low.deallocate()
        high.deallocate()
    }

    /// Quick images: noise everywhere, weaker in air, and the object's values in its box.
    func write(
        _ slice: Int, _ noise: [[Float]], _ values: [SIMD4<Float>], box: (columns: Range<Int>, rows: Range<Int>),
        scan: ScanParameters
    ) {
        let sigma = [Float(scan.noiseLowHU), Float(scan.noiseHighHU)]
        for energy in 0..<2 {
            let target = (energy == 0 ? low : high).baseAddress! + slice * geometry.columns * geometry.rows
            noise[energy].withUnsafeBufferPointer { noise in
                for at in 0..<geometry.columns * geometry.rows {
                    target[at] = Self.stored(-1000 + 0.6 * sigma[energy] * noise[at])
                }
                for j in box.rows {
                    for i in box.columns {
                        let at = j * geometry.columns + i
                        let value = values[(j - box.rows.lowerBound) * box.columns.count + i - box.columns.lowerBound][
                            energy]
                        let strength = 0.6 + 0.4 * clamp((value + 1000) * 0.001, 0, 1)
                        target[at] = Self.stored(value + strength * sigma[energy] * noise[at])
                    }
                }
            }
        }
    }

    /// One energy's slice as it is.
    func write(_ slice: Int, energy: Int, _ values: [Float]) {
        let target = (energy == 0 ? low : high).baseAddress! + slice * geometry.columns * geometry.rows
        for at in values.indices { target[at] = Self.stored(values[at]) }
    }

    /// The range of a 12 bit CT image.
    private static func stored(_ hu: Float) -> Int16 { Int16(clamp(hu.rounded(), -1024, 3071)) }

    func volumes() -> (low: Volume<Int16>, high: Volume<Int16>) {
        (Volume(geometry: geometry, voxels: Array(low)), Volume(geometry: geometry, voxels: Array(high)))
    }
}
