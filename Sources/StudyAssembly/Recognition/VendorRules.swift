/// How scanners name what they send: the one file to edit for a new scanner.
///
/// Words are compared in capitals with the words of Image Type (0008,0008) and Series Description (0008,103E). A
/// description is cut into words at everything but letters, digits, points and accented letters, so that
/// `DE_Hand_Sn150kV_B_Qr40` has the words DE, HAND, SN150KV, B, QR40.
public struct VendorRules: Sendable {
    /// Image Type words of objects that are never one of the two energies, with what they are.
    var imageTypeExclusions: [String: ImageKind]
    /// Runs of description words of objects that are never one of the two energies.
    var descriptionExclusions: [(words: [String], kind: ImageKind)]
    /// Rescale Type (0028,1054) values that mean CT numbers; PS3.3 C.11.1.1.2. Empty is common.
    var ctNumberRescaleTypes: Set<String>
    /// Image Type words by which a scanner says that the acquisition had two energies.
    var dualEnergyWords: Set<String>
    /// Image Type words that say the opposite although they look alike: Siemens writes `SPI DUAL` and `SNRG` for a
    /// dual source scan at a single energy.
    var singleEnergyWords: Set<String>
    /// Words in Filter Material, Filter Type or the description that mean a tin filter.
    var tinWords: Set<String>
    /// Thickness of the tin filter in mm where the header gives none.
    var tinThicknessMm: @Sendable (_ kilovolts: Double) -> Double
    /// Tube voltages of a pair are at least this far apart, in kV: the nearest pair in use is 100/Sn140.
    var smallestTubeDifferenceKV: Double
    /// Energies of a monoenergetic pair are at least this far apart, in keV: 50/65 is in use (Tse 2022).
    var smallestMonoenergeticDifferenceKeV: Double
    /// Of many monoenergetic series the two nearest to these energies are taken, in keV.
    var preferredMonoenergeticKeV: (low: Double, high: Double)
    /// Reformats thicker than this are no source images, in mm.
    var thickestReformatMm: Double

    public static let standard = VendorRules(
        imageTypeExclusions: [
            "LOCALIZER": .localizer, "TOPOGRAM": .localizer, "SCOUT": .localizer,
            "MIP": .projection, "MINIP": .projection, "AVERAGE": .projection, "PROJECTION IMAGE": .projection,
            "COMP": .mixed, "COMPOSED": .mixed, "ENERGY_PROP_WT": .mixed,
            "SBI": .spectralBase,
            "MAT_SPECIFIC": .materialMap, "MAT_REMOVED": .materialMap, "MAT_FRACTIONAL": .materialMap,
            "MAT_VALUE_BASED": .materialMap, "MAT_MODIFIED": .materialMap, "EFF_ATOMIC_NUM": .materialMap,
            "ELECTRON_DENSITY": .materialMap, "IODINE": .materialMap, "VNC": .materialMap,
            "REFORMATTED": .reformat, "MPR": .reformat, "CSAPARALLEL": .reformat,
        ],
        descriptionExclusions: [
            (["TOPOGRAM"], .localizer), (["SCOUT"], .localizer), (["SURVIEW"], .localizer),
            (["SBI"], .spectralBase),
            (["MIXED"], .mixed), (["MIX"], .mixed), (["BLENDED"], .mixed), (["COMP"], .mixed),
            (["Z", "EFFECTIVE"], .materialMap), (["ELECTRON", "DENSITY"], .materialMap),
            (["URIC", "ACID"], .materialMap), (["CALCIUM", "SUPPRESSION"], .materialMap), (["VNC"], .materialMap),
            (["WATER", "IODINE"], .materialMap), (["IODINE", "WATER"], .materialMap),
            (["HAP", "WATER"], .materialMap), (["WATER", "HAP"], .materialMap),
            (["CALCIUM", "URIC", "ACID"], .materialMap), (["EFF", "Z"], .materialMap), (["RHO", "Z"], .materialMap),
            (["VRT"], .projection), (["MIP"], .projection),
        ],
        ctNumberRescaleTypes: ["", "HU", "HU_MOD", "US"],
        dualEnergyWords: ["DNRG", "GSI", "DE"],
        singleEnergyWords: ["SNRG"],
        tinWords: ["SN", "TIN"],
        // 0.6 mm at 150 kV: Siemens Force and Drive (Eur Radiol Exp 2019, 41747-019-0125-2). 0.4 mm at 140 kV:
        // Definition Flash; the newer scanners filter their 100 kV beam with the 0.6 mm of the 150 kV one.
        tinThicknessMm: { $0 > 125 && $0 < 145 ? 0.4 : 0.6 },
        smallestTubeDifferenceKV: 30,
        smallestMonoenergeticDifferenceKeV: 15,
        preferredMonoenergeticKeV: (50, 80),
        thickestReformatMm: 2)
}

/// What an object of a study is, as far as the choice of the two energies goes.
public enum ImageKind: String, Sendable, CaseIterable {
    /// May be one of the two energies.
    case source
    case localizer, projection, mixed, materialMap, spectralBase, reformat
    /// Made from other images, by a workstation or a person.
    case secondary
    /// One of our own results.
    case own
    /// Not a CT image.
    case other
}

/// The words of a description, in capitals.
func words(of text: String) -> [String] {
    text.uppercased().split { !($0.isLetter || $0.isNumber || $0 == ".") }.map(String.init)
}
