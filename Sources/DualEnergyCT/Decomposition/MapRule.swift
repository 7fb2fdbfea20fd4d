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
        case .hydroxyapatiteDeviation: (form, airShare) = (.constrainedDeviation, 0)
        case .virtualNonCalcium: (form, airShare) = (.quotient, 0.5)
        case .fatFraction, .waterFraction: (form, airShare) = (.linear, 0)
        case .urate: (form, airShare) = (.linearOnTissue, 0)
        case .monoenergetic, .electronDensity: (form, airShare) = (.linear, nil)
        case .effectiveAtomicNumber: (form, airShare) = (.atomicNumber, 0)
        }
        if case .monoenergetic(let energy) = map {
            mineralOverWater = WaterMineralForm.mineralOverWater(atKiloelectronvolts: energy)
        } else {
            mineralOverWater = 0
        }
    }

    var coefficientCount: Int {
        switch form {
        case .linear, .linearOnTissue: 3
        case .quotient, .atomicNumber: 6
        case .constrained, .constrainedDeviation: 10
        }
    }

    /// Rows of coefficients that a row of voxels needs once the tissue is known; 0 where those above do.
    var preparedCount: Int {
        switch form {
        case .linearOnTissue, .constrained: 3
        case .constrainedDeviation: 1
        case .linear, .quotient, .atomicNumber: 0
        }
    }

    /// The coefficients under one response, the first `coefficientCount` of them in use.
    func coefficients(_ response: PairResponse, noise: NoiseCovariance) -> SIMD16<Double> {
        switch map {
        case .hydroxyapatite, .hydroxyapatiteDeviation:
            ConstrainedForm(response, noise: noise).coefficients
        case .virtualNonCalcium:
            LinearForm.packed(
                ThreeMaterialForm(response).tissueCTNumber, ThreeMaterialForm(response).tissueShare)
        case .fatFraction: LinearForm.packed(ThreeMaterialForm(response).fat)
        case .waterFraction: LinearForm.packed(ThreeMaterialForm(response).soft)
        case .urate: LinearForm.packed(Self.urate(response))
        case .monoenergetic:
            LinearForm.packed(WaterMineralForm(response).ctNumber(mineralOverWater: mineralOverWater))
        case .electronDensity: LinearForm.packed(WaterMineralForm(response).electronDensity)
        case .effectiveAtomicNumber:
            LinearForm.packed(WaterMineralForm(response).atomicNumberPower, WaterMineralForm(response).electronDensity)
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

    package func callAsFunction(_ x: Double, _ y: Double) -> Double { low * x + high * y + constant }
    static func + (a: Self, b: Self) -> Self {
        Self(low: a.low + b.low, high: a.high + b.high, constant: a.constant + b.constant)
    }
    static func * (s: Double, a: Self) -> Self { Self(low: s * a.low, high: s * a.high, constant: s * a.constant) }
}
