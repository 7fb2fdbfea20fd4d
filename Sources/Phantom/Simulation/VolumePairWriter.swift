import DualEnergyCT

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

    /// Reconstructed images: the box as it is, around it the weak noise of air.
    func write(
        _ slice: Int, reconstructed image: [SIMD2<Float>], box: (columns: Range<Int>, rows: Range<Int>),
        airNoise: [[Float]], scan: ScanParameters
    ) {
        let sigma = [Float(scan.noiseLowHU), Float(scan.noiseHighHU)]
        for energy in 0..<2 {
            let target = (energy == 0 ? low : high).baseAddress! + slice * geometry.columns * geometry.rows
            airNoise[energy].withUnsafeBufferPointer { noise in
                for at in 0..<geometry.columns * geometry.rows {
                    target[at] = Self.stored(-1000 + 0.5 * sigma[energy] * noise[at])
                }
            }
            for j in box.rows {
                for i in box.columns {
                    let value = image[(j - box.rows.lowerBound) * box.columns.count + i - box.columns.lowerBound]
                    target[j * geometry.columns + i] = Self.stored(value[energy])
                }
            }
        }
    }

    /// The range of a 12 bit CT image.
    private static func stored(_ hu: Float) -> Int16 { Int16(clamp(hu.rounded(), -1024, 3071)) }

    func volumes() -> (low: Volume<Int16>, high: Volume<Int16>) {
        (Volume(geometry: geometry, voxels: Array(low)), Volume(geometry: geometry, voxels: Array(high)))
    }
}
