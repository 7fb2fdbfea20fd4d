/// What dense mineral does not do to its own slope.
///
/// A ray's signal bends with the mineral m that it has passed, as `a m - b m^2`. Where other mineral lies on the rays, a
/// small insert loses `2 b` times their mean. But what a deposit loses by itself is half of that or less: it is the
/// filtered back-projection Q of `b m^2`, against `2 b m c` for a density c. The effective path of a place is `Q / 2c`:
/// for a rod 0.64 of its diameter in the middle and nothing at its rim, and the mean of the others' paths where it is
/// they that count. This is the second-order correction of P. M. Joseph and R. D. Spital, J Comput Assist Tomogr 2
/// (1978) 100, taken for the slope instead of the image.
struct OwnMineral {
    /// In g/cm3 at each place, 0 where there is less than `leastGPerCm3`.
    let density: [Float]
    /// The mean path in g/cm2 through dense mineral less the effective one, at each dense place.
    private(set) var excess: [Float]

    var isEmpty: Bool { excess.isEmpty }

    /// Weaker mineral of 5 mm changes its own slope by less than a fifth of a percent.
    static let leastGPerCm3: Float = 0.1
    private static let directions = 96

    init(density: [Float], columns: Int, columnMm: Double, rowMm: Double) {
        self.density = density
        excess = []
        let places = density.indices.filter { density[$0] > 0 }
        guard !places.isEmpty else { return }
        let rays = ParallelRays(columns: columns, rows: density.count / columns, columnMm, rowMm)
        let filter = RampKernel(bins: rays.bins, spacingCm: Float(rays.binMm / 10))
        var line = [Float](repeating: 0, count: rays.bins)
        var back = [SIMD2<Float>](repeating: .zero, count: rays.bins)
        var sums = [SIMD2<Float>](repeating: .zero, count: places.count)
        for direction in 0..<Self.directions {
            let view = rays.view(direction, of: Self.directions)
            let bins = places.map { view.bin($0 % columns, $0 / columns) }
            for n in line.indices { line[n] = 0 }
            for (place, at) in zip(places, bins) {
                let value = rays.cmOfPlace * density[place]
                line[at.bin] += (1 - at.share) * value
                line[at.bin + 1] += at.share * value
            }
            filter.apply(line, into: &back)
            for (n, at) in bins.enumerated() {
                sums[n] += (1 - at.share) * back[at.bin] + at.share * back[at.bin + 1]
            }
        }
        excess = [Float](repeating: 0, count: density.count)
        for (place, sum) in zip(places, sums) {
            let (mean, square) = (sum.x / Float(Self.directions), sum.y / Float(Self.directions))
            // Streaks between pieces of mineral are a matter of the baseline, not of the slope.
            excess[place] = min(max(mean - 0.5 * square / density[place], 0), mean)
        }
    }
}

/// The ramp filter in space, for steps of one bin.
///
/// Reference: A. C. Kak, M. Slaney, Principles of computerized tomographic imaging (1988), equation 3.29.
private struct RampKernel {
    /// Of odd lags 1, 3, 5; with the weight of the back-projection, pi over all directions.
    private let odd: [Float]
    private let middle: Float

    init(bins: Int, spacingCm: Float) {
        middle = .pi / (4 * spacingCm)
        odd = stride(from: 1, to: bins, by: 2).map { -1 / (.pi * Float($0 * $0) * spacingCm) }
    }

    /// The line itself and its square filtered, where the line is not empty.
    func apply(_ line: [Float], into result: inout [SIMD2<Float>]) {
        let ends = (line.firstIndex { $0 != 0 } ?? 0)..<((line.lastIndex { $0 != 0 } ?? -1) + 1)
        let squares = line.map { $0 * $0 }
        for bin in ends {
            var sum = middle * squares[bin]
            // Odd lags only: the others' weights are zero.
            var other = ends.lowerBound + ((bin - ends.lowerBound) % 2 == 0 ? 1 : 0)
            while other < ends.upperBound {
                if squares[other] != 0 { sum += odd[abs(other - bin) / 2] * squares[other] }
                other += 2
            }
            result[bin] = SIMD2(line[bin], sum)
        }
    }
}
