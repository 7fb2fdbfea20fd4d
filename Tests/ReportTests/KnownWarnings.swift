/// What outside readers say of our objects and is no fault. `docs/conformance.md` lists the reasons.
enum KnownWarnings {
    static func dciodvfy(_ line: Substring) -> Bool {
        // A private scheme is no term that the standard defines, and its UID none that it lists. Device UID is in the
        // Contributing Equipment Sequence of newer editions than the tool's. Both sides or an unknown one have no
        // value of Laterality.
        [
            "99APATITE", "CodingSchemeUID(0008,010c)",
            "ContributingEquipmentSequence(0018,a001)[1]/DeviceUID(0018,1002)",
            "Laterality(0020,0060)> - is only permitted to be empty when actually unknown",
        ].contains { line.contains($0) }
    }

    static func dcentvfy(_ line: Substring) -> Bool {
        // The tool's view of Accession Number as an attribute of the series.
        line.contains("Element=<AccessionNumber> IE <Series> versus <Study>")
    }

    static func pixelMed(_ line: String) -> Bool {
        // It knows no TID 310 and takes any number below a number for one that it was inferred from; and it takes a
        // group of totals (TID 1501) for a deposit's (TID 1411).
        line.contains("expected INFERRED FROM - found HAS PROPERTIES")
            || line.contains("Missing conditional content item")
    }
}
