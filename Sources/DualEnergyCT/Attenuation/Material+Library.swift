extension Material {
    public static let water = Material(name: "water", densityGPerCm3: 1.0, formula: [1: 2, 8: 1])
    public static let air = Material(
        name: "air", densityGPerCm3: 0.001205, massFractions: [6: 0.000124, 7: 0.755268, 8: 0.231781, 18: 0.012827])

    /// Ca10(PO4)6(OH)2. Its density is the crystal's, 3.16 g/cm3.
    public static let hydroxyapatite = Material(
        name: "hydroxyapatite", densityGPerCm3: 3.16, formula: [1: 2, 8: 26, 15: 6, 20: 10])
    /// B-type carbonated apatite, Ca9.2(PO4)5.2(CO3)0.8(OH)1.2, with 5.2 % carbonate by mass: bone mineral, and most
    /// calcinosis.
    public static let carbonatedApatite = Material(
        name: "carbonated apatite", densityGPerCm3: 3.10, formula: [1: 1.2, 6: 0.8, 8: 24.4, 15: 5.2, 20: 9.2])
    /// Monosodium urate monohydrate, C5H3N4NaO3 H2O, 1.74 g/cm3.
    public static let monosodiumUrate = Material(
        name: "monosodium urate", densityGPerCm3: 1.74, formula: [1: 5, 6: 5, 7: 4, 8: 4, 11: 1])

    // Tissues: ICRU Report 44 (1989), as tabulated by NIST (Hubbell and Seltzer, NISTIR 5632, table 2).
    public static let adipose = Material(
        name: "adipose tissue", densityGPerCm3: 0.95,
        massFractions: [1: 0.114, 6: 0.598, 7: 0.007, 8: 0.278, 11: 0.001, 16: 0.001, 17: 0.001])
    public static let muscle = Material(
        name: "skeletal muscle", densityGPerCm3: 1.05,
        massFractions: [
            1: 0.102, 6: 0.143, 7: 0.034, 8: 0.710, 11: 0.001, 15: 0.002, 16: 0.003, 17: 0.001, 19: 0.004,
        ])
    public static let corticalBone = Material(
        name: "cortical bone", densityGPerCm3: 1.92,
        massFractions: [
            1: 0.034, 6: 0.155, 7: 0.042, 8: 0.435, 11: 0.001, 12: 0.002, 15: 0.103, 16: 0.003, 20: 0.225,
        ])
    public static let skin = Material(
        name: "skin", densityGPerCm3: 1.09,
        massFractions: [
            1: 0.100, 6: 0.204, 7: 0.042, 8: 0.645, 11: 0.002, 15: 0.001, 16: 0.002, 17: 0.003, 19: 0.001,
        ])
    public static let yellowMarrow = Material(
        name: "yellow marrow", densityGPerCm3: 0.98,
        massFractions: [1: 0.115, 6: 0.644, 7: 0.007, 8: 0.231, 11: 0.001, 16: 0.001, 17: 0.001])
    public static let redMarrow = Material(
        name: "red marrow", densityGPerCm3: 1.03,
        massFractions: [
            1: 0.105, 6: 0.414, 7: 0.034, 8: 0.439, 15: 0.001, 16: 0.002, 17: 0.002, 19: 0.002, 26: 0.001,
        ])
    /// Connective tissue of Woodard and White, Br J Radiol 59 (1986) 1209.
    public static let tendon = Material(
        name: "tendon", densityGPerCm3: 1.12,
        massFractions: [1: 0.094, 6: 0.207, 7: 0.062, 8: 0.622, 11: 0.006, 16: 0.006, 17: 0.003])
    /// Type I collagen from the residues of its three chains, dry. The organic part of bone is nine tenths of it.
    public static let collagen = Material(
        name: "collagen", densityGPerCm3: 1.35, massFractions: [1: 0.0655, 6: 0.5035, 7: 0.1836, 8: 0.2453, 16: 0.0021])
    /// Hard keratin of nail and hair: a protein with 4.5 % sulphur.
    public static let keratin = Material(
        name: "keratin", densityGPerCm3: 1.30, massFractions: [1: 0.065, 6: 0.500, 7: 0.165, 8: 0.225, 16: 0.045])
    public static let iodine = Material(name: "iodine", densityGPerCm3: 4.93, massFractions: [53: 1])

    // Filters and detectors.
    package static let aluminium = Material(name: "aluminium", densityGPerCm3: 2.699, massFractions: [13: 1])
    package static let titanium = Material(name: "titanium", densityGPerCm3: 4.54, massFractions: [22: 1])
    package static let copper = Material(name: "copper", densityGPerCm3: 8.96, massFractions: [29: 1])
    package static let tin = Material(name: "tin", densityGPerCm3: 7.31, massFractions: [50: 1])
    package static let tungsten = Material(name: "tungsten", densityGPerCm3: 19.3, massFractions: [74: 1])
    /// Gd2O2S, the ceramic scintillator of most energy-integrating CT detectors.
    package static let gadoliniumOxysulphide = Material(
        name: "gadolinium oxysulphide", densityGPerCm3: 7.34, formula: [8: 2, 16: 1, 64: 2])
    package static let yttriumAluminiumGarnet = Material(
        name: "yttrium aluminium garnet", densityGPerCm3: 4.56, formula: [8: 12, 13: 5, 39: 3])
    package static let cadmiumTelluride = Material(
        name: "cadmium telluride", densityGPerCm3: 5.85, formula: [48: 1, 52: 1])
}
