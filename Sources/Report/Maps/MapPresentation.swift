import DualEnergyCT

/// How a material map is written as a CT image: one row for each kind of map.
///
/// Reference: PS3.3 C.8.2.1.1.1 (Image Type, value 4) and C.11.1.1.2 (Rescale Type).
struct MapPresentation {
    /// Value 4 of Image Type.
    var imageType: String
    /// Real value of one stored unit; the intercept is 0.
    var slope: Double
    var rescaleType: String
    /// Real values: centre and width of the window in which the map is first shown.
    var window: (centre: Double, width: Double)
    var unit: Code
    var quantity: Code
    /// Of its Series Number from the first one that results have in this study.
    var seriesOffset: Int
    /// English, in a viewer's series list.
    var description: String
    /// English, for Derivation Description.
    var meaning: String
    /// From the mapper's unit to the real value that is written: fractions become percent.
    var factor = 1.0
    /// Derivation of the quantity: standard deviation.
    var isDeviation = false

    init(_ map: MaterialMap) {
        switch map {
        case .hydroxyapatite:
            self.init(
                "MAT_SPECIFIC", 0.1, "MGML", (200, 800), .milligramPerCubicCentimetre, .hydroxyapatiteDensity, 3,
                "Apatite HA map [mg/cm3]", "Hydroxyapatite-equivalent density")
        case .freeHydroxyapatite:
            self.init(
                "MAT_SPECIFIC", 0.1, "MGML", (200, 800), .milligramPerCubicCentimetre, .hydroxyapatiteDensity, 11,
                "Apatite HA map, free [mg/cm3]", "Hydroxyapatite-equivalent density, any mixture of fat and tissue")
        case .deviation(of: .hydroxyapatite):
            self.init(
                "MAT_SPECIFIC", 0.1, "MGML", (50, 100), .milligramPerCubicCentimetre, .hydroxyapatiteDensityDeviation,
                4, "Apatite HA map SD [mg/cm3]", "Standard deviation of hydroxyapatite-equivalent density")
        case .deviation(let quantity): self.init(deviationOf: MapPresentation(quantity.quantity))
        case .urate:
            self.init(
                "MAT_SPECIFIC", 0.1, "MGML", (200, 400), .milligramPerCubicCentimetre, .urateDensity, 5,
                "Apatite urate map [mg/cm3]", "Monosodium urate density")
        case .virtualNonCalcium:
            self.init(
                "MAT_REMOVED", 1, "HU_MOD", (40, 400), .modifiedHounsfieldUnit, .attenuationCoefficient, 6,
                "Apatite virtual non-calcium", "CT numbers without the calcium's part")
        case .fatFraction:
            self.init(
                "MAT_FRACTIONAL", 0.1, "PCT", (50, 100), .percent, .fatFraction, 7, "Apatite fat fraction [%]",
                "Volume fraction of adipose tissue", factor: 100)
        case .waterFraction:
            self.init(
                "MAT_FRACTIONAL", 0.1, "PCT", (50, 100), .percent, .waterFraction, 8,
                "Apatite water fraction [%]", "Volume fraction of lean, water-like tissue", factor: 100)
        case .electronDensity:
            self.init(
                "ELECTRON_DENSITY", 0.0001, "EDW", (1.1, 0.6), .ratio, .relativeElectronDensity, 9,
                "Apatite electron density", "Electron density relative to water")
        case .effectiveAtomicNumber:
            self.init(
                "EFF_ATOMIC_NUM", 0.001, "Z_EFF", (9, 8), .effectiveAtomicNumber, .effectiveAtomicNumber, 10,
                "Apatite effective atomic number", "Effective atomic number")
        case .monoenergetic(let energy):
            let words = "\(MaterialMap.brief(energy)) keV"
            self.init(
                "VMI", 1, "HU", (40, 400), .hounsfieldUnit, .attenuationCoefficient,
                100 + Int(energy.rounded()), "Apatite VMI \(words)",
                "Virtual monoenergetic image, monoenergetic energy equivalent \(words)")
        }
    }

    /// The standard deviation of another map: its unit and its quantity, with a word that no reader takes for the
    /// quantity itself, and steps that are a tenth as large where they would be coarse.
    private init(deviationOf map: MapPresentation) {
        self = map
        imageType = "STD_DEV"
        slope = map.slope == 1 ? 0.1 : map.slope
        window = (0.1 * map.window.width, 0.2 * map.window.width)
        // Of the maps from 9003 to 9011 after all of them, of the monoenergetic images after the last of those.
        seriesOffset += map.seriesOffset < 100 ? 20 : 200
        description += " SD"
        meaning = "Standard deviation of: " + map.meaning
        isDeviation = true
    }

    private init(
        _ imageType: String, _ slope: Double, _ rescaleType: String, _ window: (Double, Double), _ unit: Code,
        _ quantity: Code, _ seriesOffset: Int, _ description: String, _ meaning: String, factor: Double = 1
    ) {
        self.imageType = imageType
        self.slope = slope
        self.rescaleType = rescaleType
        self.window = window
        self.unit = unit
        self.quantity = quantity
        self.seriesOffset = seriesOffset
        self.description = description
        self.meaning = meaning
        self.factor = factor
    }

    /// The stored value, within what 16 bits hold; 0 for what is no number.
    func stored(_ value: Float) -> Int16 {
        let scaled = Double(value) * factor / slope
        guard scaled.isFinite else { return 0 }
        let bounded = min(max(scaled, -32_768), 32_767)
        // To the nearest, halves away from 0: without a call, for each voxel of a study.
        let whole = Int32(bounded)
        let rest = bounded - Double(whole)
        return Int16(truncatingIfNeeded: whole &+ (rest >= 0.5 ? 1 : rest <= -0.5 ? -1 : 0))
    }
}
