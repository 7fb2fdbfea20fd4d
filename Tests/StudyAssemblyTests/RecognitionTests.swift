import DualEnergyCT
import StudyAssembly
import Testing

@Suite struct RecognitionTests {
    @Test(arguments: [
        (
            "SIEMENS", ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM7 SPI DUAL", "STD", "SNRG", "DET_AB"], "Lung",
            ImageKind.source
        ),
        ("SIEMENS", ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM7 SPI", "DNRG", "DET_AB"], "DE_Hand_M_0.6_Qr40", .mixed),
        ("SIEMENS", ["DERIVED", "PRIMARY", "AXIAL"], "DE_Hand_F_0.5_M_0.5", .mixed),
        ("SIEMENS", ["ORIGINAL", "PRIMARY", "LOCALIZER", "CT_SOM7 TOP"], "Topogram 0.6 Tr20", .localizer),
        ("SIEMENS", ["DERIVED", "SECONDARY", "MPR"], "Hand cor 3.0", .reformat),
        ("SIEMENS", ["DERIVED", "SECONDARY", "AXIAL"], "Hand", .secondary),
        ("SIEMENS", ["DERIVED", "SECONDARY", "AXIAL", "CT_SOM10", "VMI", "ME60KEV", "DEMEP"], "Mono", .source),
        ("GE MEDICAL SYSTEMS", ["DERIVED", "PRIMARY", "AXIAL"], "HAP(Water)", .materialMap),
        ("GE MEDICAL SYSTEMS", ["DERIVED", "PRIMARY", "AXIAL"], "Mono 70 keV", .source),
        ("Philips", ["DERIVED", "SECONDARY", "SBI", "SBI_CSPN"], "SBI(V5.1)_CB_0.67_C", .spectralBase),
        ("Philips", ["DERIVED", "PRIMARY", "AXIAL"], "MonoE 70keV[HU]", .source),
        ("Philips", ["DERIVED", "PRIMARY", "AXIAL"], "Z Effective", .materialMap),
        ("Philips", ["DERIVED", "PRIMARY", "AXIAL", "EFF_ATOMIC_NUM"], "x", .materialMap),
        ("Apatite project", ["DERIVED", "PRIMARY", "AXIAL"], "Apatite HA map", .own),
    ])
    func anImageIsToldByWhatItsHeaderSays(
        manufacturer: String, imageType: [String], description: String, kind: ImageKind
    ) {
        var header = Sample.slice(0, series: 1, kilovolts: 120, description: description)
        header.manufacturer = manufacturer
        header.imageType = imageType
        header.sliceThickness = 3
        #expect(ImageKind(of: header, rules: .standard) == kind)
    }

    @Test func aMapInOtherUnitsThanCTNumbersIsNoSource() {
        var header = Sample.slice(0, series: 1, kilovolts: 120, description: "x")
        header.rescaleType = "MGML"
        #expect(ImageKind(of: header, rules: .standard) == .materialMap)
    }

    @Test(arguments: [
        ("DE_Hand_80kV_A_Qr40", [80.0], "", BeamQuality.tube(kilovolts: 80, tinMm: 0), true),
        ("DE_Hand_Sn150kV_B_Qr40", [150.0], "", .tube(kilovolts: 150, tinMm: 0.6), true),
        ("DE_Hand_Sn140kV_B", [140.0], "", .tube(kilovolts: 140, tinMm: 0.4), true),
        ("Hand", [150.0], "TIN", .tube(kilovolts: 150, tinMm: 0.6), false),
        ("SE SOURCE 140 KV", [140.0], "", .tube(kilovolts: 140, tinMm: 0), false),
        ("Hand 80 kV", [], "", .tube(kilovolts: 80, tinMm: 0), false),
        ("Mono 70 keV", [140.0], "", .monoenergetic(kiloelectronvolts: 70), true),
        ("MonoE 70keV[HU]", [120.0], "", .monoenergetic(kiloelectronvolts: 70), true),
    ])
    func theBeamIsReadFromSeveralPlaces(
        description: String, kilovolts: [Double], filter: String, beam: BeamQuality, dual: Bool
    ) {
        var header = Sample.slice(0, series: 1, kilovolts: 0, description: description)
        header.kilovolts = kilovolts
        header.filterMaterial = filter
        let claim = EnergyClaim(of: header, rules: .standard)
        #expect(claim.beam == beam)
        #expect(claim.saysDualEnergy == dual)
        #expect(claim.contradiction == nil)
    }

    @Test func theAttributeMadeForItNamesTheEnergyOfAMonoenergeticImage() {
        var header = Sample.slice(0, series: 1, kilovolts: 140, description: "x")
        header.monoenergeticKeV = 55
        #expect(EnergyClaim(of: header, rules: .standard).beam == .monoenergetic(kiloelectronvolts: 55))
    }

    @Test func theHeaderThicknessOfATinFilterIsPreferred() {
        var header = Sample.slice(0, series: 1, kilovolts: 150, description: "x")
        header.filterMaterial = "TIN"
        header.filterThicknessMm = 0.7
        #expect(EnergyClaim(of: header, rules: .standard).beam == .tube(kilovolts: 150, tinMm: 0.7))
    }

    @Test(arguments: [
        ("HAND", "R", "DE_Hand", BodyRegion.hand, Laterality.right),
        ("", "", "DE Handgelenk links", .wrist, .left),
        ("EXTREMITY", "", "Genou droit", .knee, .right),
        ("", "L", "right foot", .foot, .unknown),
        ("HAND", "R", "Both hands", .hand, .right),
        ("", "", "Hands DE", .hand, .both),
        ("CHEST", "", "Thorax", .other, .unknown),
        // A pelvis has both halves: its deposits are of no one side.
        ("PELVIS", "R", "DE_Pelvis_R", .pelvis, .unknown),
        ("", "", "Becken rechts", .pelvis, .unknown),
        ("HIP", "R", "DE_Hip", .pelvis, .right),
        ("ABDOMEN", "R", "DE_Hand", .hand, .right),
    ])
    func regionAndSideComeFromTagsAndWords(
        bodyPart: String, tag: String, description: String, region: BodyRegion, side: Laterality
    ) {
        var header = Sample.slice(0, series: 1, kilovolts: 80, description: description)
        header.bodyPart = bodyPart
        header.laterality = tag
        #expect(BodyRegion(of: header) == region)
        #expect(Laterality(of: header) == side)
    }

    @Test(arguments: [
        (["R", "R"], ["", ""], ["DE_Hand", "DE_Hand"], "", Laterality.right),
        (["R", "L"], ["", ""], ["DE_Hand", "DE_Hand"], "", .unknown),
        (["R", "R"], ["R", "L"], ["DE_Hand", "DE_Hand"], "", .unknown),
        (["", ""], ["L", ""], ["DE_Hand", "DE_Hand"], "", .left),
        (["", ""], ["", ""], ["DE hand right", "DE hand left"], "", .unknown),
        (["", ""], ["", ""], ["DE hand right", "DE hand right"], "left hand", .unknown),
        (["", ""], ["", ""], ["DE hands", "DE hands"], "left hand", .both),
        (["B", "B"], ["", ""], ["DE hand right", "DE hand right"], "", .unknown),
        (["U", "U"], ["", ""], ["DE hand right", "DE hand right"], "", .right),
    ])
    func whatContradictsItselfInAnyImageHasNoSide(
        image: [String], series: [String], description: [String], study: String, side: Laterality
    ) {
        let headers = (0..<2).map { index in
            var header = Sample.slice(index, series: 1, kilovolts: 80, description: description[index])
            header.laterality = image[index]
            header.seriesLaterality = series[index]
            header.studyDescription = study
            return header
        }
        #expect(Laterality(of: headers) == side)
    }
}
