/// What a rod phantom is said to hold.
public struct RodDescription: Sendable, Equatable {
    /// Hydroxyapatite of the rods in mg/cm3, rising; a 0 is a rod of the base alone.
    public var densitiesMgPerCm3: [Double]
    public var base: RodBase
    /// Relative standard uncertainty of the maker's densities, common to all rods: no scan can tell.
    public var relativeTolerance: Double

    public init(densitiesMgPerCm3: [Double], base: RodBase = .water, relativeTolerance: Double = 0.005) {
        self.densitiesMgPerCm3 = densitiesMgPerCm3.sorted()
        self.base = base
        self.relativeTolerance = relativeTolerance
    }

    /// Fewer than this many rods of mineral would fit any line.
    public static let fewestRods = 3

    /// The rods that hold mineral.
    var mineral: [Double] { densitiesMgPerCm3.filter { $0 > 0 } }
    var hasBaseRod: Bool { densitiesMgPerCm3.contains(0) }
}

/// The material of the rods beside their hydroxyapatite. Its CT numbers are measured; the name only tells which to expect.
public enum RodBase: String, Sendable, CaseIterable {
    case water
    /// Epoxy made to read like water: "solid water", "CT water".
    case resin
    case polyethylene
    /// Polymethyl methacrylate.
    case acrylic

    /// CT numbers between 70 and 150 kV, tin or not, in HU, with 20 HU for the scanner's own scale.
    ///
    /// Computed behind 5 cm of water, from 70 kV to Sn150: polyethylene (0.94 g/cm3) -151 to -58, acrylic (1.19 g/cm3)
    /// 78 to 141, Solid Water (Gammex RMI 457) 36 to 18.
    var expectedHU: ClosedRange<Double> {
        switch self {
        case .water: -20...20
        case .resin: -60...60
        case .polyethylene: -170 ... -40
        case .acrylic: 60...165
        }
    }
}
