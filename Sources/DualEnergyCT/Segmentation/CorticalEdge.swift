/// Where the edge of a cortex lies when it is thinner than the blur.
///
/// A plate of width w blurred by a Gaussian of standard deviation s peaks at erf(w / (2 sqrt(2) s)) of its density,
/// and its half-peak points lie outside its faces. The peak, as a share of the density that bone reaches where it is
/// thick, gives the width and with it the shift (after Prevrhal, Engelke and Kalender, Phys. Med. Biol. 44, 1999).
package struct CorticalEdge: Sendable {
    /// Blur in mm.
    let sigmaMm: Float
    private let widths: [Float]
    private let shifts: [Float]
    private static let steps = 64

    package init(sigmaMm: Float) {
        self.sigmaMm = sigmaMm
        var widths: [Float] = []
        var shifts: [Float] = []
        for n in 0..<Self.steps {
            let share = (Double(n) + 0.5) / Double(Self.steps)
            let width = Self.bisect(0, 12) { errorFunction($0 / 2.828427) < share }
            let peak = Self.plate(0, width)
            let half = Self.bisect(0, 12) { Self.plate($0, width) > peak / 2 }
            widths.append(Float(width))
            shifts.append(Float(half - width / 2))
        }
        self.widths = widths
        self.shifts = shifts
    }

    /// Width of the cortex and how far its half-peak point lies outside its face, in mm.
    package func edge(peak: Float, fullDensity: Float) -> (widthMm: Float, shiftMm: Float) {
        let share = min(max(peak / max(fullDensity, 1), 0.02), 0.99)
        let n = min(Int(share * Float(Self.steps)), Self.steps - 1)
        return (widths[n] * sigmaMm, shifts[n] * sigmaMm)
    }

    /// What the blur of a cortex of this width leaves at a height above its face, as a share of its density.
    @inline(__always)
    package func remainder(heightMm: Float, widthMm: Float) -> Float {
        Self.upperTail(heightMm / sigmaMm) - Self.upperTail((heightMm + widthMm) / sigmaMm)
    }

    /// A plate of unit density centred at 0, blurred by a Gaussian of unit deviation.
    private static func plate(_ x: Double, _ width: Double) -> Double {
        0.5 * (errorFunction((x + width / 2) / 1.4142136) - errorFunction((x - width / 2) / 1.4142136))
    }

    /// Where a condition that holds from `low` on ceases to hold.
    private static func bisect(_ low: Double, _ high: Double, _ holds: (Double) -> Bool) -> Double {
        var (low, high) = (low, high)
        for _ in 0..<48 {
            let middle = (low + high) / 2
            if holds(middle) { low = middle } else { high = middle }
        }
        return low
    }

    /// Probability that a standard normal variable exceeds x.
    static func upperTail(_ x: Float) -> Float { 0.5 * (1 - errorFunction(x / 1.4142136)) }
}
