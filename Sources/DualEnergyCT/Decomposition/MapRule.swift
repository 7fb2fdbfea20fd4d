/// How a map follows from the two CT numbers of a voxel: linear forms whose coefficients depend on the local response.
struct MapRule: Sendable {
    enum Form: Sendable {
        /// `a low + b high + c`.
        case linear
        /// One linear form over another.
        case quotient
        /// The atomic number whose power is one linear form over another.
        case atomicNumber
        /// The constrained estimate of hydroxyapatite or its standard deviation; the coefficients of `ConstrainedForm`.
        case constrained(deviation: Bool)
    }

    /// What a map shows where there is air.
    enum Air: Sendable { case zero, asComputed, meanOfBoth }

    let map: MaterialMap
    let form: Form
    let air: Air

    init(_ map: MaterialMap) {
        self.map = map
        switch map {
        case .hydroxyapatite: (form, air) = (.constrained(deviation: false), .zero)
        case .hydroxyapatiteDeviation: (form, air) = (.constrained(deviation: true), .zero)
        case .virtualNonCalcium: (form, air) = (.quotient, .meanOfBoth)
        case .fatFraction, .waterFraction, .urate: (form, air) = (.linear, .zero)
        case .monoenergetic, .electronDensity: (form, air) = (.linear, .asComputed)
        case .effectiveAtomicNumber: (form, air) = (.atomicNumber, .zero)
        }
    }

    var coefficientCount: Int {
        switch form {
        case .linear: 3
        case .quotient, .atomicNumber: 6
        case .constrained: ConstrainedForm.coefficientCount
        }
    }

    /// The coefficients under one response, as many as `coefficientCount`.
    func coefficients(_ response: PairResponse, noise: NoiseCovariance) -> [Double] {
        let basis = WaterMineralForm(response)
        let mixture = ThreeMaterialForm(response)
        switch map {
        case .hydroxyapatite, .hydroxyapatiteDeviation:
            return ConstrainedForm(response, noise: noise).coefficients
        case .virtualNonCalcium:
            return mixture.tissueCTNumber.coefficients + mixture.tissueShare.coefficients
        case .fatFraction: return mixture.fat.coefficients
        case .waterFraction: return mixture.soft.coefficients
        case .urate: return Self.urate(response).coefficients
        case .monoenergetic(let energy): return basis.ctNumber(atKiloelectronvolts: energy).coefficients
        case .electronDensity: return basis.electronDensity.coefficients
        case .effectiveAtomicNumber: return basis.atomicNumberPower.coefficients + basis.electronDensity.coefficients
        }
    }

    /// Urate in mg/cm3 from the excesses over the tissue's baseline, that is with the baseline as the origin.
    private static func urate(_ response: PairResponse) -> LinearForm {
        let (low, high) = (response.low, response.high)
        let determinant = low.hydroxyapatite * high.urate - high.hydroxyapatite * low.urate
        return LinearForm(
            low: -high.hydroxyapatite / determinant, high: low.hydroxyapatite / determinant, constant: 0)
    }

    /// Whether the CT numbers that enter are excesses over the local tissue.
    var isOnTissue: Bool {
        switch map {
        case .hydroxyapatite, .hydroxyapatiteDeviation, .urate: true
        default: false
        }
    }
}

/// `low x + high y + constant` of the CT numbers x and y.
package struct LinearForm: Sendable {
    package var low: Double
    package var high: Double
    package var constant: Double

    var coefficients: [Double] { [low, high, constant] }

    package func callAsFunction(_ x: Double, _ y: Double) -> Double { low * x + high * y + constant }
    static func + (a: Self, b: Self) -> Self {
        Self(low: a.low + b.low, high: a.high + b.high, constant: a.constant + b.constant)
    }
    static func * (s: Double, a: Self) -> Self { Self(low: s * a.low, high: s * a.high, constant: s * a.constant) }
}
