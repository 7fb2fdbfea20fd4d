/// How the other image's values follow from this one's: soft tissue reads alike, bone in proportion.
struct Contrast: Sendable {
    /// Excess of bone in the other image over that in this one.
    var slope = 1.0
    var offset = 0.0
    /// Whether slope and offset are found from the images.
    var isFree = false
}

/// Finds the rigid motion of one part of the body by least squares of mapped intensities.
///
/// The images of two energies differ in contrast. Each is taken as the sum of a soft part, cut off above soft tissue,
/// which both show alike, and of what rises above it, which the other shows in proportion: the proportion is one of the
/// unknowns, so that neither beam nor calibration need be known. Residuals far beyond their spread (Tukey's biweight)
/// count nothing: what changed or moved otherwise pulls at nothing.
struct RigidFit: Sendable {
    /// Where the samples lie in this image, in mm, and what it shows there.
    var points: [GridPoint] = []
    var soft: [Float] = []
    var bone: [Float] = []

    var centre: GridPoint {
        points.reduce(.zero, +) / Double(max(1, points.count))
    }

    struct Outcome: Sendable {
        var motion: RigidMotion
        var contrast: Contrast
        /// Mean of the squared residuals, each at most the square of `costCeiling`.
        var cost: Double
        /// Standard deviation in mm of the shift of the part's centre, of its best and its worst known direction.
        var deviationMm: Double
        /// Share of the samples that the other image shows.
        var coveredShare: Double
    }

    /// How strongly the motion is held where it starts: standard deviations of shift in mm and rotation in radians.
    struct Hold: Sendable {
        var shiftMm: Double
        var rotation: Double
    }

    /// Neighbouring samples share their residuals: this many count as one.
    private static let sharedSamples = 6.0
    /// Residuals in HU (or mg/cm3) beyond which a start is no better or worse.
    static let costCeiling = 250.0

    /// Gauss-Newton from a start.
    func solve(
        from start: RigidMotion, in image: RegistrationImage, contrast: Contrast, hold: Hold, rounds: Int
    ) -> Outcome {
        var state = Outcome(motion: start, contrast: contrast, cost: .infinity, deviationMm: .infinity, coveredShare: 0)
        let centre = centre
        // What the motion has gone from its start: shift of the centre and rotation vector.
        var gone = [Double](repeating: 0, count: 6)
        for _ in 0..<rounds {
            var system = NormalSystem(size: contrast.isFree ? 8 : 6)
            let scale = residualScale(state.motion, image, state.contrast)
            let covered = accumulate(&system, state.motion, centre, image, state.contrast, scale: scale)
            state.coveredShare = covered
            guard covered > 0.3 else { break }
            system.scale(by: 1 / (scale * scale * Self.sharedSamples))
            for n in 0..<6 {
                let weight = n < 3 ? 1 / (hold.shiftMm * hold.shiftMm) : 1 / (hold.rotation * hold.rotation)
                system.add(weight, at: n, towards: -gone[n])
            }
            guard let step = system.solve() else { break }
            state.deviationMm = system.largestDeviation(of: 3)
            let turn = GridPoint(step[3], step[4], step[5])
            let shift = GridPoint(step[0], step[1], step[2])
            // Half a radian, or half a centimetre, is no longer a linear problem.
            let damping = min(1, 0.2 / max(norm(turn), 1e-9), 4 / max(norm(shift), 1e-9))
            let about = state.motion(centre)
            state.motion = state.motion.then(RigidMotion(rotation: damping * turn, about: about))
                .then(RigidMotion(shift: damping * shift))
            for n in 0..<6 { gone[n] += damping * step[n] }
            if contrast.isFree {
                state.contrast.slope = min(1.2, max(0.2, state.contrast.slope + step[6]))
                state.contrast.offset += step[7]
            }
            if norm(shift) < 0.003 && norm(turn) < 2e-4 { break }
        }
        state.cost = cost(state.motion, image, state.contrast)
        return state
    }

    /// Mean squared residual with a ceiling; samples outside the other image count as half of the ceiling.
    func cost(_ motion: RigidMotion, _ image: RegistrationImage, _ contrast: Contrast, every step: Int = 1) -> Double {
        let ceiling = Self.costCeiling * Self.costCeiling
        var (sum, count) = (0.0, 0)
        forEachResidual(motion, image, contrast, every: step) { _, residual, _ in
            sum += residual.map { min($0 * $0, ceiling) } ?? ceiling / 2
            count += 1
        }
        return count > 0 ? sum / Double(count) : .infinity
    }

    /// Sum of squared residuals, over their variance, that a motion must save over another one. Six unknowns save some
    /// tens by noise alone, which smoothing shares among neighbours: about the axis of a round limb any turn fits.
    private static let leastGain = 100.0

    /// Whether the images tell this motion from the other one.
    func isBetter(
        _ motion: RigidMotion, than other: RigidMotion, _ image: RegistrationImage, _ contrast: Contrast
    ) -> Bool {
        let (cost, before) = (cost(motion, image, contrast), cost(other, image, contrast))
        let samples = Double(points.count) / Self.sharedSamples
        return samples * (before - cost) > Self.leastGain * max(cost, 16)
    }

