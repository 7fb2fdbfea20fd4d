/// The CT numbers of soft tissue at both energies: a curve from fat over muscle and skin to tendon.
///
/// Fat and muscle alone are not enough: tendon and skin lie off their line, and a deposit in tendon would read 47 mg/cm3
/// too little. But what hydroxyapatite cannot explain of a pair of CT numbers grows from fat to tendon without a turn,
/// so it picks the place on the curve.
package struct SoftTissueCurve: Sendable {
    /// Position of each tissue on the curve: fat 0, muscle 1, skin 1.5, tendon 2.
    private let points: [(position: Double, low: Double, high: Double)]
    /// What the tissue of this place reads beside the curve: water, shading, an odd tissue.
    private var offset = (low: 0.0, high: 0.0)

    package static let positions = -0.5...2.5

    package init(_ response: PairResponse) {
        points = [
            (0, response.low.adiposeHU, response.high.adiposeHU),
            (1, response.low.muscleHU, response.high.muscleHU),
            (1.5, response.low.skinHU, response.high.skinHU),
            (2, response.low.tendonHU, response.high.tendonHU),
        ]
    }

    /// CT numbers in HU at a position; before fat and beyond tendon the last stretch runs on.
    package func tissue(at position: Double) -> (low: Double, high: Double) {
        let end = points.dropFirst().first { position <= $0.position } ?? points[points.count - 1]
        let start = points.last { $0.position < end.position } ?? points[0]
        let share = (position - start.position) / (end.position - start.position)
        return (
            start.low + share * (end.low - start.low) + offset.low,
            start.high + share * (end.high - start.high) + offset.high
        )
    }

    /// Moves the curve through a tissue that was measured, and says where on it that is.
    package mutating func pass(throughLow low: Double, high: Double, noise: NoiseCovariance) -> Double {
        let position = Self.minimum { position in
            let tissue = tissue(at: position)
            let weights = noise.solve(low - tissue.low, high - tissue.high)
            return weights.0 * (low - tissue.low) + weights.1 * (high - tissue.high)
        }
        let nearest = tissue(at: position)
        offset = (low - nearest.low, high - nearest.high)
        return position
    }

    /// The position of least cost: a search on a grid, since the curve has corners, then bisection of its cell.
    static func minimum(of cost: (Double) -> Double) -> Double {
        var (step, best) = (0.05, positions.lowerBound)
        var least = Double.infinity
        for n in 0...Int(((positions.upperBound - positions.lowerBound) / step).rounded()) {
            let position = positions.lowerBound + Double(n) * step
            let value = cost(position)
            if value < least { (least, best) = (value, position) }
        }
        while step > 1e-5 {
            step /= 2
            for position in [best - step, best + step] where positions.contains(position) {
                let value = cost(position)
                if value < least { (least, best) = (value, position) }
            }
        }
        return best
    }
}
