/// How a map follows from the two CT numbers of a voxel: linear forms whose coefficients depend on the local response.
struct MapRule: Sendable {
    enum Form: Sendable {
        /// `a low + b high + c`.
        case linear
        /// One linear form over another.
        case quotient
        /// The atomic number whose power is one linear form over another.
        case atomicNumber
        /// `linear` in the excesses over the local tissue.
        case linearOnTissue
        /// The constrained estimate of hydroxyapatite or its standard deviation; the coefficients of `ConstrainedForm`.
        case constrained
        case constrainedDeviation
        /// Standard deviations: of a linear form, which no CT number changes, of `linearOnTissue`, and of the quotients.
        case linearDeviation
        case onTissueDeviation
        case quotientDeviation
        case atomicNumberDeviation
    }

    let map: MaterialMap
    let form: Form
    /// Where there is air: the share of the sum of both images that stands for the map, nil to leave it as computed.
    let airShare: Float?
    /// Attenuation of a gram of hydroxyapatite over that of a gram of water, of a monoenergetic map.
    private let mineralOverWater: Double

    init(_ map: MaterialMap) {
        self.map = map
        switch map {
        case .hydroxyapatite: (form, airShare) = (.constrained, 0)
        case .virtualNonCalcium: (form, airShare) = (.quotient, 0.5)
        case .fatFraction, .waterFraction, .freeHydroxyapatite: (form, airShare) = (.linear, 0)
        case .urate: (form, airShare) = (.linearOnTissue, 0)
        case .monoenergetic, .electronDensity: (form, airShare) = (.linear, nil)
        case .effectiveAtomicNumber: (form, airShare) = (.atomicNumber, 0)
        case .deviation(let quantity): (form, airShare) = (Self.deviation(of: MapRule(quantity).form), 0)
        }
        if case .monoenergetic(let energy) = map.quantity {
            mineralOverWater = WaterMineralForm.mineralOverWater(atKiloelectronvolts: energy)
        } else {
            mineralOverWater = 0
        }
    }

    private static func deviation(of form: Form) -> Form {
        switch form {
        case .linear, .linearDeviation: .linearDeviation
        case .quotient, .quotientDeviation: .quotientDeviation
        case .atomicNumber, .atomicNumberDeviation: .atomicNumberDeviation
        case .linearOnTissue, .onTissueDeviation: .onTissueDeviation
        case .constrained, .constrainedDeviation: .constrainedDeviation
        }
    }

    var coefficientCount: Int {
        switch form {
        case .onTissueDeviation: 2
        case .linear, .linearDeviation, .linearOnTissue: 3
        case .quotient, .atomicNumber: 6
        case .quotientDeviation, .atomicNumberDeviation: 9
        case .constrained, .constrainedDeviation: 10
        }
    }

    /// Whether the map is a linear form of the CT numbers once the tissue is known.
    var isLinear: Bool {
        switch form {
        case .linear, .linearDeviation, .linearOnTissue, .onTissueDeviation, .constrained, .constrainedDeviation: true
        case .quotient, .atomicNumber, .quotientDeviation, .atomicNumberDeviation: false
        }
    }

    /// Whether no CT number changes it, but for air.
    var isConstant: Bool {
        switch form {
        case .linearDeviation, .onTissueDeviation, .constrainedDeviation: true
        case .linear, .linearOnTissue, .constrained, .quotient, .atomicNumber, .quotientDeviation,
            .atomicNumberDeviation:
            false
        }
    }

    /// Whether the tissue around has a part in it.
    var needsTissue: Bool {
        switch form {
        case .linearOnTissue, .onTissueDeviation, .constrained, .constrainedDeviation: true
        case .linear, .linearDeviation, .quotient, .atomicNumber, .quotientDeviation, .atomicNumberDeviation: false
        }
    }

    /// The coefficients under one response, the first `coefficientCount` of them in use.
    func coefficients(_ response: PairResponse, noise: NoiseCovariance) -> SIMD16<Double> {
        if map.quantity == .hydroxyapatite { return ConstrainedForm(response, noise: noise).coefficients }
        let (form, divisor) = forms(response)
        switch self.form {
        case .linearDeviation:
            return LinearForm.packed(LinearForm(low: 0, high: 0, constant: form.variance(noise).squareRoot()))
        case .onTissueDeviation:
            let fat = form(
                response.low.adiposeHU - response.low.muscleHU, response.high.adiposeHU - response.high.muscleHU)
            var coefficients = SIMD16<Double>(repeating: form.variance(noise))
            coefficients[1] = fat * fat
            return coefficients
        case .quotientDeviation, .atomicNumberDeviation:
            var coefficients = LinearForm.packed(form, divisor)
            (coefficients[6], coefficients[7], coefficients[8]) = (noise.low, noise.high, noise.both)
            return coefficients
        case .linear, .linearOnTissue, .quotient, .atomicNumber, .constrained, .constrainedDeviation:
            return LinearForm.packed(form, divisor)
        }
    }

    /// The linear form of a map, or the two whose quotient it is.
    private func forms(_ response: PairResponse) -> (form: LinearForm, divisor: LinearForm) {
        let none = LinearForm(low: 0, high: 0, constant: 0)
        let three = ThreeMaterialForm(response)
        let two = WaterMineralForm(response)
        return switch map.quantity {
        case .virtualNonCalcium: (three.tissueCTNumber, three.tissueShare)
        case .fatFraction: (three.fat, none)
        case .waterFraction: (three.soft, none)
        case .freeHydroxyapatite: (three.mineral, none)
        case .urate: (Self.urate(response), none)
        case .monoenergetic: (two.ctNumber(mineralOverWater: mineralOverWater), none)
        case .electronDensity: (two.electronDensity, none)
        case .effectiveAtomicNumber: (two.atomicNumberPower, two.electronDensity)
        case .hydroxyapatite, .deviation: (none, none)
        }
    }

    /// Urate in mg/cm3 from the excesses over the tissue's baseline, that is with the baseline as the origin.
    private static func urate(_ response: PairResponse) -> LinearForm {
        let (low, high) = (response.low, response.high)
        let determinant = low.hydroxyapatite * high.urate - high.hydroxyapatite * low.urate
        return LinearForm(
            low: -high.hydroxyapatite / determinant, high: low.hydroxyapatite / determinant, constant: 0)
    }
}

/// `low x + high y + constant` of the CT numbers x and y.
package struct LinearForm: Sendable {
    package var low: Double
    package var high: Double
    package var constant: Double

    /// One form, or two one after the other.
    static func packed(_ a: LinearForm, _ b: LinearForm = LinearForm(low: 0, high: 0, constant: 0)) -> SIMD16<Double> {
        SIMD16(a.low, a.high, a.constant, b.low, b.high, b.constant, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    }

    /// Variance of the form by the noise of both CT numbers.
    func variance(_ noise: NoiseCovariance) -> Double { max(0, noise.quadratic(low, high)) }

    package func callAsFunction(_ x: Double, _ y: Double) -> Double { low * x + high * y + constant }
    static func + (a: Self, b: Self) -> Self {
        Self(low: a.low + b.low, high: a.high + b.high, constant: a.constant + b.constant)
    }
    static func * (s: Double, a: Self) -> Self { Self(low: s * a.low, high: s * a.high, constant: s * a.constant) }
}

extension MaterialMap {
    /// The map itself, or the one whose deviation it is.
    public var quantity: MaterialMap {
        if case .deviation(let quantity) = self { quantity.quantity } else { self }
    }
}
