/// A symmetric positive definite matrix of a few dozen rows: the covariance of several sums of voxels.
struct CovarianceMatrix {
    let count: Int
    private var values: [Double]

    init(count: Int) {
        self.count = count
        values = [Double](repeating: 0, count: count * count)
    }

    subscript(row: Int, column: Int) -> Double {
        get { values[row * count + column] }
        set { values[row * count + column] = newValue }
    }

    static func + (a: Self, b: Self) -> Self {
        var result = a
        for n in result.values.indices { result.values[n] += b.values[n] }
        return result
    }

    /// Adds `variance v v'`: an error that moves all sums together.
    mutating func add(_ variance: Double, along v: [Double]) {
        for row in 0..<count where v[row] != 0 {
            for column in 0..<count { values[row * count + column] += variance * v[row] * v[column] }
        }
    }

    /// `a' M b`.
    func quadratic(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for row in 0..<count where a[row] != 0 {
            for column in 0..<count { sum += a[row] * values[row * count + column] * b[column] }
        }
        return sum
    }

    /// The lower triangle L with `L L' = M`; directions without variance get a billionth of the largest.
    func factor() -> CholeskyFactor {
        var lower = values
        let floor = 1e-9 * max((0..<count).map { self[$0, $0] }.max() ?? 0, 1e-30)
        for j in 0..<count {
            var diagonal = lower[j * count + j]
            for k in 0..<j { diagonal -= lower[j * count + k] * lower[j * count + k] }
            let pivot = max(diagonal, floor).squareRoot()
            lower[j * count + j] = pivot
            for i in (j + 1)..<max(count, j + 1) {
                var sum = lower[i * count + j]
                for k in 0..<j { sum -= lower[i * count + k] * lower[j * count + k] }
                lower[i * count + j] = sum / pivot
            }
        }
        return CholeskyFactor(count: count, lower: lower)
    }
}

/// A covariance ready to be divided by.
struct CholeskyFactor {
    let count: Int
    fileprivate let lower: [Double]

    /// `inverse(M) b`.
    func solve(_ b: [Double]) -> [Double] {
        var x = b
        for i in 0..<count {
            for k in 0..<i { x[i] -= lower[i * count + k] * x[k] }
            x[i] /= lower[i * count + i]
        }
        for i in (0..<count).reversed() {
            for k in (i + 1)..<max(count, i + 1) { x[i] -= lower[k * count + i] * x[k] }
            x[i] /= lower[i * count + i]
        }
        return x
    }
}
