/// The lower envelope of parabolas rooted at the samples of one line.
struct LowerEnvelope {
    let spacing: Float
    let cap: Float
    var roots: [Int32]
    var heights: [Float]
    var borders: [Float]
    var size = 0

    init(capacity: Int, spacing: Float, cap: Float) {
        self.spacing = spacing
        self.cap = cap
        roots = [Int32](repeating: 0, count: capacity)
        heights = [Float](repeating: 0, count: capacity)
        borders = [Float](repeating: 0, count: capacity + 1)
    }

    /// Builds the envelope of the samples below the cap; false when there is none.
    ///
    /// - Parameters:
    ///   - values: of `count` samples from the sample `first` of the line on.
    mutating func build(_ values: UnsafePointer<Float>, first: Int, count: Int) -> Bool {
        size = 0
        for n in first..<(first + count) {
            let height = values[n - first]
            if height >= cap { continue }
            var border = -Float.infinity
            while size > 0 {
                let root = Int(roots[size - 1])
                let x = Float(n - root) * spacing
                // Abscissa, in mm from sample 0, where the new parabola falls below the last one.
                border = (height - heights[size - 1]) / (2 * x) + Float(n + root) * spacing / 2
                if border > borders[size - 1] { break }
                size -= 1
                border = -Float.infinity
            }
            roots[size] = Int32(n)
            heights[size] = height
            borders[size] = border
            size += 1
        }
        return size > 0
    }

    /// Calls `body` with each sample, its value under the envelope, and the root it came from (-1 at the cap).
    @inline(__always)
    func evaluate(first: Int, count: Int, _ body: (Int, Float, Int) -> Void) {
        var part = 0
        for n in first..<(first + count) {
            let position = Float(n) * spacing
            while part + 1 < size && borders[part + 1] <= position { part += 1 }
            let root = Int(roots[part])
            let d = Float(n - root) * spacing
            let value = d * d + heights[part]
            if value < cap { body(n, value, root) } else { body(n, cap, -1) }
        }
    }
}