    /// Share of the samples that the other image shows under a motion.
    func coveredShare(_ motion: RigidMotion, _ image: RegistrationImage) -> Double {
        var covered = 0
        forEachResidual(motion, image, Contrast()) { _, residual, _ in covered += residual == nil ? 0 : 1 }
        return Double(covered) / Double(max(1, points.count))
    }

    private func forEachResidual(
        _ motion: RigidMotion, _ image: RegistrationImage, _ contrast: Contrast, every step: Int = 1,
        _ body: (_ n: Int, _ residual: Double?, _ slope: GridPoint) -> Void
    ) {
        let g = image.volume.geometry
        let (start, perMm) = (image.start, 1 / g.spacing)
        image.volume.voxels.withUnsafeBufferPointer { v in
            for n in stride(from: 0, to: points.count, by: step) {
                let p = (motion(points[n]) - start) * perMm
                guard let sample = RegistrationImage.sample(v, g, at: p) else {
                    body(n, nil, .zero)
                    continue
                }
                let expected = Double(soft[n]) + contrast.slope * Double(bone[n]) + contrast.offset
                body(n, expected - sample.value, sample.slope * perMm)
            }
        }
    }

    /// Spread of the residuals by their median.
    private func residualScale(_ motion: RigidMotion, _ image: RegistrationImage, _ contrast: Contrast) -> Double {
        var sizes: [Double] = []
        sizes.reserveCapacity(points.count)
        forEachResidual(motion, image, contrast, every: max(1, points.count / 2000)) { _, residual, _ in
            if let residual { sizes.append(abs(residual)) }
        }
        guard !sizes.isEmpty else { return 1 }
        sizes.sort()
        return max(4, 1.4826 * sizes[sizes.count / 2])
    }

    /// Adds all samples; the share of them that the other image shows.
    private func accumulate(
        _ system: inout NormalSystem, _ motion: RigidMotion, _ centre: GridPoint, _ image: RegistrationImage,
        _ contrast: Contrast, scale: Double
    ) -> Double {
        let limit = 4.685 * scale
        let about = motion(centre)
        var covered = 0
        var row = [Double](repeating: 0, count: 8)
        forEachResidual(motion, image, contrast) { n, residual, slope in
            guard let residual else { return }
            covered += 1
            guard abs(residual) < limit else { return }
            let share = residual / limit
            let weight = (1 - share * share) * (1 - share * share)
            let arm = crossProduct(motion(points[n]) - about, slope)
            (row[0], row[1], row[2]) = (slope.x, slope.y, slope.z)
            (row[3], row[4], row[5]) = (arm.x, arm.y, arm.z)
            row[6] = -Double(bone[n])
            row[7] = -1
            system.add(row, residual, weight: weight)
        }
        return Double(covered) / Double(max(1, points.count))
    }
}

/// Sums of a least-squares problem in a few unknowns.
struct NormalSystem {
    let size: Int
    private var matrix: [Double]
    private var right: [Double]

    init(size: Int) {
        self.size = size
        matrix = [Double](repeating: 0, count: size * size)
        right = [Double](repeating: 0, count: size)
    }

    mutating func add(_ row: [Double], _ value: Double, weight: Double) {
        for a in 0..<size {
            let scaled = weight * row[a]
            right[a] += scaled * value
            for b in 0...a { matrix[a * size + b] += scaled * row[b] }
        }
    }

    mutating func scale(by factor: Double) {
        for n in matrix.indices { matrix[n] *= factor }
        for n in right.indices { right[n] *= factor }
    }

    /// A prior: one unknown is `towards` with this weight.
    mutating func add(_ weight: Double, at n: Int, towards value: Double) {
        matrix[n * size + n] += weight
        right[n] += weight * value
    }

    /// Lower Cholesky factor; nil where the matrix is not positive.
    private func factor() -> [Double]? {
        var l = matrix
        for a in 0..<size {
            for b in 0...a {
                var sum = matrix[a * size + b]
                for c in 0..<b { sum -= l[a * size + c] * l[b * size + c] }
                if a == b {
                    guard sum > 1e-12 else { return nil }
                    l[a * size + a] = sum.squareRoot()
                } else {
                    l[a * size + b] = sum / l[b * size + b]
                }
            }
        }
        return l
    }

    func solve() -> [Double]? {
        guard let l = factor() else { return nil }
        return Self.solve(l, right, size)
    }

    private static func solve(_ l: [Double], _ right: [Double], _ size: Int) -> [Double] {
        var x = right
        for a in 0..<size {
            for b in 0..<a { x[a] -= l[a * size + b] * x[b] }
            x[a] /= l[a * size + a]
        }
        for a in (0..<size).reversed() {
            for b in (a + 1)..<max(size, a + 1) { x[a] -= l[b * size + a] * x[b] }
            x[a] /= l[a * size + a]
        }
        return x
    }

    /// Square root of the largest variance of the first unknowns.
    func largestDeviation(of count: Int) -> Double {
        guard let l = factor() else { return .infinity }
        return (0..<count).map { n in
            var unit = [Double](repeating: 0, count: size)
            unit[n] = 1
            return Self.solve(l, unit, size)[n]
        }.max().map { $0.squareRoot() } ?? .infinity
    }
}
