/// Noise with the grain of filtered back-projection: little power at the lowest and at the highest frequencies.
struct TexturedNoise: Sendable {
    let columns: Int
    let rows: Int
    private let narrow: [Float]
    private let wide: [Float]
    private let norm: Float
    private let lowFrequencyShare: Float = 0.85

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        narrow = Self.gaussian(sigma: 0.75, radius: 2)
        wide = Self.gaussian(sigma: 1.6, radius: 4)
        // The response to one impulse gives the variance of filtered white noise.
        let size = 25
        var impulse = [Float](repeating: 0, count: size * size)
        impulse[size * size / 2] = 1
        Self.filter(&impulse, columns: size, rows: size, narrow, wide, lowFrequencyShare)
        norm = 1 / impulse.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// One slice of noise with a standard deviation of 1.
    func slice(seed: UInt64, stream: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed, stream: stream)
        var field = [Float](unsafeUninitializedCapacity: columns * rows) { buffer, count in
            for i in 0..<columns * rows { buffer[i] = generator.normal() }
            count = columns * rows
        }
        Self.filter(&field, columns: columns, rows: rows, narrow, wide, lowFrequencyShare)
        field.withUnsafeMutableBufferPointer { f in for i in f.indices { f[i] *= norm } }
        return field
    }

    static func gaussian(sigma: Float, radius: Int) -> [Float] {
        let weights = (-radius...radius).map { exponential(-0.5 * Float($0 * $0) / (sigma * sigma)) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    private static func filter(
        _ field: inout [Float], columns: Int, rows: Int, _ narrow: [Float], _ wide: [Float], _ share: Float
    ) {
        let smooth = blurred(field, columns: columns, rows: rows, narrow)
        let background = blurred(smooth, columns: columns, rows: rows, wide)
        field.withUnsafeMutableBufferPointer { f in
            smooth.withUnsafeBufferPointer { s in
                background.withUnsafeBufferPointer { b in for i in f.indices { f[i] = s[i] - share * b[i] } }
            }
        }
    }

    /// Separable convolution; the borders wrap, which keeps the variance even.
    static func blurred(_ field: [Float], columns: Int, rows: Int, _ kernel: [Float]) -> [Float] {
        let radius = kernel.count / 2
        var result = [Float](repeating: 0, count: columns * rows)
        var padded = [Float](repeating: 0, count: columns + 2 * radius)
        var along = [Float](repeating: 0, count: columns * rows)
        field.withUnsafeBufferPointer { f in
            padded.withUnsafeMutableBufferPointer { p in
                along.withUnsafeMutableBufferPointer { a in
                    for j in 0..<rows {
                        for i in 0..<columns { p[i + radius] = f[j * columns + i] }
                        for i in 0..<radius {
                            p[i] = f[j * columns + columns - radius + i]
                            p[columns + radius + i] = f[j * columns + i]
                        }
                        for (offset, weight) in kernel.enumerated() {
                            for i in 0..<columns { a[j * columns + i] += weight * p[i + offset] }
                        }
                    }
                }
            }
        }
        along.withUnsafeBufferPointer { a in
            result.withUnsafeMutableBufferPointer { r in
                for j in 0..<rows {
                    for (offset, weight) in kernel.enumerated() {
                        let source = (j + offset - radius + rows) % rows * columns
                        for i in 0..<columns { r[j * columns + i] += weight * a[source + i] }
                    }
                }
            }
        }
        return result
    }
}
