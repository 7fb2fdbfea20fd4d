import Glibc

/// The jump of an element's attenuation at its K edge: mass attenuation coefficients in cm2/g on both sides.
struct KEdge: Sendable {
    let kiloelectronvolts: Double
    let below: Double
    let above: Double
}

/// Mass attenuation coefficients of one element from 13 to 160 keV in steps of 1 keV, in cm2/g.
///
/// The L edges of tungsten lie below 13 keV, where nothing passes a CT tube's filtration.
struct ElementTable: Sendable {
    static let firstKiloelectronvolts = 13
    static let lastKiloelectronvolts = 160

    let atomicWeight: Double
    let kEdge: KEdge?
    let values: [Double]

    /// The table of an element by its atomic number: hydrogen to calcium, Ti, Fe, Cu, Y, Cd, Sn, Te, I, Gd and W.
    static func element(_ atomicNumber: Int) -> ElementTable {
        guard let table = light[atomicNumber] ?? heavy[atomicNumber] else {
            preconditionFailure("no attenuation table for atomic number \(atomicNumber)")
        }
        return table
    }

    /// Mass attenuation coefficient in cm2/g, log-log interpolation within each side of the K edge.
    ///
    /// Energies outside 13 to 160 keV take the value at the nearest end.
    func massAttenuation(at kiloelectronvolts: Double) -> Double {
        let first = Double(Self.firstKiloelectronvolts)
        let energy = min(max(kiloelectronvolts, first), Double(Self.lastKiloelectronvolts))
        let index = min(Int(energy - first), values.count - 2)
        var (x0, y0) = (first + Double(index), values[index])
        var (x1, y1) = (x0 + 1, values[index + 1])
        if let edge = kEdge, edge.kiloelectronvolts > x0, edge.kiloelectronvolts < x1 {
            if energy < edge.kiloelectronvolts {
                (x1, y1) = (edge.kiloelectronvolts, edge.below)
            } else {
                (x0, y0) = (edge.kiloelectronvolts, edge.above)
            }
        }
        return y0 * pow(energy / x0, log(y1 / y0) / log(x1 / x0))
    }
}
