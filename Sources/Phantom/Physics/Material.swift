/// The pure materials of the phantom, with their entries in `AttenuationTable`.
package enum Material: Sendable, CaseIterable {
    case water, air, adipose, muscle, skin, tendon, cartilage, cortical, yellowMarrow, redMarrow, keratin
    case collagen, hydroxyapatite, monosodiumUrate
    /// In contrast media.
    case iodine
    /// Plastics that phantoms are made of.
    case resin, polyethylene, acrylic

    package var densityGPerCm3: Double { entry.density }
    /// In cm2/g at the energies of `AttenuationTable`.
    var massAttenuation: [Double] { entry.mass }

    private var entry: (density: Double, mass: [Double]) {
        typealias Table = AttenuationTable
        return switch self {
        case .water: (Table.waterDensityGPerCm3, Table.water)
        case .air: (Table.airDensityGPerCm3, Table.air)
        case .adipose: (Table.adiposeDensityGPerCm3, Table.adipose)
        case .muscle: (Table.muscleDensityGPerCm3, Table.muscle)
        case .skin: (Table.skinDensityGPerCm3, Table.skin)
        case .tendon: (Table.tendonDensityGPerCm3, Table.tendon)
        case .cartilage: (Table.cartilageDensityGPerCm3, Table.cartilage)
        case .cortical: (Table.corticalDensityGPerCm3, Table.cortical)
        case .yellowMarrow: (Table.yellowMarrowDensityGPerCm3, Table.yellowMarrow)
        case .redMarrow: (Table.redMarrowDensityGPerCm3, Table.redMarrow)
        case .keratin: (Table.keratinDensityGPerCm3, Table.keratin)
        case .collagen: (Table.collagenDensityGPerCm3, Table.collagen)
        case .hydroxyapatite: (Table.hydroxyapatiteDensityGPerCm3, Table.hydroxyapatite)
        case .monosodiumUrate: (Table.monosodiumUrateDensityGPerCm3, Table.monosodiumUrate)
        case .iodine: (Table.iodineDensityGPerCm3, Table.iodine)
        case .resin: (Table.resinDensityGPerCm3, Table.resin)
        case .polyethylene: (Table.polyethyleneDensityGPerCm3, Table.polyethylene)
        case .acrylic: (Table.acrylicDensityGPerCm3, Table.acrylic)
        }
    }
}
